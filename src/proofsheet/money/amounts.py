"""Amounts of money as people write them, read into exact fractions, and exact fractions as people read them."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from proofsheet.contract.model import Contract
from proofsheet.money.prices import IMAGES, unit_of

#: More digits than any account has; more would only cost time.
_AMOUNT = re.compile(r"\s*(?P<number>[0-9]{1,12}(?:\.[0-9]{1,12})?)\s*(?P<unit>[A-Za-z][A-Za-z _-]{0,39}?)\s*")
#: Decimal places of an amount that has no finite decimals (a third of something).
_PLACES = 6


class AmountError(ValueError):
    """No amount that can be spent. The message says what to write."""


def parse_amount(text: str, contract: Contract, usd_per_unit: Fraction | None) -> Fraction:
    """``'5 USD'``, ``'300 credits'`` as an exact amount in the unit of the contract's prices.

    Any name of that unit is understood, in any letter case, with or without a plural s; USD too where ``usd_per_unit``
    is known. Raises AmountError.
    """
    unit = unit_of(contract)
    example = f"write a positive amount and its unit, such as '5 {unit}'"
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise AmountError(f"'{text[:40]}' is no amount of money: {example} (at most 12 digits before and after the point)")
    number, name = Fraction(match["number"]), match["unit"]
    if number == 0:
        raise AmountError(f"'{text[:40]}' allows nothing to be spent: {example}")
    if _same(name) in {_same(one) for one in (unit, *_other_names(contract))}:
        return number
    if name.upper() == "USD":
        if usd_per_unit:
            return number / usd_per_unit
        raise AmountError(f"nobody says how many USD one of the provider's {unit} is: {example}, or set price.usd_per_unit in the targets file")
    also = " or in USD" if usd_per_unit and unit.upper() != "USD" else ""
    raise AmountError(f"'{name}' is not what {contract.title} counts in: {example}; amounts are in {unit}{also}")


def _other_names(contract: Contract) -> tuple[str, ...]:
    return contract.prices.also_called if contract.prices is not None and unit_of(contract) != IMAGES else ()


def _same(name: str) -> str:
    low = name.lower()
    return low[:-1] if low.endswith("s") and len(low) > 1 else low


def decimal_text(amount: Fraction, at_least: int = 2) -> str:
    """An amount in decimals: all of them where they end (0.045), else rounded to six places (1.333333).

    There are at least so many places, as is usual with money.
    """
    whole, digits = _scaled(amount)
    text = f"{Decimal(whole).scaleb(-digits):f}"
    if digits > at_least:
        text = text.rstrip("0")
    head, _, tail = text.partition(".")
    return f"{head}.{tail.ljust(at_least, '0')}" if at_least or tail else head


def exact_text(amount: Fraction) -> str:
    """An amount that can be read back: decimals where they end, else a fraction (``4/3``)."""
    whole, digits = _scaled(amount)
    return decimal_text(amount, 0) if Fraction(whole, 10**digits) == amount else str(amount)


def _scaled(amount: Fraction) -> tuple[int, int]:
    """The amount as an integer and how many decimal places to move it by."""
    for digits in range(24):
        scaled = amount * 10**digits
        if scaled.denominator == 1:
            return scaled.numerator, digits
    return round(amount * 10**_PLACES), _PLACES
