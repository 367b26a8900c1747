"""The plan of one run as a frozen value: cases, paid images and why each is needed, cost, time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofsheet.cases.build import probes_of
from proofsheet.cases.model import Case, Probe
from proofsheet.cases.requests import asked
from proofsheet.cases.tiers import TIERS, in_tier
from proofsheet.contract.model import Contract
from proofsheet.exchange.pace import Pace
from proofsheet.exchange.targets import Target
from proofsheet.money.figures import Figures, alone_of, expectations, figures_of
from proofsheet.money.prices import cost_of_probe, unit_of, usd_rate
from proofsheet.planning.bound import Bound, bound_of
from proofsheet.planning.duration import Duration, duration_of


@dataclass(frozen=True, slots=True)
class PaidImage:
    """One request that is paid: the case that it is made for first, all that it shows, what it asks for, and its cost.

    ``disputed``: the documents leave open whether it is served, and so whether it is paid.
    """

    case: str
    shows: tuple[str, ...]
    asks: Mapping[str, Any]
    images: int
    amount: Fraction | None
    disputed: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would send."""

    target: Target
    tier: str
    cases: Mapping[str, Mapping[str, int]]
    requests: int
    paid: tuple[PaidImage, ...]
    bound: Bound
    unit: str
    usd_per_unit: Fraction | None
    figures: Figures
    duration: Duration

    @property
    def images(self) -> int:
        """The images that a conforming target makes, those of requests in dispute left out."""
        return sum(one.images for one in self.paid if not one.disputed)

    @property
    def disputed(self) -> int:
        """The images of requests that a conforming target may serve or refuse."""
        return sum(one.images for one in self.paid if one.disputed)


def plan_of(contract: Contract, target: Target, tier: str, everything: Sequence[Case], selected: Sequence[Case]) -> Plan:
    """The plan for the selected cases. ``everything`` are the cases of all tiers, for comparison."""
    probes = probes_of(selected)
    expected = expectations(contract, selected)
    paid = tuple(_paid(contract, selected))
    served = {case.probe.id for case in selected if case.probe is not None and case.expect in ("serve", "fail")}
    served |= {case.base.id for case in selected if case.base is not None}
    duration = duration_of(contract, Pace.of(contract, target), [p for p in probes if p.id in served], [p for p in probes if p.id not in served])
    return Plan(
        target=target, tier=tier, cases=_by_area(contract, everything, selected), requests=len(probes), paid=paid, bound=bound_of(selected),
        unit=unit_of(contract), usd_per_unit=usd_rate(contract, target), figures=figures_of(contract, probes, expected, alone_of(selected)), duration=duration,
    )  # fmt: skip


def _by_area(contract: Contract, everything: Sequence[Case], selected: Iterable[Case]) -> dict[str, dict[str, int]]:
    """How many cases each area has in each tier, and how many of them this run performs."""
    tiers = {tier: Counter(case.area for case in in_tier(contract, everything, tier) if case.probe is not None) for tier in TIERS}
    planned = Counter(case.area for case in selected if case.probe is not None)
    return {area: {**{tier: tiers[tier][area] for tier in TIERS}, "planned": planned[area]} for area in sorted(tiers["full"] | planned)}


def _paid(contract: Contract, selected: Sequence[Case]) -> Iterable[PaidImage]:
    groups: dict[str, list[Case]] = {}
    for case in selected:
        if case.probe is not None and case.expect in ("serve", "see") and case.probe.poll_only is None and case.probe.state is None:
            groups.setdefault(case.probe.id, []).append(case)
        if case.base is not None and case.probe is not None:
            groups.setdefault(case.base.id, [])
    leaning = {case.base.id: case for case in reversed(selected) if case.base is not None and case.probe is not None}
    for probe_id, cases in groups.items():
        first = cases[0] if cases else leaning[probe_id]
        probe = next((case.probe for case in cases if case.probe is not None), first.base)
        assert probe is not None
        yield _paid_image(contract, probe, sorted(cases, key=lambda case: case.kind != "cell") or [first], disputed=bool(cases) and all(c.expect == "see" for c in cases))


def _paid_image(contract: Contract, probe: Probe, cases: Sequence[Case], *, disputed: bool) -> PaidImage:
    cost = cost_of_probe(contract, probe)
    values = {name: value for name, value in asked(probe.operation, probe.request).items() if name != "model"}
    return PaidImage(cases[0].id, tuple(case.id for case in cases), values, cost.images, cost.amount, disputed)
