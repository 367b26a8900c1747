"""How the evidence was had, what a target does not support, and what was not tested: said plainly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from proofsheet.results.model import Finding, Results


@dataclass(frozen=True, slots=True)
class Evidence:
    """How and when a run's evidence was had. Times are ISO 8601; ``recorded_at`` is empty where nothing was replayed.

    A ``whole`` run came to its end, and nobody left anything out of it.
    """

    provenance: str
    mode: str
    run_id: str
    started_at: str
    finished_at: str
    recorded_at: str
    tier: str
    complete: bool
    whole: bool
    tool_version: str
    specs: str
    cases: int
    requests: int
    images: int
    spent: str


def evidence(results: Results) -> Evidence:
    """The evidence of one run."""
    run, summary = results.run, results.summary
    spend = summary["spend"]
    usd = f" ({spend['usd']} USD)" if spend["usd"] is not None and spend["unit"] != "USD" else ""
    recorded = run.get("recording", {}).get("recorded_at", "") if run["mode"] == "replay" else ""
    return Evidence(
        provenance=run["provenance"], mode=run["mode"], run_id=run["id"], started_at=run["started_at"], finished_at=run["finished_at"] or "", recorded_at=recorded,
        tier=run["tier"], complete=run["complete"], whole=run["complete"] and not any(_selection(results)), tool_version=run["tool_version"], specs=run["specs_sha256"][:12],
        cases=summary.get("cases", len({finding.case for finding in results.findings})), requests=summary["requests"], images=summary["paid_images"],
        spent=f"{spend['amount']} {spend['unit']}{usd}",
    )  # fmt: skip


def unsupported(results: Results) -> tuple[str, ...]:
    """What the target declares that it lacks."""
    declared = [str(name) for name in results.offer.get("unsupported", ())]
    declared += [str(entry["id"]) for entry in results.summary.get("features", ()) if entry["verdict"] == "not_supported"]
    if not declared:
        declared = [finding.message for finding in results.findings if finding.verdict == "not_supported"]
    return tuple(dict.fromkeys(declared))


def untested(results: Results) -> tuple[str, ...]:
    """What this run says nothing about, in sentences; the gravest first."""
    return tuple(_gaps(results))


def _gaps(results: Results) -> Iterator[str]:
    run, summary = results.run, results.summary
    if not run["complete"]:
        yield "The run is incomplete: " + ("; ".join(summary.get("why", ())) or "it did not come to its end") + "."
    yield from _selection(results)
    for verdict, words in (("not_run", "not sent"), ("not_testable", "not testable")):
        for message, cases in _reasons(results.findings, verdict).items():
            yield f"{_count(len(cases), 'case')} {words}: {message}."
    for entry in summary.get("features", ()):
        if entry["verdict"] == "unproven":
            yield f"The feature {entry['id']} is unproven: {entry['why']}."
    unproven = [entry.id for entry in results.requirements if entry.verdict == "unproven" and entry.level != "info"]
    if unproven:
        yield f"{_count(len(unproven), 'requirement')} unproven."
    excluded = sum(entry.verdict == "excluded" for entry in results.requirements)
    if excluded:
        yield f"{_count(excluded, 'documented statement')} that no client can test (reasons below)."


def _selection(results: Results) -> Iterator[str]:
    run = results.run
    chosen = run.get("selection", {})
    if run["tier"] != "full":
        yield f"Only the cases of the tier {run['tier']} were sent."
    if chosen.get("only"):
        yield f"Only cases that fit {', '.join(chosen['only'])} were sent."
    if chosen.get("skip"):
        yield f"Cases that fit {', '.join(chosen['skip'])} were left out."
    if chosen.get("shard"):
        yield f"This is part {chosen['shard']} of the cases."
    if chosen.get("narrowed") or chosen.get("checks"):
        yield "Cases or checks were left out by hand."


def _reasons(findings: tuple[Finding, ...], verdict: str) -> dict[str, set[str]]:
    """The cases of which nothing else was found, by the reason why."""
    proven = {finding.case for finding in findings if finding.verdict not in ("not_testable", "not_run", "not_supported")}
    found: dict[str, set[str]] = {}
    for finding in findings:
        if finding.verdict == verdict and finding.case not in proven:
            found.setdefault(finding.message.rstrip("."), set()).add(finding.case)
    return dict(sorted(found.items(), key=lambda entry: -len(entry[1])))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
