"""``proofsheet faults --kill-matrix``."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from proofsheet.contract import ContractError
from proofsheet.killing.matrix import Catalogue, Choice, catalogue, trials
from proofsheet.killing.outcome import Outcome
from proofsheet.killing.report import conclusion, document, text
from proofsheet.reference.faults import FaultError


def kill_matrix(choice: Choice, file: Path | None) -> int:
    """Try the faults, print what was caught and what survived. Exit code 1 where the harness missed what it must see."""
    begun = time.monotonic()
    try:
        faults = catalogue(choice)
    except (ContractError, FaultError) as error:
        click.echo(f"proofsheet: {error}", err=True)
        return 4
    if not faults.chosen:
        return _nothing(faults)
    outcomes = trials(choice, faults.chosen, _Ticker(len(faults.chosen)))
    seconds = time.monotonic() - begun
    whole = choice.sample is None and not choice.operators and not choice.faults and choice.provider is None
    click.echo(text(faults, outcomes, seconds, whole=whole), nl=False)
    if file is not None:
        file.write_text(json.dumps(document(faults, outcomes, seconds), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return conclusion(outcomes)


def _nothing(faults: Catalogue) -> int:
    uncounted = [*faults.silent, *faults.unseen]
    why = f"no requirement speaks of {', '.join(plan.id for plan in uncounted[:3])}" if uncounted else "no fault fits these options"
    click.echo(f"proofsheet: nothing to try: {why}", err=True)
    return 4


class _Ticker:
    """Counts the trials on a terminal."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def __call__(self, outcome: Outcome) -> None:
        self._done += 1
        if sys.stderr.isatty():
            click.echo(f"\r{self._done}/{self._total} faults tried", nl=self._done == self._total, err=True)
