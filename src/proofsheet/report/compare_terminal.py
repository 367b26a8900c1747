"""A comparison on a terminal: cautions first, then what got worse, then the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from proofsheet.report.compare import arrow, between, headline
from proofsheet.report.terminal import console_for, encodable
from proofsheet.report.text import one_line
from proofsheet.results.comparison import Change, Comparison, Pairing
from proofsheet.results.comparison.model import KINDS, WORDS

_SHOWN = {"worse": 40}
_STYLES = {"worse": "bold red", "better": "green", "evidence": "cyan", "unjudged": "yellow"}
_DETAILS, _FEW = 3, 12


def print_comparison(pairing: Pairing, console: Console | None = None) -> None:
    """Print what became of each target."""
    console = console_for(console)
    for part in _parts(pairing):
        console.print(encodable(part, console.encoding), markup=False, highlight=False, emoji=False, soft_wrap=isinstance(part, Text))


def _parts(pairing: Pairing) -> Iterable[RenderableType]:
    for comparison in pairing.comparisons:
        yield from _comparison(comparison)
    for name, targets in (("old", pairing.only_old), ("new", pairing.only_new)):
        if targets:
            yield Text(f"only in the {name} run: {one_line(', '.join(targets), 400)}", "yellow")


def _comparison(comparison: Comparison) -> Iterable[RenderableType]:
    yield Rule(Text(one_line(comparison.target)))
    for alarm in comparison.alarms:
        yield Text(f" {one_line(alarm, 500)} ", "bold black on yellow")
    if comparison.old["provenance"] == comparison.new["provenance"] == "simulated":
        yield Text("SIMULATED: the reference gateway answered both times. This says nothing about any vendor.", "bold black on yellow")
    for caution in comparison.cautions:
        yield Text(f"note: {one_line(caution, 400)}", "yellow")
    yield Text(one_line(between(comparison), 400), "dim")
    for kind in KINDS:
        yield from _section(kind, comparison.of(kind, "requirement"), comparison.of(kind, "case"))
    yield from _shapes(comparison)
    word, style = ("GOT WORSE", "bold white on red") if comparison.worse else ("NOTHING GOT WORSE", "bold white on green")
    yield Text()
    yield Text.assemble((f" {word} ", style), f" {headline(comparison)}")


def _section(kind: str, requirements: Sequence[Change], cases: Sequence[Change]) -> Iterable[RenderableType]:
    if requirements or cases:
        yield Text(f"\n{WORDS[kind]} ({len(requirements)} requirements, {len(cases)} cases)", _STYLES.get(kind, "bold"))
    most = _SHOWN.get(kind, _FEW)
    for changes in (requirements, cases):
        for change in changes[:most]:
            where = f" [{one_line(change.region)}]" if change.region else ""
            yield Text.assemble(f"  {change.subject:<11} ", (one_line(change.id), "bold"), f"{where} ({one_line(change.level)}): {arrow(change)}")
            yield from (Text(f"      {one_line(detail)}") for detail in change.details[:_DETAILS])
        if len(changes) > most:
            yield Text(f"  and {len(changes) - most} more", "dim")


def _shapes(comparison: Comparison) -> Iterable[RenderableType]:
    lines = [f"  {one_line(drift.exchange)}: {one_line(str(change))}" for drift in comparison.shapes for change in drift.changes]
    if lines:
        yield Text(f"\nAnswers of another shape ({len(lines)})", "cyan")
        yield from map(Text, lines[:_FEW])
    if len(lines) > _FEW:
        yield Text(f"  and {len(lines) - _FEW} more", "dim")
