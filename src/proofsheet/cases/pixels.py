"""Cases of the pixels: every preset cell, the defaults, each format, several images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from proofsheet.cases.model import Case
from proofsheet.cases.requests import base_request, probe, with_role
from proofsheet.cases.walk import leaf_schema
from proofsheet.contract.locations import Location
from proofsheet.contract.model import Cell, Operation, PresetTable
from proofsheet.contract.requests import ABSENT, Request

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground


def cases(ground: Ground) -> Iterator[Case]:
    """The cells that the contract wants asked for, then defaults, formats and counts."""
    operation, base = ground.operation, base_request(ground.operation)
    if operation.pixels is not None:
        for cell in chosen_cells(operation):
            request = cell_request(operation, base, cell)
            yield ground.case("pixels", cell.name, "cell", "serve", probe(operation, request), asked=axis_values(operation, cell), cell=cell)
        plain = without_roles(operation, base)
        made = ground.base if plain == ground.base.request else probe(operation, plain)
        yield ground.case("pixels", "default", "default", "serve", made)
    formats = operation.roles.get("format")
    for name in formats.values if formats else ():
        assert formats is not None
        request = with_role(base, formats, name)
        yield ground.case("pixels", f"format-{name}", "format", "serve", probe(operation, request), asked={"format": name})
    count = operation.roles.get("count")
    if count is not None and count.max is not None and count.max > 1:
        request = with_role(base, count, count.max)
        yield ground.case("pixels", f"count-{count.max}", "count", "serve", probe(operation, request), asked={"count": count.max})


def chosen_cells(operation: Operation) -> tuple[Cell, ...]:
    """All cells, or as few as show each value of each axis once."""
    assert operation.pixels is not None
    table = operation.pixels.table
    if operation.cells == "none":
        return ()
    return table.cells if operation.cells == "all" else edges(table)


def edges(table: PresetTable, *, evenly: bool = True) -> tuple[Cell, ...]:
    """Greedy: take a cell while it shows an axis value that none before it showed.

    Of several the one whose other values were shown least; not ``evenly``, the first in the table, where sizes grow and with them the price.
    """
    shown: list[Counter[str]] = [Counter() for _ in table.axes]
    rest, chosen = list(table.cells), []
    while rest:
        best = max(rest, key=lambda cell: (_new(cell, shown), -evenly * sum(axis[value] for value, axis in zip(cell.at, shown, strict=True))))
        if not _new(best, shown):
            break
        chosen.append(best)
        rest.remove(best)
        for value, axis in zip(best.at, shown, strict=True):
            axis[value] += 1
    return tuple(chosen)


def _new(cell: Cell, shown: Sequence[Counter[str]]) -> int:
    """How many axis values of a cell have not been shown yet."""
    return sum(not axis[value] for value, axis in zip(cell.at, shown, strict=True))


def axis_values(operation: Operation, cell: Cell) -> dict[str, Any]:
    """A cell's axis values by role name."""
    assert operation.pixels is not None
    return dict(zip(operation.pixels.table.axes, cell.at, strict=True))


def cell_request(operation: Operation, base: Request, cell: Cell) -> Request:
    """The base request, asking for this cell."""
    request = base
    for axis, value in axis_values(operation, cell).items():
        if axis in operation.roles:
            request = with_role(request, operation.roles[axis], value)
    return request


def without_roles(operation: Operation, request: Request) -> Request:
    """The request without anything that has a documented default or chooses pixels; what must be sent stays."""
    for name in (*(operation.pixels.table.axes if operation.pixels else ()), "format", "count"):
        if name in operation.roles and not _required(operation, operation.roles[name].at):
            request = request.put(operation.roles[name].at, ABSENT)
    return request


def _required(operation: Operation, at: Location) -> bool:
    """Whether a request without this place is none that the document allows."""
    if at.kind in ("header", "query", "path"):
        named = (raw for raw in operation.endpoint.parameters if raw.get("in") == at.kind and raw.get("name") == at.place)
        return any(raw.get("required") for raw in named) or at.kind == "path"
    above, _, name = at.place.rpartition("/") if at.kind == "json" else ("", "", at.place)
    parent = leaf_schema(operation.schema, above) if operation.schema else None
    return name in (parent or {}).get("required", ())
