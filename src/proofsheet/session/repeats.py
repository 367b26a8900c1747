"""``--repeat``: what failed is sent again, and what fails always is told from what fails sometimes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from proofsheet.cases.model import Case, Probe
from proofsheet.exchange.engine import Engine, NotPerformed
from proofsheet.exchange.model import Performance
from proofsheet.results.model import Finding
from proofsheet.results.repeats import counted, merged, of_case

Weigh = Callable[[Performance], list[Finding]]


@dataclass
class Repeats:
    """The attempts of one run. ``times`` is how often a case that failed is tried in all."""

    times: int = 1
    manners: dict[str, str] = field(default_factory=dict)
    performances: list[tuple[Case, Performance]] = field(default_factory=list)
    not_sent: set[str] = field(default_factory=set)
    _attempts: dict[str, list[Performance]] = field(default_factory=dict)

    def tried(self, engine: Engine, case: Case, probe: Probe, first: list[Finding], weigh: Weigh) -> list[Finding]:
        """The findings of all attempts at a case that failed, by ``probe``, as one set. Cases that share a probe share its attempts."""
        performances = self._performed(engine, case, probe)
        if len(performances) < self.times - 1:
            self.not_sent.add(case.id)
        if not performances:
            return first
        attempts = [first, *map(weigh, performances)]
        self.manners[case.id] = of_case(attempts)
        return merged(attempts)

    def _performed(self, engine: Engine, case: Case, probe: Probe) -> list[Performance]:
        done = self._attempts.get(probe.id)
        if done is None:
            done = self._attempts[probe.id] = []
            # A replay would say the same again.
            for attempt in range(2, self.times + 1) if engine.wire.sends else ():
                try:
                    done.append(engine.perform_again(replace(probe, attempt=attempt)))
                except NotPerformed:
                    break
                self.performances.append((case, done[-1]))
        return done

    def summary(self, requests: int) -> dict[str, int] | None:
        """The summary's ``repeats``; None where nothing had to be sent again."""
        return counted(self.manners, requests, len(self.not_sent)) if self.manners or self.not_sent else None
