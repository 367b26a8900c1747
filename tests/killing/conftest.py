"""The benches of the shipped providers, each made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from proofsheet.killing.plan import Plan, Planner
from proofsheet.killing.trial import Bench


@pytest.fixture(scope="session")
def bench() -> Iterator[Callable[[str], Bench]]:
    made: dict[str, Bench] = {}

    def of(provider: str) -> Bench:
        if provider not in made:
            made[provider] = Bench.of(provider)
        return made[provider]

    yield of
    for one in made.values():
        one.close()


@pytest.fixture(scope="session")
def planner(bench: Callable[[str], Bench]) -> Callable[[str], Planner]:
    made: dict[str, Planner] = {}

    def of(provider: str) -> Planner:
        if provider not in made:
            made[provider] = bench(provider).planner()
        return made[provider]

    return of


@pytest.fixture(scope="session")
def plan(planner: Callable[[str], Planner]) -> Callable[[str, str], Plan]:
    return lambda provider, name: planner(provider).plan(name)
