"""The journal: every answer of a run that has a budget, as it came, so that a run that goes on never asks for it again."""

from __future__ import annotations

import base64
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from proofsheet.exchange.client import Reply
from proofsheet.exchange.model import Exchange, Incident, Picture, Sent, Whole
from proofsheet.money.lines import Appending, LedgerBroken, read_lines

JOURNAL_FILE = "journal.ndjson"
BODIES = "bodies"
#: Longer bodies lie in files of their own, so that a line stays a line. Equal ones lie there once.
_INLINE = 8192

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One thing that a performance saw: an answer or the pictures of one, and when (seconds since the run began).

    ``place`` counts from 0 in each performance. ``order`` marks the answer to what may have been paid; ``number`` is then
    the number of its entry in the ledger, None where it cost nothing or never left.
    """

    place: int
    t: float
    reply: Reply | None = None
    pictures: tuple[Picture, ...] | None = None
    order: bool = False
    number: int | None = None


class Journal:
    """Writes what performances see. Raises ReportError at the opening, LedgerBroken later."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lines = Appending(directory / JOURNAL_FILE)
        self._bodies: list[Path] = []

    def write(self, key: Key, leaf: Leaf) -> None:
        """Keep one leaf."""
        line: dict[str, Any] = {"probe": key[0], "attempt": key[1], "place": leaf.place, "t": leaf.t, "order": leaf.order, "number": leaf.number}
        if leaf.reply is not None:
            line["exchange"] = self._plain(leaf.reply.exchange)
            line["incidents"] = [self._plain(incident) for incident in leaf.reply.incidents]
        if leaf.pictures is not None:
            line["pictures"] = [self._plain(picture) for picture in leaf.pictures]
        self._lines.write(line)

    def flush(self) -> None:
        """Wait until everything is on the disk. Raises LedgerBroken."""
        bodies, self._bodies = self._bodies, []
        for path in bodies:
            try:
                with path.open("rb") as file:
                    os.fsync(file.fileno())
            except OSError as error:
                raise LedgerBroken.of(path, error) from error
        self._lines.flush()

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        self._lines.close()

    def _plain(self, value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return {field.name: self._plain(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, Mapping):
            return dict(value)
        return self._bytes(value) if isinstance(value, bytes) else value

    def _bytes(self, content: bytes) -> dict[str, str]:
        if len(content) <= _INLINE:
            return {"base64": base64.b64encode(content).decode("ascii")}
        digest = hashlib.sha256(content).hexdigest()
        path = self._directory / BODIES / digest
        try:
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                _put(path, content)
                self._bodies.append(path)
        except OSError as error:
            raise LedgerBroken.of(path, error) from error
        return {"sha256": digest}


def _put(path: Path, content: bytes) -> None:
    """A whole file or none: what bears a digest as its name must be what it says."""
    partial = path.with_suffix(".partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


class Kept:
    """A journal that was read back, as far as it is whole. Bodies are read when they are asked for."""

    def __init__(self, directory: Path, lines: Mapping[Key, list[dict[str, Any]]]) -> None:
        self._directory = directory
        self._lines = {key: found for key, found in lines.items() if any(line["order"] for line in found)}
        self.answered = frozenset(line["number"] for found in self._lines.values() for line in found if line["order"])

    def length(self, key: Key) -> int:
        """How much one performance saw; nothing where none of its orders was answered: then it begins again."""
        return len(self._lines.get(key, ()))

    def leaf(self, key: Key, place: int) -> Leaf:
        """One thing that it saw. Raises OSError."""
        return _leaf(self._lines[key][place], self._directory / BODIES)

    @property
    def last(self) -> float:
        """When the last thing was seen."""
        return max((float(line["t"]) for line in self._all()), default=0.0)

    @property
    def names(self) -> Iterator[str]:
        """The ids of all exchanges and of those that fetched pictures."""
        for line in self._all():
            yield from [line["exchange"]["id"]] if "exchange" in line else []
            yield from (picture["exchange"] for picture in line.get("pictures", ()) if picture["exchange"] is not None)

    def _all(self) -> Iterator[dict[str, Any]]:
        return (line for found in self._lines.values() for line in found)


NOTHING_KEPT = Kept(Path(), {})


def read_journal(directory: Path) -> Kept:
    """Read a journal. Raises OSError, LedgerUnreadable; KeyError and TypeError where a line is not of this version's making."""
    lines: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    if (directory / JOURNAL_FILE).exists():
        for line in read_lines(directory / JOURNAL_FILE):
            found = lines[line["probe"], line["attempt"]]
            if line["place"] == 0:
                found.clear()  # what it had seen before counts for nothing: its order was lost, and it began again
            found.append(line)
            for name in _needed(line):
                (directory / BODIES / name).stat()
    return Kept(directory, lines)


def _needed(line: Mapping[str, Any]) -> Iterator[str]:
    if "exchange" in line:
        yield from (body["sha256"] for body in (line["exchange"]["body"], line["exchange"]["sent"]["body"]) if "sha256" in body)


def _leaf(line: Mapping[str, Any], bodies: Path) -> Leaf:
    reply = pictures = None
    if "exchange" in line:
        raw = dict(line["exchange"])
        sent = Sent(**{**raw["sent"], "body": _content(raw["sent"]["body"], bodies)})
        whole = None if raw["whole"] is None else Whole(**raw["whole"])
        exchange = Exchange(**{**raw, "sent": sent, "body": _content(raw["body"], bodies), "whole": whole})
        reply = Reply(exchange, tuple(Incident(**incident) for incident in line["incidents"]))
    if "pictures" in line:
        pictures = tuple(Picture(**picture) for picture in line["pictures"])
    return Leaf(line["place"], line["t"], reply, pictures, line["order"], line["number"])


def _content(body: Mapping[str, str], bodies: Path) -> bytes:
    return (bodies / body["sha256"]).read_bytes() if "sha256" in body else base64.b64decode(body["base64"])
