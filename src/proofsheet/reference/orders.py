"""What a valid request asks for: role values in own terms, the cell, the number of images, the price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from proofsheet.contract.model import Cell, Contract, Operation, PriceRule, Prices, Role
from proofsheet.contract.patterns import matches_any
from proofsheet.contract.requests import ABSENT, Request

_FORMATS = {"png": "png", "jpeg": "jpeg", "jpg": "jpeg", "webp": "webp"}
#: A gateway that takes a wrong count must still answer.
_MOST_IMAGES = 16
_SQUARE = Cell(("1:1",), 1024, 1024)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made: so many images of these pixels in this format, and where their URLs live."""

    cell: Cell
    width: int
    height: int
    format: str
    count: int
    mirror: bool
    price: Fraction
    asked: Mapping[str, Any]


def asked_values(operation: Operation, request: Request) -> dict[str, Any]:
    """Every role's value in own terms: what was sent, else the default. A role that is documented as ignored is left at its default."""
    return {name: _value(role, request) for name, role in operation.roles.items()}


def _value(role: Role, request: Request) -> Any:
    if not role.ignored:
        for at in (role.at, *role.also):
            value = request.get(at, ABSENT)
            if value is not ABSENT and value is not None:
                return role.own(value)
    return role.default


def place_order(contract: Contract, operation: Operation, request: Request, usual: Mapping[str, str]) -> Order:
    """Read the order out of a valid request. ``usual`` is what counts where neither request nor contract says anything."""
    asked = asked_values(operation, request)
    cell = _cell(operation, asked, usual)
    count = _number(asked.get("count"))
    allowed = operation.pixels.formats if operation.pixels else ("png",)
    common = usual.get("format")
    picture = _FORMATS.get(str(asked.get("format")).lower(), str(common) if common in allowed else allowed[0])
    mirror = contract.assets.mirror is not None and _same(asked.get(contract.assets.mirror[0]), contract.assets.mirror[1])
    price = price_of(contract.prices, operation, asked, count, cell)
    return Order(cell, cell.width, cell.height, picture, count, mirror, price, asked)


def _number(value: Any) -> int:
    try:
        return max(1, min(int(value), _MOST_IMAGES))
    except (TypeError, ValueError, OverflowError):
        return 1


def _cell(operation: Operation, asked: Mapping[str, Any], usual: Mapping[str, str]) -> Cell:
    """The cell that was asked for; an open axis takes the contract's default, else the usual value, else the table's first."""
    if operation.pixels is None:
        return _SQUARE
    table, default = operation.pixels.table, operation.pixels.default
    wanted: dict[str, str | None] = {}
    for axis in table.axes:
        role, value = operation.roles.get(axis), asked.get(axis)
        if value is None or (role is not None and value in role.free):
            value = default.get(axis)
        promised = value is not None and not (role is not None and value in role.free)
        wanted[axis] = str(value) if promised else usual.get(axis)
    found = table.find(**wanted) or table.find(**{axis: default.get(axis) or usual.get(axis) for axis in table.axes})
    return found[0] if found else table.cells[0]


def price_of(prices: Prices | None, operation: Operation, asked: Mapping[str, Any], count: int, cell: Cell) -> Fraction:
    """The documented price of an order in the provider's unit; by tokens where only those have a price."""
    if prices is None:
        return Fraction(0)
    axes = dict(zip(operation.pixels.table.axes, cell.at, strict=True)) if operation.pixels else {}
    values = {**asked, **axes}
    rules = [rule for rule in prices.rules if speaks_of(rule, operation)]
    exact = [rule for rule in rules if all(_fits(values.get(name), value) for name, value in rule.when.items())]
    # What nobody chose is the provider's choice: the first price that contradicts nothing.
    open_ones = [rule for rule in rules if all(values.get(name) is None or _fits(values[name], value) for name, value in rule.when.items())]
    for rule in [*exact, *open_ones]:
        return rule.amount * (count if prices.per == "image" else 1)
    if prices.tokens_per_million is not None:
        return prices.tokens_per_million * (cell.tokens or 0) * count / 10**6
    return Fraction(0)


def speaks_of(rule: PriceRule, operation: Operation) -> bool:
    """Whether a price is one of this operation and model."""
    model = operation.model
    of_model = model is None or matches_any(rule.models, model.id) or matches_any(rule.models, model.short)
    return of_model and (matches_any(rule.operations, operation.name) or matches_any(rule.operations, operation.key))


def _fits(value: Any, wanted: Any) -> bool:
    return any(_same(value, one) for one in wanted) if isinstance(wanted, list) else _same(value, wanted)


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool):
        return str(value).lower() == str(wanted).lower()
    return bool(value == wanted) or str(value) == str(wanted)


def resized(order: Order, width: int, height: int) -> Order:
    """The same order with other pixels."""
    return replace(order, width=width, height=height)
