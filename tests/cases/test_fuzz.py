"""Generated cases: the same everywhere, never servable, and seen by them what no single change shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cases.test_shipped import cases_of, contract_of
from tests.miniatures.correct import Correct
from tests.miniatures.running import verify
from tests.miniatures.servers import Miniature

from proofsheet.cases.fuzz import prompts
from proofsheet.cases.generated import ALIKE, BODIES, LONGEST, as_text, hopeless_bodies, reasons
from proofsheet.cases.requests import base_request
from proofsheet.cases.sharing import share
from proofsheet.cases.tiers import in_tier
from proofsheet.cases.validity import is_valid
from proofsheet.contract import provider_names
from proofsheet.contract.index import index_of

SCHEMA = {
    "type": "object", "required": ["prompt", "model", "pictures"],
    "properties": {"prompt": {"type": "string"}, "model": {"type": "string", "enum": ["one"]}, "pictures": {"type": "array"}, "n": {"type": "integer"}},
}  # fmt: skip
GOOD = {"prompt": "a fox", "model": "one", "pictures": []}
each = pytest.mark.parametrize("provider", provider_names())


def generated(provider, expect):
    return [case for case in cases_of(provider) if case.kind == "fuzz" and case.expect == expect]


@each
def test_every_walked_json_operation_has_bodies_and_prompts(provider):
    for operation in contract_of(provider).operations:
        own_cases = [case for case in cases_of(provider) if case.kind == "fuzz" and case.operation is operation]
        walked = operation.walk_body and isinstance(base_request(operation).json, dict) and operation.purpose != "refuse"
        numbers = {"refuse": BODIES if walked else 0, "serve": 3 if walked else 0}
        for expect, count in numbers.items():
            found = [case.id.rpartition("/")[2] for case in own_cases if case.expect == expect]
            assert found == [f"fuzz-{number}" for number in range(1, count + 1)], operation.key


@each
def test_no_reading_can_serve_a_generated_body(provider):
    seen = set()
    for case in generated(provider, "refuse"):
        body, schema = case.probe.request.json, case.operation.schema
        assert not is_valid(schema, body), case.id
        assert reasons(schema, body), case.id
        assert len(json.dumps(body, ensure_ascii=False, allow_nan=False).encode()) < LONGEST + 1000
        assert case.base is not None
        seen.add((case.operation.key, case.probe.request.signature()))
    assert len(seen) == len(generated(provider, "refuse"))


@each
def test_a_generated_body_asks_for_no_other_model_operation_or_number(provider):
    for case in generated(provider, "refuse"):
        base = base_request(case.operation)
        for name in ("model", "async", "count"):
            role = case.operation.roles.get(name)
            if role is not None and role.at.kind == "json" and role.at.place.count("/") == 1:
                assert case.probe.request.get(role.at) == base.get(role.at), case.id


@each
def test_prompts_are_valid_and_hold_what_the_document_asks_for(provider):
    for case in generated(provider, "serve"):
        role = case.operation.roles["prompt"]
        assert is_valid(case.operation.schema, case.probe.request.json)
        assert case.probe.request.get(role.at).startswith(base_request(case.operation).get(role.at))


@each
def test_they_cost_no_image_and_belong_to_the_full_tier(provider):
    cases, contract = cases_of(provider), contract_of(provider)
    core = in_tier(contract, cases, "core")
    assert [case.id for case in core if case.kind == "fuzz"] == []
    assert [case.id for case in in_tier(contract, cases, "smoke") if case.kind == "fuzz"] == []
    served = [case for case in share(cases, contract.matrix) if case.kind == "fuzz" and case.expect == "serve"]
    hosts = {case.probe.id for case in share(cases, contract.matrix) if case.kind != "fuzz" and case.probe is not None}
    assert served
    assert [case.id for case in served if case.probe.id not in hosts] == []
    assert [case.id for case in served if case.alone is None] == []


@each
def test_a_requirement_speaks_of_each(provider):
    index = index_of(contract_of(provider).matrix)
    for expect, check in (("refuse", "parameters.refused"), ("serve", "parameters.served")):
        assert [case.id for case in generated(provider, expect) if not index.proved_by(check, case.id)] == []


def test_prompts_are_printable_and_of_many_kinds():
    scripts, marks, signs = prompts()
    assert all(character.isprintable() or character == "\n" for text in prompts() for character in text)
    assert all(mark in marks for mark in "\"'`\\\n<>&%{}")
    assert any(0x1F300 <= ord(character) <= 0x1F64F for character in signs)
    blocks = {ord(character) >> 8 for character in scripts}
    assert {0x03, 0x04, 0x05, 0x06, 0x09, 0x0E, 0x10, 0x30} <= blocks
    assert max(map(ord, scripts)) > 0xFFFF
    assert max(map(len, prompts())) < 200


@pytest.mark.parametrize(("body", "why"), [
    ({}, "prompt: missing, model: missing, pictures: missing"),
    ({**GOOD, "prompt": None}, "prompt: missing"),
    ({**GOOD, "prompt": 5}, "prompt: number"),
    ({**GOOD, "pictures": "x"}, "pictures: string"),
    # What some server may well get over is no reason.
    (GOOD, ""), ({**GOOD, "n": None}, ""), ({**GOOD, "n": "3"}, ""), ({**GOOD, "n": 1.0}, ""), ({**GOOD, "odd": True}, ""), ({**GOOD, "pictures": {}}, ""),
])  # fmt: skip
def test_what_is_a_reason(body, why):
    assert reasons(SCHEMA, body) == why
    assert reasons(SCHEMA, {name: value for name, value in body.items() if name != "prompt"}, ("prompt", "model", "pictures")) == ""


def test_given_names_stay_with_who_gives_them():
    bodies = hopeless_bodies(SCHEMA, ("model",))
    assert len(bodies) == BODIES
    found = [reasons(SCHEMA, {"model": "one", **body}, ("model",)) for body in bodies]
    assert all(found)
    assert len(set(found)) >= BODIES // ALIKE
    assert hopeless_bodies({"type": "object", "properties": {"n": {"type": "integer"}}}) == ()
    assert hopeless_bodies(SCHEMA, ("prompt", "model", "pictures")) == ()


@pytest.mark.parametrize("body", [{"a": "\ud800"}, {"a": float("nan")}, {"a": b"x"}, {"a": "x" * LONGEST}, {1: 2}])
def test_what_json_cannot_say_is_not_sent(body):
    assert as_text(body) is None


PROGRAM = """
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
{first}
from proofsheet.cases.generated import hopeless_bodies
print(hashlib.sha256(json.dumps(hopeless_bodies(json.loads(sys.argv[2]))).encode()).hexdigest())
"""


def test_the_same_whatever_the_process_has_imported_and_hashes(tmp_path: Path):
    """Left alone, hypothesis draws texts and numbers from the modules of the folder that it runs in."""
    constants = ", ".join(repr(f"constant number {number}") for number in range(300))
    (tmp_path / "own_module.py").write_text(f"WORDS = [{constants}]\nNUMBERS = {list(range(10_000, 10_400))}\n", encoding="utf-8")
    digests = set()
    for first, seed in (("", "0"), ("import own_module", "7")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PROOFSHEET_CACHE": "", "CI": seed}
        arguments = [sys.executable, "-c", PROGRAM.format(first=first), str(tmp_path), json.dumps(SCHEMA)]
        digests.add(subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment).stdout)
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


class Brittle(Correct):
    """Falls over where a name in the body is not of its own alphabet, and blames itself."""

    def answer(self, body: bytes) -> None:
        if b"contents" in body or b"\\u" not in body:
            super().answer(body)
        else:
            self.say(500, {"error": {"code": 500, "message": "internal error", "status": "INTERNAL"}})


class Western(Correct):
    """Knows one alphabet."""

    def answer(self, body: bytes) -> None:
        try:
            json.dumps(json.loads(body or b"null"), ensure_ascii=False).encode("latin-1")
        except UnicodeEncodeError:
            self.say(400, {"error": {"code": 400, "message": "the prompt is not understood", "status": "INVALID_ARGUMENT"}})
        except ValueError:
            super().answer(body)
        else:
            super().answer(body)


@pytest.mark.parametrize(("miniature", "check"), [(Correct, None), (Brittle, "parameters.refused"), (Western, "parameters.served")])
def test_a_broken_server_is_caught_and_a_correct_one_passes(miniature: type[Miniature], check: str | None, tmp_path: Path):
    outcome = verify(miniature, "xairouter", tmp_path, unsupported=["snake-case"], only=["**/parameters/base", "**/fuzz-*"])
    failed = {finding.check for finding in outcome.findings if finding.verdict in ("fail", "warn") and "/fuzz-" in finding.case}
    assert {finding.check for finding in outcome.findings if finding.verdict == "error"} == set()
    if check is None:
        assert failed == set()
        assert outcome.verdicts("parameters.refused", "*/fuzz-*") == outcome.verdicts("parameters.served", "*/fuzz-*") == {"pass"}
    else:
        assert check in failed
        # Without them nobody would know: the base request, and an empty body, are answered as they should be.
        assert "pass" in outcome.verdicts("parameters.served", "*/parameters/base")
