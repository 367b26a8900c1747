"""A gateway that does one thing wrong is caught, by the check that is about this thing; one that does right is not."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import pytest
from tests.relay.declared import FAULTS, Declared
from tests.relay.trying import tried

#: Runs mostly wait: for the model to be slow, for a gateway to try again.
AT_ONCE = 3


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 40
    assert len({one.id for one in FAULTS}) == len(FAULTS)


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[tuple[set[tuple[str, str]], set[str]]]]]:
    """The runs of all faults whose tests were chosen, several at once."""
    parameters = [item.callspec.params for item in request.session.items if getattr(item, "callspec", None) is not None]
    chosen = [found["declared"].id for found in parameters if "declared" in found]
    with ProcessPoolExecutor(AT_ONCE, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield {name: pool.submit(tried, name, tmp_path_factory.mktemp(name)) for name in chosen}


@pytest.mark.parametrize("declared", FAULTS, ids=[one.id for one in FAULTS])
def test_a_faulty_gateway_is_caught_by_the_right_check(declared: Declared, runs: dict[str, Future[tuple[set[tuple[str, str]], set[str]]]]) -> None:
    broken, verdicts = runs[declared.id].result()
    assert declared.check in {check for check, _ in broken}, broken
    assert "error" not in verdicts
