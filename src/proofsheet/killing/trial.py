"""One trial: the harness, as it is, against a gateway with declared faults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from proofsheet.cases.build import build_cases, probes_of
from proofsheet.cases.model import Case
from proofsheet.cases.sharing import share
from proofsheet.cases.surroundings import Surroundings
from proofsheet.checks import Bounds, Subject, judge
from proofsheet.contract.loading import load_contract
from proofsheet.contract.model import Contract
from proofsheet.exchange.engine import Engine
from proofsheet.exchange.inspection import Inspector
from proofsheet.exchange.model import Performance
from proofsheet.exchange.targets import Target, TargetPace, target_from_mapping
from proofsheet.killing.plan import Planner
from proofsheet.killing.wire import InProcess
from proofsheet.reference.faults import fault_ids
from proofsheet.reference.gateway import Gateway
from proofsheet.reference.pictures import Studio
from proofsheet.reference.targets import target_of
from proofsheet.reference.wording import Wording, read_wording
from proofsheet.results.judging import findings_for
from proofsheet.results.model import Finding
from proofsheet.session.pictures import RunningPictures
from proofsheet.session.run import bounds_of, surroundings_of
from proofsheet.session.sharing import Shared

#: A port that nothing listens on: the wire ends in this process.
_PORT = 9
#: Seconds for one answer and for one task. Nothing takes so long here but what never ends; many cases share the processor.
_PATIENCE = (15.0, 2.0)
_MANY, _LONG_PATIENCE = 100, (60.0, 30.0)
#: The same for operators that never end: the time would only be waited for.
_IMPATIENCE = (0.5, 0.3)
_ENDLESS = frozenset({"slow", "hang", "never-finish", "unknown-word"})


@dataclass
class Bench:
    """Everything that the trials of one provider share."""

    contract: Contract
    wording: Wording
    target: Target
    cases: tuple[Case, ...]
    bounds: Bounds
    pictures: RunningPictures
    studio: Studio = field(default_factory=Studio)
    inspector: Inspector = field(default_factory=Inspector)

    @classmethod
    def of(cls, provider: str, specs: Path | None = None) -> Self:
        """Read the specs, make the cases, start what serves reference images. Raises ContractError."""
        contract = load_contract(provider, specs)
        gateway = Gateway(contract, wording := read_wording(contract))
        unit = contract.prices.unit if contract.prices else "units"
        raw = {key: value for key, value in target_of(provider, _PORT, gateway.accounts.keys, unit).items() if key != "reference_image_url"}
        target = target_from_mapping(provider, raw)
        pictures = RunningPictures()
        surroundings: Surroundings = surroundings_of(target, pictures.pictures)
        return cls(contract, wording, target, build_cases(contract, surroundings), bounds_of(contract, target), pictures)

    def close(self) -> None:
        """Stop what was started."""
        self.pictures.stop()

    def fault_ids(self) -> list[str]:
        """Every fault of this provider."""
        return fault_ids(self.contract, self.wording)

    def planner(self) -> Planner:
        """What plans this provider's faults."""
        return Planner(self.contract, self.cases, Gateway(self.contract, self.wording))

    def findings(self, faults: Sequence[str], case_ids: Iterable[str] | None = None) -> list[Finding]:
        """What the harness finds on these cases, each by itself; None: on all of them, which share requests as in a run.

        Raises what the harness or a fault's own code raises.
        """
        wanted = None if case_ids is None else set(case_ids)
        cases = [case for case in (share(self.cases, self.contract.matrix) if wanted is None else self.cases) if case.probe is not None and (wanted is None or case.id in wanted)]
        gateway = self._gateway(faults)
        endless = bool(faults) and all(id.partition(":")[0] in _ENDLESS for id in faults)
        request, lifecycle = _IMPATIENCE if endless else _LONG_PATIENCE if len(cases) > _MANY else _PATIENCE
        pace = TargetPace(max_concurrency=32, first_poll_after=0.0, poll_every=0.002, lifecycle_timeout=lifecycle)
        shared = Shared(cases, lambda case, performance: self._weighed(case, performance, None))
        target = replace(self.target, pace=pace, request_timeout=request)
        engine = Engine(self.contract, target, lambda probe, exchange: None, wire=InProcess(gateway, self.inspector), follow=shared.follow)
        engine.start(probes_of(cases))
        try:
            return [finding for case in cases for finding in self._judged(engine, shared, case)]
        finally:
            engine.stop()

    def _judged(self, engine: Engine, shared: Shared, case: Case) -> list[Finding]:
        assert case.probe is not None
        performance, together = shared.speaking(case, engine.performance(case.probe), engine.performance)
        return self._weighed(case, performance, engine.performance(case.base) if case.base is not None else None, together=together)

    def _weighed(self, case: Case, performance: Performance, base: Performance | None, *, together: bool = False) -> list[Finding]:
        subject = Subject(self.contract, case, performance, base, self.bounds, together)
        return findings_for(self.contract.matrix, self.contract.provider, case, judge(subject), "", ())

    def _gateway(self, faults: Sequence[str]) -> Gateway:
        keys = {name: credential.key.reveal() for name, credential in self.target.credentials.items()}
        gateway = Gateway(self.contract, self.wording, keys, faults)
        gateway.port, gateway.studio = _PORT, self.studio.for_another_loop()
        return gateway
