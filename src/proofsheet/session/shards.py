"""``--shard I/N``: a plan in N parts, each sent by a run of its own, and no image paid for twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proofsheet.cases.model import Case
from proofsheet.results.merge import plan_digest

SHARD_FILE = "shard.json"
#: How heavily a request weighs that is meant to be refused: it takes time and makes no image.
_REFUSAL = 0.1


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a plan. ``plan`` is the digest of all parts' cases, ``positions`` where each of this part's stands among them."""

    index: int
    of: int
    plan: str
    positions: Mapping[str, int]

    @property
    def name(self) -> str:
        """As it is written on the command line."""
        return f"{self.index}/{self.of}"

    def document(self) -> dict[str, Any]:
        """The content of shard.json."""
        return {"index": self.index, "of": self.of, "plan": self.plan, "cases": [{"id": id, "position": position} for id, position in self.positions.items()]}


def split(cases: Sequence[Case], index: int, of: int) -> tuple[tuple[Case, ...], Part]:
    """The cases of part ``index``, and what must be known to join the parts again. Pure: every part comes to the same split."""
    plan = plan_digest(case.id for case in cases)
    loads, mine = [0.0] * of, set[str]()
    for group in sorted(_groups(cases), key=lambda group: -group.weight):
        least = loads.index(min(loads))
        loads[least] += group.weight
        if least == index - 1:
            mine |= group.cases
    chosen = tuple(case for case in cases if case.id in mine)
    return chosen, Part(index, of, plan, {case.id: number for number, case in enumerate(cases) if case.id in mine})


@dataclass
class _Group:
    """Cases that must be sent by one part, because they share a request or lean on the same base."""

    cases: set[str] = field(default_factory=set)
    probes: dict[str, float] = field(default_factory=dict)

    @property
    def weight(self) -> float:
        """About how many images it makes."""
        return sum(self.probes.values()) or _REFUSAL / 10


def _groups(cases: Iterable[Case]) -> list[_Group]:
    """The cases that hang together, in the order of their first ones."""
    groups: list[_Group] = []
    of_probe: dict[str, _Group] = {}
    for case in cases:
        probes = _probes(case)
        met = list({id(of_probe[name]): of_probe[name] for name in probes if name in of_probe}.values())
        group = met[0] if met else _Group()
        for other in met[1:]:
            group.cases |= other.cases
            probes = {**other.probes, **probes}
            groups = [one for one in groups if one is not other]
        if not met:
            groups.append(group)
        group.cases.add(case.id)
        for name, weight in probes.items():
            group.probes[name] = max(weight, group.probes.get(name, 0.0))
            of_probe[name] = group
    return groups


def _probes(case: Case) -> dict[str, float]:
    """What a case sends and leans on, by weight. One that is not performed has nothing."""
    if case.probe is None:
        return {}
    own = {case.probe.id: 1.0 if case.expect == "serve" else _REFUSAL}
    return own if case.base is None else {**own, case.base.id: 1.0}
