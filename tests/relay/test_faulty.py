"""A gateway that does one thing wrong is caught, by the check that is about this thing; one that does right is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.relay import faults_back, faults_out
from tests.relay.declared import FAULTS, Declared
from tests.relay.running import verify

assert faults_out and faults_back  # they declare the faults


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 40
    assert len({one.id for one in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("declared", FAULTS, ids=[one.id for one in FAULTS])
def test_a_faulty_gateway_is_caught_by_the_right_check(declared: Declared, tmp_path: Path) -> None:
    outcome = verify(declared.kind, tmp_path, declared.made, only=[f"**/relay/{case}" for case in declared.cases])
    assert declared.check in {check for check, _ in outcome.broken()}, outcome.broken()
    assert {one.verdict for one in outcome.findings} & {"error"} == set()
