"""Writing the report directory: whole files or none, and no secret in any of them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from proofsheet.exchange.redact import Redactor
from proofsheet.results.documents import cleaned, to_document
from proofsheet.results.errors import ReportError
from proofsheet.results.model import Results

RESULTS_FILE = "results.json"
#: Parts that may grow with every request. Above this many characters one stands in a file of its own.
MOVABLE = ("exchanges", "lifecycles", "images", "spend")
LARGE = 1_000_000


def prepare_directory(directory: Path) -> None:
    """Make the directory and prove that it can be written to. Raises ReportError, so that no run ends without a report."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as probe:
            probe.write(b"proof")
            probe.flush()
    except OSError as error:
        raise ReportError.of(directory, error) from error


def write_atomically(path: Path, content: str | bytes) -> None:
    """Put a whole file in place, or leave what was there. Raises ReportError."""
    raw = content.encode("utf-8") if isinstance(content, str) else content
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        try:
            partial.write_bytes(raw)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise ReportError.of(path, error) from error


def as_json(document: Any) -> str:
    """JSON as the report files hold it: ASCII, so that no control character and no odd encoding reaches a reader.

    One line for each entry of the outer object and of the lists in it: readable, and written by the fast encoder,
    which takes no indent.
    """
    if isinstance(document, Mapping):
        return "{" + ",\n".join(f"{_compact(str(name))}: {_lines(value)}" for name, value in document.items()) + "}\n"
    return _lines(document) + "\n"


def _lines(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _compact(value)
    return "[\n " + ",\n ".join(map(_compact, value)) + "\n]"


def _compact(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def write_results(directory: Path, results: Results, redactor: Redactor) -> Results:
    """Write results.json and the files beside it. Returns the results as they were written: other reports are made from these.

    A part in a file of its own leaves an empty list in results.json and its file's name under ``files``.
    """
    clean = cleaned(results, redactor)
    prepare_directory(directory)
    document = to_document(clean)
    files = dict(document["files"])
    for part in MOVABLE:
        text = as_json(document[part])
        if len(text) > LARGE:
            files[part] = f"{part}.json"
            document[part] = []
            write_atomically(directory / files[part], text)
    document["files"] = files
    write_atomically(directory / RESULTS_FILE, as_json(document))
    return replace(clean, files=files)
