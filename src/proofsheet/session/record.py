"""What a run has seen so far: exchanges, performances, findings. Filled from several threads."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

from proofsheet.cases.model import Case, Probe
from proofsheet.exchange.model import Exchange, Performance
from proofsheet.results.model import Finding

#: What the reference gateway calls itself in the Server header: nothing simulated may pass for a vendor's result.
REFERENCE_SERVER = "proofsheet-reference"


@dataclass
class Record:
    """The one mutable thing of a run."""

    findings: list[Finding] = field(default_factory=list)
    judged: dict[str, Case] = field(default_factory=dict)
    performances: dict[str, Performance] = field(default_factory=dict)
    exchanges: list[tuple[str, Exchange]] = field(default_factory=list)
    attempts: dict[str, int] = field(default_factory=dict)  # by exchange, where it is not the first
    simulated: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, probe: Probe, exchange: Exchange) -> None:
        """One exchange has ended."""
        with self._lock:
            self.exchanges.append((probe.id, exchange))
            if probe.attempt > 1:
                self.attempts[exchange.id] = probe.attempt
            # A gateway in between may carry the header on under another name.
            self.simulated = self.simulated or any(value.startswith(REFERENCE_SERVER) for value in exchange.headers.values())

    def performed(self, performance: Performance) -> None:
        """A probe has been performed, whoever is judged by it."""
        with self._lock:
            self.performances.setdefault(performance.probe.id, performance)

    def judged_case(self, case: Case, findings: list[Finding], performance: Performance | None) -> None:
        """One case has been judged."""
        with self._lock:
            # By its own request, where a shared one deviated: what is told of the case is what it was judged by.
            self.judged[case.id] = case if performance is None or case.alone is None else replace(case, probe=performance.probe)
            self.findings += findings
            if performance is not None:
                self.simulated = self.simulated or any(picture.simulated for picture in performance.pictures)
                self.performances[performance.probe.id] = performance
