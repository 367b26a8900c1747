"""All trials, spread over processes."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from proofsheet.contract.loading import provider_names
from proofsheet.killing.outcome import Outcome, all_implied, failed, weigh
from proofsheet.killing.plan import Plan, representatives
from proofsheet.killing.trial import Bench

#: Faults that a process takes at once: few enough that both end together.
_AT_ONCE = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """Which faults to try. ``every``: all ids, and not one for each operator and set of requirements.

    ``compare``: each is tried with all cases too, which must not change whether it is caught.
    """

    provider: str | None = None
    operators: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    sample: int | None = None
    every: bool = False
    jobs: int | None = None
    specs: Path | None = None
    seed: int = 0
    compare: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The faults: all there are, those about which the documents are silent, and those that are tried."""

    plans: tuple[Plan, ...]
    chosen: tuple[Plan, ...]

    @property
    def silent(self) -> tuple[Plan, ...]:
        """Faults that cases see and about which the documents are silent."""
        return tuple(plan for plan in self.plans if plan.level == "silent")

    @property
    def unseen(self) -> tuple[Plan, ...]:
        """Faults that no case sees: nothing asks for what they break, or they break no promise to anyone who asks."""
        return tuple(plan for plan in self.plans if plan.level == "unseen")

    @property
    def counted(self) -> tuple[Plan, ...]:
        """Faults that break a requirement."""
        return tuple(plan for plan in self.plans if plan.breaks)


@dataclass
class _Benches:
    """The benches of one process, each made when it is first needed."""

    specs: Path | None
    compare: bool = False
    made: dict[str, tuple[Bench, dict[str, frozenset[str]]]] = field(default_factory=dict)

    def trial(self, plan: Plan) -> Outcome:
        """Try one fault."""
        bench, implies = self._of(plan.provider)
        begun = time.monotonic()
        try:
            few = weigh(plan, bench.findings([plan.id], plan.cases), implies)
            if self.compare and weigh(plan, bench.findings([plan.id]), implies).caught is not few.caught:
                few = replace(few, by={}, problem=f"{'caught' if few.caught else 'not caught'} by the chosen cases, and otherwise by all cases")
            return replace(few, seconds=time.monotonic() - begun)
        except Exception as error:  # noqa: BLE001 -- one trial that breaks must not take the others with it; it is no catch
            return failed(plan, error)

    def _of(self, provider: str) -> tuple[Bench, dict[str, frozenset[str]]]:
        if provider not in self.made:
            bench = Bench.of(provider, self.specs)
            self.made[provider] = bench, all_implied({one.id: one.implies for one in bench.contract.matrix.requirements})
        return self.made[provider]

    def close(self) -> None:
        for bench, _ in self.made.values():
            bench.close()


_HERE: dict[str, _Benches] = {}


def _begin(specs: Path | None, compare: bool) -> None:
    _HERE["benches"] = _Benches(specs, compare)


def _trials(plans: Sequence[Plan]) -> list[Outcome]:
    return [_HERE["benches"].trial(plan) for plan in plans]


def catalogue(choice: Choice) -> Catalogue:
    """Plan every fault and choose those to try. Raises ContractError, FaultError."""
    plans: list[Plan] = []
    for provider in [choice.provider] if choice.provider else provider_names(choice.specs):
        bench = Bench.of(provider, choice.specs)
        try:
            planner = bench.planner()
            ids = choice.faults or bench.fault_ids()
            plans += [planner.plan(id) for id in ids if not choice.operators or id.partition(":")[0] in choice.operators]
        finally:
            bench.close()
    counted = [plan for plan in plans if plan.breaks]
    chosen = counted if choice.every else representatives(counted)
    if choice.sample is not None and choice.sample < len(chosen):
        chosen = random.Random(choice.seed).sample(chosen, choice.sample)  # noqa: S311 -- a sample, no secret
    return Catalogue(tuple(plans), tuple(chosen))


def trials(choice: Choice, plans: Sequence[Plan], heard: Callable[[Outcome], None] = lambda outcome: None) -> list[Outcome]:
    """Try each fault, in as many processes as there are processors (or ``jobs``). ``heard`` is told of each as it ends."""
    jobs = min(choice.jobs or os.cpu_count() or 1, max(1, len(plans) // 4))
    found: list[Outcome] = []
    for outcome in _alone(choice, plans) if jobs == 1 else _together(choice, plans, jobs):
        heard(outcome)
        found.append(outcome)
    order = {(plan.provider, plan.id): number for number, plan in enumerate(plans)}
    return sorted(found, key=lambda outcome: order[outcome.plan.provider, outcome.plan.id])


def _alone(choice: Choice, plans: Sequence[Plan]) -> Iterator[Outcome]:
    benches = _Benches(choice.specs, choice.compare)
    try:
        yield from (benches.trial(plan) for plan in plans)
    finally:
        benches.close()


def _together(choice: Choice, plans: Sequence[Plan], jobs: int) -> Iterator[Outcome]:
    # Forked processes would inherit threads that are not there: they are started afresh.
    context = multiprocessing.get_context("spawn")
    pieces = [plans[start : start + _AT_ONCE] for start in range(0, len(plans), _AT_ONCE)]
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(choice.specs, choice.compare)) as pool:
        for outcomes in pool.map(_trials, pieces):
            yield from outcomes
