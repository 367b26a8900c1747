"""One run against one target: cases in, findings out."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from proofsheet.cases.build import build_cases, probes_of
from proofsheet.cases.model import Case, Probe
from proofsheet.cases.sharing import share
from proofsheet.cases.surroundings import Pictures, Surroundings
from proofsheet.cases.tiers import in_tier
from proofsheet.checks import Bounds, Subject, judge
from proofsheet.clients.availability import lacking
from proofsheet.contract.clients import Sdk
from proofsheet.contract.locations import Locator, pointer_steps
from proofsheet.contract.model import Contract
from proofsheet.exchange.engine import Engine, NotPerformed
from proofsheet.exchange.model import Performance
from proofsheet.exchange.redact import Redactor
from proofsheet.exchange.targets import Target
from proofsheet.exchange.thumbnails import FOLDER, Thumbnails
from proofsheet.exchange.wire import Wire
from proofsheet.money.books import Books
from proofsheet.report.curl import curl_line
from proofsheet.results.events import EVENTS_FILE, EventLog
from proofsheet.results.judging import findings_for, missing_findings, why_unperformed
from proofsheet.results.known import KnownList
from proofsheet.results.model import Finding
from proofsheet.results.writing import prepare_directory
from proofsheet.session.options import Unreachable
from proofsheet.session.record import Record
from proofsheet.session.repeats import Repeats
from proofsheet.session.sharing import Shared
from proofsheet.session.spending import Spending
from proofsheet.session.wires import MakeWire, live_wire

if TYPE_CHECKING:
    from proofsheet.recording.sets import CassetteSet

CONNECT_TIMEOUT = 5.0


class TargetRun:
    """Everything that belongs to one target in one run."""

    def __init__(self, contract: Contract, target: Target, directory: Path, pictures: Pictures, make_wire: MakeWire = live_wire, *, sends: bool = True, seed: int = 0,
                 tier: str | None = None) -> None:  # fmt: skip
        self.contract, self.target, self.directory, self.pictures = contract, target, directory, pictures
        self.make_wire, self._sends, self._seed = make_wire, sends, seed
        self.repeats, self.known = Repeats(), KnownList()
        self.spending = Spending()
        self.books: Books | None = None
        self._unsent: dict[str, str] = {}
        self.wire = Wire()
        self.against: CassetteSet | None = None
        self.started_at = datetime.now(UTC)
        self.epoch = time.monotonic()
        self.record = Record()
        self.redactor = Redactor({c.variable: c.key.reveal() for c in target.credentials.values()})
        self.bounds = bounds_of(contract, target)
        self.tier = tier or default_tier(target)
        self._unshared = in_tier(contract, build_cases(contract, surroundings_of(target, pictures, contract.clients.sdks), generated=self.tier == "full"), self.tier)
        self.cases = self._unshared
        self.selected: tuple[Case, ...] = ()
        self._by_id: dict[str, Case] = {}
        self.engine: Engine | None = None
        self.shared = Shared((), lambda case, performance: [])
        self.log: EventLog | None = None
        self.reasons: list[str] = []

    def choose(self, selects: Callable[[str], bool]) -> None:
        """Settle by their ids which cases share requests and are performed, unless fewer are selected."""
        shared = share([case for case in self._unshared if selects(case.id)], self.contract.matrix, pairs=self.tier != "smoke")
        by_id = {case.id: case for case in shared}
        self.cases = tuple(by_id.get(case.id, case) for case in self._unshared)
        self.select(shared)

    def select(self, cases: Iterable[Case]) -> None:
        """Settle which cases this run performs."""
        self.selected = tuple(cases)
        self._by_id = {case.id: case for case in self.selected}

    def start(self) -> None:
        """Begin to send, once. Raises Unreachable where nothing listens, UsageError where nobody said how much may be spent."""
        if self.engine is not None:
            return
        probes = probes_of(self.selected, self._seed)
        allowed = self.spending.plan(self, probes) if self._sends else None
        prepare_directory(self.directory)
        if self._sends:
            _knock(self.target)
        self.wire = self.make_wire(self)
        self.wire.inspector.prints = Thumbnails(self.directory / FOLDER)
        if allowed is not None:
            self.books = allowed.open()
            probes = allowed.in_order(self.books)
        header = {"target": self.target.name, "provider": self.target.provider, "base_url": self.target.base_url}
        self.log = EventLog(self.directory / EVENTS_FILE, header, self.redactor)
        self.shared = Shared(self.selected, lambda case, performance: self._weighed(case, performance, None))
        self.engine = Engine(self.contract, self.target, self.record.heard, self.epoch, self.wire, lingers=self.repeats.times > 1, pages=self.books, follow=self._followed)
        self.engine.start(probes)

    def _followed(self, performance: Performance) -> tuple[Probe, ...]:
        """What is to be performed after this; asked in the engine's thread."""
        self.record.performed(performance)
        return self.shared.follow(performance)

    def check_gateway(self) -> None:
        """Wait for the base requests and see whether there is a gateway at all. Raises Unreachable."""
        bases = {case.base.id: case.base for case in self.selected if case.base is not None and case.probe is not None and not case.base.serial}
        found = [performance for performance in (self._performance(probe) for probe in bases.values()) if performance is not None]
        mains = [performance.main for performance in found]
        if mains and all(main.problem is None and main.body.lstrip()[:1] == b"<" for main in mains):
            statuses = ", ".join(sorted({str(main.status) for main in mains}))
            raise Unreachable(
                f"{self.target.base_url} serves HTML ({statuses}) where {self.contract.title} documents an API: "
                "this is no gateway of that provider; check base_url and provider"
            )
        if mains and all(main.problem == "unreachable" for main in mains):
            raise Unreachable(f"nothing answers at {self.target.base_url}: {mains[0].detail[:160]}; start the gateway, or check base_url")

    def _performance(self, probe: Probe | None) -> Performance | None:
        if probe is None or self.engine is None:
            return None
        try:
            return self.engine.performance(probe)
        except NotPerformed as error:
            self._unsent[probe.id] = str(error)
            return None

    def verify(self, case: Case) -> list[Finding]:
        """Wait for a case's performance and judge it. Harness faults become ``error`` findings and are not raised.

        The case is known by its id: which request it shares may have been settled after it was handed out.
        """
        case, started = self._by_id.get(case.id, case), time.monotonic()
        findings, performance = self._judged(case)
        findings = self.known.applied(self._tried(case, findings, performance), self.target.name)
        self.record.judged_case(case, findings, performance)
        if self.log is not None:
            self.log.append("case_finished", case=case.id, seconds=round(time.monotonic() - started, 6), verdicts=[finding.verdict for finding in findings])
            for finding in findings:
                if finding.verdict not in ("pass", "info"):
                    self.log.append("finding", check=finding.check, case=case.id, requirement=finding.requirement, verdict=finding.verdict, message=finding.message)
        return findings

    def _judged(self, case: Case) -> tuple[list[Finding], Performance | None]:
        matrix, provider = self.contract.matrix, self.contract.provider
        unperformed = why_unperformed(case, self.target.unsupported)
        if unperformed is not None:
            return missing_findings(matrix, provider, case, *unperformed), None
        try:
            performance = self._performance(case.probe)
            if performance is not None and performance.main.problem == "unsendable":
                raise ValueError(f"a request that HTTP cannot carry was made: {performance.main.detail}")
            if performance is None:
                return missing_findings(matrix, provider, case, "not_run", self._why_not_run(case)), None
            performance, together = self.shared.speaking(case, performance, self._performable)
            return self._weighed(case, performance, self._performance(case.base), together=together), performance
        except Exception as error:  # noqa: BLE001 -- the harness's own fault must be told apart from the target's
            return self._own_fault(case, error), None

    def _tried(self, case: Case, findings: list[Finding], performance: Performance | None) -> list[Finding]:
        """The findings after what failed was sent again. A listed failure is not: it is known, and may cost money."""
        listed = self.known.applied(findings, self.target.name)
        if self.repeats.times < 2 or self.engine is None or performance is None or all(finding.verdict != "fail" for finding in listed):
            return findings
        try:
            first = self._performance(case.probe)
            together = first is not None and self.shared.speaking(case, first, self._performable)[1]
            return self.repeats.tried(self.engine, case, performance.probe, findings, lambda again: self._weighed_safely(case, again, together=together))
        except Exception as error:  # noqa: BLE001 -- as in _judged
            return [*findings, *self._own_fault(case, error)]

    def _weighed_safely(self, case: Case, performance: Performance, *, together: bool) -> list[Finding]:
        try:
            return self._weighed(case, performance, self._performance(case.base), together=together)
        except Exception as error:  # noqa: BLE001 -- as in _judged
            return self._own_fault(case, error)

    def _own_fault(self, case: Case, error: Exception) -> list[Finding]:
        return missing_findings(self.contract.matrix, self.contract.provider, case, "error", f"the harness failed: {type(error).__name__}: {error}"[:400])

    def _performable(self, probe: Probe) -> Performance | None:
        """As ``_performance``; None also where a recording lacks the probe."""
        performance = self._performance(probe)
        return performance if self.wire.lacks(probe) is None else None

    def _weighed(self, case: Case, performance: Performance, base: Performance | None, *, together: bool = False) -> list[Finding]:
        """What a performance says of a case."""
        matrix, provider = self.contract.matrix, self.contract.provider
        lacks = self.wire.lacks(performance.probe) or (self.wire.lacks(case.base) if case.base is not None else None)
        if lacks is not None:
            return missing_findings(matrix, provider, case, "not_testable", lacks)
        subject = Subject(self.contract, case, performance, base, self.bounds, together)
        sent = performance.main.sent
        exchanges = [exchange.id for exchange in performance.exchanges]
        return findings_for(matrix, provider, case, judge(subject), lambda: curl_line(sent), exchanges, self.target.unsupported)

    def _why_not_run(self, case: Case) -> str:
        why = self._unsent.get(case.probe.id, "") if case.probe is not None else ""
        return why or (self.reasons[0] if self.reasons else "the run ended before")

    def stop(self, reason: str | None = None) -> None:
        """Send nothing more. With a reason the run counts as incomplete."""
        if reason is not None:
            self.reasons.append(reason)
        if self.engine is not None:
            self.engine.stop()
            if self.engine.halted is not None and self.engine.halted not in self.reasons:
                self.reasons.append(self.engine.halted)

    def give_up_rest(self) -> None:
        """Judge what was performed and not judged yet, and name the cases that were not performed."""
        for case in self.selected:
            if case.id in self.record.judged:
                continue
            if self.engine is not None and case.probe is not None and self.engine.finished(case.probe) and (case.base is None or self.engine.finished(case.base)):
                self.verify(case)
            else:
                self._performance(case.probe)  # nobody waits: the engine has stopped, and says why this was not sent
                findings = missing_findings(self.contract.matrix, self.contract.provider, case, "not_run", self._why_not_run(case))
                self.record.judged_case(case, findings, None)


def default_tier(target: Target) -> str:
    """How much is sent where nobody says: what costs nothing is sent whole."""
    return "smoke" if target.paid else "full"


def bounds_of(contract: Contract, target: Target) -> Bounds:
    """What checks need to know of a target."""
    hosts = target.asset_hosts if target.asset_hosts is not None else contract.assets.hosts
    balance = None
    if target.balance is not None:
        steps = "".join(f"[{int(step)}]" if step.isdigit() else f"['{step}']" for step in pointer_steps(target.balance.pointer))
        balance = Locator.parse(f"json:${steps}")
    return Bounds(
        asset_hosts=tuple(host.lower() for host in hosts),
        mirror_hosts=tuple(host.lower() for host in target.mirror_hosts),
        balance=balance,
        balance_unit=target.balance.unit if target.balance else "",
        usd_per_unit=target.usd_per_unit,
        passes_keys=target.key_mode == "passthrough",
    )


def surroundings_of(target: Target, pictures: Pictures, sdks: Sequence[Sdk] = ()) -> Surroundings:
    """What cases depend on: accounts, states, which pictures the target can fetch, and which of these SDKs are lacking here."""
    states = {
        name: {"headers": dict(state.headers), "json": dict(state.json), **({"credential": state.credential} if state.credential else {})}
        for name, state in target.states.items()
    }
    single = target.reference_image_url
    reachable = pictures if target.local and single is None else Pictures(single=single)
    return Surroundings(frozenset(target.credentials), states, reachable, frozenset(target.unsupported), target.balance is not None, lacking(sdks))


def _knock(target: Target) -> None:
    """Connect once before anything is planned: a dead target is told at once, not after a thousand refusals."""
    origin = target.origin
    try:
        socket.create_connection((origin.host, origin.port), timeout=CONNECT_TIMEOUT).close()
    except OSError as error:
        problem = error.strerror or os.strerror(error.errno) if error.errno else str(error)
        raise Unreachable(f"nothing listens at {target.base_url} ({problem}): start the gateway, or check base_url") from None
