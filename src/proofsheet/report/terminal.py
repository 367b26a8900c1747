"""The summary on a terminal: what a person must know at once, in the order in which they need it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from proofsheet.report.groups import Group, by_reason, grouped
from proofsheet.report.text import command, one_line
from proofsheet.results.examples import OUTCOMES, TITLE, tally
from proofsheet.results.features import features_line
from proofsheet.results.model import AREAS, Results
from proofsheet.results.repeats import sentence

_SHOWN_GROUPS, _SHOWN_REQUIREMENTS, _SHOWN_REASONS, _SHOWN_CASES = 20, 25, 12, 3
_WIDE = 160  # where no terminal says how wide it is: log viewers wrap by themselves
_ALWAYS = ("pass", "fail", "warn", "info", "not_testable")
_SOMETIMES = ("not_supported", "known_failure", "flaky", "not_run", "error")
_STYLES = {"pass": "green", "fail": "bold red", "warn": "yellow", "info": "cyan", "known_failure": "yellow", "flaky": "cyan", "error": "bold magenta", "not_testable": "dim"}
#: What stands open, the worst first.
OPEN = ("failed", "warned", "known_failure", "unproven")


def print_summary(results: Results, where: Path | str = "", console: Console | None = None) -> None:
    """Print the summary of one target's results. ``where`` is the report directory."""
    console = console_for(console)
    for part in (encodable(part, console.encoding) for part in _parts(results, str(where))):
        # Texts of the target are Text objects, never markup: "[bold]" in an answer stays "[bold]".
        console.print(part, markup=False, highlight=False, emoji=False, soft_wrap=isinstance(part, Text))


def console_for(console: Console | None = None) -> Console:
    """The console to print on: wide and plain where it is no terminal."""
    console = console or Console()
    return console if console.is_terminal else Console(file=console.file, width=_WIDE, color_system=None)


def _parts(results: Results, where: str) -> Iterable[RenderableType]:
    yield from _header(results)
    yield _areas(results)
    yield from _requirements(results)
    yield from _groups("Failures", grouped(results.findings, ("fail",)), "bold red")
    yield from _groups("Faults of the harness itself, not of the target", grouped(results.findings, ("error",)), "bold magenta")
    yield from _groups("Warnings", grouped(results.findings, ("warn",)), "yellow")
    yield from _groups("Known failures", grouped(results.findings, ("known_failure",)), "yellow")
    yield from _groups("Flaky, and deciding nothing", grouped(results.findings, ("flaky",)), "cyan")
    yield from _examples(results)
    yield from _reasons(results)
    yield from _list_problems(results)
    yield from _closing(results, where)


def encodable(part: RenderableType, encoding: str) -> RenderableType:
    """A text without what the terminal's encoding can't say; tables and rules fall back by themselves."""
    if not isinstance(part, Text) or encoding.lower().startswith("utf"):
        return part
    return Text(part.plain.encode(encoding, "replace").decode(encoding), part.style)


def _header(results: Results) -> Iterable[RenderableType]:
    target = results.run["target"]
    yield Rule(Text(f"{_say(target['name'])} against the documented contract of {_say(target['provider'])}"))
    yield Text(f"{_say(target['base_url'])}   mode {results.run['mode']}, {results.run['provenance']}, tier {results.run['tier']}, run {_say(results.run['id'])}")
    if results.run["provenance"] == "simulated":
        yield Text("SIMULATED: the reference gateway answered. This says nothing about any vendor.", "bold black on yellow")


def _areas(results: Results) -> Table:
    counts = {area: Counter(finding.verdict for finding in results.findings if finding.area == area) for area in AREAS}
    columns = [*_ALWAYS, *(verdict for verdict in _SOMETIMES if any(count[verdict] for count in counts.values()))]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("area")
    for verdict in columns:
        table.add_column(verdict.replace("_", " "), justify="right")
    for area, count in counts.items():
        if count:
            table.add_row(area, *(Text(str(count[verdict]), _STYLES.get(verdict, "") if count[verdict] else "dim") for verdict in columns))
    return table


def _requirements(results: Results) -> Iterable[RenderableType]:
    standing = [entry for verdict in OPEN for entry in results.requirements if entry.verdict == verdict and entry.level != "info"]
    # In a run of chosen cases, what was not chosen is no news.
    chosen = [entry for entry in standing if entry.cases] if any(results.run.get("selection", {}).values()) else standing
    if len(chosen) < len(standing):
        yield Text(f"\n{len(standing) - len(chosen)} other requirements were not among the chosen cases", "dim")
    standing = chosen
    if not standing:
        return
    yield _title(f"Requirements not passed ({len(standing)})", "bold")
    for entry in standing[:_SHOWN_REQUIREMENTS]:
        style = {"failed": "bold red", "warned": "yellow"}.get(entry.verdict, "dim")
        yield Text.assemble("  ", (f"{entry.verdict.replace('_', ' '):<13}", style), f" {entry.level:<6} {_say(entry.id)}: {_say(entry.statement, 110)}")
    yield from _more(len(standing) - _SHOWN_REQUIREMENTS)


def _groups(title: str, groups: Sequence[Group], style: str) -> Iterable[RenderableType]:
    if not groups:
        return
    yield _title(f"{title} ({sum(len(group.findings) for group in groups)} findings, {len(groups)} causes)", style)
    for group in groups[:_SHOWN_GROUPS]:
        first, cases = group.first, group.cases
        yield Text.assemble("  ", (f"{len(group.findings)} x ", style), (_say(first.check), "bold"), f"  {_say(first.requirement)} ({first.level}): {_say(first.message)}")
        for label, text in (("expected", first.expected), ("actual", first.actual), ("region", first.region)):
            if text:
                yield Text(f"      {label:<9}{_say(text)}")
        yield Text(f"      {'cases':<9}{', '.join(_say(case) for case in cases[:_SHOWN_CASES])}{_and_more(len(cases) - _SHOWN_CASES)}")
        if first.curl:
            # Whole: a command that was cut does not reproduce anything.
            yield Text(f"      {'try':<9}{command(first.curl)}", "dim")
    yield from _more(len(groups) - _SHOWN_GROUPS)


def _examples(results: Results) -> Iterable[RenderableType]:
    if results.examples:
        yield _title(f"{TITLE} ({tally(results.examples)})", "bold")
    for entry in results.examples:
        style = _STYLES.get(OUTCOMES.get(entry["outcome"], ""), "")
        name = _say(entry["id"]) + (f" from {_say(entry['region'])}" if entry.get("region") else "")
        cells = f" {_say(entry['source'], 20):<10} {_say(entry['kind']):<7} {name}: {_say(entry['sentence'], 300)}"
        yield Text.assemble("  ", (f"{_say(entry['outcome']):<13}", style), cells)
        if entry["outcome"] not in ("works", "not run"):
            yield Text(f"      {'begins':<9}{_say(entry['text'], 120)}", "dim")


def _reasons(results: Results) -> Iterable[RenderableType]:
    reasons = by_reason(results.findings, ("not_testable", "not_supported", "not_run"))
    if not reasons:
        return
    yield _title("Not judged", "bold")
    for verdict, reason, cases in reasons[:_SHOWN_REASONS]:
        yield Text(f"  {cases:>5} case(s)  {verdict.replace('_', ' '):<13} {_say(reason)}")
    yield from _more(len(reasons) - _SHOWN_REASONS)


def _list_problems(results: Results) -> Iterable[RenderableType]:
    problems = results.summary.get("known", {}).get("problems", ())
    if problems:
        yield _title(f"Entries of the list of known failures that must go ({len(problems)})", "bold red")
        yield from (Text(f"  {_say(problem, 400)}") for problem in problems[:_SHOWN_REQUIREMENTS])
        yield from _more(len(problems) - _SHOWN_REQUIREMENTS)


def _closing(results: Results, where: str) -> Iterable[RenderableType]:
    summary, counts = results.summary, results.summary["requirements"]
    yield Text()
    yield verdict_line(results)
    parts = [f"{counts[name]} {name.replace('_', ' ')}" for name in ("passed", "failed", "warned", "known_failure", "unproven", "excluded") if counts.get(name)]
    those = f" ({', '.join(parts)})" if parts else ""
    yield Text(f"requirements: {counts['total']}{those}; {counts.get('observed', 0)} observed beside them")
    if summary.get("features"):
        yield Text(f"profile: {_say(features_line(summary['features']), 1000)}")
    spend = summary["spend"]
    dollars = f" = {_say(str(spend['usd']))} USD" if spend["usd"] is not None and spend["unit"] != "USD" else ""
    unpriced = f", and {int(spend['unpriced'])} of them without a documented price" if spend.get("unpriced") else ""
    seconds = seconds_of(results)
    yield Text(f"{summary.get('cases', 0)} cases, {summary['requests']} requests, {summary['paid_images']} paid images "
               f"({_say(str(spend['amount']))} {_say(str(spend['unit']))}{dollars}{unpriced}){'' if seconds is None else f', {seconds:.1f} s'}")
    yield from (Text(f"note: {_say(note, 400)}") for note in summary.get("notes", ()))
    if "repeats" in summary:
        yield Text(f"repeats: {_say(sentence(summary['repeats']), 400)}")
    if where:
        yield Text(f"report: {_say(where, 1000)}")


def verdict_line(results: Results) -> Text:
    """CONFORMS, DOES NOT CONFORM or INCOMPLETE, and why."""
    word, style = {True: ("CONFORMS", "bold white on green"), False: ("DOES NOT CONFORM", "bold white on red"), None: ("INCOMPLETE", "bold black on yellow")}[
        results.summary["conforms"]]
    simulated = " (simulated)" if results.run["provenance"] == "simulated" else ""
    if any(results.run.get("selection", {}).values()):
        word = f"{word} in what was selected" if results.summary["conforms"] else word
    why = "; ".join(_say(reason, 400) for reason in results.summary.get("why", ()))
    return Text.assemble((f" {word}{simulated} ", style), f" {why}" if why else "")


def seconds_of(results: Results) -> float | None:
    """How long the run took; None where its times are missing or no times."""
    try:
        return (datetime.fromisoformat(results.run["finished_at"]) - datetime.fromisoformat(results.run["started_at"])).total_seconds()
    except (TypeError, ValueError):
        return None


def _say(text: str, most: int = 200) -> str:
    return one_line(text, most)


def _title(text: str, style: str) -> Text:
    return Text(f"\n{text}", style)


def _and_more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _more(count: int) -> Iterable[RenderableType]:
    if count > 0:
        yield Text(f"  and {count} more in results.json", "dim")
