"""Ctrl-C ends a run within a second, with the results so far, marked incomplete."""

from __future__ import annotations

import json
import time

import pytest

from proofsheet.contract.files import shipped_validator
from session.command import SUITES, interrupt, targets_file
from session.servers import Silent, serving

#: A second is promised on an idle machine; the machine that runs these tests may do other things.
SOON = 30.0


def wait(seconds):
    started = time.monotonic()
    return lambda: time.monotonic() - started >= seconds


def events(folder):
    path = folder / "report" / "events.ndjson"
    return path.read_text(encoding="utf-8").count("\n") if path.is_file() else 0


@pytest.mark.parametrize("enough", [1, 150])
def test_while_it_runs(tmp_path, gateway, enough):
    environ = targets_file(tmp_path, gateway, "threedaistudio", pace={"max_concurrency": 2, "first_poll_after": 0.3, "poll_every": 0.3})
    outcome = interrupt(tmp_path, "candidate", "--report-dir", "report", when=lambda: events(tmp_path) >= enough, environ=environ)
    assert outcome.code == 2, outcome.said
    assert "Traceback" not in outcome.said
    assert outcome.seconds < SOON
    results = outcome.results()
    shipped_validator("results.schema.json").validate(results)
    assert results["run"]["complete"] is False
    assert results["summary"]["conforms"] is None
    assert results["summary"]["verdicts"]["not_run"] > 0
    assert "interrupted" in " ".join(results["summary"]["why"])
    last = json.loads((tmp_path / "report" / "events.ndjson").read_text(encoding="utf-8").splitlines()[-1])
    assert last.get("complete") is False
    # What was answered before is judged and not thrown away.
    if enough > 100:
        assert results["summary"]["verdicts"]["pass"] > 0


def test_under_pytest(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "threedaistudio", pace={"max_concurrency": 2, "first_poll_after": 0.3, "poll_every": 0.3})
    outcome = interrupt(tmp_path, "--target", "candidate", "--report-dir", "report", when=lambda: events(tmp_path) >= 1, environ=environ, command=tuple(SUITES))
    assert outcome.code == 2, outcome.said
    assert "Exception ignored" not in outcome.said
    assert outcome.seconds < SOON
    assert outcome.results()["run"]["complete"] is False
    assert "interrupted" in " ".join(outcome.results()["summary"]["why"])


def test_while_the_target_is_silent(tmp_path):
    with serving(Silent) as (url, asked):
        words = ["--provider", "xairouter", "--base-url", url, "--credential", "default=KEY", "--report-dir", "report"]
        outcome = interrupt(tmp_path, *words, when=lambda: len(asked) > 0, environ={"KEY": "sk-0123456789-silent"})
    assert outcome.code == 2, outcome.said
    assert outcome.seconds < SOON
    assert outcome.results()["run"]["complete"] is False
    assert outcome.results()["summary"]["verdicts"]["pass"] == 0


@pytest.mark.parametrize("seconds", [0.6, 1.5])
def test_while_it_starts(tmp_path, gateway, seconds):
    environ = targets_file(tmp_path, gateway, "threedaistudio", pace={"max_concurrency": 1, "first_poll_after": 5.0, "poll_every": 5.0})
    outcome = interrupt(tmp_path, "candidate", "--report-dir", "report", when=wait(seconds), environ=environ)
    assert outcome.code in (2, -2, 130), outcome.said
    assert outcome.seconds < SOON
    if "interrupted" in outcome.err:
        assert "Traceback" not in outcome.said
        assert outcome.code == 2
        if (tmp_path / "report" / "results.json").exists():
            assert outcome.results()["run"]["complete"] is False
