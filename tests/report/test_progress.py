"""Progress while a run is on: plain lines where nobody watches, bars on a terminal."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass

import pytest
from rich.console import Console

from proofsheet.report import progress
from proofsheet.report.progress import Progress


@dataclass
class Counts:
    done: int
    in_flight: int


@dataclass
class Run:
    engine: Counts | None


def shown(runs: dict[str, Run], *, terminal: bool, until: str) -> str:
    """What is shown until a text appears."""
    file = io.StringIO()
    watching = Progress(runs, Console(file=file, force_terminal=terminal, width=120, color_system=None))
    watching.start()
    deadline = time.monotonic() + 30
    while until not in file.getvalue() and time.monotonic() < deadline:
        time.sleep(0.01)
    started = time.monotonic()
    watching.stop()
    assert time.monotonic() - started < 5
    return file.getvalue()


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    monkeypatch.setattr(progress, "PLAIN_EVERY", 0.05)
    monkeypatch.setattr(progress, "BARS_EVERY", 0.02)


def test_plain_lines():
    text = shown({"one[/]": Run(Counts(3, 4)), "two": Run(Counts(0, 0)), "not yet": Run(None)}, terminal=False, until="two")
    lines = text.splitlines()
    assert lines[0].endswith("s  one[/]: 3 of 7 requests and lifecycles done")
    assert lines[1].endswith("s  two: 0 of 0 requests and lifecycles done")
    assert "not yet" not in text
    assert "\x1b" not in text


def test_bars():
    text = shown({"one": Run(Counts(3, 4)), "not yet": Run(None)}, terminal=True, until="4 in flight")
    assert "one" in text
    assert "3/7" in text
    assert "not yet" in text


def test_a_short_run_shows_nothing(monkeypatch):
    monkeypatch.setattr(progress, "PLAIN_EVERY", 60.0)
    file = io.StringIO()
    watching = Progress({"one": Run(Counts(1, 1))}, Console(file=file))
    watching.start()
    watching.stop()
    assert file.getvalue() == ""
