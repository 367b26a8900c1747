"""The report directory: whole, valid, and without a key, whatever the target says."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from proofsheet.contract.files import shipped_validator
from session.command import Outcome, targets_file, verify
from session.servers import Parrot, serving

CANARY = "sk-canary/7Q+uGh2ZxW9vLm3TtRr5"
FILES = {"results.json", "events.ndjson", "junit.xml", "report.html", "summary.md", "badge.json", "badge.svg", "ctrf.json"}


def spellings(key: str) -> set[bytes]:
    return {text.encode() for text in (key, quote(key, safe=""), base64.b64encode(key.encode()).decode(), json.dumps(key)[1:-1])}


def leaks(folder: Path, key: str) -> list[str]:
    """The files that hold a key."""
    return [path.name for path in folder.rglob("*") if path.is_file() and any(spelling in path.read_bytes() for spelling in spellings(key))]


@pytest.fixture(scope="module")
def conforming(tmp_path_factory, gateway) -> tuple[Outcome, dict[str, str]]:
    folder = tmp_path_factory.mktemp("conforming")
    environ = targets_file(folder, gateway, "threedaistudio")
    words = ["--only", "*/generate/lifecycles/*", "--only", "*/generate/parameters/base", "--only", "*/generate/errors/*", "--only", "*/generate/pixels/1:1@*"]
    return verify(folder, "candidate", *words, "--report-dir", "report", environ=environ), environ


@pytest.fixture(scope="module")
def failing(tmp_path_factory) -> Outcome:
    """A target that repeats the key in everything it says."""
    folder = tmp_path_factory.mktemp("failing")
    with serving(Parrot) as (url, _):
        words = ["--provider", "maxapi", "--base-url", url, "--credential", "default=PARROT_KEY", "--only", "**/errors/*", "--only", "**/parameters/base"]
        return verify(folder, *words, "--report-dir", "report", environ={"PARROT_KEY": CANARY})


def test_every_file_is_there_and_valid(conforming):
    outcome, _ = conforming
    assert outcome.code == 0, outcome.said
    report = outcome.folder / "report"
    assert {path.name for path in report.iterdir()} >= FILES
    assert {path.name for path in report.iterdir()} - FILES == set(outcome.results()["files"].values())
    shipped_validator("results.schema.json").validate(outcome.results())
    ElementTree.parse(report / "junit.xml")


def test_the_event_log_is_whole(conforming):
    outcome, _ = conforming
    lines = (outcome.folder / "report" / "events.ndjson").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    for event in events:
        shipped_validator("events.schema.json").validate(event)
    results = outcome.results()
    finished = [event["case"] for event in events if event.get("event") == "case_finished"]
    assert len(finished) == len(set(finished)) == results["summary"]["cases"]
    assert len(lines) >= len(finished) + 2


def test_counts_are_those_of_what_is_listed(conforming):
    outcome, _ = conforming
    results = outcome.results()
    verdicts = Counter(finding["verdict"] for finding in results["findings"])
    assert {name: count for name, count in results["summary"]["verdicts"].items() if count} == verdicts
    exchanges = outcome.part("exchanges")
    ids = {exchange["id"] for exchange in exchanges}
    assert len(ids) == len(exchanges) == results["summary"]["requests"]
    assert {id for finding in results["findings"] for id in finding["exchanges"]} <= ids
    suite = ElementTree.parse(outcome.folder / "report" / "junit.xml").getroot()
    assert len(list(suite.iter("testcase"))) > 0
    assert results["run"]["provenance"] == "simulated"


def test_no_key_is_in_any_file_or_word(conforming):
    outcome, environ = conforming
    assert len(environ) >= 4
    for key in environ.values():
        assert leaks(outcome.folder, key) == []
        assert key not in outcome.said


def test_no_key_is_in_any_file_or_word_though_the_target_repeats_it(failing):
    assert failing.code == 1, failing.said
    assert failing.results()["summary"]["conforms"] is False
    assert leaks(failing.folder, CANARY) == []
    assert not any(spelling.decode() in failing.said for spelling in spellings(CANARY))
    text = (failing.folder / "report" / "results.json").read_text(encoding="utf-8")
    assert "$PARROT_KEY" in text


def test_a_failing_target_is_reported_as_wholly_as_a_good_one(failing):
    shipped_validator("results.schema.json").validate(failing.results())
    assert {path.name for path in (failing.folder / "report").iterdir()} >= FILES
    assert failing.results()["run"]["provenance"] == "live"
    assert "SIMULATED" not in failing.out
    assert "Traceback" not in failing.said


def test_several_targets_have_a_folder_each_and_an_index(tmp_path):
    outcome = verify(tmp_path, "--only", "*/*/parameters/base", "--skip", "maxapi/**", "--report-dir", "report")
    assert outcome.code == 0, outcome.said
    report = tmp_path / "report"
    folders = {path.name for path in report.iterdir() if path.is_dir()}
    assert folders == {"reference-apimaster", "reference-threedaistudio", "reference-xairouter"}
    index = json.loads((report / "index.json").read_text(encoding="utf-8"))
    shipped_validator("index.schema.json").validate(index)
    assert (report / "index.html").is_file()
    for folder in folders:
        assert json.loads((report / folder / "results.json").read_text(encoding="utf-8"))["summary"]["conforms"] is True
