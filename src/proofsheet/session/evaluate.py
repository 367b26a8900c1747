"""``proofsheet evaluate``: report directories in, one page and one table out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from proofsheet.report.evaluation.page import LARGEST_PAGE, evaluation_page
from proofsheet.report.evaluation.table import evaluation_csv
from proofsheet.results.errors import ReportError, ResultsError
from proofsheet.results.evaluation import Source
from proofsheet.results.evaluation import evaluate as compared
from proofsheet.results.reading import read_results
from proofsheet.results.writing import RESULTS_FILE, write_atomically


def evaluate(given: Sequence[Path], output: Path, table: Path | None, *, thumbnails: bool, largest: int = LARGEST_PAGE) -> int:
    """Write the evaluation. Returns 0, or 4 with one line on stderr where something given cannot be used."""
    try:
        found = compared([Source(read_results(folder), folder) for folder in report_directories(given)])
        moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        _write(output, evaluation_page(found, moment, thumbnails=thumbnails, largest=largest))
        if table is not None:
            _write(table, evaluation_csv(found))
    except (ResultsError, ReportError) as error:
        sys.stdout.flush()
        click.echo(f"proofsheet: {error}", err=True)
        return 4
    if found.simulated:
        click.echo(f"SIMULATED: {', '.join(found.simulated)}. This says nothing about any vendor.")
    click.echo(f"{len(found.vendors)} target{'' if len(found.vendors) == 1 else 's'}: {output}{f', {table}' if table else ''}")
    return 0


def report_directories(given: Sequence[Path]) -> list[Path]:
    """The report directories that are meant, each once: a directory, its results.json, or the directory of a run over several targets. Raises ResultsError."""
    found: list[Path] = []
    for path in given:
        if path.is_dir() and not (path / RESULTS_FILE).is_file():
            inner = sorted(entry.parent for entry in path.glob(f"*/{RESULTS_FILE}"))
            if not inner:
                raise ResultsError(path, f"holds no {RESULTS_FILE}, and neither does a folder in it: name the report directory of a run (--report-dir)")
            found += inner
        else:
            found.append(path if path.is_dir() else path.parent if path.name == RESULTS_FILE else path)
    return list({folder.resolve(): folder for folder in found}.values())


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError.of(path, error) from error
    write_atomically(path, text)
