"""The report directory: what is written fits the shipped schema, comes back as it was, and holds no secret."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proofsheet.cases.model import Probe
from proofsheet.contract.files import shipped_validator
from proofsheet.exchange.model import Exchange, Performance, Poll, Sent
from proofsheet.exchange.redact import Redactor
from proofsheet.results import writing
from proofsheet.results.documents import DEEPEST, LONGEST_TEXT, cleaned, storable
from proofsheet.results.entries import exchange_entry, lifecycle_entry
from proofsheet.results.errors import ReportError, ResultsError
from proofsheet.results.reading import read_results
from proofsheet.results.writing import as_json, prepare_directory, write_atomically, write_results
from results.samples import HOSTILE, finding, operation, results

NOTHING = Redactor({})
KEY = "sk-canary/4f9a+77=="


def test_written_results_fit_the_schema_and_come_back(tmp_path: Path) -> None:
    written = write_results(tmp_path / "run", results(), NOTHING)
    document = json.loads((tmp_path / "run" / "results.json").read_text())
    shipped_validator("results.schema.json").validate(document)
    assert read_results(tmp_path / "run") == written == read_results(tmp_path / "run" / "results.json")
    assert document["findings"][0]["check"] == "parameters.served"
    assert document["run"]["target"]["name"] == "candidate"
    assert document["summary"]["conforms"] is True


def test_large_parts_stand_in_files_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LARGE", 100)
    original = results()
    write_results(tmp_path, original, NOTHING)
    document = json.loads((tmp_path / "results.json").read_text())
    shipped_validator("results.schema.json").validate(document)
    assert document["files"] == {"exchanges": "exchanges.json", "lifecycles": "lifecycles.json"}
    assert document["exchanges"] == document["lifecycles"] == []
    read = read_results(tmp_path)
    assert read.exchanges == original.exchanges
    assert read.lifecycles[0]["trace"][0]["status"] == "queued"


def test_no_secret_stands_in_any_file(tmp_path: Path) -> None:
    said = f"you sent {KEY} and {json.dumps(KEY)}"
    leaky = results((finding(message=said, actual=said, expected=said, curl=f"curl -H 'X: {KEY}'", verdict="fail"),),
                    exchanges=({"id": "e", "request": {KEY: KEY}, "status": 200, "times": {}, "digest": None, "headers": {"x-echo": [KEY]}},))
    written = write_results(tmp_path, leaky, Redactor({"CANARY": KEY}))
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"canary" not in everything
    assert b"$CANARY" in everything
    assert written.findings[0].curl == "curl -H 'X: $CANARY'"


def test_a_cut_leaves_no_half_of_a_key() -> None:
    text = "x" * (LONGEST_TEXT - 4) + KEY + "y" * 500
    stored = storable(text, Redactor({"CANARY": KEY}))
    assert "sk-" not in stored
    assert stored.startswith("x" * 100)


def test_hostile_texts_survive_as_data_and_megabytes_do_not(tmp_path: Path) -> None:
    hostile = results((finding(message=HOSTILE, actual="A" * 10_000_000, expected="\ud800 half", verdict="fail"),))
    written = write_results(tmp_path, hostile, NOTHING)
    raw = (tmp_path / "results.json").read_bytes()
    assert len(raw) < 100_000
    assert raw.isascii() and b"\x1b" not in raw
    assert written.findings[0].message == HOSTILE
    assert written.findings[0].expected == "? half"
    assert written.findings[0].actual.endswith("characters cut)")
    assert read_results(tmp_path) == written


def test_what_json_cannot_say_is_said_in_words() -> None:
    deep: Any = "bottom"
    for _ in range(5000):
        deep = [deep]
    stored = storable({"t": math.nan, "p": -math.inf, "n": None, "b": True, 3: b"x", "deep": deep})
    assert {name: stored[name] for name in ("t", "p", "n", "b", "3")} == {"t": "nan", "p": "-inf", "n": None, "b": True, "3": "b'x'"}
    text = as_json(stored)
    assert "[nested too deeply to be kept]" in text
    assert text.count("[") < DEEPEST + 5


def test_cleaning_twice_changes_nothing() -> None:
    redactor = Redactor({"CANARY": KEY})
    once = cleaned(results((finding(message=KEY + "z" * 60_000, verdict="fail"),)), redactor)
    assert cleaned(once, redactor) == once


@pytest.mark.parametrize("make", ["file in the way", "below a file"])
def test_an_unusable_directory_is_one_clear_error(tmp_path: Path, make: str) -> None:
    (tmp_path / "taken").write_text("")
    where = tmp_path / "taken" if make == "file in the way" else tmp_path / "taken" / "deeper"
    with pytest.raises(ReportError, match="--report-dir") as caught:
        prepare_directory(where)
    assert str(where) in str(caught.value)


@pytest.mark.parametrize(("number", "mend"), [(28, "the disk is full"), (13, "you may not write there"), (30, "read-only"), (5, "cannot be written")])
def test_a_failing_write_says_what_to_change_and_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, mend: str) -> None:
    path = tmp_path / "results.json"
    write_atomically(path, "old")

    def refuse(*_: object) -> None:
        raise OSError(number, "the system's words")

    monkeypatch.setattr(writing.os, "replace", refuse)
    with pytest.raises(ReportError, match=mend) as caught:
        write_atomically(path, "new")
    assert "--report-dir" in str(caught.value)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.json"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: text[: len(text) // 2], "is not valid JSON"),
        (lambda text: "[" * 200_000, "is nested too deeply|is not valid JSON"),
        (lambda text: "[]", "does not fit results.schema.json: at the top"),
        (lambda text: text.replace('"verdict": "pass"', '"verdict": "splendid"'), "at findings/0/verdict: 'splendid'"),
        (lambda text: text.replace('"schema_version": "1.0"', '"schema_version": "2.0"'), "install the version that wrote it"),
        (lambda text: text.replace('"files": {}', '"files": {"exchanges": "../secret.json"}'), "does not lie beside it"),
        (lambda text: text.replace('"files": {}', '"files": {"exchanges": "gone.json"}'), "gone.json: this file is missing"),
        (lambda text: text.replace('"files": {}', '"files": {"exchanges": "results.json"}'), "does not hold a list of exchanges"),
    ],
)
def test_broken_results_are_one_clear_error(tmp_path: Path, change: Any, problem: str) -> None:
    write_results(tmp_path, results(), NOTHING)
    path = tmp_path / "results.json"
    path.write_text(change(path.read_text()))
    with pytest.raises(ResultsError, match=problem):
        read_results(tmp_path)


def test_missing_and_binary_results_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="this file is missing"):
        read_results(tmp_path)
    (tmp_path / "results.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ResultsError, match="is no text"):
        read_results(tmp_path)


def test_newer_minor_versions_and_further_fields_are_read(tmp_path: Path) -> None:
    write_results(tmp_path, results(), NOTHING)
    document = json.loads((tmp_path / "results.json").read_text())
    document["schema_version"] = "1.7"
    document["findings"][0]["since"] = "tomorrow"
    (tmp_path / "results.json").write_text(json.dumps(document))
    assert read_results(tmp_path).findings == results().findings


def test_entries_fit_the_schema_and_keep_no_key(tmp_path: Path) -> None:
    sent = Sent("POST", f"https://h.example/draw?key={KEY}", {"X-Key": KEY}, b'{"prompt": "a"}', "application/json")
    answer = Exchange("e1", sent, 200, {"content-type": "application/json"}, b"z" * 1990 + KEY.encode() + b"z" * 90, started=1.5, seconds=0.25)
    poll = Poll(0.5, replace(answer, id="e2", body=b"\x89PNG\0\xff"), "queued", "running", 10)
    performance = Performance(Probe("p", operation(), operation().base), "served", answer, polls=(poll,), task_ref="t1")
    redactor = Redactor({"CANARY": KEY})
    entries = tuple(exchange_entry(one, "acme/draw/parameters/base", redactor) for one in performance.exchanges)
    written = write_results(tmp_path, results(exchanges=entries, lifecycles=(lifecycle_entry(performance, "acme/draw/lifecycles/run"),)), redactor)
    shipped_validator("results.schema.json").validate(json.loads((tmp_path / "results.json").read_text()))
    first, second = written.exchanges
    assert first["times"] == {"started": 1.5, "seconds": 0.25}
    assert (first["status"], first["bytes"], first["request"]["bytes"]) == (200, 1990 + len(KEY) + 90, 15)
    assert "canary" not in json.dumps([first, second])
    assert "sk-" not in first["body"] and second["body"] == ""
    assert written.lifecycles[0]["trace"] == [{"t": 0.5, "status": "queued", "state": "running", "progress": 10, "exchange": "e2"}]
