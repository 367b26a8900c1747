"""Checks of the money, by the account's balance before and after."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Subject
from proofsheet.contract.locations import Locator
from proofsheet.exchange.model import Performance
from proofsheet.money.prices import documented as documented_price

#: A balance may be rounded where a price has no finite decimals.
ROUNDING = Fraction(1, 100)
#: A number that anyone can have in an account: one with a billion digits would take the run with it.
_AMOUNT = re.compile(r"[-+]?[0-9]{1,30}(\.[0-9]{0,30})?(/[0-9]{1,30}|[eE][-+]?[0-9]{1,2})?")


def charged(performance: Performance | None, at: Locator | None) -> Fraction | None:
    """How much the balance fell, in its own unit; None where it could not be read."""
    if performance is None or at is None:
        return None
    before, after = (_balance(performance, at, f"balance:{moment}") for moment in ("before", "after"))
    return None if before is None or after is None else before - after


def _balance(performance: Performance, at: Locator, name: str) -> Fraction | None:
    exchange = performance.others.get(name)
    for value in exchange.find((at,)) if exchange is not None else ():
        text = str(value).strip()
        try:
            return Fraction(text) if _AMOUNT.fullmatch(text) else None
        except (ValueError, ZeroDivisionError):
            return None
    return None


def documented(subject: Subject) -> Fraction | None:
    """What the request costs by the document; None where no price speaks of it."""
    return documented_price(subject.contract, subject.operation, subject.performance.probe.request)


def unit_in_balance(subject: Subject) -> Fraction | None:
    """How much of the balance's unit one unit of the prices is; None where nobody says."""
    prices, bounds = subject.contract.prices, subject.bounds
    if prices is None:
        return None
    held, names = bounds.balance_unit.lower(), {prices.unit.lower(), *(name.lower() for name in prices.also_called)}
    if not held or held in names:
        return Fraction(1)
    if held == "usd" and (bounds.usd_per_unit or prices.usd_per_unit):
        return bounds.usd_per_unit or prices.usd_per_unit
    if prices.relative:
        fell = charged(subject.base, bounds.balance)
        return fell or None
    return None


def price(subject: Subject) -> Iterator[Judgement]:
    """A served request is charged as documented."""
    if subject.case.kind != "price":
        return
    fell, amount, unit = charged(subject.performance, subject.bounds.balance), documented(subject), unit_in_balance(subject)
    if not subject.served:
        yield Judgement("billing.price", None, "the request was not served, so nothing was to be charged")
    elif fell is None or amount is None:
        yield Judgement("billing.price", None, "the balance could not be read" if fell is None else "no price speaks of this request")
    elif unit is None:
        name = subject.contract.prices.unit if subject.contract.prices else ""
        yield Judgement("billing.price", None, f"the balance is in {subject.bounds.balance_unit} and prices in {name}: say how much one is of the other (price.usd_per_unit)")
    else:
        expected = amount * unit
        held = abs(fell - expected) <= expected * ROUNDING
        yield Judgement("billing.price", held, "charged as documented" if held else "another amount was charged", _money(expected, subject), _money(fell, subject))


def free(subject: Subject) -> Iterator[Judgement]:
    """A refused or failed request costs nothing."""
    if subject.case.kind != "free":
        return
    fell = charged(subject.performance, subject.bounds.balance)
    if subject.served:
        yield Judgement("billing.free", None, "the request was served, so it was not free", "refused or failed", "served")
    elif not subject.grounded:
        yield Judgement("billing.free", None, "the base request was not served, so a refusal proves nothing")
    elif fell is None:
        yield Judgement("billing.free", None, "the balance could not be read")
    else:
        message = "nothing was charged" if fell == 0 else "a request that was not served was charged"
        yield Judgement("billing.free", fell == 0, message, _money(Fraction(0), subject), _money(fell, subject))


def _money(amount: Fraction, subject: Subject) -> str:
    unit = subject.bounds.balance_unit or (subject.contract.prices.unit if subject.contract.prices else "")
    return f"{float(amount):.6g} {unit}".rstrip()


CHECKS = (price, free)
