"""A gateway that does one thing wrong to users of SDKs is caught, by the check that is about it and nowhere else; one that does right is not."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch

import pytest
from tests.ahead import Ahead, ahead, parameters
from tests.clients.faulty.declared import FAULTS, Declared
from tests.clients.faulty.trying import allowed, tried
from tests.clients.faulty.variants import CORRECT

MARKS = {"python": pytest.mark.sdks, "node": pytest.mark.node}
RIGHT = [pytest.param(name, kind, runtime, id=f"{name}-{kind}-{runtime}", marks=MARKS[runtime]) for name, kind, _ in CORRECT for runtime in MARKS]


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 40
    assert len({one.id for one in FAULTS}) == len(FAULTS)
    assert {check for one in FAULTS for check in one.blamed} == {"served", "picture", "pixels", "images", "error", "message", "once"}


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, npm: None) -> Iterator[Ahead]:
    """The runs of the tests that were chosen. They mostly wait: for an SDK to be loaded, for it to try again."""
    chosen = parameters(request)
    wrong = {each["declared"].id: (tried, each["declared"].id, tmp_path_factory.mktemp("wrong")) for each in chosen if "declared" in each}
    right = [(each["name"], each["kind"], each["runtime"]) for each in chosen if "runtime" in each]
    with ahead({**wrong, **{each: (allowed, *each, tmp_path_factory.mktemp("right")) for each in right}}) as found:
        yield found


@pytest.mark.parametrize("declared", [pytest.param(one, id=one.id, marks=MARKS[one.runtime]) for one in FAULTS])
def test_a_faulty_gateway_is_caught_by_the_right_check_and_blamed_for_nothing_else(declared: Declared, runs: Ahead) -> None:
    broken, verdicts = runs.result(declared.id)
    assert {check for check, _ in broken} == set(declared.blamed), broken
    assert [(check, case) for check, case in broken if not any(fnmatch(case, pattern) for pattern in declared.blamed[check])] == []
    assert "error" not in verdicts


@pytest.mark.parametrize(("name", "kind", "runtime"), RIGHT)
def test_a_correct_gateway_is_blamed_for_nothing(name: str, kind: str, runtime: str, runs: Ahead) -> None:
    broken, verdicts = runs.result((name, kind, runtime))
    assert broken == set()
    assert "pass" in verdicts
