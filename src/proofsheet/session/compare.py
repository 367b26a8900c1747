"""``proofsheet compare``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from proofsheet.report.compare import document, markdown
from proofsheet.report.compare_terminal import print_comparison
from proofsheet.results.comparison import UncomparableError, compare_all
from proofsheet.results.errors import ReportError, ResultsError
from proofsheet.results.reading import read_all
from proofsheet.results.writing import as_json, write_atomically

SAME, WORSE, USAGE = 0, 1, 4
STDOUT = "-"


def compare(old: Path, new: Path, *, markdown_file: str | None, json_file: str | None) -> int:
    """Compare two runs and write what was asked for. 1 where something got worse, 4 where they cannot be compared."""
    try:
        pairing = compare_all(read_all(old), read_all(new))
        if STDOUT not in (markdown_file, json_file):
            print_comparison(pairing)
        if markdown_file is not None:
            _write(markdown_file, markdown(pairing))
        if json_file is not None:
            _write(json_file, as_json(document(pairing)))
    except (ResultsError, ReportError, UncomparableError) as error:
        click.echo(f"proofsheet: {error}", err=True)
        return USAGE
    return WORSE if pairing.worse else SAME


def _write(place: str, text: str) -> None:
    if place == STDOUT:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.flush()
    else:
        try:
            write_atomically(Path(place), text)
        except ReportError as error:
            raise ReportError(error.path, error.problem.replace(" with --report-dir", "")) from error
