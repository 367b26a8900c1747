"""From a fault to the requirements that it breaks and the few cases that can see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from proofsheet.cases.model import Case
from proofsheet.contract.index import index_of
from proofsheet.contract.model import Contract, Requirement
from proofsheet.killing.aims import AIMS
from proofsheet.killing.orders import Orders
from proofsheet.killing.sights import Aim
from proofsheet.reference.faults import Fault, parse_fault, sentence
from proofsheet.reference.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Plan:
    """One fault: the requirements it breaks by level, the checks that ought to notice it, and the cases to perform.

    ``breaks`` maps a requirement's id to its level. No requirement: no case sees the fault (not ``seen``), or the
    documents are silent about what cases see.
    ``whichever``: it breaks one of them, and which depends on who comes next.
    """

    provider: str
    id: str
    operator: str
    sentence: str
    breaks: Mapping[str, str]
    checks: tuple[str, ...]
    cases: tuple[str, ...]
    whichever: bool = False
    seen: bool = True

    @property
    def level(self) -> str:
        """``must`` where it breaks one, else ``should``; ``silent`` or ``unseen`` where it breaks nothing."""
        return "must" if "must" in self.breaks.values() else "should" if self.breaks else "silent" if self.seen else "unseen"

    @property
    def named(self) -> frozenset[str]:
        """The requirements one of which a finding must name: the musts, where it is certain that it breaks one."""
        return frozenset(name for name, level in self.breaks.items() if self.whichever or level == self.level)

    @property
    def kind(self) -> tuple[str, str, frozenset[str]]:
        """What makes two faults the same to the matrix: operator and requirements."""
        return self.provider, self.operator, frozenset(self.breaks)


@dataclass
class Planner:
    """Plans the faults of one provider."""

    contract: Contract
    cases: Sequence[Case]
    gateway: Gateway
    _orders: Orders = field(init=False)
    _proved: dict[tuple[str, str], tuple[Requirement, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._orders = Orders(self.gateway)

    def plan(self, id: str) -> Plan:
        """The plan of one fault."""
        operator, fault = parse_fault(self.contract, id)
        found = _Found()
        for aim in self._aims(id, operator.name, operator.stage, fault):
            counts: Counter[str] = Counter()
            found.whichever |= aim.whichever
            for case in self.cases:
                if case.probe is not None and aim.sees(case):
                    found.add(case.id, aim, {check: self._proved_by(check, case.id) for check in aim.checks}, counts)
        levels = {name: one.level for name, one in found.breaks.items()}
        said = sentence(self.contract, id)
        return Plan(self.contract.provider, id, operator.name, said, levels, tuple(found.checks), tuple(found.cases), found.whichever, found.seen)

    def _proved_by(self, check: str, case_id: str) -> tuple[Requirement, ...]:
        """The requirements with a weight that a check proves on a case."""
        if (check, case_id) not in self._proved:
            proved = index_of(self.contract.matrix).proved_by(check, case_id)
            self._proved[check, case_id] = tuple(one for one in proved if one.level != "info" and one.excluded is None)
        return self._proved[check, case_id]

    def _aims(self, id: str, name: str, stage: str, fault: Fault) -> Iterator[Aim]:
        if name in AIMS:
            yield from AIMS[name](self.gateway, fault)
        elif stage == "order":
            seen = {case.id: self._orders.checks(id, case) for case in self.cases if fault.operation in (None, case.operation.key)}
            for check in sorted(set[str]().union(*seen.values())):
                yield Aim((check,), lambda case, check=check: check in seen.get(case.id, ()))  # type: ignore[misc]
        else:
            raise LookupError(f"nobody says what notices the fault '{name}': declare it in killing/aims.py")


@dataclass
class _Found:
    """What a plan is made of while the cases are gone through."""

    breaks: dict[str, Requirement] = field(default_factory=dict)
    checks: dict[str, None] = field(default_factory=dict)
    cases: dict[str, None] = field(default_factory=dict)
    whichever: bool = False
    seen: bool = False

    def add(self, case_id: str, aim: Aim, proved: Mapping[str, Sequence[Requirement]], counts: Counter[str]) -> None:
        """A case that sees the fault: kept while a requirement of it has been shown on too few."""
        if not aim.checks and len(self.cases) < aim.most:
            self.cases[case_id] = None
        self.seen |= bool(aim.checks)
        for check, requirements in proved.items():
            self.breaks |= {one.id: one for one in requirements}
            self.checks |= {check: None} if requirements else {}
            keys = [f"{check} {one.id}" for one in requirements]
            if case_id in self.cases or any(counts[key] < aim.most for key in keys):
                self.cases |= {case_id: None} if keys else {}
                counts.update(keys)


def representatives(plans: Iterable[Plan]) -> list[Plan]:
    """One plan for each distinct operator and set of requirements."""
    first: dict[tuple[str, str, frozenset[str]], Plan] = {}
    for plan in plans:
        first.setdefault(plan.kind, plan)
    return list(first.values())
