"""A comparison as Markdown, for a chat message or the page of a job, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from proofsheet.report.markdown import escaped
from proofsheet.results.comparison import Change, Comparison, Pairing
from proofsheet.results.comparison.model import KINDS, WORDS
from proofsheet.results.documents import storable

SCHEMA_VERSION = "1.0"
_MOST = 10
#: A section's cases beside its requirements are detail enough for a message.
_DETAILS = 2


def headline(comparison: Comparison) -> str:
    """One comparison in a sentence: what an engineer on call reads first."""
    counts = {kind: (len(comparison.of(kind, "requirement")), len(comparison.of(kind, "case"))) for kind in KINDS}
    told = [f"{WORDS[kind].lower()}: {requirements} requirement(s), {cases} case(s)" for kind, (requirements, cases) in counts.items() if requirements or cases]
    return "; ".join(told) or "nothing changed"


def between(comparison: Comparison) -> str:
    """Which runs were compared."""
    return f"{comparison.old['id']} ({comparison.old['started_at']}) and {comparison.new['id']} ({comparison.new['started_at']})"


def markdown(pairing: Pairing) -> str:
    """The comparison as GitHub's Markdown. Nothing a target said can be markup, a link or a mention in it."""
    lines: list[str] = []
    for comparison in pairing.comparisons:
        lines += _comparison(comparison)
    lines += [f"Only in the old run: {', '.join(map(escaped, pairing.only_old))}."] if pairing.only_old else []
    lines += [f"Only in the new run: {', '.join(map(escaped, pairing.only_new))}."] if pairing.only_new else []
    return "\n".join(lines).rstrip() + "\n"


def _comparison(comparison: Comparison) -> Iterator[str]:
    yield f"## {escaped(comparison.target)}: {'got worse' if comparison.worse else 'nothing got worse'}"
    yield ""
    yield from (f"> **{escaped(alarm, 500)}**\n" for alarm in comparison.alarms)
    if comparison.new["provenance"] == comparison.old["provenance"] == "simulated":
        yield "**SIMULATED**: the reference gateway answered both times. This says nothing about any vendor.\n"
    yield from (f"- {escaped(caution, 400)}" for caution in comparison.cautions)
    yield f"- {escaped(between(comparison), 400)}: {escaped(headline(comparison), 400)}"
    yield ""
    for kind in KINDS:
        changes = (*comparison.of(kind, "requirement"), *comparison.of(kind, "case"))
        if changes:
            yield f"### {WORDS[kind]}\n"
            yield from _changes(comparison.of(kind, "requirement"))
            yield from _changes(comparison.of(kind, "case"))
            yield ""
    if comparison.shapes:
        yield "### Answers of another shape\n"
        lines = [f"- {escaped(drift.exchange)}: {escaped(str(change))}" for drift in comparison.shapes for change in drift.changes]
        yield from lines[:_MOST]
        yield from _more(len(lines))
        yield ""


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    for change in changes[:_MOST]:
        where = f" ({escaped(change.region)})" if change.region else ""
        yield f"- {change.subject} **{escaped(change.id)}**{where}, {escaped(change.level)}: {arrow(change)}"
        yield from (f"  - {escaped(detail)}" for detail in change.details[:_DETAILS])
    yield from _more(len(changes))


def arrow(change: Change) -> str:
    """The verdicts of a change in words."""
    old, new = change.old.replace("_", " "), change.new.replace("_", " ")
    return new if old == new else f"{old} → {new}"


def _more(count: int) -> Iterator[str]:
    if count > _MOST:
        yield f"- and {count - _MOST} more"


def document(pairing: Pairing) -> dict[str, Any]:
    """The comparison as JSON (specs/schemas/compare.schema.json)."""
    found = {
        "schema_version": SCHEMA_VERSION,
        "worse": pairing.worse,
        "targets": [_document(comparison) for comparison in pairing.comparisons],
        "only_old": list(pairing.only_old),
        "only_new": list(pairing.only_new),
    }
    cleaned: dict[str, Any] = storable(found)
    return cleaned


def _document(comparison: Comparison) -> dict[str, Any]:
    changes = (*comparison.requirements, *comparison.cases)
    return {
        "target": comparison.target, "provider": comparison.new["target"]["provider"], "worse": comparison.worse,
        "old": _run(comparison.old), "new": _run(comparison.new), "alarms": list(comparison.alarms), "cautions": list(comparison.cautions),
        "counts": {kind: {subject: len(comparison.of(kind, subject)) for subject in ("requirement", "case")} for kind in KINDS},
        "changes": [asdict(change) for change in changes],
        "shapes": [asdict(drift) for drift in comparison.shapes],
    }  # fmt: skip


def _run(run: Any) -> dict[str, Any]:
    summary = run["summary"]
    kept = {name: run[name] for name in ("id", "started_at", "complete", "mode", "provenance", "tier", "specs_sha256")}
    return {**kept, "target": run["target"]["name"], "base_url": run["target"]["base_url"], "conforms": summary["conforms"], "verdicts": summary["verdicts"]}
