"""Who is to blame where a request that several cases share did not come out as promised: each is looked at alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
        for case in cases:
            if case.probe is not None and case.alone is not None:
                self._groups.setdefault(case.probe.id, []).append(case)
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
        if case.id == group[0].id and self._innocent(group, wait):
            return performance, True
        return alone, False

    def _innocent(self, group: Iterable[Case], wait: Await) -> bool:
        found = [(case, wait(case.alone)) for case in group if case.alone is not None]
        # A request that may be refused, and is, or makes no picture, explains what came of it together with others.
        return all(alone is not None and alone.outcome == "served" and alone.pictures and not _deviates(self._weigh(case, alone)) for case, alone in found)


def _deviates(findings: Iterable[Finding]) -> bool:
    return any(finding.verdict in ("fail", "warn", "error") for finding in findings)
