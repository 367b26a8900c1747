"""What a plan costs: on a conforming target, and at worst."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofsheet.cases.model import Case, Probe
from proofsheet.contract.model import Contract
from proofsheet.money.amounts import decimal_text
from proofsheet.money.books import Expected
from proofsheet.money.prices import cost_of_probe, unit_of


@dataclass(frozen=True, slots=True)
class Figures:
    """``expected`` is what a conforming target charges, ``worst`` what one charges that serves everything, ``dearest`` the most for one request."""

    expected: Fraction
    worst: Fraction
    dearest: Fraction

    def in_words(self, unit: str, usd_per_unit: Fraction | None) -> str:
        """Both sums, in the unit and in USD where its worth is known."""
        return " and ".join(f"{name} {_money(amount, unit, usd_per_unit)}" for name, amount in (("about", self.expected), ("at worst", self.worst)))


def _money(amount: Fraction, unit: str, usd_per_unit: Fraction | None) -> str:
    usd = f" ({decimal_text(amount * usd_per_unit)} USD)" if usd_per_unit is not None and unit.upper() != "USD" else ""
    return f"{decimal_text(amount)} {unit}{usd}"


def expectations(contract: Contract, cases: Iterable[Case]) -> dict[str, Expected]:
    """What each probe of these cases costs on a conforming target: nothing where all of them want it refused or failed."""
    sent = [case for case in cases if case.probe is not None]
    own = [(case, case.probe, case.expect in ("serve", "see") and case.probe is not None and case.probe.state is None) for case in sent]
    found: dict[str, Expected] = {}
    for case, probe, served in (*own, *((case, case.base, True) for case in sent)):
        if probe is None:
            continue
        cost = cost_of_probe(contract, probe)
        amount = (cost.worst if cost.amount is None else cost.amount) if served else Fraction(0)
        before = found.get(probe.id)
        found[probe.id] = Expected(case.id, amount) if before is None else Expected(before.case, max(amount, before.amount))
    return found


def alone_of(cases: Iterable[Case]) -> tuple[Probe, ...]:
    """What is sent beside the plan where no shared request comes out as promised: each case's own."""
    return tuple({case.alone.id: case.alone for case in cases if case.alone is not None}.values())


def figures_of(contract: Contract, probes: Iterable[Probe], expected: Mapping[str, Expected], alone: Iterable[Probe] = ()) -> Figures:
    """The sums over the probes of a plan. At worst everything is served, and then all that is to be looked at alone."""
    costs = [(cost_of_probe(contract, one).worst, expected.get(one.id)) for probe in probes for one in probe.everyone]
    likely = sum((worst if said is None else said.amount for worst, said in costs), Fraction(0))
    worst = sum((worst for worst, _ in costs), Fraction(0)) + sum((cost_of_probe(contract, probe).worst for probe in alone), Fraction(0))
    return Figures(likely, worst, max((worst for worst, _ in costs), default=Fraction(0)))


def cheapest_first(probes: Sequence[Probe], expected: Mapping[str, Expected], figures: Figures, left: Fraction | None) -> tuple[Probe, ...]:
    """The probes in the order in which a budget proves most: unchanged where it holds them all."""
    if left is None or figures.expected + figures.dearest <= left:
        return tuple(probes)
    return tuple(sorted(probes, key=lambda probe: expected[probe.id].amount if probe.id in expected else Fraction(0)))


def example_budget(contract: Contract, figures: Figures) -> str:
    """A budget that holds the plan on a conforming target, in whole units."""
    return f"{max(-(-(figures.expected + figures.dearest) // 1), 1)} {unit_of(contract)}"
