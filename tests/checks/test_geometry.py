"""The tolerances, to the pixel."""

from __future__ import annotations

import pytest

from checks.subjects import BIG_SQUARE, BIG_WIDE, SQUARE, WIDE, picture
from proofsheet.checks.geometry import area_close, describe, ratio_close, same_area, same_ratio, size_of, sizes_of
from proofsheet.contract.model import Cell

DISPUTED = Cell(("21:9", "512"), 768, 384, also=((792, 168), (1000, 500)), dispute="two tables")


@pytest.mark.parametrize(("size", "close"), [
    ((1000, 1000), True), ((1060, 1000), True), ((1061, 1000), False), ((940, 1000), True), ((939, 1000), False), ((2120, 2000), True), ((2121, 2000), False),
])
def test_a_ratio_is_close_within_six_percent_limit_included(size, close):
    assert ratio_close(size, SQUARE) is close


def test_a_ratio_is_width_to_height():
    assert ratio_close((1280, 720), WIDE) is True
    assert ratio_close((720, 1280), WIDE) is False
    assert ratio_close((1356, 720), WIDE) is True
    assert ratio_close((1358, 720), WIDE) is False


@pytest.mark.parametrize(("size", "close"), [
    ((1100, 1000), True), ((1101, 1000), False), ((900, 1000), True), ((899, 1000), False), ((2000, 500), True), ((2000, 1000), False), ((500, 1000), False),
])
def test_an_area_is_close_within_ten_percent_limit_included(size, close):
    assert area_close(size, SQUARE) is close


def test_a_disputed_cell_accepts_each_of_its_sizes():
    assert sizes_of(SQUARE) == ((1000, 1000),)
    assert sizes_of(DISPUTED) == ((768, 384), (792, 168), (1000, 500))
    assert [ratio_close(size, DISPUTED) for size in ((768, 384), (792, 168), (500, 500))] == [True, True, False]
    assert [area_close(size, DISPUTED) for size in ((768, 384), (792, 168), (1000, 500), (2000, 500))] == [True, True, True, False]


def test_a_size_needs_both_sides():
    assert size_of(picture(3, 4)) == (3, 4)
    assert size_of(picture(None, 4)) is None
    assert size_of(picture(3, None)) is None
    assert size_of(picture(0, 4)) is None
    assert size_of(picture(3, 0)) is None


@pytest.mark.parametrize(("cells", "same"), [
    ((), False), ((SQUARE,), True), ((SQUARE, BIG_SQUARE), True), ((SQUARE, WIDE), False), ((DISPUTED,), True), ((SQUARE, DISPUTED), True),
    ((Cell(("a",), 1000, 1000), Cell(("b",), 1150, 1000)), True), ((Cell(("a",), 1000, 1000), Cell(("b",), 1151, 1000)), False),
])
def test_cells_of_one_ratio(cells, same):
    assert same_ratio(cells) is same


@pytest.mark.parametrize(("cells", "same"), [
    ((), False), ((SQUARE,), True), ((SQUARE, WIDE), True), ((SQUARE, BIG_SQUARE), False), ((DISPUTED,), True), ((BIG_WIDE, BIG_SQUARE, DISPUTED), True),
    ((Cell(("a",), 1000, 1000), Cell(("b",), 1300, 1000)), True), ((Cell(("a",), 1000, 1000), Cell(("b",), 1301, 1000)), False),
])
def test_cells_of_about_one_area(cells, same):
    assert same_area(cells) is same


def test_pictures_in_a_few_words():
    broken, nothing = picture(None, None, problem="status"), picture(None, None)
    assert describe([]) == ""
    assert describe([picture(3, 4), broken, nothing]) == "3x4 png, status, no picture"
    assert describe([picture(3, 4)] * 4) == "3x4 png, 3x4 png, 3x4 png, 3x4 png"
    assert describe([picture(3, 4)] * 5) == "3x4 png, 3x4 png, 3x4 png, 3x4 png and 1 more"
    assert describe([picture(3, 4)] * 6) == "3x4 png, 3x4 png, 3x4 png, 3x4 png and 2 more"
