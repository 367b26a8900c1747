"""Files to which whole lines are appended, and getting them onto the disk without making others wait."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from proofsheet.exchange.pages import Halt
from proofsheet.results.errors import ReportError

#: Not every system locks files.
fcntl: Any = importlib.import_module("fcntl") if importlib.util.find_spec("fcntl") else None


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
            _lock(self._file)
            os.ftruncate(self._file, _whole(path.read_bytes()))
        except BlockingIOError:
            raise ReportError(path, "another run writes here: wait for its end, or end it") from None
        except OSError as error:
            raise ReportError.of(path, error) from error

    def write(self, line: Mapping[str, Any]) -> None:
        """Append a line. From now on it outlives this process, and once it is flushed a power cut too. Raises LedgerBroken."""
        raw = memoryview(json.dumps(line, allow_nan=False).encode("ascii") + b"\n")
        try:
            if self._broken is not None:
                raise self._broken
            while raw:
                raw = raw[os.write(self._file, raw) :]
        except OSError as error:
            self._broken = error
            raise LedgerBroken.of(self.path, error) from error

    def flush(self) -> None:
        """Wait until all lines are on the disk. Raises LedgerBroken."""
        try:
            if self._file >= 0:
                os.fsync(self._file)
        except OSError as error:
            self._broken = error
            raise LedgerBroken.of(self.path, error) from error

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _lock(file: int) -> None:
    """Two runs that write the same ledger would both spend what is left. Raises BlockingIOError. The lock ends with the process."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


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


class Flushed(Protocol):
    """What can be flushed."""

    def flush(self) -> None:
        """Wait until all of it is on the disk."""


class Flusher:
    """Flushes several files in a thread, for all tasks of an event loop that wait for it at the same time: a disk takes no longer for many lines than for one."""

    def __init__(self, *files: Flushed) -> None:
        self._files = files
        self._wanted = self._done = 0
        self._running: asyncio.Future[None] | None = None

    async def flush(self) -> None:
        """Wait until everything that has been written by now is on the disk. Raises LedgerBroken."""
        self._wanted += 1
        mine = self._wanted
        while self._done < mine:
            if self._running is None:
                self._running = asyncio.ensure_future(self._run())
            await asyncio.shield(self._running)

    async def _run(self) -> None:
        upto = self._wanted
        try:
            await asyncio.to_thread(self._all)
            self._done = upto
        finally:
            self._running = None

    def _all(self) -> None:
        for file in self._files:
            file.flush()
