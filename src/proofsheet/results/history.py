"""All runs in one local file, so that trends can be told: SQLite, safe for several runs at once."""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proofsheet.results.model import Results

HISTORY_FILE = "history.sqlite"
VERSION = 1
#: Seconds to wait for another run that is writing: it takes milliseconds.
PATIENCE = 10.0
_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL, target TEXT NOT NULL, provider TEXT NOT NULL, base_url TEXT NOT NULL, started_at TEXT NOT NULL,
  mode TEXT NOT NULL, provenance TEXT NOT NULL, tier TEXT NOT NULL, selection TEXT NOT NULL, complete INTEGER NOT NULL, conforms INTEGER,
  requests INTEGER NOT NULL, images INTEGER NOT NULL, amount TEXT NOT NULL, unit TEXT NOT NULL, usd TEXT, verdicts TEXT NOT NULL,
  specs TEXT NOT NULL, tool TEXT NOT NULL, UNIQUE (id, target));
CREATE TABLE IF NOT EXISTS requirements (
  run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE, id TEXT NOT NULL, level TEXT NOT NULL, verdict TEXT NOT NULL, PRIMARY KEY (run, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS latency (
  run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE, size TEXT NOT NULL, n INTEGER NOT NULL, least REAL NOT NULL, median REAL NOT NULL,
  most REAL NOT NULL, PRIMARY KEY (run, size)) WITHOUT ROWID;
"""
_RUN = ("id", "target", "provider", "base_url", "started_at", "mode", "provenance", "tier", "selection", "complete", "conforms", "requests", "images", "amount",
        "unit", "usd", "verdicts", "specs", "tool")  # fmt: skip


class HistoryError(Exception):
    """The history cannot be read or written. The message says which file and what to do."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds to an image of one size: how many were made, and the least, the median and the most they took."""

    n: int
    least: float
    median: float
    most: float


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run of the past. ``requirements`` holds level and verdict by id; ``latency`` is by size."""

    id: str
    target: str
    provider: str
    base_url: str
    started_at: str
    mode: str
    provenance: str
    tier: str
    selection: Mapping[str, Any]
    complete: bool
    conforms: bool | None
    requests: int
    images: int
    amount: str
    unit: str
    usd: str | None
    verdicts: Mapping[str, int]
    specs: str
    tool: str
    requirements: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    latency: Mapping[str, Latency] = field(default_factory=dict)


def append(path: Path, results: Results) -> None:
    """Keep one run; one that is kept already is replaced. Raises HistoryError."""
    with _opened(path, writing=True) as base:
        base.execute("DELETE FROM runs WHERE id = ? AND target = ?", (str(results.run["id"]), str(results.run["target"]["name"])))
        row = _row(results)
        cursor = base.execute(f"INSERT INTO runs ({', '.join(_RUN)}) VALUES ({', '.join('?' * len(_RUN))})", [row[name] for name in _RUN])  # noqa: S608 -- our own names
        number = cursor.lastrowid
        base.executemany("INSERT INTO requirements VALUES (?, ?, ?, ?)", [(number, entry.id, entry.level, entry.verdict) for entry in results.requirements])
        base.executemany("INSERT INTO latency VALUES (?, ?, ?, ?, ?, ?)", [(number, size, *found) for size, found in _latency(results)])


def _row(results: Results) -> dict[str, Any]:
    run, summary = results.run, results.summary
    return {
        "id": str(run["id"]), "target": str(run["target"]["name"]), "provider": str(run["target"]["provider"]), "base_url": str(run["target"]["base_url"]),
        "started_at": str(run["started_at"]), "mode": str(run["mode"]), "provenance": str(run["provenance"]), "tier": str(run["tier"]),
        "selection": json.dumps(run.get("selection", {})), "complete": int(run["complete"]), "conforms": None if summary["conforms"] is None else int(summary["conforms"]),
        "requests": summary["requests"], "images": summary["paid_images"], "amount": str(summary["spend"]["amount"]), "unit": str(summary["spend"]["unit"]),
        "usd": summary["spend"]["usd"], "verdicts": json.dumps(dict(summary["verdicts"])), "specs": str(run["specs_sha256"]), "tool": str(run["tool_version"]),
    }  # fmt: skip


def _latency(results: Results) -> Iterator[tuple[str, tuple[int, float, float, float]]]:
    by_size: dict[str, list[float]] = {}
    for timing in results.timings:
        by_size.setdefault(str(timing["size"]) or "default", []).append(float(timing["seconds"]))
    for size, seconds in by_size.items():
        yield size, (len(seconds), min(seconds), statistics.median(seconds), max(seconds))


def read(path: Path, target: str | None = None) -> list[PastRun]:
    """All runs that are kept, of one target or of all, the oldest first. Raises HistoryError."""
    if not path.is_file():
        raise HistoryError(path, "there is no history here: runs write it beside their report directories; name another file with --file")
    with _opened(path, writing=False) as base:
        found = base.execute(f"SELECT number, {', '.join(_RUN)} FROM runs ORDER BY started_at, number").fetchall()  # noqa: S608 -- our own names
        chosen = [row for row in found if target in (None, row[1 + _RUN.index("target")])]
        return [_past(base, row) for row in chosen]


def _past(base: sqlite3.Connection, row: tuple[Any, ...]) -> PastRun:
    number, values = row[0], dict(zip(_RUN, row[1:], strict=True))
    values.update(
        selection=json.loads(values["selection"]), verdicts=json.loads(values["verdicts"]), complete=bool(values["complete"]),
        conforms=None if values["conforms"] is None else bool(values["conforms"]),
    )  # fmt: skip
    requirements = {name: (level, verdict) for name, level, verdict in base.execute("SELECT id, level, verdict FROM requirements WHERE run = ?", (number,))}
    latency = {size: Latency(*rest) for size, *rest in base.execute("SELECT size, n, least, median, most FROM latency WHERE run = ? ORDER BY size", (number,))}
    return PastRun(**values, requirements=requirements, latency=latency)


@contextmanager
def _opened(path: Path, *, writing: bool) -> Iterator[sqlite3.Connection]:
    """The file in one transaction; one that writes keeps others waiting, and all of it is kept or nothing. Raises HistoryError."""
    try:
        if writing:
            path.parent.mkdir(parents=True, exist_ok=True)
        uri = f"{path.resolve().as_uri()}?mode={'rwc' if writing else 'ro'}"
        with closing(sqlite3.connect(uri, timeout=PATIENCE, isolation_level=None, uri=True)) as base:
            base.execute("PRAGMA foreign_keys = ON")
            base.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            version = base.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise HistoryError(path, f"was written by a newer version of this tool (format {version}, and this one knows {VERSION}): install that one, or name another file")
            for statement in _TABLES.split(";")[:-1] if writing else ():
                base.execute(statement)
            if writing:
                base.execute(f"PRAGMA user_version = {VERSION}")
            yield base
            base.execute("COMMIT")
    except (sqlite3.Error, OSError, ValueError, TypeError) as error:
        raise HistoryError(path, _mend(error)) from error


def _mend(error: Exception) -> str:
    text = str(error)
    if "locked" in text:
        return f"another process holds it for more than {PATIENCE:g} s: try again when that has ended"
    if isinstance(error, sqlite3.OperationalError) and ("readonly" in text or "unable to open" in text):
        return f"cannot be opened for writing ({text}): change its permissions, or name another file"
    if isinstance(error, OSError):
        return f"cannot be used ({error.strerror or text}): name another file"
    return f"is no history of this tool, or is damaged ({text}): move it away, and the next run begins a new one"
