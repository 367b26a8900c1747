"""From findings to what a run says as a whole: requirements, counts, conformity, exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proofsheet.contract.index import area_of
from proofsheet.contract.model import Matrix, Requirement
from proofsheet.results.model import VERDICTS, Finding, RequirementResult

CONFORMS, NONCONFORMITIES, INCOMPLETE, HARNESS_FAILED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether the run is complete, whether the target conforms (None: cannot be said), and why not, in sentences."""

    complete: bool
    conforms: bool | None
    why: tuple[str, ...] = ()


def requirement_results(matrix: Matrix, findings: Iterable[Finding]) -> tuple[RequirementResult, ...]:
    """What the findings say about each requirement of the matrix."""
    by_requirement: dict[str, list[Finding]] = {}
    for finding in findings:
        by_requirement.setdefault(finding.requirement, []).append(finding)
    return tuple(_requirement_result(requirement, by_requirement.get(requirement.id, [])) for requirement in matrix.requirements)


def _requirement_result(requirement: Requirement, findings: Sequence[Finding]) -> RequirementResult:
    source = "; ".join(f"{source.document}:{source.lines}" for source in requirement.sources)
    cases = tuple(dict.fromkeys(finding.case for finding in findings))
    return RequirementResult(requirement.id, requirement.level, requirement.statement, source, requirement_verdict(requirement, findings),
                             requirement.excluded, cases, tuple(requirement.checks))


def requirement_verdict(requirement: Requirement | RequirementResult, findings: Sequence[Finding]) -> str:
    """What these findings say about a requirement, in a word of RequirementResult."""
    seen = {finding.verdict for finding in findings}
    if requirement.excluded is not None:
        return "excluded"
    if "fail" in seen:
        return "failed"
    if "warn" in seen:
        return "warned"
    if seen & {"known_failure", "flaky"}:
        return "known_failure"
    if requirement.level == "info":
        return "observed" if "info" in seen else "unproven"
    return "passed" if "pass" in seen else "unproven"


def assess(
    findings: Sequence[Finding],
    requirements: Sequence[RequirementResult],
    *,
    areas: Collection[str],
    complete: bool,
    reasons: Sequence[str] = (),
    require_proof: bool = False,
    stale: Sequence[str] = (),
) -> Assessment:
    """Weigh a run. ``areas`` are the selected ones; ``reasons`` say why the run did not come to its end.

    ``stale`` are entries of the list of known failures that must go: a list that nobody keeps would hide what breaks next.
    """
    counts = Counter(finding.verdict for finding in findings)
    gaps = list(reasons) if reasons or complete else ["the run did not come to its end"]
    if counts["not_run"]:
        first = next(finding for finding in findings if finding.verdict == "not_run")
        cases = len({finding.case for finding in findings if finding.verdict == "not_run"})
        gaps.append(f"{cases} case(s) were not run: {first.message}")
    unproven = [requirement.id for requirement in requirements if requirement.level == "must" and requirement.verdict == "unproven"]
    if require_proof and unproven:
        gaps.append(f"proof is required, and {len(unproven)} must(s) are unproven: {_some(unproven)}")
    whole = complete and not gaps
    failed = sum(requirement.verdict == "failed" for requirement in requirements)
    if counts["fail"] or stale:
        broken = [f"{counts['fail']} finding(s) fail, {failed} requirement(s) are broken"] if counts["fail"] else []
        listed = [f"{len(stale)} entry(s) of the list of known failures must go: {_some(stale, 1)}"] if stale else []
        return Assessment(whole, False, (*broken, *listed, *gaps))
    if counts["error"]:
        gaps.append(f"the harness itself failed on {counts['error']} finding(s)")
    barren = [area for area in sorted(areas) if _lacks_proof(area, findings, requirements)]
    if barren:
        gaps.append(f"no must was proved in: {', '.join(barren)}")
    if not findings:
        gaps.append("nothing was judged")
    return Assessment(whole, None if gaps else True, tuple(gaps))


def _lacks_proof(area: str, findings: Sequence[Finding], requirements: Sequence[RequirementResult]) -> bool:
    """True where the provider states musts in this area that the target claims to support, and none has passed."""
    verdicts: dict[str, set[str]] = {}
    for finding in findings:
        if finding.area == area:
            verdicts.setdefault(finding.requirement, set()).add(finding.verdict)
    musts = [entry for entry in requirements if entry.level == "must" and entry.excluded is None and area in map(area_of, entry.checks)]
    claimed = [entry for entry in musts if verdicts.get(entry.id) != {"not_supported"}]
    return bool(claimed) and not any(entry.verdict == "passed" and "pass" in verdicts.get(entry.id, ()) for entry in claimed)


def summary_of(
    findings: Sequence[Finding],
    requirements: Sequence[RequirementResult],
    assessment: Assessment,
    *,
    requests: int,
    paid_images: int,
    spend: Mapping[str, Any],
) -> dict[str, Any]:
    """The ``summary`` of results.json. ``spend`` is ``{"amount", "unit", "usd"}``; usd is None where nobody said what a unit costs."""
    counts = Counter(finding.verdict for finding in findings)
    weighty = Counter(entry.verdict for entry in requirements if entry.level != "info" or entry.excluded is not None)
    names = ("passed", "failed", "warned", "known_failure", "unproven", "excluded")
    return {
        "verdicts": {verdict: counts[verdict] for verdict in VERDICTS},
        "conforms": assessment.conforms,
        "why": list(assessment.why),
        "requirements": {
            "total": sum(weighty.values()),
            **{name: weighty[name] for name in names},
            "observed": sum(entry.verdict == "observed" for entry in requirements),
        },
        "cases": len({finding.case for finding in findings}),
        "requests": requests,
        "paid_images": paid_images,
        "spend": dict(spend),
    }


def exit_code(summary: Mapping[str, Any]) -> int:
    """The process's exit code for a run that got as far as a summary."""
    if summary["verdicts"]["error"]:
        return HARNESS_FAILED
    return {True: CONFORMS, False: NONCONFORMITIES, None: INCOMPLETE}[summary["conforms"]]


def _some(names: Sequence[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
