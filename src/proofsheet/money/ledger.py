"""The ledger: an append-only file of what was paid, on the disk before a paid request leaves and after its answer came."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from proofsheet.contract.files import shipped_validator
from proofsheet.exchange.pages import Halt
from proofsheet.money.amounts import exact_text
from proofsheet.results.errors import ReportError
from proofsheet.results.reading import place_of

LEDGER_FILE = "ledger.ndjson"
SCHEMA_VERSION = "1.0"
_NOT_HEARD = ("lost", "unheard")


class LedgerBroken(Halt):
    """A line cannot be written: nothing more may be sent, because nothing more could be recorded."""

    @classmethod
    def of(cls, path: Path, error: OSError) -> LedgerBroken:
        """The error for what the operating system said."""
        return cls(f"nothing more was sent, because what is paid could not be recorded: {ReportError.of(path, error)}; then go on with --resume")


class LedgerUnreadable(Exception):
    """No ledger that a run could go on with. The message says why."""


class Appending:
    """A file to which whole lines of JSON are appended, each handed to the operating system before the next step.

    A torn last line, as a full disk or a power cut leaves it, is cut off at the opening. After a line could not be
    written none is any more: half a line in the middle would make all that follows unreadable.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._broken: OSError | None = None
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            os.ftruncate(self._file, _whole(path.read_bytes()))
        except OSError as error:
            raise ReportError.of(path, error) from error

    def write(self, line: Mapping[str, Any], *, sync: bool) -> None:
        """Append a line; with ``sync`` it has reached the disk on return. Raises LedgerBroken."""
        raw = memoryview(json.dumps(line, allow_nan=False).encode("ascii") + b"\n")
        try:
            if self._broken is not None:
                raise self._broken
            while raw:
                raw = raw[os.write(self._file, raw) :]
            if sync:
                os.fsync(self._file)
        except OSError as error:
            self._broken = error
            raise LedgerBroken.of(self.path, error) from error

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _whole(raw: bytes) -> int:
    """How many bytes belong to lines that are whole."""
    return raw.rfind(b"\n") + 1


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The whole lines of such a file. Raises OSError, LedgerUnreadable for one that is no JSON and not the last."""
    raw = path.read_bytes()
    lines: list[dict[str, Any]] = []
    for number, text in enumerate(raw[: _whole(raw)].splitlines(), start=1):
        try:
            line = json.loads(text)
        except ValueError:
            line = None
        if not isinstance(line, dict):
            raise LedgerUnreadable(f"{path}: line {number} is damaged: it is no JSON object")
        lines.append(line)
    return lines


@dataclass(frozen=True, slots=True)
class Entry:
    """One paid request: what was held ready for it, and what became of it.

    ``outcome`` is None while nothing is known of it, else ``served``, ``refused``, ``failed`` (a task that ended so),
    ``unknown`` (no usable answer: it may have been charged), ``unsent``, ``lost`` (nobody heard the answer) or ``unheard``
    (the same, of a request that a conforming target refuses). ``expected`` is what a conforming target charges,
    ``amount`` is what counts as spent.
    """

    number: int
    probe: str
    attempt: int
    request: str
    images: int
    reserved: Fraction
    amount: Fraction
    expected: Fraction
    case: str | None = None
    outcome: str | None = None
    status: int | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A ledger that was read back: its header, its entries, and whether the run came to its own end."""

    header: Mapping[str, Any]
    entries: tuple[Entry, ...]
    finished: bool
    last: float


def read_ledger(path: Path) -> Recorded:
    """Read a ledger. Raises LedgerUnreadable."""
    try:
        lines = read_lines(path)
    except OSError as error:
        raise LedgerUnreadable(f"{path}: cannot be read ({error.strerror or error}); name the report directory of a run that had a budget") from None
    if not lines or lines[0].get("line") != "header":
        raise LedgerUnreadable(f"{path}: has no header, so the run did not begin; start it anew without --resume")
    for number, line in enumerate(lines, start=1):
        misfit = next(shipped_validator("ledger.schema.json").iter_errors(line), None)
        if misfit is not None:
            raise LedgerUnreadable(f"{path}: line {number} does not fit ledger.schema.json: at {place_of(misfit)}: {misfit.message[:200]}")
    entries: dict[int, Entry] = {}
    for line in lines:
        if line["line"] == "reserved":
            entries[line["n"]] = _reserved(line)
        elif line["line"] in ("settled", *_NOT_HEARD) and line["n"] in entries:
            entries[line["n"]] = _settled(entries[line["n"]], line)
    return Recorded(lines[0], tuple(entries.values()), lines[-1]["line"] == "ended" and bool(lines[-1]["complete"]), max(float(line["t"]) for line in lines))


def _reserved(line: Mapping[str, Any]) -> Entry:
    amount = Fraction(line["amount"])
    return Entry(line["n"], line["probe"], line["attempt"], line["request"], line["images"], amount, amount, Fraction(line["expected"]), line.get("case"))


def _settled(entry: Entry, line: Mapping[str, Any]) -> Entry:
    lost = line["line"] in _NOT_HEARD
    return Entry(
        entry.number,
        entry.probe,
        entry.attempt,
        entry.request,
        entry.images,
        entry.reserved,
        entry.reserved if lost else Fraction(line["amount"]),
        entry.expected,
        entry.case,
        line["line"] if lost else line["outcome"],
        line.get("status"),
        line.get("task"),
    )


class Ledger:
    """Writes the lines of one run. ``now`` gives seconds since the run began."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        self._lines = Appending(path)
        self._now = now
        self.entries: dict[int, Entry] = {}

    def begin(self, header: Mapping[str, Any]) -> None:
        """The first line, or that of a run that goes on."""
        self._write("header", sync=True, schema_version=SCHEMA_VERSION, **header)

    def resume(self, earlier: Recorded, budget: Fraction | None) -> None:
        """Go on with what an earlier run has written."""
        self.entries = {entry.number: entry for entry in earlier.entries}
        self._write("resumed", sync=True, budget=None if budget is None else exact_text(budget))

    def reserve(self, entry: Entry) -> Entry:
        """What is about to be sent. Returns the entry with its number, on the disk."""
        number = len(self.entries) + 1
        line: dict[str, Any] = {"n": number, "probe": entry.probe, "attempt": entry.attempt, "case": entry.case, "request": entry.request}
        line |= {"images": entry.images, "amount": exact_text(entry.reserved), "expected": exact_text(entry.expected)}
        self._write("reserved", sync=True, **line)
        self.entries[number] = _reserved(line)
        return self.entries[number]

    def settle(self, number: int, outcome: str, amount: Fraction, status: int | None, task: str | None) -> None:
        """What became of it. What costs nothing needs not reach the disk at once: until then it counts as spent."""
        line: dict[str, Any] = {"n": number, "outcome": outcome, "amount": exact_text(amount), "status": status, "task": task}
        self._write("settled", sync=amount > 0, **line)
        self.entries[number] = _settled(self.entries[number], {"line": "settled", **line})

    def lose(self, number: int) -> None:
        """Its answer will never come."""
        kind = "lost" if self.entries[number].expected else "unheard"
        self._write(kind, sync=True, n=number)
        self.entries[number] = _settled(self.entries[number], {"line": kind})

    def end(self, *, complete: bool) -> None:
        """The run has ended; complete means that there is nothing to go on with."""
        self._write("ended", sync=True, complete=complete)
        self._lines.close()

    def close(self) -> None:
        """Close the file without a last line."""
        self._lines.close()

    @property
    def spent(self) -> Fraction:
        """Everything that was paid or may have been."""
        return sum((entry.amount for entry in self.entries.values()), Fraction(0))

    def _write(self, kind: str, *, sync: bool, **content: Any) -> None:
        self._lines.write({"line": kind, "t": round(self._now(), 6), **content}, sync=sync)
