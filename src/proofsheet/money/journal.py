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
from proofsheet.exchange.model import Exchange, Incident, Picture, Sent
from proofsheet.money.lines import Appending, LedgerBroken, read_lines

JOURNAL_FILE = "journal.ndjson"
BODIES = "bodies"
#: Longer bodies lie in files of their own, so that a line stays a line. Equal ones lie there once.
_INLINE = 8192

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One thing that a performance saw: an answer or the pictures of one, and when (seconds since the run began).

    ``place`` counts from 0 in each performance; ``order`` marks the answer to what may have been paid.
    """

    place: int
    t: float
    reply: Reply | None = None
    pictures: tuple[Picture, ...] | None = None
    order: bool = False


class Journal:
    """Writes what performances see. Raises ReportError at the opening, LedgerBroken later."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lines = Appending(directory / JOURNAL_FILE)
        self._bodies: list[Path] = []

    def write(self, key: Key, leaf: Leaf) -> None:
        """Keep one leaf."""
        line: dict[str, Any] = {"probe": key[0], "attempt": key[1], "place": leaf.place, "t": leaf.t, "order": leaf.order}
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
    """A journal that was read back, as far as it is whole."""

    def __init__(self, leaves: Mapping[Key, tuple[Leaf, ...]]) -> None:
        self._leaves = leaves

    def leaves(self, key: Key) -> tuple[Leaf, ...]:
        """What one performance saw, in order; nothing where its order was not answered."""
        found = self._leaves.get(key, ())
        return found if any(leaf.order for leaf in found) else ()

    def answered(self, key: Key) -> Reply | None:
        """The answer to what one performance has ordered."""
        return next((leaf.reply for leaf in self.leaves(key) if leaf.order), None)

    @property
    def last(self) -> float:
        """When the last thing was seen."""
        return max((leaf.t for leaf in self._all()), default=0.0)

    @property
    def numbers(self) -> Iterator[str]:
        """The ids of all exchanges and pictures."""
        for leaf in self._all():
            yield from [] if leaf.reply is None else [leaf.reply.exchange.id]
            yield from (picture.exchange for picture in leaf.pictures or () if picture.exchange is not None)

    def _all(self) -> Iterator[Leaf]:
        return (leaf for leaves in self._leaves.values() for leaf in leaves)


def read_journal(directory: Path) -> Kept:
    """Read a journal. Raises OSError, LedgerUnreadable."""
    leaves: dict[Key, list[Leaf]] = defaultdict(list)
    if (directory / JOURNAL_FILE).exists():
        for line in read_lines(directory / JOURNAL_FILE):
            found = leaves[line["probe"], line["attempt"]]
            if line["place"] == 0:
                found.clear()  # what it had seen before counts for nothing: its order was lost, and it began again
            found.append(_leaf(line, directory / BODIES))
    return Kept({key: tuple(found) for key, found in leaves.items()})


def _leaf(line: Mapping[str, Any], bodies: Path) -> Leaf:
    reply = pictures = None
    if "exchange" in line:
        raw = dict(line["exchange"])
        sent = Sent(**{**raw["sent"], "body": _content(raw["sent"]["body"], bodies)})
        reply = Reply(Exchange(**{**raw, "sent": sent, "body": _content(raw["body"], bodies)}), tuple(Incident(**incident) for incident in line["incidents"]))
    if "pictures" in line:
        pictures = tuple(Picture(**picture) for picture in line["pictures"])
    return Leaf(line["place"], line["t"], reply, pictures, line["order"])


def _content(body: Mapping[str, str], bodies: Path) -> bytes:
    return (bodies / body["sha256"]).read_bytes() if "sha256" in body else base64.b64decode(body["base64"])
