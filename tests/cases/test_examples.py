"""Cases of the documents' examples: which there are, what each costs, and whose task it leans on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.folders import loaded
from tests.contract.test_examples import ANSWER, LOOK, SCRIPT, SUBMIT, WIDE, changed, specs

from proofsheet.cases.build import build_cases, probes_of
from proofsheet.cases.examples import A_TASK, request_of
from proofsheet.cases.model import Case
from proofsheet.cases.surroundings import Surroundings
from proofsheet.contract import load_contract
from proofsheet.contract.clients import with_clients
from proofsheet.contract.examples import Example, Placeholders, examples_of
from proofsheet.contract.matrix import Source
from proofsheet.contract.model import Contract
from proofsheet.money.prices import cost_of_probe


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    specs(tmp_path, [SUBMIT, ANSWER, LOOK, WIDE, SCRIPT])
    return with_clients(load_contract("plain", tmp_path))


def made(contract: Contract) -> dict[str, Case]:
    return {case.id: case for case in build_cases(contract, Surroundings(), generated=False) if case.kind == "client-example"}


def test_what_can_be_run_is_a_case_and_the_rest_is_not(contract: Contract) -> None:
    cases = made(contract)
    assert set(cases) == {"plain/draw-later/clients/example/submit", "plain/draw-later/clients/example/look", "plain/draw/clients/example/script"}
    assert {case.id.rpartition("/")[2]: case.expect for case in cases.values()} == {"submit": "serve", "look": "serve", "script": "see"}
    assert all(case.area == "clients" for case in cases.values())


def test_without_clients_there_are_none(contract: Contract, tmp_path: Path) -> None:
    assert made(load_contract("plain", tmp_path)) == {}
    assert examples_of(load_contract("plain", tmp_path)) != ()


def test_a_look_at_a_task_leans_on_who_made_it_and_costs_nothing(contract: Contract) -> None:
    cases = made(contract)
    submit, look = cases["plain/draw-later/clients/example/submit"], cases["plain/draw-later/clients/example/look"]
    assert look.base is not None and submit.probe is not None and look.probe is not None
    assert look.base == submit.probe and submit.base is None
    assert (look.probe.poll_only, cost_of_probe(contract, look.probe).worst) == (A_TASK, 0)
    assert cost_of_probe(contract, submit.probe).worst == 1
    assert {probe.id for probe in probes_of([look])} == {submit.probe.id, look.probe.id}, "chosen alone, it brings who makes the task"
    assert made(contract)["plain/draw-later/clients/example/look"].probe == look.probe, "ids are the same every time"


def test_what_a_line_sends_is_read_from_it(contract: Contract) -> None:
    operation = contract.operation("draw")
    base = operation.base.json

    def body(text: str, kind: str = "curl") -> Any:
        example = Example("x", Source("page", "1"), kind, "draw", "images", text, Placeholders("https://plain.example", "KEY"))
        return request_of(operation, example).json

    assert body('curl x \\\n-H \'A: b\' \\\n-d \'{\n"prompt": "it", "count": 2\n}\'') == {"prompt": "it", "count": 2}
    assert body('curl x --data-raw \'{"prompt": "a"}\'') == {"prompt": "a"}
    for unread in ("curl x", "curl x -d 'no JSON'", "curl x -d '{", "curl x -d"):
        assert body(unread) == base
    assert body("draw()", "python") == base


def test_a_target_that_lacks_a_feature_runs_none_of_its_examples(tmp_path: Path) -> None:
    specs(tmp_path, [SUBMIT, LOOK])
    contract = with_clients(load_contract("plain", tmp_path))
    feature = {"later": {"title": "Later", "cases": ["plain/draw-later/**"]}}
    with_feature = loaded(tmp_path / "other", {"features": feature})
    lacking = replace(contract, features=with_feature.features)
    cases = [case for case in build_cases(lacking, Surroundings(unsupported=frozenset({"later"})), generated=False) if case.kind == "client-example"]
    assert cases and all(case.probe is None and case.feature == "later" for case in cases)


def test_examples_of_other_operations_are_theirs(tmp_path: Path) -> None:
    specs(tmp_path, [changed(SCRIPT, broken=None)])
    (case,) = made(with_clients(load_contract("plain", tmp_path))).values()
    assert (case.operation.key, case.expect) == ("draw", "serve")
