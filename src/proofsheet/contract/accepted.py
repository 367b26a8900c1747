"""Documents that were found right before: what fitted its schema yesterday fits it today, and is not gone through again.

The digests of such pairs stand in one file of the user's cache folder, a line each. ``PROOFSHEET_CACHE`` names another
folder; empty, nothing is kept. A file that cannot be read or written is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

VARIABLE = "PROOFSHEET_CACHE"
_FILE = "accepted"
#: Beyond this the file is begun anew: most of it is of specs that have changed since.
_LONGEST = 1_000_000


def cache_folder() -> Path | None:
    """The folder of what is kept from run to run; None where nothing is to be."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111, PTH118 -- there may be no home at all
    return Path(home) / "proofsheet" if os.path.isabs(home) else None  # noqa: PTH117


class Accepted:
    """Pairs of a schema and a document that fits it, as texts. ``folder`` is None where nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / _FILE
        self._known = frozenset(self._lines())

    def _lines(self) -> list[str]:
        with contextlib.suppress(OSError, ValueError):
            if self._path is not None:
                return self._path.read_text(encoding="ascii").split()
        return []

    def knows(self, schema: str, document: str) -> bool:
        """Whether the document was found to fit the schema before."""
        return bool(self._known) and _digest(schema, document) in self._known

    def add(self, schema: str, document: str) -> None:
        """Remember that it fits."""
        if self._path is None:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            begun = self._path.exists() and self._path.stat().st_size <= _LONGEST
            with self._path.open("a" if begun else "w", encoding="ascii") as file:
                file.write(_digest(schema, document) + "\n")


def accepted() -> Accepted:
    """What was accepted before this process began."""
    return _accepted(cache_folder())


@lru_cache(maxsize=4)
def _accepted(folder: Path | None) -> Accepted:
    return Accepted(folder)


def _digest(schema: str, document: str) -> str:
    return hashlib.sha256(f"{_judge()}\0{schema}\0{document}".encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=1)
def _judge() -> str:
    return f"jsonschema {version('jsonschema')} {version('referencing')}"
