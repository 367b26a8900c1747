"""A gateway that does one thing wrong to users of SDKs is caught, by the check that is about it and nowhere else; one that does right is not."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from fnmatch import fnmatch

import pytest
from tests.clients.faulty.declared import FAULTS, Declared
from tests.clients.faulty.trying import allowed, tried
from tests.clients.faulty.variants import CORRECT

#: Runs mostly wait: for an SDK to be loaded, for it to try again.
AT_ONCE = 3
Found = tuple[set[tuple[str, str]], set[str]]
MARKS = {"python": pytest.mark.sdks, "node": pytest.mark.node}
RIGHT = [pytest.param(name, kind, runtime, id=f"{name}-{kind}-{runtime}", marks=MARKS[runtime]) for name, kind, _ in CORRECT for runtime in MARKS]


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 40
    assert len({one.id for one in FAULTS}) == len(FAULTS)
    assert {check for one in FAULTS for check in one.blamed} == {"served", "picture", "pixels", "images", "error", "message", "once"}


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, npm: None) -> Iterator[dict[object, Future[Found]]]:
    """The runs of all tests that were chosen, several at once."""
    parameters = [item.callspec.params for item in request.session.items if getattr(item, "callspec", None) is not None]
    with ProcessPoolExecutor(AT_ONCE, mp_context=multiprocessing.get_context("spawn")) as pool:
        wrong = {each["declared"].id: pool.submit(tried, each["declared"].id, tmp_path_factory.mktemp("wrong")) for each in parameters if "declared" in each}
        right = [(each["name"], each["kind"], each["runtime"]) for each in parameters if "runtime" in each]
        yield {**wrong, **{each: pool.submit(allowed, *each, tmp_path_factory.mktemp("right")) for each in right}}


@pytest.mark.parametrize("declared", [pytest.param(one, id=one.id, marks=MARKS[one.runtime]) for one in FAULTS])
def test_a_faulty_gateway_is_caught_by_the_right_check_and_blamed_for_nothing_else(declared: Declared, runs: dict[object, Future[Found]]) -> None:
    broken, verdicts = runs[declared.id].result()
    assert {check for check, _ in broken} == set(declared.blamed), broken
    assert [(check, case) for check, case in broken if not any(fnmatch(case, pattern) for pattern in declared.blamed[check])] == []
    assert "error" not in verdicts


@pytest.mark.parametrize(("name", "kind", "runtime"), RIGHT)
def test_a_correct_gateway_is_blamed_for_nothing(name: str, kind: str, runtime: str, runs: dict[object, Future[Found]]) -> None:
    broken, verdicts = runs[name, kind, runtime].result()
    assert broken == set()
    assert "pass" in verdicts
