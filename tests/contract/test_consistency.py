"""Parts of a contract that do not fit together are told, and those that do are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.contract.folders import BODY, CONTRACT, JOB, OPENAPI, TABLE, loaded

from proofsheet.contract import ContractError
from proofsheet.contract.consistency import regex_problem

DRAW: dict[str, Any] = CONTRACT["operations"]["draw"]  # type: ignore[index]
PARAMETERS = [{"name": "q", "in": "query", "schema": {}}, {"name": "X-A", "in": "header", "schema": {}}]
OPEN: dict[str, Any] = {"type": "object"}
NESTED = {
    "properties": {
        "prompt": {"type": "string"},
        "outer": {"properties": {"inner": {"properties": {"leaf": {}}}, "list": {"type": "array", "items": {}}}},
        "either": {"anyOf": [{"properties": {"a": {"properties": {"deep": {}}}}}, {"oneOf": [{"properties": {"b": {}}}, {"allOf": [{"properties": {"c": {}}}]}]}, True]},
        "any": True,
    }
}


def operation(**changes: Any) -> dict[str, Any]:
    return {"operations": {"draw": changes}}


def role(at: str, **more: Any) -> dict[str, Any]:
    return operation(roles={"prompt": None, "it": {"at": at, **more}})


def body(schema: Any, kind: str = "application/json") -> dict[str, Any]:
    """An openapi.yaml whose only body is this."""
    draw = {"operationId": "draw", "parameters": PARAMETERS, "requestBody": {"content": {kind: {"schema": schema}}}}
    return {"openapi.yaml": {**OPENAPI, "paths": {"/draw": {"post": draw}}}}


def job(**changes: Any) -> dict[str, Any]:
    return {"lifecycles": {"job": {**JOB, **changes}}, **operation(answer=None, lifecycle="job")}


def pixels(default: dict[str, Any], **more: Any) -> dict[str, Any]:
    return operation(pixels={"table": "shapes", "default": default}, roles={"ratio": {"at": "json:/shape", "free": ["auto"]}}, **more)


def prices(**rule: Any) -> dict[str, Any]:
    return {"prices": {"unit": "drops", "rules": [{"amount": "1"}, {"amount": "2", **rule}]}}


def catalogue(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"errors": {"catalogue": [{"id": f"e{number}", "provoke": "no_key", **entry} for number, entry in enumerate(entries)]}}


def matrix(document: str) -> dict[str, Any]:
    sources = [{"document": "guide", "lines": "1"}, {"document": document, "lines": "1"}]
    return {"requirements": [{"id": "plain.it", "level": "must", "statement": "It draws boats.", "source": sources, "excluded": "a sample"}]}


def probe(*, id: str = "p", **more: Any) -> dict[str, Any]:
    return {"id": id, "set": {"json:/count": 2}, "expect": "refuse", **more}


IN_FORM = {"request": {"json": None, "form": {"prompt": "a boat"}}}
EDIT = operation(purpose="edit", roles={"references": {"at": "json:/refs", "forms": {"url": "${url}"}}})
NEEDS_REFERENCE = body({"type": "object", "properties": {"prompt": {}, "refs": {}}, "required": ["refs"]})

# Changes of the contract, another openapi.yaml, and what is said (None: all is well).
CASES: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    ({"models": [{"id": "a"}, {"id": "b"}, {"id": "a", "short": "c"}]}, {}, "models: the model 'a' stands twice"),
    (catalogue({"id": "x"}, {"id": "y"}, {"id": "x"}), {}, "errors/catalogue: the id 'x' stands twice"),
    (operation(models={"a/x": {}, "b/x": {}}) | {"models": [{"id": "a/x"}, {"id": "b/x"}]}, {}, "operations: the key (name, and short name of the model) 'draw/x' stands twice"),
    (operation(probes=[probe(invalid=False), probe(invalid=False)]), {}, "operations/draw/probes: the id 'p' stands twice"),
    # lifecycles
    (job(), {}, None),
    (job(poll={"operation": "look"}), {}, "lifecycles/job/poll/path lacks 'id', which the path /jobs/{id} needs; write {id: \"${id}\"}"),
    (job(poll={"operation": "look", "path": {"id": "x", "other": "y"}}), {}, "lifecycles/job/poll/path names 'other', but the path is /jobs/{id}"),
    (job(poll={"operation": "look", "path": {"identity": "y"}}), {}, "lifecycles/job/poll/path lacks 'id'"),
    (job(fetch={"operation": "look"}), {}, "lifecycles/job/fetch/path lacks 'id'"),
    (job(fetch={"operation": "look", "path": {"id": "x", "z": "y"}}), {}, "lifecycles/job/fetch/path names 'z'"),
    (job(fetch={"operation": "look", "path": {"id": "x"}}), {}, None),
    # answers
    (operation(answer=None), {}, "operations/draw needs an answer (where its images stand) or a lifecycle"),
    (operation(answer=None, purpose="refuse"), {}, None),
    (operation(answer=None, purpose="edit"), {}, "needs an answer"),
    ({"answers": {"x": {"images": [{"body": True}, {}]}}}, {}, "answers/x/images/1 says nowhere where the image is: write url, base64, at or body: true"),
    ({"answers": {"x": {"images": [{"each": "$.a", "media_type": "$.b"}]}}}, {}, "answers/x/images/0 says nowhere"),
    ({"answers": {"x": {"images": [{"at": "header:Link"}, {"base64": "$.b"}, {"url": "$.u"}, {"body": True}]}}}, {}, None),
    *(
        ({"answers": {"x": {"images": [{"url": "$.u"}, {"url": "$.u", **wrong}]}}}, {}, "answers/x/images/1: '$[' is no JSONPath")
        for wrong in ({"each": "$["}, {"url": "$["}, {"base64": "$["}, {"media_type": "$["}, {"more_urls": {"a": "$.a", "b": "$["}})
    ),
    # places of roles
    (role("json:/prompt"), {}, None),
    (role("json:/promt"), {}, "operations/draw/roles/it: the request schema has no 'promt' at json:/promt; did you mean 'prompt'?"),
    (role("json:/zzz"), {}, "the request schema has no 'zzz' at json:/zzz (known: prompt, shape, count)"),
    (role("json:/prompt", also=["json:/zzz"]), {}, None),
    (role("json:/prompt/deeper"), {}, None),
    (role("json:/anything/at/all"), body(OPEN), None),
    (role("json:/outer/inner/leaf"), body(NESTED), None),
    (role("json:/outer/inner/leaves"), body(NESTED), "has no 'leaves' at json:/outer/inner/leaves; did you mean 'leaf'?"),
    (role("json:/outer/leaf"), body(NESTED), "has no 'leaf' at json:/outer/leaf (known: inner, list)"),
    (role("json:/prompt/outer"), body(NESTED), None),
    (role("json:/outer/list/0/x"), body(NESTED), None),
    (role("json:/either/a/deep"), body(NESTED), None),
    (role("json:/either/a/dip"), body(NESTED), "has no 'dip' at json:/either/a/dip"),
    (role("json:/either/b"), body(NESTED), None),
    (role("json:/either/c/x"), body(NESTED), None),
    (role("json:/either/d"), body(NESTED), "has no 'd' at json:/either/d (known: a, b, c)"),
    (role("json:/any/thing"), body(NESTED), None),
    (role("query:q"), body(OPEN), None),
    (role("query:Q"), body(OPEN), "operations/draw/roles/it: openapi.yaml has no query parameter 'Q' for draw (known: q)"),
    (role("query:X-A"), body(OPEN), "openapi.yaml has no query parameter 'X-A' for draw"),
    (role("query:q"), {}, "openapi.yaml has no query parameter 'q' for draw"),
    (role("path:id"), {}, "openapi.yaml has no path parameter 'id' for draw"),
    (role("path:q"), body(OPEN), "openapi.yaml has no path parameter 'q' for draw"),
    (operation(operation="look", request={"json": None, "path": {"id": "1"}}, roles={"prompt": None, "it": "path:id"}), {}, None),
    (role("header:X-Anything"), {}, None),
    (operation(**IN_FORM, roles={"prompt": "form:prompt"}), body(BODY, "multipart/form-data"), None),
    (operation(**IN_FORM, roles={"prompt": "form:promt"}), body(BODY, "multipart/form-data"), "the request schema has no 'promt' at form:promt; did you mean 'prompt'?"),
    (operation(**IN_FORM, roles={"prompt": "form:a/b"}), body({"properties": {"a/b": {}}}, "multipart/form-data"), None),
    (operation(**IN_FORM, roles={"prompt": "file:promt"}), body(BODY, "multipart/form-data"), "the request schema has no 'promt' at file:promt"),
    # references
    (operation(roles={"references": {"at": "json:/prompt"}}), {}, 'operations/draw/roles/references needs forms, such as {url: "${url}"}'),
    (operation(roles={"references": {"at": "json:/prompt", "forms": {"url": {"u": ["${url}", "${data_uri} ${base64} ${media_type} ${file}"]}}}}), {}, None),
    (
        operation(roles={"references": {"at": "json:/prompt", "forms": {"url": "${url}", "odd": {"u": "${uri}"}}}}),
        {},
        "operations/draw/roles/references/forms/odd: '${uri}' is no placeholder; did you mean 'url'?",
    ),
    (operation(roles={"pictures": {"at": "json:/prompt", "forms": {"url": "${uri}"}}}), {}, None),
    # pixels
    (pixels({"ratio": "wide"}), {}, None),
    (pixels({"ratio": "auto"}), {}, None),
    (pixels({"ratio": None}), {}, None),
    (pixels({}), {}, None),
    (pixels({"ratio": "wid"}), {}, "operations/draw/pixels/default: no cell of the table shapes has the ratio 'wid'; did you mean 'wide'?"),
    (pixels({"ratio": "zzz"}), {}, "has the ratio 'zzz' (known: square, wide)"),
    (pixels({"ratio": "wide", "rati": "x"}), {}, "operations/draw/pixels/default: 'rati' is no axis of the table shapes; did you mean 'ratio'?"),
    (pixels({"size": None, "ratio": "wid"}), {}, "'size' is no axis of the table shapes"),
    (operation(pixels={"table": "shapes"}), {}, "operations/draw/pixels: the table shapes has the axis 'ratio', which is no role of the operation (known: prompt)"),
    (operation(pixels={"table": "shapes"}, roles={"ration": "json:/shape"}), {}, "which is no role of the operation; did you mean 'ration'?"),
    (operation(pixels={"table": "shapes", "default": {"ratio": "wide"}}), {}, None),
    (operation(pixels={"table": "shapes", "default": {"ratio": "auto"}}), {}, "no cell of the table shapes has the ratio 'auto'"),
    (operation(pixels={"table": "two", "default": {"ratio": "tall", "size": "1K"}}), {}, None),
    (operation(pixels={"table": "two", "default": {"ratio": "tall", "size": "tall"}}), {}, "has the size 'tall' (known: 1K, 2K)"),
    (operation(pixels={"table": "open", "default": {"ratio": "anything"}}), {}, None),
    # bodies
    (operation(request={"json": None}), {}, None),
    (operation(operation="look", request={"path": {"id": "1"}}, roles={"prompt": None}), {}, "operations/draw/request has a body, but openapi.yaml documents none for look"),
    (operation(request={"json": {"count": "two"}}), {}, "operations/draw/request/json must be valid by the request schema, and is not: count: 'two' is not of type 'integer'"),
    (operation(request={"json": {"prompt": None}}), {}, "and is not: the body: 'prompt' is a required property"),
    (operation(purpose="refuse", request={"json": {"count": "two"}}), {}, None),
    (operation(probes=[probe()]), {}, "operations/draw/probes/p is refused, but the request schema allows it: change the schema, or write invalid: false"),
    (operation(probes=[probe(set={"json:/count": "x"})]), {}, None),
    (operation(probes=[probe(set={"json:/prompt": None})]), {}, None),
    (operation(probes=[probe(invalid=False)]), {}, None),
    (operation(probes=[probe(expect="serve")]), {}, None),
    (operation(probes=[probe(set={"header:X-A": "odd"})]), {}, None),
    (operation(probes=[probe(set={"header:X-A": "odd", "json:/count": 2})]), {}, None),
    (operation(probes=[probe(set={"json:/count": "x", "json:/shape": "wide"}), probe(id="q", set={})]), {}, "operations/draw/probes/q is refused"),
    (operation(purpose="refuse", probes=[probe()]), {}, None),
    (EDIT, NEEDS_REFERENCE, None),
    (EDIT | {"operations": {"draw": EDIT["operations"]["draw"] | {"probes": [probe()]}}}, NEEDS_REFERENCE, None),
    (operation(purpose="edit"), NEEDS_REFERENCE, "and is not: the body: 'refs' is a required property"),
    (operation(roles={"references": {"at": "json:/refs", "forms": {"url": "${url}"}}}), NEEDS_REFERENCE, "and is not: the body: 'refs' is a required property"),
    # the error catalogue and prices
    (catalogue({"parameter": "prompt", "on": ["draw"], "hint": "(a|b)"}), {}, None),
    (catalogue({"parameter": "promt"}), {}, "errors/catalogue/e0: parameter names the role 'promt', which no operation has; did you mean 'prompt'?"),
    (catalogue({}, {"on": ["draw", "drow"]}), {}, "errors/catalogue/e1: 'drow' fits no operation; did you mean 'draw'?"),
    (catalogue({"on": ["d*"]}, {"on": ["**"]}), {}, None),
    (catalogue({"on": []}), {}, None),
    (catalogue({"hint": "("}), {}, "errors/catalogue/e0/hint: '(' is no regular expression"),
    (prices(when={"prompt": "x"}, operations=["draw"]), {}, None),
    (prices(when={"prompt": "x", "promt": "x"}), {}, "prices/rules/1/when names the role 'promt', which no operation has; did you mean 'prompt'?"),
    (prices(operations=["zzz"]), {}, "prices/rules/1: 'zzz' fits no operation (known: draw)"),
]  # fmt: skip
TABLES = {
    "presets/shapes.yaml": TABLE,
    "presets/open.yaml": {**TABLE, "table": "open", "open": True},
    "presets/two.yaml": {
        **TABLE,
        "table": "two",
        "axes": ["ratio", "size"],
        "cells": [{"at": ["tall", "1K"], "width": 1, "height": 2}, {"at": ["tall", "2K"], "width": 2, "height": 4}],
    },
}


@pytest.mark.parametrize(("contract", "openapi", "said"), CASES)
def test_what_does_not_fit_is_told(contract: dict[str, Any], openapi: dict[str, Any], said: str | None, tmp_path: Path) -> None:
    if said is None:
        loaded(tmp_path, contract, files={**TABLES, **openapi})
        return
    with pytest.raises(ContractError) as told:
        loaded(tmp_path, contract, files={**TABLES, **openapi})
    assert said in str(told.value)
    assert str(told.value).startswith(str(tmp_path / "plain" / "contract.yaml"))


def test_a_model_with_operations_of_its_own_is_named_by_both(tmp_path: Path) -> None:
    both = {"models": [{"id": "a/x"}, {"id": "y"}], "operations": {"draw": {"models": {"a/x": {}, "y": {}}}}}
    assert [entry.key for entry in loaded(tmp_path, both | catalogue({"on": ["draw/x"]})).operations] == ["draw/x", "draw/y"]
    with pytest.raises(ContractError, match="'draw/z' fits no operation; did you mean 'draw/y'"):
        loaded(tmp_path, both | catalogue({"on": ["draw/z"]}))


def test_a_parameter_may_be_that_of_any_operation(tmp_path: Path) -> None:
    more = {"more": {**DRAW, "roles": {"count": "json:/count"}}}
    loaded(tmp_path, {"operations": more, **catalogue({"parameter": "count"}, {"parameter": "prompt"}), **prices(when={"count": 1})})


def test_every_document_that_is_cited_is_listed(tmp_path: Path) -> None:
    documents = {"documents": [{"id": "guide", "title": "G"}, {"id": "notes", "title": "N"}]}
    loaded(tmp_path, documents, matrix=matrix("notes"))
    with pytest.raises(ContractError) as told:
        loaded(tmp_path, documents, matrix=matrix("note"))
    assert str(told.value) == f"{tmp_path / 'plain' / 'requirements.yaml'}: plain.it cites the document 'note', which contract.yaml does not list; did you mean 'notes'?"


@pytest.mark.parametrize(("pattern", "problems"), [("a+", 0), ("a(", 1), ("", 0)])
def test_what_is_wrong_with_an_expression(pattern: str, problems: int) -> None:
    found = list(regex_problem(pattern))
    assert [problem.startswith(f"'{pattern}' is no regular expression: ") for problem in found] == [True] * problems
