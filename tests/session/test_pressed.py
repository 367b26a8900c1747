"""Ctrl-C at each moment of a run that is a risk: exit code 2, whole reports, and never a word of Python's."""

from __future__ import annotations

import importlib
import json
import signal

import pytest
from _pytest.config import Config
from _pytest.main import Session
from click.testing import CliRunner

from proofsheet.cli import main
from proofsheet.contract.files import shipped_validator
from proofsheet.exchange.engine import Engine
from proofsheet.results.events import EventLog, read_events
from proofsheet.session.run import TargetRun
from proofsheet.session.runs import Runs
from session.command import targets_file

ONLY = "xairouter/*/errors/*"

#: While nothing can be sent yet.
BEFORE = [("proofsheet.session.runs", "load_contract"), (TargetRun, "__init__"), (TargetRun, "choose"), ("proofsheet.session.runs", "against")]
#: From the first file of a run to its last case.
DURING = [
    ("proofsheet.session.run", "prepare_directory"), ("proofsheet.session.run", "_knock"), (EventLog, "__init__"), (Engine, "__init__"), (Engine, "start"), (TargetRun, "start"),
    (Config, "_do_configure"), (Session, "perform_collect"), ("proofsheet.plugin", "_runs"), (TargetRun, "check_gateway"), (Engine, "performance"), (TargetRun, "verify"),
    (EventLog, "append"),
]  # fmt: skip
#: When all is judged.
AFTER = [
    ("proofsheet.session.runs", "conclude"), ("proofsheet.session.outcome", "write_results"), ("proofsheet.session.outcome", "write_reports"),
    ("proofsheet.session.runs", "remember"), (Runs, "stop"), ("proofsheet.session.verify", "print_summary"),
]  # fmt: skip


def name(moment):
    place, attribute = moment
    return f"{place if isinstance(place, str) else place.__name__}.{attribute}"


@pytest.fixture
def pressed(tmp_path, gateway, monkeypatch):
    """``verify`` in which Ctrl-C is pressed around a function: when it is called first, or when it has ended first."""

    def perform(moment, when, presses=1):
        place, attribute = moment
        place = importlib.import_module(place) if isinstance(place, str) else place
        real = getattr(place, attribute)
        left = [presses]

        def press():
            while left[0]:
                left[0] -= 1
                signal.raise_signal(signal.SIGINT)

        def around(*args, **kwargs):
            if when == "before":
                press()
            result = real(*args, **kwargs)
            press()
            return result

        monkeypatch.setattr(place, attribute, around)
        environ = targets_file(tmp_path, gateway, "xairouter")
        monkeypatch.chdir(tmp_path)
        outcome = CliRunner(env=environ).invoke(main, ["verify", "candidate", "--only", ONLY, "--report-dir", "report"])
        assert left == [0]
        assert "Traceback" not in outcome.output
        return outcome

    return perform


def results(folder):
    found = json.loads((folder / "report" / "results.json").read_text(encoding="utf-8"))
    shipped_validator("results.schema.json").validate(found)
    return found


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("moment", BEFORE, ids=name)
def test_before_anything_is_sent(pressed, tmp_path, moment, when):
    outcome = pressed(moment, when)
    assert outcome.exit_code == 2, outcome.output
    # What was begun is reported; what was not is not.
    if (tmp_path / "report").exists():
        assert results(tmp_path)["run"]["complete"] is False
    else:
        assert "interrupted before anything was sent" in outcome.output


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("moment", DURING, ids=name)
def test_while_it_runs(pressed, tmp_path, moment, when):
    outcome = pressed(moment, when)
    assert outcome.exit_code == 2, outcome.output
    assert "interrupted" in outcome.output
    found = results(tmp_path)
    assert found["run"]["complete"] is False
    assert "interrupted" in " ".join(found["summary"]["why"])
    log = read_events(tmp_path / "report" / "events.ndjson")
    assert log.problem is None
    assert log.complete is False


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("moment", AFTER, ids=name)
def test_when_all_is_judged(pressed, tmp_path, moment, when):
    outcome = pressed(moment, when)
    assert outcome.exit_code == 2, outcome.output
    assert read_events(tmp_path / "report" / "events.ndjson").problem is None
    assert results(tmp_path)["summary"]["verdicts"]["pass"] > 0
    assert "report: report" in outcome.output


@pytest.mark.parametrize("moment", [*BEFORE, *DURING, *AFTER], ids=name)
def test_pressed_twice_nothing_is_left_half_written(pressed, tmp_path, moment):
    outcome = pressed(moment, "before", presses=2)
    assert outcome.exit_code == 2, outcome.output
    report = tmp_path / "report"
    if (report / "results.json").exists():
        results(tmp_path)
    assert not list(report.glob(".*.partial"))
