"""summary.md: the summary for the page of a job or for a pull request."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from proofsheet.report.groups import Group, by_reason, grouped
from proofsheet.report.terminal import OPEN, seconds_of
from proofsheet.report.text import command, one_line
from proofsheet.results.examples import TITLE, tally
from proofsheet.results.features import features_line
from proofsheet.results.model import AREAS, VERDICTS, Results
from proofsheet.results.repeats import sentence
from proofsheet.results.writing import write_atomically

MARKDOWN_FILE = "summary.md"
_SHOWN = 15
_SIGNS = re.compile(r"([\\`*_{}\[\]()#+!|~@$:-])")
_WORDS = {True: "conforms", False: "does not conform", None: "incomplete"}


def write_markdown(directory: Path, results: Results) -> Path:
    """Write summary.md into the report directory. Raises ReportError."""
    path = directory / MARKDOWN_FILE
    write_atomically(path, markdown(results))
    return path


def markdown(results: Results) -> str:
    """The summary as GitHub's Markdown. Nothing a target said can be markup, a link or a mention in it."""
    return "\n".join(_lines(results)) + "\n"


def escaped(text: str, most: int = 200) -> str:
    """The text on one line as Markdown shows it letter by letter."""
    return _SIGNS.sub(r"\\\1", html.escape(one_line(text, most), quote=False)).replace("\\@", "@\u2060").replace("www.", "www\\.")


def fenced(text: str) -> str:
    """The text as a code block that nothing in it can close."""
    shown = command(text)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence}sh\n{shown}\n{fence}"


def _lines(results: Results) -> Iterator[str]:
    run, summary = results.run, results.summary
    yield f"## {escaped(run['target']['name'])} {_WORDS[summary['conforms']]}"
    yield ""
    if run["provenance"] == "simulated":
        yield "**SIMULATED**: the reference gateway answered. This says nothing about any vendor."
        yield ""
    yield f"Contract {escaped(run['target']['provider'])}, {escaped(run['target']['base_url'])}, mode {run['mode']}, {run['provenance']}, tier {run['tier']}."
    yield from (f"- {escaped(reason, 400)}" for reason in summary.get("why", ()))
    if summary.get("features"):
        yield f"- profile: {escaped(features_line(summary['features']), 1000)}"
    yield from (f"- note: {escaped(note, 400)}" for note in summary.get("notes", ()))
    if "repeats" in summary:
        yield f"- repeats: {escaped(sentence(summary['repeats']), 400)}"
    yield ""
    yield from _table(results)
    counts, seconds = summary["requirements"], seconds_of(results)
    yield f"Requirements: {counts['total']} in all, {counts['passed']} passed, {counts['failed']} failed, {counts['unproven']} unproven, {counts['excluded']} excluded. " \
          f"{summary['requests']} requests, {summary['paid_images']} paid images{'' if seconds is None else f', {seconds:.1f} s'}."
    yield from _requirements(results)
    for title, verdict in (("Failures", "fail"), ("Warnings", "warn"), ("Known failures", "known_failure"), ("Flaky, and deciding nothing", "flaky")):
        yield from _groups(title, grouped(results.findings, (verdict,)))
    yield from _examples(results)
    yield from _list_problems(results)
    yield from _reasons(results)


def _table(results: Results) -> Iterator[str]:
    counts = {area: Counter(finding.verdict for finding in results.findings if finding.area == area) for area in AREAS}
    columns = [verdict for verdict in VERDICTS if any(count[verdict] for count in counts.values())]
    if columns:
        yield f"| area | {' | '.join(verdict.replace('_', ' ') for verdict in columns)} |"
        yield f"|---|{'---:|' * len(columns)}"
        yield from (f"| {area} | {' | '.join(str(count[verdict]) for verdict in columns)} |" for area, count in counts.items() if count)
        yield ""


def _requirements(results: Results) -> Iterator[str]:
    standing = [entry for verdict in OPEN for entry in results.requirements if entry.verdict == verdict and entry.level != "info"]
    if standing:
        yield f"\n### Requirements not passed ({len(standing)})\n"
        yield from (f"- {entry.verdict.replace('_', ' ')}, {entry.level}: {escaped(entry.id)}: {escaped(entry.statement)}" for entry in standing[:_SHOWN])
        yield from _more(len(standing))


def _groups(title: str, groups: list[Group]) -> Iterator[str]:
    if groups:
        yield f"\n### {title} ({sum(len(group.findings) for group in groups)} findings, {len(groups)} causes)\n"
    for group in groups[:_SHOWN]:
        first = group.first
        yield f"**{len(group.findings)} × {escaped(first.check)}**, {escaped(first.requirement)}: {escaped(first.message)}"
        yield ""
        yield from (f"- {label}: {escaped(text)}" for label, text in (("expected", first.expected), ("actual", first.actual), ("region", first.region)) if text)
        yield f"- cases: {', '.join(escaped(case) for case in group.cases[:3])}{f' and {len(group.cases) - 3} more' if len(group.cases) > 3 else ''}"
        yield ""
        if first.curl:
            yield fenced(first.curl) + "\n"
    yield from _more(len(groups))


def _examples(results: Results) -> Iterator[str]:
    if results.examples:
        yield f"\n### {TITLE}\n"
        yield f"{tally(results.examples)}. What cannot work is a finding about the document, never about the target.\n"
        yield "| example | lines | outcome | what was seen |"
        yield "|---|---|---|---|"
    for entry in results.examples:
        where = f" from {entry['region']}" if entry.get("region") else ""
        made = "; ".join(f"{request['request']}: {request['answer']}" for request in entry["requests"])
        said = f"{entry['sentence']}{f' ({made})' if made else ''}"
        yield f"| {escaped(entry['id'] + where)} ({escaped(entry['kind'])}) | {escaped(entry['source'])} | {escaped(entry['outcome'])} | {escaped(said, 400)} |"


def _list_problems(results: Results) -> Iterator[str]:
    problems = results.summary.get("known", {}).get("problems", ())
    if problems:
        yield f"\n### Entries of the list of known failures that must go ({len(problems)})\n"
        yield from (f"- {escaped(problem, 400)}" for problem in problems[:_SHOWN])
        yield from _more(len(problems))


def _reasons(results: Results) -> Iterator[str]:
    reasons = by_reason(results.findings, ("not_testable", "not_supported", "not_run"))
    if reasons:
        yield "\n### Not judged\n"
        yield from (f"- {cases} case(s) {verdict.replace('_', ' ')}: {escaped(reason)}" for verdict, reason, cases in reasons[:_SHOWN])
        yield from _more(len(reasons))


def _more(count: int) -> Iterator[str]:
    if count > _SHOWN:
        yield f"\nand {count - _SHOWN} more in results.json"
