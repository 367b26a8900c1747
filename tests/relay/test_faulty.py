"""A gateway that does one thing wrong is caught, by the check that is about this thing; one that does right is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.ahead import Ahead, ahead, parameters
from tests.relay.declared import FAULTS, Declared
from tests.relay.trying import tried


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 40
    assert len({one.id for one in FAULTS}) == len(FAULTS)


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ahead]:
    """The runs of the faults whose tests were chosen. They mostly wait: for the model to be slow, for a gateway to try again."""
    chosen = [found["declared"].id for found in parameters(request) if "declared" in found]
    with ahead({name: (tried, name, tmp_path_factory.mktemp(name)) for name in chosen}) as found:
        yield found


@pytest.mark.parametrize("declared", FAULTS, ids=[one.id for one in FAULTS])
def test_a_faulty_gateway_is_caught_by_the_right_check(declared: Declared, runs: Ahead) -> None:
    broken, verdicts = runs.result(declared.id)
    assert declared.check in {check for check, _ in broken}, broken
    assert "error" not in verdicts
