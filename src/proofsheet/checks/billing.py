"""Checks of the money, by the account's balance before and after."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from proofsheet.cases.billing import rule_applies
from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Subject
from proofsheet.contract.model import PriceRule

#: A balance may be rounded where a price has no finite decimals.
ROUNDING = Fraction(1, 100)


def charged(subject: Subject) -> Fraction | None:
    """How much the balance fell, in the provider's unit; None where it could not be read."""
    before, after = (_balance(subject, f"balance:{moment}") for moment in ("before", "after"))
    return None if before is None or after is None else before - after


def _balance(subject: Subject, name: str) -> Fraction | None:
    exchange, at = subject.performance.others.get(name), subject.bounds.balance
    if exchange is None or at is None:
        return None
    for value in exchange.find((at,)):
        try:
            return Fraction(str(value))
        except (ValueError, ZeroDivisionError):
            return None
    return None


def documented(subject: Subject) -> Fraction | None:
    """What the request costs by the document; None where no price speaks of it."""
    prices = subject.contract.prices
    if prices is None:
        return None
    rule = next((rule for rule in prices.rules if rule_applies(subject.operation, rule) and _meets(subject, rule)), None)
    if rule is None:
        return None
    return rule.amount * (subject.wanted_count or 1) if prices.per == "image" else rule.amount


def _meets(subject: Subject, rule: PriceRule) -> bool:
    pixels = subject.operation.pixels
    for name, value in rule.when.items():
        role = subject.operation.roles.get(name)
        fallback = (pixels.default.get(name) if pixels else None) or (role.default if role else None)
        if subject.asked.get(name, fallback) != value:
            return False
    return True


def price(subject: Subject) -> Iterator[Judgement]:
    """A served request is charged as documented."""
    if subject.case.kind != "price":
        return
    fell, expected = charged(subject), documented(subject)
    unit = subject.contract.prices.unit if subject.contract.prices else ""
    if not subject.served:
        yield Judgement("billing.price", None, "the request was not served, so nothing was to be charged")
    elif fell is None or expected is None:
        yield Judgement("billing.price", None, "the balance could not be read" if fell is None else "no price speaks of this request")
    else:
        held = abs(fell - expected) <= expected * ROUNDING
        yield Judgement("billing.price", held, "charged as documented" if held else "another amount was charged", _money(expected, unit), _money(fell, unit))


def free(subject: Subject) -> Iterator[Judgement]:
    """A refused or failed request costs nothing."""
    if subject.case.kind != "free":
        return
    fell = charged(subject)
    unit = subject.contract.prices.unit if subject.contract.prices else ""
    if subject.served:
        yield Judgement("billing.free", None, "the request was served, so it was not free", "refused or failed", "served")
    elif not subject.grounded:
        yield Judgement("billing.free", None, "the base request was not served, so a refusal proves nothing")
    elif fell is None:
        yield Judgement("billing.free", None, "the balance could not be read")
    else:
        yield Judgement("billing.free", fell == 0, "nothing was charged" if fell == 0 else "a request that was not served was charged", f"0 {unit}", _money(fell, unit))


def _money(amount: Fraction, unit: str) -> str:
    return f"{float(amount):.6g} {unit}"


CHECKS = (price, free)
