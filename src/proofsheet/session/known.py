"""``--known`` within a run, and ``proofsheet known add``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from proofsheet.cases.build import build_cases
from proofsheet.contract import ContractError, provider_names
from proofsheet.contract.patterns import matches_any
from proofsheet.report.text import one_line
from proofsheet.results.errors import ReportError, ResultsError
from proofsheet.results.known import Scope
from proofsheet.results.known_writing import Wanted, add_entries
from proofsheet.results.model import Finding
from proofsheet.results.reading import read_all
from proofsheet.session.run import TargetRun, surroundings_of

USAGE = 4
_SHOWN = 20


def stale_entries(run: TargetRun, findings: Sequence[Finding], specs: Path | None) -> list[str]:
    """The entries of the run's list that must go, each with its line."""
    if not run.known.entries:
        return []
    requirements = [requirement.id for requirement in run.contract.matrix.requirements]
    # A tier's cases are not all there are, and an entry may speak of the others.
    cases = run.cases if run.tier == "full" else build_cases(run.contract, surroundings_of(run.target, run.pictures, run.contract.clients.sdks))
    scope = Scope(run.target.name, run.contract.provider, [case.id for case in cases], {case.id for case in run.selected}, requirements, provider_names(specs))
    return run.known.problems(findings, scope)


def listed_and_repeated(run: TargetRun, stale: Sequence[str]) -> dict[str, Any]:
    """What the summary says of the list and of cases that were sent again; nothing where there were neither."""
    repeats = run.repeats.summary(len(run.record.attempts))
    known = {"file": run.known.file, "entries": len(run.known.entries), "problems": list(stale)} if run.known.entries else None
    return {**({"known": known} if known else {}), **({"repeats": repeats} if repeats else {})}


def add(where: Path, file: Path, only: tuple[str, ...], *, reason: str, link: str, expires: str, by_requirement: bool) -> int:
    """Write an entry for each failure of a result. 0 where at least one was written; 4 where nothing could be."""
    try:
        found = [finding for results in read_all(where).values() for finding in results.findings if finding.verdict == "fail"]
        chosen = [finding for finding in found if not only or matches_any(only, finding.case) or matches_any(only, finding.requirement)]
        if not chosen:
            click.echo(f"proofsheet: {where}: {'nothing fails there' if not found else 'no failure there fits --only'}: nothing to add", err=True)
            return USAGE
        wanted = [Wanted(finding.requirement) if by_requirement else Wanted(finding.case, finding.requirement) for finding in chosen]
        written, listed = add_entries(file, list(dict.fromkeys(wanted)), reason=reason, link=link, expires=_day(expires))
    except (ContractError, ResultsError, ReportError, ValueError) as error:
        click.echo(f"proofsheet: {error}", err=True)
        return USAGE
    for line in listed[:_SHOWN]:
        click.echo(f"listed already: {one_line(line)}", err=True)
    if not written:
        click.echo(f"proofsheet: {file}: all {len(listed)} failure(s) are listed already: nothing to add", err=True)
        return USAGE
    click.echo(f"{file}: {len(written)} entry(s) added")
    for line in written[:_SHOWN]:
        click.echo(f"  {one_line(line, 300)}")
    return 0


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--expires is a day such as 2027-01-31, not '{text[:40]}'") from None
    if day < date.today():  # noqa: DTZ011 -- a day of the person who types it
        raise ValueError(f"--expires {day} is over: name the last day on which the failures may be known")
    return day
