"""What can go wrong between a run and its report directory."""

from __future__ import annotations

import errno
from pathlib import Path

_MENDS = {
    errno.ENOSPC: "the disk is full: free some space, or choose another place with --report-dir",
    errno.EDQUOT: "your disk quota is used up: free some space, or choose another place with --report-dir",
    errno.EACCES: "you may not write there: choose another place with --report-dir, or change its permissions",
    errno.EPERM: "you may not write there: choose another place with --report-dir, or change its permissions",
    errno.EROFS: "it lies on a read-only file system: choose another place with --report-dir",
    errno.ENOTDIR: "a part of this path is a file: choose another place with --report-dir",
    errno.EEXIST: "a file stands where the directory should be: choose another place with --report-dir",
    errno.EISDIR: "a directory stands where a file should be: choose another place with --report-dir",
    errno.ENAMETOOLONG: "this path is too long: choose a shorter one with --report-dir",
}


class ReportError(Exception):
    """A report cannot be written. The message says where and what to change."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path}: {problem}")

    @classmethod
    def of(cls, path: Path, error: OSError) -> ReportError:
        """The error for what the operating system said."""
        mend = _MENDS.get(error.errno or 0)
        return cls(path, mend or f"cannot be written ({error.strerror or error}): choose another place with --report-dir")


class ResultsError(Exception):
    """A results.json or events.ndjson cannot be used. The message says why and what to do."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path}: {problem}")
