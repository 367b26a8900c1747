"""What joining results needs, whether they are parts of a plan or come from several regions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from proofsheet.money.amounts import decimal_text
from proofsheet.results.model import Finding, RequirementResult, Results
from proofsheet.results.shapes import from_document, to_document, together
from proofsheet.results.summary import Assessment, requirement_verdict, summary_of


def requirements_of(entries: Iterable[RequirementResult], findings: Iterable[Finding]) -> tuple[RequirementResult, ...]:
    """The requirements with what these findings say about them."""
    by_requirement: dict[str, list[Finding]] = {}
    for finding in findings:
        by_requirement.setdefault(finding.requirement, []).append(finding)
    return tuple(_weighed(entry, by_requirement.get(entry.id, [])) for entry in entries)


def _weighed(entry: RequirementResult, findings: Sequence[Finding]) -> RequirementResult:
    return replace(entry, verdict=requirement_verdict(entry, findings), cases=tuple(dict.fromkeys(finding.case for finding in findings)))


def renamed(results: Results, prefix: str, region: str = "") -> Results:
    """The results with ids of exchanges that no other part has."""
    mark = {"region": region} if region else {}

    def entry(one: Mapping[str, Any], *names: str) -> dict[str, Any]:
        return {**_prefixed(one, prefix, *names), **mark}

    return replace(
        results,
        findings=tuple(replace(one, exchanges=tuple(prefix + name for name in one.exchanges), region=region or one.region) for one in results.findings),
        cells=tuple(replace(cell, region=region or cell.region) for cell in results.cells),
        lifecycles=tuple({**entry(one), "trace": [_prefixed(step, prefix, "exchange") for step in one["trace"]]} for one in results.lifecycles),
        exchanges=tuple(entry(one, "id") for one in results.exchanges),
        images=tuple(entry(one, "exchange") for one in results.images),
        spend=tuple(entry(one, "exchange") for one in results.spend),
        timings=tuple(entry(one) for one in results.timings),
        refusals=tuple(entry(one) for one in results.refusals),
        examples=tuple({**entry(one), "requests": [_prefixed(request, prefix, "exchange") for request in one["requests"]]} for one in results.examples),
    )


def _prefixed(entry: Mapping[str, Any], prefix: str, *names: str) -> dict[str, Any]:
    return {**entry, **{name: f"{prefix}{entry[name]}" for name in names if entry.get(name) is not None}}


def totals(results: Sequence[Results], findings: Sequence[Finding], requirements: Sequence[RequirementResult], assessment: Assessment) -> dict[str, Any]:
    """The summary of all parts together."""
    summaries = [one.summary for one in results]
    sums = {name: sum(summary[name] for summary in summaries) for name in ("requests", "paid_images")}
    found = summary_of(findings, requirements, assessment, **sums, spend=total_spend([summary["spend"] for summary in summaries]))
    return {**found, "notes": list(dict.fromkeys(note for summary in summaries for note in summary.get("notes", ())))}


def total_spend(spends: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The sum. Amounts are added as the fractions they are, where the parts say them."""
    amount = sum((Fraction(one.get("exact", one["amount"])) for one in spends), Fraction(0))
    rates = {one.get("usd_per_unit") for one in spends}
    usd: str | None = None
    if len(rates) == 1 and (rate := next(iter(rates))) is not None:
        usd = decimal_text(amount * Fraction(rate))
    elif all(one["usd"] is not None for one in spends):
        usd = decimal_text(sum((Fraction(one["usd"]) for one in spends), Fraction(0)))
    unpriced = sum(one.get("unpriced", 0) for one in spends)
    more = {**({"exact": str(amount)} if "exact" in spends[0] else {}), **({"unpriced": unpriced} if unpriced else {})}
    return {**spends[0], "amount": decimal_text(amount), "usd": usd, **more}


def counted(results: Sequence[Results], stale: Sequence[str]) -> dict[str, Any]:
    """What the parts say of known failures and of cases that were sent again."""
    found: dict[str, Any] = {}
    repeats = [one.summary["repeats"] for one in results if one.summary.get("repeats")]
    if repeats:
        names = dict.fromkeys(name for one in repeats for name in one)
        found["repeats"] = {name: sum(one.get(name, 0) for one in repeats) for name in names}
    known = next((one.summary["known"] for one in results if one.summary.get("known")), None)
    return {**found, "known": {**known, "problems": list(stale)}} if known is not None else found


def answers_of(results: Sequence[Results]) -> dict[str, Any]:
    """The shapes of answers that any part saw."""
    shapes: dict[str, list[Any]] = {}
    for one in results:
        for name, shape in one.answers.items():
            shapes.setdefault(name, []).append(from_document(shape))
    return {name: to_document(together(found)) for name, found in shapes.items()}
