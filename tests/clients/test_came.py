"""What must come of an example, by the contract's locators; and the answers that documents print."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.folders import JOB, loaded

from proofsheet.cases.build import build_cases
from proofsheet.cases.surroundings import Surroundings
from proofsheet.clients.came import lack_of, printed_answer
from proofsheet.contract import load_contract, provider_names
from proofsheet.contract.examples import Example, examples_of
from proofsheet.contract.matrix import Source
from proofsheet.contract.model import Contract
from proofsheet.contract.patterns import matches
from proofsheet.exchange.model import Exchange, Sent

ANSWERS = {"listed": {"images": [{"each": "$.made[*]", "url": "$.url", "base64": "$.bytes"}]}}
JOBS = {"job": {**JOB, "answer": "listed", "status": {"at": "json:$.state", "running": ["busy"], "succeeded": ["done"], "failed": ["lost"]}}}
OPERATIONS = {"draw": {"answer": "listed"}, "draw-later": {"extends": "draw", "answer": None, "lifecycle": "job"}}


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    return loaded(tmp_path, {"answers": ANSWERS, "lifecycles": JOBS, "operations": OPERATIONS})


def answered(body: Any, status: int = 200) -> Exchange:
    return Exchange("1", Sent("POST", "https://plain.example/draw", {}), status, {"content-type": "application/json"}, json.dumps(body).encode())


IMAGE = {"made": [{"url": "https://plain.example/1.png"}]}


@pytest.mark.parametrize(
    ("operation", "gives", "body", "lacks"),
    [
        ("draw", "images", IMAGE, None),
        ("draw", "images", {"made": []}, "it holds no image where the document has it"),
        ("draw", "images", {"made": [{"bytes": "not base64!"}]}, "its image cannot be read: it is not base64"),
        ("draw-later", "task", {"id": "7"}, None),
        ("draw-later", "task", {"number": "7"}, "it holds no task id where the document has it"),
        ("draw-later", "status", {"state": "busy"}, None),
        ("draw-later", "status", {"state": "lost"}, None),
        ("draw-later", "status", {"state": "\x1b[1mhm"}, "it says nothing known of how the task stands: '\\x1b[1mhm'"),
        ("draw-later", "status", {}, "it says nothing known of how the task stands"),
        ("draw-later", "images", {"state": "done", **IMAGE}, None),
        ("draw-later", "images", {"state": "busy", **IMAGE}, "the task has not succeeded: busy"),
        ("draw-later", "images", {"state": "done"}, "it holds no image where the document has it"),
    ],
)
def test_what_must_come_is_found_where_the_contract_has_it(contract: Contract, operation: str, gives: str, body: Any, lacks: str | None) -> None:
    assert lack_of(contract.operation(operation), gives, answered(body)) == lacks


def printed(text: str, gives: str = "task", operation: str = "draw-later") -> Example:
    return Example("it", Source("page", "1"), "answer", operation, gives, text)


def test_a_printed_answer_is_read_as_the_contract_reads_any(contract: Contract, tmp_path: Path) -> None:
    assert printed_answer(contract, printed('{"id": "7"}')) is None
    assert printed_answer(contract, printed('{"id": ...}')) == "it is not JSON"
    assert printed_answer(contract, printed('{"name": "7"}')) == "it holds no task id where the document has it"
    assert printed_answer(contract, printed(json.dumps(IMAGE), "images", "draw")) is None


def test_a_printed_answer_must_fit_the_documented_shape(contract: Contract) -> None:
    operation = contract.operation("draw")
    shape = {"200": {"content": {"application/json": {"schema": {"type": "object", "required": ["cost"]}}}}}
    strict = replace(contract, operations=(replace(operation, endpoint=replace(operation.endpoint, responses=shape)),))
    assert "cost" in str(printed_answer(strict, printed(json.dumps(IMAGE), "images", "draw")))
    assert printed_answer(strict, printed(json.dumps({**IMAGE, "cost": 1}), "images", "draw")) is None


def test_every_answer_that_the_documents_print_is_one_that_the_contracts_read() -> None:
    read = {}
    for provider in provider_names():
        contract = load_contract(provider, matrix=False)
        read |= {example.cited: printed_answer(contract, example) for example in examples_of(contract) if example.kind == "answer"}
    assert read == dict.fromkeys(["001:27-30", "001:45-48", "004:15-18", "004:37-40", "004:53-64"])


def test_what_shows_a_sentence_is_a_case_that_there_is() -> None:
    for provider in provider_names():
        contract = load_contract(provider, matrix=False)
        names = [case.id for case in build_cases(contract, Surroundings(), generated=False)]
        for example in (one for one in examples_of(contract) if one.kind == "prose"):
            assert example.broken is not None or example.shown_by
            assert all(any(matches(pattern, name) for name in names) for pattern in example.shown_by), example.name
