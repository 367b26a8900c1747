"""Putting a recording in place: whole or not at all, by one recorder at a time, and never at the cost of the one before."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path
from typing import IO

from proofsheet.recording.errors import RecordingError


class Workplace:
    """Where a set is being written: a folder beside its place, and a lock that ends with this process.

    ``keep`` puts it in place; ``set_aside`` keeps what there is of an unfinished one under ``<name>.incomplete``.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.place = root / name
        self.folder = root / f".{name}.recording"
        self._before = root / f".{name}.before"
        self._lock = _locked(root, name)
        try:
            if not self.place.exists() and self._before.exists():  # a recorder was killed between two renames
                self._before.replace(self.place)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
        except OSError as error:
            self._release()
            raise RecordingError(f"{self.folder}: cannot be made ({error.strerror}): name another folder with --cassettes") from None

    def keep(self) -> Path:
        """Put the finished set in place. Raises OSError, and then the set that was there before is there still."""
        shutil.rmtree(self._before, ignore_errors=True)
        if self.place.exists():
            self.place.replace(self._before)
        try:
            self.folder.replace(self.place)
        except OSError:
            if self._before.exists():
                self._before.replace(self.place)
            raise
        shutil.rmtree(self._before, ignore_errors=True)
        self._release()
        return self.place

    def set_aside(self) -> Path:
        """Keep an unfinished set beside its place. Raises OSError."""
        aside = self.place.with_name(f"{self.place.name}.incomplete")
        shutil.rmtree(aside, ignore_errors=True)
        self.folder.replace(aside)
        self._release()
        return aside

    def give_up(self) -> None:
        """Take the unfinished set away. Safe to call at any time."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._release()

    def _release(self) -> None:
        self._lock.close()


def _locked(root: Path, name: str) -> IO[bytes]:
    path = root / f".{name}.lock"
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = path.open("wb")
    except OSError as error:
        raise RecordingError(f"{root}: cannot be written to ({error.strerror}): name another folder with --cassettes") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise RecordingError(f"{root / name}: another run is recording there: wait for its end, or name another folder with --cassettes") from None
    return lock
