"""The ledger: an append-only file of what was paid, a line before a paid request leaves and one after its answer came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from proofsheet.contract.files import shipped_validator
from proofsheet.money.amounts import exact_text
from proofsheet.money.lines import Appending, LedgerUnreadable, read_lines
from proofsheet.results.reading import place_of

LEDGER_FILE = "ledger.ndjson"
SCHEMA_VERSION = "1.0"
_NOT_HEARD = ("lost", "unheard")


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
    left: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """A ledger that was read back: its header, its entries, and whether the run came to its own end.

    ``boot`` is which start of the machine wrote the last part of it: the lines of a machine that has not been off since
    are all there.
    """

    header: Mapping[str, Any]
    entries: tuple[Entry, ...]
    finished: bool
    last: float
    boot: str


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
        elif line["line"] == "left" and line["n"] in entries:
            entries[line["n"]] = replace(entries[line["n"]], left=True)
        elif line["line"] in ("settled", *_NOT_HEARD) and line["n"] in entries:
            entries[line["n"]] = _settled(entries[line["n"]], line)
    boot = next(str(line.get("boot", "")) for line in reversed(lines) if line["line"] in ("header", "resumed"))
    finished = lines[-1]["line"] == "ended" and bool(lines[-1]["complete"])
    return Recorded(lines[0], tuple(entries.values()), finished, max(float(line["t"]) for line in lines), boot)


def _reserved(line: Mapping[str, Any]) -> Entry:
    amount = Fraction(line["amount"])
    return Entry(line["n"], line["probe"], line["attempt"], line["request"], line["images"], amount, amount, Fraction(line["expected"]), line.get("case"))


def _settled(entry: Entry, line: Mapping[str, Any]) -> Entry:
    if line["line"] in _NOT_HEARD:
        return replace(entry, amount=entry.reserved, outcome=line["line"])
    return replace(entry, amount=Fraction(line["amount"]), outcome=line["outcome"], status=line["status"], task=line.get("task"))


def boot_id() -> str:
    """Which start of this machine it is; empty where nobody can tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


class Ledger:
    """Writes the lines of one run. ``now`` gives seconds since the run began."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        self._lines = Appending(path)
        self._now = now
        self.entries: dict[int, Entry] = {}

    def begin(self, header: Mapping[str, Any]) -> None:
        """The first line, or that of a run that goes on."""
        self._write("header", schema_version=SCHEMA_VERSION, boot=boot_id(), **header)

    def resume(self, earlier: Recorded, budget: Fraction | None) -> None:
        """Go on with what an earlier run has written."""
        self.entries = {entry.number: entry for entry in earlier.entries}
        self._write("resumed", boot=boot_id(), budget=None if budget is None else exact_text(budget))

    def reserve(self, entry: Entry) -> Entry:
        """What is about to be sent. Returns the entry with its number; it may leave once the line is flushed."""
        number = len(self.entries) + 1
        line: dict[str, Any] = {"n": number, "probe": entry.probe, "attempt": entry.attempt, "case": entry.case, "request": entry.request}
        line |= {"images": entry.images, "amount": exact_text(entry.reserved), "expected": exact_text(entry.expected)}
        self._write("reserved", **line)
        self.entries[number] = _reserved(line)
        return self.entries[number]

    def leave(self, number: int) -> None:
        """It leaves now."""
        self._write("left", n=number)
        self.entries[number] = replace(self.entries[number], left=True)

    def settle(self, number: int, outcome: str, amount: Fraction, status: int | None, task: str | None) -> None:
        """What became of it."""
        line: dict[str, Any] = {"n": number, "outcome": outcome, "amount": exact_text(amount), "status": status, "task": task}
        self._write("settled", **line)
        self.entries[number] = _settled(self.entries[number], {"line": "settled", **line})

    def lose(self, number: int) -> None:
        """Its answer will never come."""
        kind = "lost" if self.entries[number].expected else "unheard"
        self._write(kind, n=number)
        self.entries[number] = _settled(self.entries[number], {"line": kind})

    def end(self, *, complete: bool) -> None:
        """The run has ended; complete means that there is nothing to go on with."""
        self._write("ended", complete=complete)
        self._lines.flush()
        self._lines.close()

    def flush(self) -> None:
        """Wait until all lines are on the disk. Raises LedgerBroken."""
        self._lines.flush()

    def close(self) -> None:
        """Close the file without a last line."""
        self._lines.close()

    @property
    def spent(self) -> Fraction:
        """Everything that was paid or may have been."""
        return sum((entry.amount for entry in self.entries.values()), Fraction(0))

    def _write(self, kind: str, **content: Any) -> None:
        self._lines.write({"line": kind, "t": round(self._now(), 6), **content})
