"""The event log: a header, one event a line, a footer with counts. A log without its footer is a run that did not end."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from proofsheet.contract.files import shipped_validator
from proofsheet.exchange.redact import Redactor
from proofsheet.results.documents import SCHEMA_VERSION, storable
from proofsheet.results.errors import ReportError, ResultsError
from proofsheet.results.reading import place_of

EVENTS_FILE = "events.ndjson"
KINDS = ("case_started", "case_finished", "exchange", "finding", "cell", "lifecycle", "spend", "incident", "note")


class EventLog:
    """Appends events as they come, from any thread; each line is whole and on its way to the disk before the next one.

    As a context manager it writes the footer only when the block ended without an exception.
    ``clock`` counts seconds; ``t`` of an event is the time since the log was opened.
    """

    def __init__(self, path: Path, run: Mapping[str, Any], redactor: Redactor, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._redactor = redactor
        self._clock = clock
        self._opened = clock()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        try:
            self._file = path.open("w", encoding="ascii", newline="\n")
        except OSError as error:
            raise ReportError.of(path, error) from error
        self._write({"event": "header", "schema_version": SCHEMA_VERSION, "run": dict(run)})

    def append(self, event: str, **content: Any) -> None:
        """Write one event. Raises ReportError when the disk does not take it, ValueError for an unknown kind."""
        if event not in KINDS:
            raise ValueError(f"'{event}' is no kind of event: use one of {', '.join(KINDS)}")
        line = storable(content, self._redactor)
        with self._lock:
            self._counts[event] += 1
            self._write({"event": event, "t": round(self._clock() - self._opened, 6), **line})

    def finish(self, complete: bool) -> None:
        """Write the footer and close. ``complete`` says whether the run came to its own end."""
        with self._lock:
            if not self._file.closed:
                self._write({"event": "footer", "complete": complete, "events": sum(self._counts.values()), "counts": dict(sorted(self._counts.items()))})
                self._close()

    def abandon(self) -> None:
        """Close without a footer: the log then says that the run did not end."""
        with self._lock:
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.finish(complete=True)
        else:
            self.abandon()

    def _write(self, line: Mapping[str, Any]) -> None:
        try:
            self._file.write(json.dumps(storable(line, self._redactor) if line["event"] == "header" else line, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise ReportError.of(self.path, error) from error

    def _close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            raise ReportError.of(self.path, error) from error


@dataclass(frozen=True, slots=True)
class Recorded:
    """A log that was read back. ``problem`` is None where it is whole; ``events`` are those before the first broken line."""

    run: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]
    footer: Mapping[str, Any] | None
    problem: str | None

    @property
    def complete(self) -> bool:
        """Whether the run came to its end and nothing of its log is lost."""
        return self.problem is None and self.footer is not None and bool(self.footer["complete"])


def read_events(path: Path) -> Recorded:
    """Read a log as far as it goes. Raises ResultsError only where there is no header to begin with."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise ResultsError(path, f"cannot be read ({error.strerror or error}): name the {EVENTS_FILE} of a run") from None
    header, problem = _line(lines[0])
    if header is None or header["event"] != "header":
        raise ResultsError(path, f"does not begin with a header line ({problem or 'another event comes first'}): it is no event log, or its beginning is lost")
    events: list[Mapping[str, Any]] = []
    footer: Mapping[str, Any] | None = None
    for number, raw in enumerate(lines[1:-1] if lines[-1] == b"" else lines[1:], start=2):
        entry, problem = _line(raw)
        if entry is None:
            return Recorded(header["run"], tuple(events), None, f"line {number} {problem}")
        if footer is not None or entry["event"] == "header":
            return Recorded(header["run"], tuple(events), None, f"line {number} stands where no event may stand")
        if entry["event"] == "footer":
            footer = entry
        else:
            events.append(entry)
    return Recorded(header["run"], tuple(events), footer, _loss(events, footer))


def _line(raw: bytes) -> tuple[dict[str, Any] | None, str]:
    try:
        entry = json.loads(raw)
    except (ValueError, RecursionError):
        return None, "is cut short or no JSON"
    error = next(shipped_validator("events.schema.json").iter_errors(entry), None)
    return (entry, "") if error is None else (None, f"does not fit events.schema.json: at {place_of(error)}: {error.message[:200]}")


def _loss(events: list[Mapping[str, Any]], footer: Mapping[str, Any] | None) -> str | None:
    if footer is None:
        return "the footer is missing: the run did not end, or the end of its log is lost"
    counts = dict(Counter(event["event"] for event in events))
    return None if counts == footer["counts"] else f"the footer counts {sum(footer['counts'].values())} events, and {len(events)} are there"
