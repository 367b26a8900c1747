"""The history beside the report directories: each run adds itself, and ``proofsheet history`` tells of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from proofsheet.results.history import HISTORY_FILE, HistoryError, append, read
from proofsheet.results.model import Results
from proofsheet.session.options import Options

USAGE = 4


def history_file(options: Options, directory: Path) -> Path | None:
    """Where a run is kept: in the named file; else beside its report directory, if that is the default one or a history lies there.

    A part of a plan is no run: what ``merge`` makes of the parts is.
    """
    if options.history is not None or options.shard is not None:
        return options.history
    beside, default = directory.parent / HISTORY_FILE, options.report_dir is None and options.resume is None
    return beside if default or beside.is_file() else None


def remember(options: Options, directory: Path, found: Iterable[Results]) -> None:
    """Add a run to its history. A history that cannot be written is a warning: the run's own reports are there already."""
    file = history_file(options, directory)
    if file is None:
        return
    try:
        for results in found:
            append(file, results)
    except HistoryError as error:
        click.echo(f"proofsheet: warning: this run is not in the history: {error}", err=True)


def history(file: Path, *, target: str | None, requirement: str | None, as_json: bool) -> int:
    """Print the history. 4 where there is none, or nothing of what was asked for."""
    from proofsheet.report.history import document, print_history
    from proofsheet.results.trends import series
    from proofsheet.results.writing import as_json as written

    try:
        runs = read(file, target)
    except HistoryError as error:
        click.echo(f"proofsheet: {error}", err=True)
        return USAGE
    found = series(runs, requirement)
    if not found:
        click.echo(f"proofsheet: {file}: no run{f' against {target}' if target else ''} is kept there", err=True)
        return USAGE
    if requirement is not None and not any(one.trends for one in found):
        click.echo(f"proofsheet: {file}: no requirement fits '{requirement}': it is a pattern of whole requirement ids", err=True)
        return USAGE
    if as_json:
        click.echo(written(document(found)), nl=False)
    else:
        print_history(found)
    return 0
