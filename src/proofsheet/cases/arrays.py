"""Covering arrays: every pair of an axis value and another parameter's value, on as few requests as there are cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from covertable import make

from proofsheet.cases.changes import changed
from proofsheet.cases.model import Case
from proofsheet.cases.requests import base_request
from proofsheet.cases.validity import is_valid
from proofsheet.contract.model import Operation
from proofsheet.contract.requests import ABSENT


@dataclass(frozen=True, slots=True)
class Row:
    """One request: a cell, and what stands in the other places."""

    cell: Case
    values: Mapping[Any, Any]


#: Of so many cells one may be paid for twice so that a pair of values is shown that no other request has room for.
CELLS_PER_EXTRA_ROW = 20


def covering_rows(operation: Operation, cells: Sequence[Case], factors: Mapping[Any, Sequence[Any]], fixed: Sequence[Row] = ()) -> list[Row]:
    """Rows that show every pair of values which the request schema allows, as far as the cells have room for them.

    ``fixed`` are rows that are there already and are not given again.
    """
    if not cells or not factors or operation.pixels is None:
        return []
    axes = operation.pixels.table.axes
    by_values = {case.cell.at: case for case in cells if case.cell is not None}
    levels: dict[str, list[Any]] = {axis: list(dict.fromkeys(at[number] for at in by_values)) for number, axis in enumerate(axes)}
    levels |= {str(place): list(range(len(values))) for place, values in factors.items()}
    constraints = [{"operator": "fn", "requires": list(axes), "evaluate": lambda row: tuple(row[axis] for axis in axes) in by_values}]
    constraints += list(_forbidden(operation, factors))
    presets = [_preset(row, axes, factors) for row in fixed]
    made = [
        Row(by_values[tuple(row[axis] for axis in axes)], {place: values[row[str(place)]] for place, values in factors.items()})
        for row in make(levels, strength=2, constraints=constraints, presets=presets)
    ]
    return _affordable(made, {row.cell.id for row in fixed}, len(cells) // CELLS_PER_EXTRA_ROW)


def _preset(row: Row, axes: Sequence[str], factors: Mapping[Any, Sequence[Any]]) -> dict[str, Any]:
    """A row in the array's own terms."""
    assert row.cell.cell is not None
    levels = {str(place): next((number for number, value in enumerate(values) if value == row.values.get(place, ABSENT)), 0) for place, values in factors.items()}
    return {**dict(zip(axes, row.cell.cell.at, strict=True)), **levels}


def _affordable(rows: Sequence[Row], taken: set[str], extra: int) -> list[Row]:
    """The first row of each cell that has none yet, and so many more."""
    chosen, seen = [], set(taken)
    for row in sorted(rows, key=lambda row: row.cell.id in taken):
        if row.cell.id not in seen or extra > 0:
            extra -= row.cell.id in seen
            chosen.append(row)
            seen.add(row.cell.id)
    return chosen


def _forbidden(operation: Operation, factors: Mapping[Any, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """What keeps apart values of two parameters that the request schema does not allow together."""
    for one, other in combinations(factors, 2):
        bad = {(a, b) for a, b in product(range(len(factors[one])), range(len(factors[other]))) if not _allowed(operation, {one: factors[one][a], other: factors[other][b]})}
        if bad:
            names = [str(one), str(other)]
            yield {"operator": "fn", "requires": names, "evaluate": lambda row, names=names, bad=bad: (row[names[0]], row[names[1]]) not in bad}


def _allowed(operation: Operation, values: Mapping[Any, Any]) -> bool:
    request = changed(base_request(operation), {place: value for place, value in values.items() if value is not ABSENT})
    return operation.schema is None or request.json is ABSENT or is_valid(operation.schema, request.json)
