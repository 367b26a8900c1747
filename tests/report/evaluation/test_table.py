"""The evaluation as CSV: a line a fact, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest

from proofsheet.report.evaluation.table import COLUMNS, evaluation_csv
from proofsheet.results.evaluation import Source, evaluate
from proofsheet.results.model import Results

from .samples import empty, finding, poisoned, results


def lines(*several: Results) -> list[dict[str, str]]:
    text = evaluation_csv(evaluate([Source(one, Path()) for one in several]))
    reader = csv.DictReader(io.StringIO(text, newline=""))
    assert tuple(reader.fieldnames or ()) == COLUMNS
    return list(reader)


def test_every_kind_of_fact_is_there():
    found = lines(results("one"), results("two"))
    sections = Counter(line["section"] for line in found)
    assert set(sections) == {"verdict", "area", "price", "time", "lifecycles", "not tested", "pixels", "error", "charge", "dispute", "requirement", "example"}
    assert sections["pixels"] == 2 * 16
    assert {line["target"] for line in found} == {"one", "two"}
    wrong = next(line for line in found if line["section"] == "pixels" and line["verdict"] == "fail")
    assert (wrong["ratio"], wrong["size"], wrong["documented"], wrong["observed"]) == ("16:9", "2K", "1024x576", "1536x2752")
    [price, usd] = [line for line in found if line["section"] == "price" and line["size"] == "2K" and line["target"] == "one"]
    assert (price["documented"], price["unit"], usd["documented"], usd["unit"]) == ("3", "credits", "0.03", "USD")
    time = next(line for line in found if line["section"] == "time")
    assert (time["n"], time["median"], time["p95"]) == ("24", "1.25", "2.3")
    claim = next(line for line in found if line["section"] == "requirement" and line["item"] == "acme.ratio")
    assert (claim["verdict"], claim["documented"], claim["observed"]) == ("failed", "2752x1536", "1536x2752")


@pytest.mark.parametrize("said", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_no_cell_begins_like_a_formula(said):
    found = lines(results(findings=(finding("acme.ratio", "pixels.ratio", "fail", expected=said, actual=said, message=said),)))
    claim = next(line for line in found if line["item"] == "acme.ratio" and line["section"] == "requirement")
    assert claim["observed"].startswith("'") and claim["documented"].startswith("'")


def test_hostile_texts_stay_in_their_cells():
    for line in lines(poisoned()):
        assert None not in line and None not in line.values()
        assert not any("\n" in value or "\x1b" in value or value.startswith(("=", "+", "-", "@")) for value in line.values())


def test_an_empty_run_says_that_it_is_incomplete():
    found = lines(empty())
    assert [line["verdict"] for line in found if line["section"] == "verdict"] == ["incomplete"]
    assert any("incomplete" in line["note"] for line in found if line["section"] == "not tested")
