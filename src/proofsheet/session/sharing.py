"""Who is to blame where a request that several cases share did not come out as promised: each is looked at alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from proofsheet.cases.model import Case, Probe
from proofsheet.exchange.model import Performance
from proofsheet.results.model import Finding

Weigh = Callable[[Case, Performance], list[Finding]]
#: Waits for a probe's performance; None where it was not, or cannot be, performed.
Await = Callable[[Probe], Performance | None]


class Shared:
    """The requests that several cases of a run share.

    ``weigh`` judges a case by a performance without waiting for anything. It is asked from the engine's thread.
    """

    def __init__(self, cases: Iterable[Case], weigh: Weigh) -> None:
        self._groups: dict[str, list[Case]] = {}
        self._cases = {case.id: case for case in cases}
        for case in self._cases.values():
            if case.probe is not None and case.alone is not None:
                self._groups.setdefault(case.probe.id, []).append(case)
        #: Shared requests that one of their cases would have sent just so: that case speaks for them.
        self._spoken = {case.probe.id for case in self._cases.values() if case.probe is not None and case.alone is None}
        self._weigh = weigh
        self._asked: set[str] = set()

    def follow(self, performance: Performance) -> tuple[Probe, ...]:
        """What is to be sent after this: the own request of each case, where the shared one deviates."""
        group = self._groups.get(performance.probe.id, ())
        if not any(_deviates(self._weigh(case, performance)) for case in group):
            return ()
        self._asked.add(performance.probe.id)
        return tuple({case.alone.id: case.alone for case in group if case.alone is not None}.values())

    def speaking(self, case: Case, performance: Performance, wait: Await) -> tuple[Performance, bool]:
        """The performance that a case is judged by: that of its own request, where it was sent.

        Where each of the own requests came out as promised, what they were sent together for is at fault: the first case
        of the group says so, and the second value is true.
        """
        alone = wait(case.alone) if case.alone is not None and performance.probe.id in self._asked else None
        if alone is None:
            return performance, False
        group = self._groups[performance.probe.id]
        if case.id == group[0].id and performance.probe.id not in self._spoken and not _may_be_refused(group, performance) and self._innocent(group, wait):
            return performance, True
        return alone, False

    def _innocent(self, group: Sequence[Case], wait: Await) -> bool:
        """Whether everything that a request asks for came out as promised elsewhere.

        A request that may be refused, and is, or makes no picture, explains what came of it together with others.
        """
        beside = {id: self._cases[id] for case in group for id in case.beside if id in self._cases}
        found = [(case, self._own(case, wait)) for case in (*group, *beside.values())]
        return all(own is not None and own.outcome == "served" and own.pictures and not _deviates(self._weigh(case, own)) for case, own in found)

    def _own(self, case: Case, wait: Await) -> Performance | None:
        """The performance of a case's own request, or of a shared one that came out as promised."""
        first = wait(case.probe) if case.probe is not None else None
        if first is None or case.alone is None or first.probe.id not in self._asked:
            return first
        return wait(case.alone)


def _may_be_refused(group: Iterable[Case], performance: Performance) -> bool:
    """Whether a refusal needs no other reason than a value that no document speaks of: what it means beside others is for nobody to say."""
    status = performance.main.status
    return status is not None and 400 <= status < 500 and any(case.expect == "see" for case in group)


def _deviates(findings: Iterable[Finding]) -> bool:
    return any(finding.verdict in ("fail", "warn", "error") for finding in findings)
