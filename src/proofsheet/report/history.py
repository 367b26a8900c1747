"""The history of runs on a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from proofsheet.report.terminal import console_for, encodable
from proofsheet.report.text import one_line
from proofsheet.results.documents import storable
from proofsheet.results.history import PastRun
from proofsheet.results.trends import LETTERS, Series, Trend

SCHEMA_VERSION = "1.0"
#: How evidence was had, said so that nobody takes it for a vendor's.
_LABELS = {"live": "live", "recorded": "RECORDED: replays, nothing was sent", "simulated": "SIMULATED: the reference gateway answered; this says nothing about any vendor"}
_LAST = 40


def print_history(found: Sequence[Series], console: Console | None = None) -> None:
    """Print each series: its runs, what broke, how long images took, what was spent."""
    console = console_for(console)
    for part in (part for series in found for part in _series(series)):
        console.print(encodable(part, console.encoding), markup=False, highlight=False, emoji=False, soft_wrap=isinstance(part, Text))
    legend = ", ".join(f"{letter} {name.replace('_', ' ')}" for name, letter in LETTERS.items())
    console.print(Text(f"\n{legend}; of runs: . conforms, F does not, ? incomplete", "dim"), soft_wrap=True)


def _series(series: Series) -> Iterable[RenderableType]:
    first, last = series.runs[0], series.runs[-1]
    yield Rule(Text(one_line(f"{series.target}, {series.provider}")))
    yield Text(_LABELS.get(series.provenance, series.provenance), "bold black on yellow" if series.provenance != "live" else "")
    yield Text(f"{len(series.runs)} run(s) from {when(first)} to {when(last)}")
    yield Text(f"  {series.strip[-_LAST:]}  runs")
    for trend in series.trends:
        yield Text(f"  {trend.strip[-_LAST:]}  {one_line(trend.requirement)} ({trend.level}){_broke(trend)}")
    for size, measured in series.latency().items():
        (_, earliest), (run, latest) = measured[0], measured[-1]
        yield Text(
            f"  {one_line(size)}: median {latest.median:.2f} s ({latest.least:.2f} to {latest.most:.2f} s, {latest.n} image(s), {when(run)}); "
            f"at first {earliest.median:.2f} s"
        )
    spent = ", ".join(f"{float(amount):.2f} {unit}" for unit, amount in series.spend().items())
    images = sum(run.images for run in series.runs if run.mode != "replay")
    yield Text(f"  {sum(run.requests for run in series.runs if run.mode != 'replay')} requests, {images} images, {spent or 'nothing spent'} by the document's prices")


def when(run: PastRun) -> str:
    """A run as a reader finds it: its day and time, and its id."""
    return one_line(f"{run.started_at[:16].replace('T', ' ')} ({run.id})")


def _broke(trend: Trend) -> str:
    if trend.first_broke is None:
        return ""
    since = "; whole again" if trend.broken_since is None else "" if trend.broken_since is trend.first_broke else f"; again since {when(trend.broken_since)}"
    return f": broke first in {when(trend.first_broke)}{since}"


def document(found: Sequence[Series]) -> dict[str, Any]:
    """The history as JSON (specs/schemas/history.schema.json)."""
    cleaned: dict[str, Any] = storable({"schema_version": SCHEMA_VERSION, "series": [_document(series) for series in found]})
    return cleaned


def _document(series: Series) -> dict[str, Any]:
    return {
        "target": series.target, "provider": series.provider, "provenance": series.provenance,
        "runs": [_run(run) for run in series.runs],
        "requirements": [
            {
                "id": trend.requirement, "level": trend.level, "verdicts": list(trend.verdicts),
                "first_broke": trend.first_broke.id if trend.first_broke else None, "broken_since": trend.broken_since.id if trend.broken_since else None,
            }
            for trend in series.trends
        ],
        "spend": {unit: f"{float(amount):.2f}" for unit, amount in series.spend().items()},
    }  # fmt: skip


def _run(run: PastRun) -> dict[str, Any]:
    names = ("id", "started_at", "base_url", "mode", "tier", "selection", "complete", "conforms", "requests", "images", "amount", "unit", "usd", "verdicts")
    return {**{name: getattr(run, name) for name in names}, "latency": {size: asdict(measured) for size, measured in run.latency.items()}}
