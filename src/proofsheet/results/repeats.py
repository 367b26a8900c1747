"""Several attempts at one case as one set of findings: what fails always, sometimes, or only the first time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from proofsheet.results.model import Finding

ABSENT = "absent"
BROKEN = ("fail", "warn")
#: What a flaky case is worth: the worst that it showed.
_ORDER = ("fail", "error", "warn", "known_failure", "flaky", "info", "pass", "not_testable", "not_supported", "not_run")


def merged(attempts: Sequence[Sequence[Finding]]) -> list[Finding]:
    """One finding for each check and requirement: the worst of all attempts, with the verdict of each.

    A case that failed once has failed, however often it passed: a user would have met it.
    """
    if len(attempts) == 1:
        return list(attempts[0])
    tables = [_worst(findings) for findings in attempts]
    keys = dict.fromkeys(key for table in tables for key in table)
    return [_one([table.get(key) for table in tables]) for key in keys]


def _worst(findings: Iterable[Finding]) -> dict[tuple[str, str], Finding]:
    found: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = (finding.check, finding.requirement)
        if key not in found or _rank(finding) < _rank(found[key]):
            found[key] = finding
    return found


def _rank(finding: Finding) -> int:
    return _ORDER.index(finding.verdict)


def _one(seen: Sequence[Finding | None]) -> Finding:
    there = [finding for finding in seen if finding is not None]
    worst = min(there, key=_rank)
    verdicts = tuple(ABSENT if finding is None else finding.verdict for finding in seen)
    exchanges = tuple(dict.fromkeys(name for finding in there for name in finding.exchanges))
    message = f"{worst.message} ({said(verdicts)})" if any(verdict in BROKEN for verdict in verdicts) else worst.message
    return replace(worst, message=message, exchanges=exchanges, attempts=verdicts)


def manner(verdicts: Sequence[str]) -> str:
    """How attempts failed: ``always``, ``sometimes``, ``first`` (only the first time) or ``never``."""
    failed = [verdict in BROKEN for verdict in verdicts]
    if not any(failed):
        return "never"
    return "always" if all(failed) else "first" if failed[0] and not any(failed[1:]) else "sometimes"


def said(verdicts: Sequence[str]) -> str:
    """The same in words."""
    how = {"always": "fails always", "sometimes": "fails sometimes", "first": "failed only the first time"}[manner(verdicts)]
    return f"{how}: {sum(verdict in BROKEN for verdict in verdicts)} of {len(verdicts)} attempts"


def of_case(attempts: Sequence[Sequence[Finding]]) -> str:
    """How a whole case failed, whatever check said so."""
    return manner(["fail" if any(finding.verdict == "fail" for finding in findings) else "pass" for findings in attempts])


def counted(manners: Mapping[str, str], requests: int, not_sent: int) -> dict[str, int]:
    """The summary's ``repeats``: ``manners`` by case, the requests that repeating took, the cases not tried as often as asked."""
    how = Counter(manners.values())
    return {"cases": len(manners), "requests": requests, "always": how["always"], "sometimes": how["sometimes"], "first": how["first"], "not_sent": not_sent}


def sentence(repeats: Mapping[str, int]) -> str:
    """What a reader must know of the repeats."""
    rest = f"; {repeats['not_sent']} could not be sent as often as asked" if repeats["not_sent"] else ""
    return (
        f"{repeats['cases']} failed case(s) were sent again ({repeats['requests']} request(s)): "
        f"{repeats['always']} fail always, {repeats['sometimes']} sometimes, {repeats['first']} failed only the first time{rest}"
    )
