"""Reading preset tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.contract.folders import TABLE

from proofsheet.contract.errors import ContractError
from proofsheet.contract.model import Cell, Observed, PresetTable
from proofsheet.contract.presets import read_table


def table(folder: Path, name: str = "shapes", **changes: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(json.dumps({**TABLE, **changes}), encoding="utf-8")
    return folder


def test_a_table_is_read_as_it_stands(tmp_path: Path) -> None:
    cells = [
        {"at": ["wide", "1K"], "width": 16, "height": 9},
        {"at": ["wide", "2K"], "width": 32, "height": 18, "tokens": 70, "disputed": {"also": ["30x17", "31x17"], "why": "two tables"}},
    ]
    observed = [{"at": ["wide", "1K"], "width": 15, "height": 9, "date": "2026-05-01"}, {"at": ["wide", "2K"], "width": 31, "height": 18, "date": "2026-05-02", "where": "live"}]
    assert read_table("shapes", (table(tmp_path, axes=["ratio", "size"], cells=cells, observed=observed, open=True),)) == PresetTable(
        "shapes",
        ("ratio", "size"),
        (Cell(("wide", "1K"), 16, 9), Cell(("wide", "2K"), 32, 18, 70, ((30, 17), (31, 17)), "two tables")),
        (Observed(("wide", "1K"), 15, 9, "2026-05-01", ""), Observed(("wide", "2K"), 31, 18, "2026-05-02", "live")),
        open=True,
    )


def test_a_table_is_closed_unless_it_says_otherwise(tmp_path: Path) -> None:
    found = read_table("shapes", (table(tmp_path),))
    assert (found.open, found.observed, found.cells[0].tokens, found.cells[0].also) == (False, (), None, ())


def test_the_first_folder_that_has_it_counts(tmp_path: Path) -> None:
    first, second = table(tmp_path / "a", "other"), table(tmp_path / "b")
    table(tmp_path / "c", cells=[{"at": ["x"], "width": 1, "height": 1}])
    assert len(read_table("shapes", (first, second, tmp_path / "c")).cells) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cells": [{"at": ["a"], "width": 1, "height": 1}, {"at": ["a"], "width": 2, "height": 1}]}, "a cell stands twice"),
        ({"cells": [{"at": ["a", "b"], "width": 1, "height": 1}]}, r"the cell \['a', 'b'\] needs one value for each of the axes ratio"),
        ({"axes": ["ratio", "size"]}, r"the cell \['square'\] needs one value for each of the axes ratio, size"),
        ({"cells": [{"at": ["a"], "width": 0, "height": 1}]}, "at cells/0/width: 0 is less than the minimum"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=f"shapes.yaml: {said}"):
        read_table("shapes", (table(tmp_path, **changes),))


def test_a_table_that_no_folder_has_is_told_with_those_they_have(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as told:
        read_table("zzz", (table(tmp_path / "b", "two"), table(tmp_path / "a", "one")))
    assert str(told.value) == f"{tmp_path / 'b' / 'zzz.yaml'}: there is no preset table of this name (known: one, two)"
