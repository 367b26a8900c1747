"""Comparing pixels. Tolerances: a ratio within 6 %, an area within 10 % (what models are known to vary by)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

from proofsheet.contract.model import Cell
from proofsheet.exchange.model import Picture

#: The source's own models have been measured up to 4 % off the table's ratio and, one cell apart, 2.5 % off its area.
#: Fractions, so that a picture on the limit is judged alike above and below it.
RATIO_TOLERANCE = Fraction(6, 100)
AREA_TOLERANCE = Fraction(10, 100)
#: Beyond this distance a picture is no cell's: both sides off by about a fifth.
NOBODYS = 0.35


def size_of(picture: Picture) -> tuple[int, int] | None:
    """Width and height in pixels, where they could be read."""
    return (picture.width, picture.height) if picture.width and picture.height else None


def sizes_of(cell: Cell) -> tuple[tuple[int, int], ...]:
    """The pixels that a cell accepts: the table's, and others where the cell is disputed."""
    return ((cell.width, cell.height), *cell.also)


def ratio_close(size: tuple[int, int], cell: Cell) -> bool:
    """Whether width / height is within 6 % of the cell's."""
    return any(abs(Fraction(size[0] * height, size[1] * width) - 1) <= RATIO_TOLERANCE for width, height in sizes_of(cell))


def area_close(size: tuple[int, int], cell: Cell) -> bool:
    """Whether the number of pixels is within 10 % of the cell's."""
    return any(abs(Fraction(size[0] * size[1], width * height) - 1) <= AREA_TOLERANCE for width, height in sizes_of(cell))


def distance(size: tuple[int, int], cell: Cell) -> float:
    """How far a size is from a cell, on a scale that treats every factor alike; 0 where it is the cell's."""
    return min(abs(math.log(size[0] / width)) + abs(math.log(size[1] / height)) for width, height in sizes_of(cell))


def same_ratio(cells: Sequence[Cell]) -> bool:
    """Whether all these cells have one ratio, so that a picture can be judged by it."""
    ratios = [cell.width / cell.height for cell in cells if not cell.also]
    return bool(cells) and (not ratios or max(ratios) / min(ratios) <= 1.15)


def same_area(cells: Sequence[Cell]) -> bool:
    """Whether all these cells have about one area (within a size, areas differ by up to 13 %)."""
    areas = [cell.width * cell.height for cell in cells if not cell.also]
    return bool(cells) and (not areas or max(areas) / min(areas) <= 1.3)


def describe(pictures: Iterable[Picture]) -> str:
    """Pictures in a few words."""
    words = [f"{p.width}x{p.height} {p.kind}" if p.width else (p.problem or "no picture") for p in pictures]
    return ", ".join(words[:4]) + (f" and {len(words) - 4} more" if len(words) > 4 else "")
