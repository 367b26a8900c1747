"""What is found in a preset table."""

from __future__ import annotations

import pytest

from proofsheet.contract.tables import Cell, PresetTable

WIDE, TALL, BIG = Cell(("16:9", "1K"), 1376, 768), Cell(("9:16", "1K"), 768, 1376, 1120), Cell(("16:9", "2K"), 2752, 1536)
TABLE = PresetTable("t", ("ratio", "size"), (WIDE, TALL, BIG))


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"ratio": "16:9", "size": "1K"}, (WIDE,)),
        ({"ratio": "16:9", "size": "2K"}, (BIG,)),
        ({"ratio": "9:16", "size": "2K"}, ()),
        ({"ratio": "16:9"}, (WIDE, BIG)),
        ({"ratio": None, "size": "1K"}, (WIDE, TALL)),
        ({}, (WIDE, TALL, BIG)),
        ({"ratio": "1:1"}, ()),
        ({"ratio": "9:16", "size": "1K", "format": "png"}, (TALL,)),
    ],
)
def test_an_axis_that_is_not_named_is_free(values: dict[str, str | None], found: tuple[Cell, ...]) -> None:
    assert TABLE.find(**values) == found


@pytest.mark.parametrize(
    ("asked", "pixels"), [("640x480", (640, 480)), ("10X200", (10, 200)), ("7×8", (7, 8)), ("07x8", None), ("7x08", None), ("7x8x9", None), ("a7x8", None), ("x8", None)]
)
def test_what_an_open_table_reads_as_a_size(asked: str, pixels: tuple[int, int] | None) -> None:
    table = PresetTable("t", ("dimensions",), (Cell(("1x1",), 1, 1),), open=True)
    assert table.find(dimensions=asked) == ((Cell((asked,), *pixels),) if pixels else ())


def test_half_a_size_finds_what_is_listed_and_nothing_else() -> None:
    table = PresetTable("t", ("width", "height"), (Cell(("256", "128"), 250, 120),), open=True)
    assert [cell.width for cell in table.find(width="256")] == [250]
    assert table.find(width="9x9") == ()


def test_a_cell_has_a_value_for_each_axis() -> None:
    with pytest.raises(ValueError, match="zip"):
        PresetTable("t", ("ratio", "size"), (Cell(("16:9",), 1, 1),)).find(ratio="16:9")


def test_a_cell_is_called_by_its_values() -> None:
    assert (WIDE.name, Cell(("1:1",), 1, 1).name) == ("16:9@1K", "1:1")
    assert (WIDE.tokens, TALL.tokens, WIDE.also, WIDE.dispute) == (None, 1120, (), None)
