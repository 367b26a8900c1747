"""What a request costs by the provider's document. Exact fractions in the provider's own unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofsheet.cases.billing import rule_applies
from proofsheet.cases.model import Probe
from proofsheet.cases.requests import asked
from proofsheet.contract.model import Contract, Operation, PriceRule, Prices
from proofsheet.contract.requests import Request
from proofsheet.exchange.targets import Target

#: What is counted where a contract has no prices: every image is one.
IMAGES = "images"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one performance costs if it is served.

    ``amount`` is None where no price speaks of such a request (one that must be refused, say). ``worst`` is the most
    that it can cost by the document's prices: this is what a budget has to hold ready.
    """

    images: int
    amount: Fraction | None
    worst: Fraction


FREE = Cost(0, Fraction(0), Fraction(0))


def cost_of(contract: Contract, operation: Operation, request: Request) -> Cost:
    """The cost of one request for images, if it is served."""
    values = asked(operation, request)
    images = _images(operation, values)
    prices = contract.prices
    if prices is None or not prices.rules:
        return Cost(images, None, Fraction(images))
    own_model = _own_model(operation, values)
    rule = _rule(prices, operation, values) if own_model else None
    if rule is None:
        return Cost(images, None, _dearest(prices, operation, own_model=own_model) * _units(prices, images))
    amount = rule.amount * _units(prices, images)
    return Cost(images, amount, amount)


def cost_of_probe(contract: Contract, probe: Probe) -> Cost:
    """The cost of performing a probe once, if it is served. Looking at a task makes no image."""
    return FREE if probe.poll_only is not None else cost_of(contract, probe.operation, probe.request)


def documented(contract: Contract, operation: Operation, request: Request) -> Fraction | None:
    """What the document says that this request costs; None where no price speaks of it."""
    prices = contract.prices
    if prices is None:
        return None
    values = asked(operation, request)
    rule = _rule(prices, operation, values)
    return None if rule is None else rule.amount * _units(prices, max(wanted_count(operation, values) or 1, 1))


def wanted_count(operation: Operation, values: Mapping[str, Any]) -> int | None:
    """How many images are asked for; None where the operation has no such parameter, or its value is no number."""
    role = operation.roles.get("count")
    if role is None:
        return None
    value = values.get("count", role.default if role.default is not None else 1)
    if isinstance(value, str) and value.isdecimal() and role.at.kind != "json":
        return int(value)  # Forms, queries and headers know only text.
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def unit_of(contract: Contract) -> str:
    """The unit that costs are counted in."""
    return contract.prices.unit if contract.prices is not None and contract.prices.rules else IMAGES


def usd_rate(contract: Contract, target: Target) -> Fraction | None:
    """What one unit is worth in USD: what the target's owner says, else what is documented; None where nobody says."""
    prices = contract.prices
    if prices is None or not prices.rules:
        return None
    if prices.unit.upper() == "USD":
        return Fraction(1)
    return target.usd_per_unit or prices.usd_per_unit or None


def _rule(prices: Prices, operation: Operation, values: Mapping[str, Any]) -> PriceRule | None:
    return next((rule for rule in prices.rules if rule_applies(operation, rule) and _meets(operation, values, rule)), None)


def _meets(operation: Operation, values: Mapping[str, Any], rule: PriceRule) -> bool:
    for name, value in rule.when.items():
        role = operation.roles.get(name)
        fallback = (operation.pixels.default.get(name) if operation.pixels else None) or (role.default if role else None)
        if values.get(name, fallback) != value:
            return False
    return True


def _units(prices: Prices, images: int) -> int:
    return images if prices.per == "image" else 1


def _images(operation: Operation, values: Mapping[str, Any]) -> int:
    """How many images a server could make of this: one that reads ``"2"`` or ``2.0`` as 2 makes two."""
    count = wanted_count(operation, values)
    value = values.get("count") if count is None else count
    try:
        return max(int(value), 1) if isinstance(value, (int, float, str)) else 1
    except (ValueError, OverflowError):
        return 1


def _own_model(operation: Operation, values: Mapping[str, Any]) -> bool:
    """Whether the request names the model that the operation is about, so that this model's prices hold for it."""
    role, model = operation.roles.get("model"), operation.model
    return role is None or model is None or values.get("model") in (None, model.id, role.own(role.wire(model.id)))


def _dearest(prices: Prices, operation: Operation, *, own_model: bool) -> Fraction:
    """The highest price there is for the operation and its model; of all where none speaks of them."""
    applying = [rule.amount for rule in prices.rules if own_model and rule_applies(operation, rule)]
    return max(applying or [rule.amount for rule in prices.rules])
