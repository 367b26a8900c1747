"""The event log says when something of it is lost."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from proofsheet.contract.files import shipped_validator
from proofsheet.exchange.redact import Redactor
from proofsheet.results.errors import ReportError, ResultsError
from proofsheet.results.events import KINDS, EventLog, read_events
from results.samples import HOSTILE

RUN = {"id": "r1"}
NOTHING = Redactor({})


def filled(path: Path, events: int = 3) -> Path:
    ticks = iter(range(1000))
    with EventLog(path, RUN, NOTHING, clock=lambda: float(next(ticks))) as log:
        for number in range(events):
            log.append("note", message=f"event {number}")
    return path


def test_a_log_is_a_header_events_and_a_footer(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in filled(tmp_path / "events.ndjson").read_text().splitlines()]
    for line in lines:
        shipped_validator("events.schema.json").validate(line)
    assert lines[0] == {"event": "header", "schema_version": "1.0", "run": RUN}
    assert lines[1] == {"event": "note", "t": 1.0, "message": "event 0"}
    assert lines[-1] == {"event": "footer", "complete": True, "events": 3, "counts": {"note": 3}}
    read = read_events(tmp_path / "events.ndjson")
    assert read.complete and read.run == RUN and len(read.events) == 3 and read.problem is None


def test_each_event_is_in_the_file_at_once(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "e", RUN, NOTHING)
    log.append("case_started", case="acme/draw/parameters/base")
    read = read_events(tmp_path / "e")
    assert [event["case"] for event in read.events] == ["acme/draw/parameters/base"]
    assert not read.complete and read.problem is not None and "footer is missing" in read.problem
    log.abandon()


def test_an_exception_leaves_no_footer(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), EventLog(tmp_path / "e", RUN, NOTHING) as log:
        log.append("note", message="begun")
        raise KeyboardInterrupt
    assert not read_events(tmp_path / "e").complete


def test_an_interrupted_run_may_say_so_in_its_footer(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "e", RUN, NOTHING)
    log.finish(complete=False)
    log.finish(complete=True)
    read = read_events(tmp_path / "e")
    assert read.problem is None and read.footer is not None and not read.complete


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    whole = filled(tmp_path / "whole", 2).read_bytes()
    header = whole.index(b"\n")
    for length in range(header + 1, len(whole) - 1):
        cut = tmp_path / "cut"
        cut.write_bytes(whole[:length])
        assert not read_events(cut).complete, length
    for length in range(header):
        (tmp_path / "cut").write_bytes(whole[:length])
        with pytest.raises(ResultsError, match="does not begin with a header"):
            read_events(tmp_path / "cut")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda lines: lines[:2] + lines[3:], "the footer counts 3 events, and 2 are there"),
        (lambda lines: lines + lines[-2:-1], "line 6 stands where no event may stand"),
        (lambda lines: [*lines[:2], lines[0], *lines[2:]], "line 3 stands where no event may stand"),
        (lambda lines: [*lines[:2], b'{"event": "party", "t": 1}', *lines[2:]], "line 3 does not fit events.schema.json: at event"),
        (lambda lines: [*lines[:2], b"", *lines[2:]], "line 3 is cut short or no JSON"),
    ],
)
def test_lost_and_foreign_lines_are_noticed(tmp_path: Path, change: object, problem: str) -> None:
    path = filled(tmp_path / "e")
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join(change(lines)) + b"\n")  # type: ignore[operator]
    read = read_events(path)
    assert not read.complete and read.problem is not None and problem in read.problem


def test_threads_do_not_tear_lines(tmp_path: Path) -> None:
    with EventLog(tmp_path / "e", RUN, NOTHING) as log:
        threads = [threading.Thread(target=lambda: [log.append("note", message="m" * 3000) for _ in range(40)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    read = read_events(tmp_path / "e")
    assert read.complete and len(read.events) == 320
    assert [event["t"] for event in read.events] == sorted(event["t"] for event in read.events)


def test_a_log_holds_no_secret_no_escape_and_no_megabytes(tmp_path: Path) -> None:
    with EventLog(tmp_path / "e", {"id": "canary-key-1"}, Redactor({"KEY": "canary-key-1"})) as log:
        log.append("incident", kind="canary-key-1", detail=HOSTILE + "x" * 10_000_000, progress=float("nan"))
    raw = (tmp_path / "e").read_bytes()
    assert b"canary-key-1" not in raw and b"\x1b" not in raw and len(raw) < 50_000
    assert len(raw.splitlines()) == 3
    assert read_events(tmp_path / "e").events[0]["detail"].startswith(HOSTILE)


def test_unknown_kinds_and_unusable_places_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="--report-dir"):
        EventLog(tmp_path / "gone" / "e", RUN, NOTHING)
    with EventLog(tmp_path / "e", RUN, NOTHING) as log, pytest.raises(ValueError, match="'party' is no kind of event"):
        log.append("party")
    with pytest.raises(ResultsError, match=r"events\.ndjson of a run"):
        read_events(tmp_path / "nothing")


def test_the_schema_knows_the_same_kinds() -> None:
    assert set(shipped_validator("events.schema.json").schema["properties"]["event"]["enum"]) == {"header", *KINDS, "footer"}
