"""Every provider's gateway keeps every promise of its contract that a request can ask about, over real HTTP."""

from __future__ import annotations

from fractions import Fraction

import jsonschema
import pytest

from proofsheet.contract.model import Operation
from proofsheet.contract.openapi import response_schema
from proofsheet.contract.requests import Request
from reference.caller import Caller, body, found


def served(caller: Caller) -> list[Operation]:
    return [operation for operation in caller.contract.operations if operation.purpose != "refuse"]


def test_base_requests(caller: Caller) -> None:
    for operation in caller.contract.operations:
        answer = caller.send(operation, caller.base(operation))
        if operation.purpose == "refuse":
            assert 400 <= answer.status_code < 500, operation.key
            continue
        [picture] = caller.pictures(operation, answer)
        assert picture.declared == f"image/{picture.format}", operation.key
        if operation.pixels is not None:
            assert picture.format in operation.pixels.formats, operation.key


def test_answers_fit_their_schemas(caller: Caller) -> None:
    checked = 0
    for operation in served(caller):
        answer = caller.send(operation, caller.base(operation))
        pairs = [(operation.endpoint, answer)]
        if operation.lifecycle is not None:
            pairs += [(operation.lifecycle.poll, look) for _, _, look in caller.trace(operation, answer)]
        for endpoint, seen in pairs:
            schema = response_schema(endpoint, seen.status_code)
            if schema is not None and body(seen) is not None:
                jsonschema.Draft202012Validator(schema).validate(body(seen))
                checked += 1
    assert checked or caller.contract.provider == "atelier"


def test_every_cell(caller: Caller) -> None:
    cells = 0
    for operation in served(caller):
        assert operation.pixels is not None
        for cell in operation.pixels.table.cells if operation.cells == "all" else operation.pixels.table.cells[::9]:
            request = caller.base(operation)
            for axis, value in zip(operation.pixels.table.axes, cell.at, strict=True):
                request = request.put(operation.roles[axis].at, operation.roles[axis].wire(value))
            answer = caller.send(operation, request)
            if (operation.key, cell.name) == ("instant-link", "1200x100"):  # refused by a probe
                assert answer.status_code == 400
                continue
            [picture] = caller.pictures(operation, answer)
            assert picture.size == (cell.width, cell.height), f"{operation.key} {cell.name}"
            cells += 1
    assert cells > 10


def test_formats_and_counts(caller: Caller) -> None:
    for operation in served(caller):
        base, roles = caller.base(operation), operation.roles
        for format, wire in (roles["format"].values if "format" in roles else {}).items():
            [picture] = caller.pictures(operation, caller.send(operation, base.put(roles["format"].at, wire)))
            assert (picture.format, picture.declared) == (format, f"image/{format}")
        count = roles.get("count")
        for number in range(count.min or 1, (count.max or 1) + 1) if count else ():
            pictures = caller.pictures(operation, caller.send(operation, base.put(count.at, number)))
            assert len({picture.content for picture in pictures}) == number, operation.key


def test_probes(caller: Caller) -> None:
    for operation in served(caller):
        for probe in operation.probes:
            request = caller.base(operation)
            for at, value in probe.set:
                request = request.put(at, value)
            status = caller.send(operation, request).status_code
            assert status < 500, probe.id
            if probe.expect != "see":
                assert (status < 300) == (probe.expect == "serve"), f"{operation.key} {probe.id}: {status}"


def test_references(caller: Caller) -> None:
    for operation in served(caller):
        role = operation.roles.get("references")
        if role is None:
            continue
        assert role.max is not None
        before = (operation.base.get(role.at) or []) if role.append else []
        for form in role.forms:
            for kind in role.formats:
                most = [caller.reference(operation, form, kind, number) for number in range(role.max + 1)]
                for count in (1, role.max, role.max + 1):
                    answer = caller.send(operation, operation.base.put(role.at, [*before, *most[:count]]))
                    assert (answer.status_code < 300) == (count <= role.max), f"{operation.key} {form} {kind} {count}: {answer.text[:200]}"


@pytest.mark.parametrize("bad", ["/_reference/sample.html", "/_reference/sample.txt", "/_reference/nothing"])
def test_references_that_are_no_pictures(caller: Caller, bad: str) -> None:
    for operation in served(caller):
        role = operation.roles.get("references")
        if role is not None and "url" in role.forms:
            reference = caller.reference(operation, "url", "png", 0)
            place = next(iter(reference), None) if isinstance(reference, dict) else None
            url = caller.target["base_url"] + bad
            answer = caller.send(operation, operation.base.put(role.at, [{place: url} if place else url]))
            assert 400 <= answer.status_code < 500, operation.key
            assert role.at.name in answer.text


def test_every_place_for_the_key(caller: Caller) -> None:
    for operation in caller.contract.operations:
        for scheme in operation.endpoint.security:
            answer = caller.send(operation, caller.base(operation), scheme=scheme)
            assert answer.status_code not in (401, 403), f"{operation.key} {scheme}"


def test_error_catalogue(caller: Caller) -> None:
    seen = 0
    for case in caller.contract.errors.catalogue:
        for operation in served(caller):
            answer = _provoked(caller, operation, case.provoke) if case.applies(operation) else None
            if answer is None:
                continue
            what = f"{operation.key} {case.id}: {answer.status_code} {answer.text[:200]}"
            assert case.allows(answer.status_code), what
            assert found(answer, caller.contract.errors.message), what
            assert answer.headers["content-type"].partition(";")[0] in caller.contract.errors.media_types, what
            assert not case.codes or found(answer, caller.contract.errors.code) in case.codes, what
            assert case.retry_after != "required" or answer.headers["retry-after"].isdigit(), what
            envelope = caller.contract.errors.envelope(operation)
            if envelope is not None:
                jsonschema.Draft202012Validator(envelope.schema).validate(body(answer))
            seen += 1
    assert seen >= 8


def _provoked(caller: Caller, operation: Operation, provoke: str):  # type: ignore[no-untyped-def]
    """The answer to a request that brings an entry of the catalogue about; None where this test knows no way."""
    request = caller.base(operation)
    keys = {"no_key": None, "unknown_key": "psk-nobody-has-this-key"}
    if provoke in keys:
        return caller.send(operation, request, key=keys[provoke])
    word, _, name = provoke.partition(":")
    if word == "credential":
        return caller.send(operation, request, key=caller.key(name))
    if word == "state":
        return caller.send(operation, request, **caller.target["states"][name]["headers"])
    if provoke in ("malformed_json", "empty_body", "wrong_content_type"):
        return _raw(caller, operation, request, provoke)
    if provoke == "unknown_model" and "model" in operation.roles:
        return caller.send(operation, request.put(operation.roles["model"].at, "no-such-model"))
    if operation.lifecycle is not None and provoke in ("unknown_task", "task_without_key", "foreign_task"):
        if provoke == "unknown_task":
            return caller.look(operation, "no-such-task")
        task = caller.task(operation, caller.send(operation, request))
        return caller.look(operation, task, None if provoke == "task_without_key" else caller.key("second_account"))
    return None


def _raw(caller: Caller, operation: Operation, request: Request, provoke: str):  # type: ignore[no-untyped-def]
    content = {"malformed_json": b'{"a":', "empty_body": b"", "wrong_content_type": b"hello"}[provoke]
    media_type = "text/plain" if provoke == "wrong_content_type" else str(operation.media_type)
    if provoke == "malformed_json" and media_type != "application/json":
        return None
    headers, query = caller.auth(operation, caller.key())
    return caller.client.request(
        request.method, request.target_path, content=content, params=query, headers={**request.headers, **headers, "Content-Type": media_type}
    )


def test_lifecycles(caller: Caller) -> None:
    for operation in served(caller):
        if operation.lifecycle is None:
            continue
        answer = caller.send(operation, caller.base(operation))
        trace = caller.trace(operation, answer)
        assert [state for state, _, _ in trace] == ["running"] * (len(trace) - 1) + ["succeeded"], operation.key
        assert len(trace) >= 3
        progress = [float(value) for _, value, _ in trace if value is not None]
        assert progress == sorted(progress), operation.key
        again = caller.look(operation, caller.task(operation, answer))
        assert (again.status_code, again.content) == (trace[-1][2].status_code, trace[-1][2].content)


def test_failing_tasks_say_why_and_cost_nothing(caller: Caller) -> None:
    for operation in served(caller):
        if operation.lifecycle is None:
            continue
        before = caller.balance()
        answer = caller.send(operation, caller.base(operation), **caller.target["states"]["task_failure"]["headers"])
        state, _, final = caller.trace(operation, answer)[-1]
        assert state == "failed", operation.key
        assert found(final, operation.lifecycle.reason), final.text
        assert caller.balance() == before


def test_prices(caller: Caller) -> None:
    prices, charged = caller.contract.prices, 0
    assert prices is not None
    for operation in served(caller):
        for rule in prices.rules:
            other_model = operation.model is not None and rule.models != ("**",) and operation.model.id not in rule.models
            if not rule.when or other_model:
                continue
            request = caller.base(operation)
            for name, value in rule.when.items():
                request = request.put(operation.roles[name].at, operation.roles[name].wire(value))
            before = Fraction(caller.balance())
            answer = caller.send(operation, request)
            assert answer.status_code < 300, answer.text
            assert before - Fraction(caller.balance()) == rule.amount, f"{operation.key} {rule.when}"
            charged += 1
    assert charged


def test_refused_requests_are_free(caller: Caller) -> None:
    before = caller.balance()
    for operation in served(caller):
        role = operation.roles["prompt"]
        wrong = caller.send(operation, caller.base(operation).put(role.at, 7 if role.at.kind == "json" else ""))
        broken = caller.send(operation, caller.base(operation), **caller.target["states"]["upstream_error"]["headers"])
        assert (wrong.status_code >= 400, broken.status_code >= 500) == (True, True), operation.key
    assert caller.balance() == before
