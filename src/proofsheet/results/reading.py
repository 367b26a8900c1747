"""Reading results.json and the files beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from proofsheet.contract.files import shipped_validator
from proofsheet.results.documents import from_document
from proofsheet.results.errors import ResultsError
from proofsheet.results.model import Results
from proofsheet.results.writing import MOVABLE, RESULTS_FILE

INDEX_FILE = "index.json"


def read_results(where: Path) -> Results:
    """The results in a report directory, or in the file itself. Raises ResultsError."""
    path = where / RESULTS_FILE if where.is_dir() else where
    document = read_json(path)
    validate(path, document)
    for part in MOVABLE:
        name = document["files"].get(part)
        if name is not None:
            document[part] = _beside(path, part, name)
    return from_document(document)


def read_all(where: Path) -> dict[str, Results]:
    """The results of each target of a run, by the target's name: of a directory with an index, or of one target. Raises ResultsError."""
    index = where / INDEX_FILE
    if not index.is_file() or (where / RESULTS_FILE).is_file():
        results = read_results(where)
        return {str(results.run["target"]["name"]): results}
    document = read_json(index)
    validate(index, document, "index.schema.json")
    found = {}
    for row in document["targets"]:
        name = row["directory"]
        if Path(name).name != name or name in ("", ".", ".."):
            raise ResultsError(index, f"names the directory {name[:100]!r}, which does not lie beside it: name the report directories one by one")
        found[str(row["target"])] = read_results(where / name)
    if not found:
        raise ResultsError(index, "names no target: name a report directory that a run has written")
    return found


def read_json(path: Path) -> Any:
    """One JSON file. Raises ResultsError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ResultsError(path, "this file is missing: name a report directory that a run has written") from None
    except OSError as error:
        raise ResultsError(path, f"cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise ResultsError(path, "is no text: name a results.json that a run has written") from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ResultsError(path, f"is not valid JSON (line {error.lineno}): it is cut short or was edited; run again, or use another run") from None
    except RecursionError:
        raise ResultsError(path, "is nested too deeply to be results: name a results.json that a run has written") from None


def validate(path: Path, document: Any, schema: str = "results.schema.json") -> None:
    """Hold a document that was read against its schema. Raises ResultsError."""
    version = document.get("schema_version") if isinstance(document, dict) else None
    if isinstance(version, str) and version.partition(".")[0] != "1":
        raise ResultsError(path, f"has schema version {version[:20]}, and this version reads 1.x: install the version that wrote it")
    error = next(shipped_validator(schema).iter_errors(document), None)
    if error is not None:
        raise ResultsError(path, f"does not fit {schema}: at {place_of(error)}: {error.message[:200]}")


def place_of(error: jsonschema.ValidationError) -> str:
    """Where in a document a validation error lies, as a person would say it."""
    return "/".join(str(step) for step in error.absolute_path) or "the top"


def _beside(path: Path, part: str, name: str) -> list[Any]:
    """A part in a file of its own. The name comes from a file that anyone may have edited, so it may not lead elsewhere."""
    if Path(name).name != name or name in ("", ".", ".."):
        raise ResultsError(path, f"names {name[:100]!r} for its {part}, which does not lie beside it: put the file there and name it alone")
    entries = read_json(path.parent / name)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ResultsError(path.parent / name, f"does not hold a list of {part}: take it from the same run as {RESULTS_FILE}")
    return entries
