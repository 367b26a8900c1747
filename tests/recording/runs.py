"""Whole runs without a terminal, against the reference gateway of a small invented provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proofsheet.reference.process import start_reference
from proofsheet.results.model import Results
from proofsheet.session.options import Options
from proofsheet.session.runs import Runs

SPECS = Path(__file__).parent.parent / "invented" / "specs"
PROVIDER = "inkwell"


@contextmanager
def prepared(options: Options) -> Iterator[Runs]:
    """Runs whose cases are known and which have begun to send."""
    runs = Runs(options, eager=True)
    try:
        runs.prepare()
        yield runs
    finally:
        runs.stop()


def perform(options: Options) -> tuple[int, list[Results]]:
    """One command from its options to its exit code and its results."""
    with prepared(options) as runs:
        for run in runs.runs:
            run.check_gateway()
            for case in run.selected:
                run.verify(case)
        return runs.conclude(complete=True), runs.results


def verdicts(results: Results) -> list[tuple[str, ...]]:
    """What was said of each case, in an order that does not depend on when."""
    return sorted((f.case, f.check, f.requirement, f.level, f.verdict, f.message, f.expected) for f in results.findings)


class Bench:
    """A reference gateway on loopback, a targets file that names it, and a folder for what runs leave behind."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, target: dict[str, Any]) -> None:
        self.folder, self.target, self._patch, self._number = folder, target, monkeypatch, 0

    def options(self, **more: Any) -> Options:
        self._number += 1
        base = Options(
            target="candidate", targets_file=self.folder / "targets.toml", specs=SPECS, cassettes=self.folder / "cassettes", report_dir=self.folder / f"report{self._number}"
        )
        return replace(base, **more)

    def write_target(self, **changes: Any) -> None:
        raw = {**self.target, **changes}
        variables = {}
        for name, key in raw["credentials"].items():
            variables[name] = f"CANDIDATE_{name.upper()}_KEY"
            self._patch.setenv(variables[name], key)
        (self.folder / "targets.toml").write_text(_toml({**raw, "credentials": variables}), encoding="utf-8")

    @property
    def set(self) -> Path:
        return self.folder / "cassettes" / "candidate"


def _toml(raw: dict[str, Any]) -> str:
    return "[targets.candidate]\n" + "".join(f"{name} = {_inline(value)}\n" for name, value in raw.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_inline(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value)


@contextmanager
def bench(folder: Path, monkeypatch: pytest.MonkeyPatch, provider: str = PROVIDER, **changes: Any) -> Iterator[Bench]:
    with start_reference([provider], SPECS) as process:
        raw = dict(process.providers[provider].target)
        raw.pop("reference_image_url", None)
        made = Bench(folder, monkeypatch, raw)
        made.write_target(**changes)
        yield made
