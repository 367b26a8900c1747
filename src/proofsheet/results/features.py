"""What a target supports and what was shown of it: the base profile, and each extended feature of the contract."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proofsheet.contract.model import Feature
from proofsheet.contract.patterns import matches_any
from proofsheet.results.model import Finding

#: The profile that every implementation must keep: whatever belongs to no extended feature.
BASE = "base"
_BASE_TITLE = "What any implementation must keep"
_MISSING, _NOTHING, _LISTED = "what its cases need is missing", "none of its cases passed", "its cases fail as listed"
_UNSENT = "none of its cases were sent"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases there are and which of them this run meant to perform.

    ``narrowed``: patterns, a shard or pytest's -k left cases out; such a run speaks only of what it chose. ``lacking``
    are the cases whose prerequisite (a key, a state, a balance) the target does not have.
    """

    cases: Sequence[str]
    selected: Collection[str]
    narrowed: bool = False
    lacking: Collection[str] = ()


def feature_results(features: Iterable[Feature], unsupported: Collection[str], scope: Scope, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """One entry for the base profile and one for each feature, as ``summary.features`` has them.

    ``verdict``: ``proven`` (something of it passed and nothing failed), ``broken`` (something failed), ``not_supported``
    (the target declares that it lacks it), ``unproven``, or ``not_selected`` (a narrowed run left all of it out).
    """
    features = list(features)
    by_case: dict[str, list[Finding]] = {}
    for finding in findings:
        by_case.setdefault(finding.case, []).append(finding)
    patterns = [pattern for feature in features for pattern in feature.cases]
    base = [case for case in scope.cases if not matches_any(patterns, case)]
    members = [(BASE, _BASE_TITLE, base), *((one.id, one.title, [case for case in scope.cases if matches_any(one.cases, case)]) for one in features)]
    return [_entry(name, title, cases, name in unsupported, scope, by_case) for name, title, cases in members]


def _entry(name: str, title: str, cases: Sequence[str], declared: bool, scope: Scope, by_case: Mapping[str, Sequence[Finding]]) -> dict[str, Any]:
    chosen = [case for case in cases if case in scope.selected]
    seen = {case: {finding.verdict for finding in by_case.get(case, ())} for case in chosen}
    verdict, why = _verdict(seen, declared=declared, narrowed=scope.narrowed, lacking=scope.lacking)
    return {"id": name, "title": title, "verdict": verdict, "cases": len(chosen), "passed": _count("pass", seen), "failed": _count("fail", seen), "why": why}


def _count(verdict: str, seen: Mapping[str, Collection[str]]) -> int:
    return sum(verdict in verdicts for verdicts in seen.values())


def _verdict(seen: Mapping[str, Collection[str]], *, declared: bool, narrowed: bool, lacking: Collection[str]) -> tuple[str, str]:
    verdicts = {verdict for one in seen.values() for verdict in one}
    if declared or (verdicts and verdicts <= {"not_supported"}):
        return "not_supported", "the target declares that it lacks it" if declared else "the target declares that it lacks what all of it needs"
    if "fail" in verdicts:
        return "broken", f"{_count('fail', seen)} case(s) fail"
    if "pass" in verdicts:
        return "proven", ""
    if verdicts & {"known_failure", "flaky"}:
        return "broken", _LISTED
    if "warn" in verdicts:
        return "broken", f"{_count('warn', seen)} case(s) are warned of, and none passes"
    if not seen:
        return _unseen(narrowed=narrowed)
    if all(case in lacking or one == {"not_supported"} for case, one in seen.items()):
        return "unproven", _MISSING
    return "unproven", _NOTHING


def _unseen(*, narrowed: bool) -> tuple[str, str]:
    return ("not_selected", "none of its cases were chosen") if narrowed else ("unproven", _UNSENT)


def feature_gap(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Why unproven features leave a run incomplete: a sentence or none.

    Only one that was not exercised does. Where every case waits for a key or a state that the target lacks, or was sent
    and proves nothing because the base request was not served, it is unproven like any requirement; the base profile is
    weighed area by area elsewhere.
    """
    open_ = [f"{one['id']} ({one['why']})" for one in entries if one["id"] != BASE and one["verdict"] == "unproven" and one["why"] == _UNSENT]
    return [f"neither declared missing nor proven: {', '.join(open_)}"] if open_ else []


def joined_features(parts: Sequence[Sequence[Mapping[str, Any]]], *, narrowed: bool) -> list[dict[str, Any]]:
    """The entries of a whole run out of those of its parts."""
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for part in parts:
        for one in part:
            by_id.setdefault(one["id"], []).append(one)
    return [_joined(entries, narrowed=narrowed) for entries in by_id.values()]


def _joined(entries: Sequence[Mapping[str, Any]], *, narrowed: bool) -> dict[str, Any]:
    counts = {name: sum(one.get(name, 0) for one in entries) for name in ("cases", "passed", "failed")}
    found = {(one["verdict"], one["why"]) for one in entries if one["verdict"] != "not_selected"}
    verdict, why = _unseen(narrowed=narrowed)
    for candidate in (("unproven", _MISSING), ("unproven", _NOTHING), ("broken", _LISTED)):
        verdict, why = candidate if candidate in found else (verdict, why)
    warned = [why_ for name, why_ in sorted(found) if name == "broken" and why_ != _LISTED]
    verdict, why = ("broken", warned[0]) if warned else (verdict, why)
    if found and {name for name, _ in found} == {"not_supported"}:
        verdict, why = min(found)
    if counts["passed"]:
        verdict, why = "proven", ""
    if counts["failed"]:
        verdict, why = "broken", f"{counts['failed']} case(s) fail"
    return {"id": entries[0]["id"], "title": entries[0]["title"], "verdict": verdict, **counts, "why": why}


def features_line(entries: Iterable[Mapping[str, Any]]) -> str:
    """The profile on one line: what is proven, broken, not supported and unproven."""
    words: dict[str, list[str]] = {}
    for one in entries:
        if one["verdict"] != "not_selected":
            words.setdefault(str(one["verdict"]).replace("_", " "), []).append(str(one["id"]))
    return "; ".join(f"{verdict}: {', '.join(names)}" for verdict, names in words.items())
