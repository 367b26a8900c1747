"""contract + what the target offers → cases, with stable ids, each distinct request once."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, TypeVar

from proofsheet.cases import billing, clients, errors, fuzz, lifecycles, parameters, pixels, relay
from proofsheet.cases.features import with_feature
from proofsheet.cases.model import NO_KEY, Case, Probe
from proofsheet.cases.requests import base_request, probe
from proofsheet.cases.surroundings import Surroundings
from proofsheet.contract.model import Contract, Operation

Shuffled = TypeVar("Shuffled")


@dataclass(frozen=True, slots=True)
class Ground:
    """What the makers of cases for one operation share. ``base`` is the probe of the smallest valid request, which refusals lean on."""

    contract: Contract
    operation: Operation
    surroundings: Surroundings
    base: Probe

    def case(self, area: str, name: str, kind: str, expect: str, made: Probe | None, **more: Any) -> Case:
        """A case whose id is ``provider/operation/area/name``."""
        return Case(id=f"{self.contract.provider}/{self.operation.key}/{area}/{_ascii(name)}", area=area, kind=kind,
                    operation=self.operation, expect=expect, probe=made, **more)  # fmt: skip


def build_cases(contract: Contract, surroundings: Surroundings, *, generated: bool = True) -> tuple[Case, ...]:
    """All cases of a contract against a target, in a stable order. Pure: the same input gives the same cases.

    ``generated``: with those whose requests are generated at random from a fixed seed, which take seconds the first time.
    """
    cases: dict[str, Case] = {}
    # An operation that exists to refuse serves nothing: its refusals lean on the first one that does.
    serving = next((operation for operation in contract.operations if operation.purpose != "refuse"), None)
    for operation in contract.operations:
        base = _base_probe(serving if operation.purpose == "refuse" and serving is not None else operation, surroundings)
        for case in _operation_cases(Ground(contract, operation, surroundings, base), generated=generated):
            cases.setdefault(case.id, case)
    return tuple(with_feature(contract, surroundings, case) for case in cases.values())


def _base_probe(operation: Operation, surroundings: Surroundings) -> Probe:
    if operation.lifecycle is None:
        return probe(operation, base_request(operation))
    readers = (NO_KEY, *(["second_account"] if "second_account" in surroundings.credentials else []))
    return probe(operation, base_request(operation), look_again=True, poll_as=readers)


def _operation_cases(ground: Ground, *, generated: bool) -> Iterator[Case]:
    if ground.operation.purpose == "refuse":
        yield from errors.cases(ground)
        return
    cells = tuple(pixels.cases(ground))
    yield from parameters.cases(ground, cells)
    if generated:
        yield from fuzz.cases(ground)
    yield from errors.cases(ground)
    yield from lifecycles.cases(ground)
    yield from cells
    yield from billing.cases(ground)
    yield from relay.cases(ground)
    yield from clients.cases(ground)


def probes_of(cases: Iterable[Case], seed: int = 0) -> tuple[Probe, ...]:
    """Every distinct probe that these cases need, bases first: what a refusal proves depends on them.

    Within an operation invalid and valid requests take turns, so that one that breaks the next is noticed. With a seed
    other than 0 the bases, and then all others, come in an order that the seed decides.
    """
    sent = [case for case in cases if case.probe is not None]
    bases = {case.base.id: case.base for case in sent if case.base is not None}
    others = {case.probe.id: case.probe for case in _in_turn(sent) if case.probe is not None and case.probe.id not in bases}
    return (*shuffled(bases.values(), seed), *shuffled(others.values(), seed))


def shuffled(values: Iterable[Shuffled], seed: int) -> list[Shuffled]:
    """In the order that the seed decides; as they come where it is 0."""
    given = list(values)
    return random.Random(seed).sample(given, len(given)) if seed else given  # noqa: S311 -- an order is no secret


def _in_turn(cases: Iterable[Case]) -> Iterator[Case]:
    """The cases, those of one operation in the order refused, served, refused, served, ..."""
    by_operation: dict[str, tuple[list[Case], list[Case]]] = {}
    for case in cases:
        by_operation.setdefault(case.operation.key, ([], []))[case.expect == "serve"].append(case)
    for refused, served in by_operation.values():
        yield from (case for pair in zip_longest(refused, served) for case in pair if case is not None)


def _ascii(text: str) -> str:
    """Ids are ASCII without blanks: they stand in file names, pages and shells."""
    return re.sub(r"[^A-Za-z0-9._@:/+(),=-]+", "_", text)[:160]
