"""Which results a path means: a report directory, its results.json, or the directory above several targets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from proofsheet.results.errors import ResultsError
from proofsheet.results.reading import read_json
from proofsheet.results.writing import RESULTS_FILE

INDEX_FILE = "index.json"


def results_folders(paths: Iterable[Path]) -> list[Path]:
    """Every report directory of one target among the paths, or below one with an index. Raises ResultsError."""
    return [folder for path in paths for folder in _folders(path)]


def _folders(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path.parent if path.name == RESULTS_FILE else path]
    if (path / RESULTS_FILE).is_file() or not (path / INDEX_FILE).is_file():
        return [path]
    index = read_json(path / INDEX_FILE)
    rows = index.get("targets") if isinstance(index, dict) else None
    names = [row.get("directory") if isinstance(row, dict) else None for row in rows] if isinstance(rows, list) else []
    # The names come from a file that anyone may have edited, so they may not lead elsewhere.
    if not names or not all(isinstance(name, str) and Path(name).name == name and name not in ("", ".", "..") for name in names):
        raise ResultsError(path / INDEX_FILE, "does not name the directories of its targets: name one report directory")
    return [path / str(name) for name in names]
