"""Steps of boundary walks and generated bodies, kept from one run to the next: the same schema gives the same, and making them takes seconds.

They stand in the user's cache folder, one file for each schema and use, named by all that they depend on: the schema, the base, this
package's own code and the versions of the generator. ``PROOFSHEET_CACHE`` names another folder; empty, nothing is kept.
A file that cannot be read or written is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from proofsheet.contract.accepted import cache_folder

#: Modules beside this one whose code decides what comes out.
_CODE = ("walk.py", "generated.py", "validity.py", "../contract/locations.py")
_GENERATORS = ("schemathesis", "hypothesis", "hypothesis-jsonschema", "jsonschema", "jsonschema-rs", "rfc3339-validator", "rfc3986-validator")


def remembered(question: Any, make: Callable[[], list[list[Any]]]) -> list[list[Any]]:
    """What ``make`` gives for a question: from the folder where it is there, else made and kept. Both are JSON."""
    place = cache_folder()
    if place is None:
        return make()
    digest = hashlib.sha256(json.dumps([_makers(), question]).encode()).hexdigest()
    path = place / f"walk-{digest[:40]}.json"
    held = _read(path, digest)
    if held is None:
        held = make()
        _write(path, digest, held)
    return held


def _read(path: Path, digest: str) -> list[list[Any]] | None:
    try:
        entry = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(entry, dict) and entry.get("of") == digest and entry.get("sha256") == _sum(entry.get("steps"))
    return list(entry["steps"]) if whole else None


def _write(path: Path, digest: str, steps: list[list[Any]]) -> None:
    text = json.dumps({"of": digest, "sha256": _sum(steps), "steps": steps})
    if repr(json.loads(text)["steps"]) != repr(steps):
        return  # what JSON cannot say exactly is made anew each time
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_text(text, encoding="ascii")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def _sum(steps: Any) -> str:
    return hashlib.sha256(json.dumps(steps).encode()).hexdigest()


@lru_cache(maxsize=1)
def _makers() -> list[str]:
    """What makes walks: our code, the libraries, the interpreter."""
    here = Path(__file__).parent
    code = hashlib.sha256(b"\0".join((here / name).read_bytes() for name in _CODE)).hexdigest()
    return [code, *(_version(name) for name in _GENERATORS), sys.version.split()[0]]


def _version(name: str) -> str:
    try:
        return version(name)
    except ModuleNotFoundError:
        return "none"
