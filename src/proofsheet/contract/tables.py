"""Preset tables as frozen values: the pixels that are documented for what is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from proofsheet.contract.same import Same


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a preset table: axis values (own terms), pixels, image tokens."""

    at: tuple[str, ...]
    width: int
    height: int
    tokens: int | None = None
    also: tuple[tuple[int, int], ...] = ()
    dispute: str | None = None

    @property
    def name(self) -> str:
        """The cell's id, such as ``16:9@2K``."""
        return "@".join(self.at)


@dataclass(frozen=True, slots=True)
class Observed:
    """A deviation seen at the source itself, with its date."""

    at: tuple[str, ...]
    width: int
    height: int
    date: str
    where: str


@dataclass(frozen=True, slots=True)
class PresetTable:
    """Pixels by axis values. ``axes`` are role names. ``open``: values that are not listed name their pixels themselves."""

    name: str
    axes: tuple[str, ...]
    cells: tuple[Cell, ...]
    observed: tuple[Observed, ...] = ()
    open: bool = False

    def find(self, **values: str | None) -> tuple[Cell, ...]:
        """Cells whose axes have these values; an axis that is None or not named is free."""
        return _found(Same(self), tuple(values.get(axis) for axis in self.axes))


@lru_cache(maxsize=4096)
def _found(table: Same[PresetTable], wanted: tuple[str | None, ...]) -> tuple[Cell, ...]:
    """The cells that fit; every check of every case asks."""
    found = tuple(cell for cell in table.value.cells if all(w is None or w == v for w, v in zip(wanted, cell.at, strict=True)))
    named = tuple(value for value in wanted if value is not None)
    if found or not table.value.open or len(named) < len(wanted):
        return found
    size = re.fullmatch(r"([1-9][0-9]*)[xX×*@]([1-9][0-9]*)", "@".join(named))
    return (Cell(named, int(size[1]), int(size[2])),) if size else ()
