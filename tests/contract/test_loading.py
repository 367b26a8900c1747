"""Every word of a contract becomes the value it stands for, and what is not said takes its default."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.contract.folders import CONTRACT, JOB, TABLE, loaded, written

from proofsheet.contract import ContractError, load_contract, provider_names
from proofsheet.contract import model as m
from proofsheet.contract.files import folder_digest, specs_root
from proofsheet.contract.loading import merged
from proofsheet.contract.locations import Location, Locator
from proofsheet.contract.requests import ABSENT, Request

PLACE, FIND = Location.parse, Locator.parse
EVERYTHING = [{"id": "house/big", "short": "b"}, {"id": "house/small one!"}]
PRESETS = {"presets/shapes.yaml": TABLE}


def the(root: Path, **operation: Any) -> m.Operation:
    """The only operation of the plain folder, with these changes."""
    return loaded(root, {"operations": {"draw": operation}}, files=PRESETS).operation("draw")


# What merges


@pytest.mark.parametrize(
    ("under", "over", "result"),
    [
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": 1}, {"a": None}, {}),
        ({"a": 1}, {"b": None}, {"a": 1, "b": None}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": {"b": 1}}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        (1, {"a": 1}, {"a": 1}),
        ({"a": 1}, 2, 2),
        ({}, {}, {}),
    ],
)
def test_mappings_are_merged_and_all_else_is_replaced(under: Any, over: Any, result: Any) -> None:
    before = repr((under, over))
    assert merged(under, over) == result
    assert repr((under, over)) == before


def test_what_is_laid_over_is_copied() -> None:
    over: dict[str, Any] = {"a": {"b": [1]}}
    made = merged({"a": 1}, over)
    over["a"]["b"].append(2)
    assert made == {"a": {"b": [1]}}


# Folders


def test_providers_are_the_folders_with_a_contract(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "another").mkdir()
    assert provider_names(tmp_path) == ["plain"]
    assert provider_names() == provider_names(specs_root())
    (tmp_path / "another" / "contract.yaml").write_text("", encoding="utf-8")
    assert provider_names(tmp_path) == ["another", "plain"]


def test_a_provider_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"no provider 'other' here \(there are: none\)"):
        load_contract("other", tmp_path)
    written(tmp_path)
    with pytest.raises(ContractError, match=r"no provider 'other' here \(there are: plain\)"):
        load_contract("other", tmp_path)


def test_without_a_folder_the_shipped_specs_are_read() -> None:
    name = provider_names()[0]
    assert load_contract(name, matrix=False).folder == str(specs_root() / name)


def test_the_matrix_is_read_unless_it_is_not_wanted(tmp_path: Path) -> None:
    requirement = {"id": "plain.x", "level": "must", "statement": "It draws boats.", "source": [], "excluded": "a sample"}
    contract = loaded(tmp_path, matrix={"requirements": [requirement]})
    assert [entry.id for entry in contract.matrix.requirements] == ["plain.x"]
    assert load_contract("plain", tmp_path, matrix=False) == replace(contract, matrix=m.Matrix(()))


# The least and the most of a contract


def test_the_least_contract(tmp_path: Path) -> None:
    contract = loaded(tmp_path)
    look, draw = contract.endpoints["look"], contract.endpoints["draw"]
    assert (look.method, look.path, draw.method, draw.path) == ("GET", "/jobs/{id}", "POST", "/draw")
    role = m.Role("prompt", PLACE("json:/prompt"))
    operation = m.Operation(
        name="draw",
        key="draw",
        purpose="generate",
        endpoint=draw,
        model=None,
        media_type="application/json",
        schema=draw.body_schemas["application/json"],
        base=Request("POST", "/draw", json={"prompt": "a boat"}),
        roles={"prompt": role},
        answer=m.Answer("picture", (m.ImageRule(body=True),)),
        lifecycle=None,
        pixels=None,
    )
    assert contract == m.Contract(
        provider="plain",
        title="Plain",
        base_url="https://plain.example",
        documents=(),
        models=(),
        operations=(operation,),
        endpoints={"draw": draw, "look": look},
        security_schemes={},
        errors=m.Errors(),
        assets=m.Assets(),
        prices=None,
        pace=m.Pace(),
        times=m.Times(),
        features=(),
        matrix=m.Matrix(()),
        sha256=folder_digest(tmp_path / "plain"),
        folder=str(tmp_path / "plain"),
    )
    assert (operation.skip, operation.walk_body, operation.cells, operation.probes, operation.prefixes) == ((), True, "all", (), {})
    assert (role.also, role.default, role.free, role.ignored, role.letter_case, role.max, role.min, role.append) == ((), None, (), False, None, None, None, False)
    assert (contract.times.request_timeout, contract.times.lifecycle_timeout, contract.times.image_seconds) == (180.0, 600.0, None)


def test_what_stands_at_the_top_of_a_contract(tmp_path: Path) -> None:
    contract = loaded(
        tmp_path,
        {
            "base_url": "https://plain.example/api/",
            "documents": [{"id": "d", "title": "D", "sha256": "0" * 64, "lines": 3}, {"id": "e", "title": "E"}],
            "models": EVERYTHING,
            "assets": {"hosts": ["a.example", "b.example"], "mirror": {"json:/mirror": True}, "lifetime": 60},
            "pace": {"max_concurrency": 2, "requests_per_minute": 30, "first_poll_after": 1.5, "poll_every": 2},
            "times": {"request_timeout": 9, "lifecycle_timeout": 8, "image_seconds": [1, 2]},
            "features": {"more": {"title": "More", "cases": ["plain/**"]}},
        },
    )
    assert contract.base_url == "https://plain.example/api"
    assert contract.documents == (m.Document("d", "D", "0" * 64, 3), m.Document("e", "E", None, None))
    assert contract.models == (m.Model("house/big", "b"), m.Model("house/small one!", "small-one-"))
    assert contract.assets == m.Assets(("a.example", "b.example"), ("json:/mirror", True), 60)
    assert contract.pace == m.Pace(2, 30, 1.5, 2)
    assert contract.times == m.Times(9, 8, (1, 2))
    assert contract.features == (m.Feature("more", "More", ("plain/**",)),)
    assert contract.operations[0].model is None  # which of two is not said


def test_prices(tmp_path: Path) -> None:
    rules = [{"amount": "4/3", "when": {"prompt": "x"}, "operations": ["draw"], "models": ["b"]}, {"amount": "2"}]
    prices = loaded(
        tmp_path, {"prices": {"unit": "drops", "per": "call", "rules": rules, "usd_per_unit": "0.5", "relative": True, "also_called": ["ink"],
                              "tokens": {"per_million": "60", "image": {"1K": "0.067"}}}},
    ).prices  # fmt: skip
    assert prices == m.Prices(
        unit="drops",
        per="call",
        rules=(m.PriceRule(Fraction(4, 3), {"prompt": "x"}, ("draw",), ("b",)), m.PriceRule(Fraction(2), {}, ("**",), ("**",))),
        usd_per_unit=Fraction(1, 2),
        relative=True,
        also_called=("ink",),
        tokens_per_million=Fraction(60),
        token_image={"1K": Fraction(67, 1000)},
    )


def test_prices_by_default(tmp_path: Path) -> None:
    assert loaded(tmp_path, {"prices": {"unit": "drops", "rules": []}}).prices == m.Prices("drops", "image", ())


def test_errors(tmp_path: Path) -> None:
    full = {"id": "a", "provoke": {"credential": "rate_limited"}, "on": ["draw"], "status": [429, "5xx"], "tolerated": [400], "codes": ["E", 7], "hint": "slow",
            "parameter": "prompt", "retry_after": "required"}  # fmt: skip
    errors = loaded(
        tmp_path,
        {"errors": {"message": ["text:", "json:$.m"], "code": ["status:"], "media_types": ["text/plain"], "catalogue": [full, {"id": "b", "provoke": "no_key"}],
                    "envelopes": [{"on": ["draw"], "schema": "schemas/error.json"}]}},
        files={"schemas/error.json": {"$id": "x", "$ref": "#/$defs/e", "$defs": {"e": {"type": "object"}}}},
    ).errors  # fmt: skip
    assert errors.message == (FIND("text:"), FIND("json:$.m"))
    assert errors.code == (FIND("status:"),)
    assert errors.media_types == ("text/plain",)
    assert [(e.on, e.file, e.schema["type"]) for e in errors.envelopes] == [(("draw",), "schemas/error.json", "object")]
    assert errors.catalogue == (
        m.ErrorCase("a", "credential:rate_limited", ("draw",), (429, "5xx"), (400,), ("E", 7), "slow", "prompt", "required"),
        m.ErrorCase("b", "no_key", ("**",)),
    )


def test_errors_by_default(tmp_path: Path) -> None:
    assert loaded(tmp_path, {"errors": {}}).errors == m.Errors((), (), ("application/json",), (), ())


# Answers and lifecycles


def test_answers(tmp_path: Path) -> None:
    rule = {"each": "$.d[*]", "url": "$.u", "base64": "$.b", "media_type": "$.t", "more_urls": {"thumb": "$.s"}, "relative": True}
    answers = {
        "full": {
            "images": [rule, {"at": {"at": "header:Link", "pattern": "<(.*)>"}}],
            "tokens": ["json:$.n", "header:N"],
            "declared": {"width": "json:$.w", "size": ["text:"]},
            "first": True,
        }
    }
    answer = loaded(tmp_path, {"answers": answers, "operations": {"draw": {"answer": "full"}}}).operations[0].answer
    rules = (
        m.ImageRule("$.d[*]", False, "$.u", "$.b", "$.t", {"thumb": "$.s"}, True),
        m.ImageRule(at=Locator("header", "Link", "<(.*)>")),
    )
    assert answer == m.Answer("full", rules, (FIND("json:$.n"), FIND("header:N")), {"width": (FIND("json:$.w"),), "size": (FIND("text:"),)}, True)


def test_an_answer_by_default(tmp_path: Path) -> None:
    assert the(tmp_path).answer == m.Answer("picture", (m.ImageRule(None, True),), (), {}, False)


def job(root: Path, **changes: Any) -> m.Lifecycle:
    lifecycle = loaded(root, {"lifecycles": {"job": {**JOB, **changes}}, "operations": {"draw": {"answer": None, "lifecycle": "job"}}}).operations[0].lifecycle
    assert lifecycle is not None
    return lifecycle


def test_a_lifecycle_by_default(tmp_path: Path) -> None:
    found = job(tmp_path)
    assert found == m.Lifecycle(
        name="job",
        id=(FIND("json:$.id"),),
        poll_url=(),
        poll=found.poll,
        poll_path={"id": "${id}"},
        poll_query={},
        status=m.StatusRule((FIND("json:$.state"),), {"done": "succeeded"}, frozenset(), (), "unknown"),
        answer=m.Answer("picture", (m.ImageRule(body=True),)),
    )
    assert (found.isolated, found.id_type, found.unknown_id, found.fetch, found.result, found.poll_json) == (True, "string", None, None, None, None)
    assert found.poll.operation_id == "look"
    assert found.look == m.Call(found.poll, {"id": "${id}"}, {}, None)
    assert found.reads_redirects is False


def test_everything_of_a_lifecycle(tmp_path: Path) -> None:
    found = job(
        tmp_path,
        id=["header:Job", "json:$.id"],
        poll_url="header:Location",
        poll={"operation": "look", "path": {"id": "j-${id}"}, "query": {"v": "2"}, "json": {"m": "${model}"}},
        progress="json:$.p",
        reason=["json:$.r", "text:"],
        result="header:Result",
        isolated=False,
        fetch={"operation": "look", "path": {"id": "${id}"}, "query": {"full": "1"}},
        id_type="integer",
        unknown_id="99",
    )
    assert (found.id, found.poll_url) == ((FIND("header:Job"), FIND("json:$.id")), (FIND("header:Location"),))
    assert found.look == m.Call(found.poll, {"id": "j-${id}"}, {"v": "2"}, {"m": "${model}"})
    assert (found.progress, found.reason, found.result) == ((FIND("json:$.p"),), (FIND("json:$.r"), FIND("text:")), FIND("header:Result"))
    assert found.fetch == m.Call(found.poll, {"id": "${id}"}, {"full": "1"}, None)
    assert (found.isolated, found.id_type, found.unknown_id, found.reads_redirects) == (False, "integer", "99", True)


def test_the_words_of_a_lifecycle(tmp_path: Path) -> None:
    rules = [{"state": "failed", "present": "json:$.e"}, {"state": "running", "absent": "json:$.r"}, {"state": "succeeded", "equals": {"at": "json:$.c", "value": 0}}]
    status = job(tmp_path, status={"submitted": ["new", 0], "running": [True, "on"], "succeeded": ["ok"], "failed": ["no", 9], "rules": rules, "otherwise": "running"}).status
    assert status == m.StatusRule(
        (),
        {"new": "running", "0": "running", "true": "running", "on": "running", "ok": "succeeded", "no": "failed", "9": "failed"},
        frozenset({"new", "0"}),
        (m.StateRule("failed", FIND("json:$.e")), m.StateRule("running", None, FIND("json:$.r")), m.StateRule("succeeded", None, None, (FIND("json:$.c"), 0))),
        "running",
    )


# Operations


def test_everything_of_a_role(tmp_path: Path) -> None:
    raw = {"at": "json:/shape", "also": ["query:shape"], "default": "square", "values": {"wide": "WIDE"}, "free": ["auto"], "ignored": True, "case": "insensitive",
           "max": 4, "min": 2, "formats": ["png"], "append": True, "forms": {"url": "${url}"}}  # fmt: skip
    roles = the(tmp_path, roles={"shape": raw, "prompt": None, "count": None}).roles
    assert roles == {
        "shape": m.Role("shape", PLACE("json:/shape"), (PLACE("query:shape"),), "square", {"wide": "WIDE"}, ("auto",), True, "insensitive", 4, 2, ("png",), True, {"url": "${url}"})
    }


def test_a_role_by_default(tmp_path: Path) -> None:
    assert the(tmp_path, roles={"prompt": {"at": "json:/prompt"}}).roles == {"prompt": m.Role("prompt", PLACE("json:/prompt"))}


def test_probes_pixels_and_walks(tmp_path: Path) -> None:
    probes = [
        {"id": "a", "set": {"json:/prompt": None}, "expect": "refuse", "why": "needed"},
        {"id": "b", "set": {"json:/prompt": "x", "query:q": 1}, "expect": "serve"},
        {"id": "c", "set": {"json:/prompt": 5}, "expect": "see", "invalid": True},
        {"id": "d", "set": {}, "expect": "refuse", "invalid": False},
    ]
    pixels = {"table": "shapes", "default": {"ratio": "wide"}, "formats": ["png"]}
    operation = the(tmp_path, probes=probes, pixels=pixels, walk={"skip": ["/a"], "body": False, "cells": "edges"}, prefixes={"/v1": "/v2"})
    assert operation.probes == (
        m.Probe("a", ((PLACE("json:/prompt"), ABSENT),), "refuse", True, "needed"),
        m.Probe("b", ((PLACE("json:/prompt"), "x"), (PLACE("query:q"), 1)), "serve", False),
        m.Probe("c", ((PLACE("json:/prompt"), 5),), "see", True),
        m.Probe("d", (), "refuse", False),
    )
    assert operation.pixels is not None
    assert (operation.pixels.table.name, operation.pixels.default, operation.pixels.formats) == ("shapes", {"ratio": "wide"}, ("png",))
    assert (operation.skip, operation.walk_body, operation.cells, operation.prefixes) == (("/a",), False, "edges", {"/v1": "/v2"})


def test_pixels_by_default(tmp_path: Path) -> None:
    found = the(tmp_path, pixels={"table": "shapes"}, roles={"ratio": "json:/shape"}).pixels
    assert found is not None
    assert (found.default, found.formats) == ({}, ("png", "jpeg", "webp"))
    assert the(tmp_path, pixels={"formats": ["png"]}).pixels is None
    assert the(tmp_path, pixels=None).pixels is None


def test_operations_share_a_table(tmp_path: Path) -> None:
    pixels = {"pixels": {"table": "shapes"}, "roles": {"ratio": "json:/shape"}}
    draw, more = loaded(tmp_path, {"operations": {"draw": pixels, "more": {"extends": "draw"}}}, files=PRESETS).operations
    assert draw.pixels is not None
    assert more.pixels is not None
    assert draw.pixels.table is more.pixels.table


def test_a_table_may_stand_beside_the_providers(tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "common.yaml").write_text("{table: common, source: {page: p}, axes: [ratio], cells: [{at: [wide], width: 2, height: 1}]}", encoding="utf-8")
    found = the(tmp_path, pixels={"table": "common"}, roles={"ratio": "json:/shape"}).pixels
    assert found is not None
    assert found.table.cells == (m.Cell(("wide",), 2, 1),)


def test_the_parts_of_a_request(tmp_path: Path) -> None:
    request = {"path": {"id": 7}, "headers": {"X-A": True}, "query": {"q": 1.5, "r": "s"}, "json": None}
    base = the(tmp_path, operation="look", purpose="refuse", request=request).base
    assert (base.method, base.path, base.target_path) == ("GET", "/jobs/{id}", "/jobs/7")
    assert (base.headers, base.query, base.json, base.form, base.files) == ({"X-A": "true"}, {"q": "1.5", "r": "s"}, ABSENT, {}, ())


FORM = {"multipart/form-data": {"schema": {"type": "object"}}, "application/json": None, "text/plain": {"schema": {"type": "string"}}}
CHANGED = {"paths": {"/draw": {"post": {"requestBody": {"content": FORM}}}}}


def test_forms_and_files(tmp_path: Path) -> None:
    request = {"json": None, "form": {"n": 2, "b": True}, "files": {"one": "png", "two": ["webp", "jpeg"]}}
    operation = loaded(tmp_path, {"operations": {"draw": {"request": request, "roles": {"prompt": "form:prompt"}}}}, CHANGED).operation("draw")
    base = operation.base
    assert (operation.media_type, base.media_type, base.form) == ("multipart/form-data", None, {"n": 2, "b": True})
    assert [(field, upload.name, upload.media_type) for field, upload in base.files] == [
        ("one", "sample.png", "image/png"), ("two", "sample.webp", "image/webp"), ("two", "sample.jpeg", "image/jpeg"),
    ]  # fmt: skip
    assert operation.schema == {"type": "object"}


def test_another_media_type_is_sent_as_it_is_named(tmp_path: Path) -> None:
    operation = loaded(tmp_path, {"operations": {"draw": {"media_type": "text/plain", "request": {"json": None}, "roles": None}}}, CHANGED).operation("draw")
    assert (operation.media_type, operation.base.media_type, operation.schema) == ("text/plain", "text/plain", {"type": "string"})
    assert the(tmp_path).base.media_type is None


def test_a_schema_of_its_own_counts_before_that_of_openapi(tmp_path: Path) -> None:
    files = {"schemas/own.json": {"properties": {"prompt": {"$ref": "part.json"}}}, "schemas/part.json": {"type": "string"}}
    found = loaded(tmp_path, {"operations": {"draw": {"schema": "schemas/own.json"}}}, files=files).operation("draw")
    assert found.schema == {"properties": {"prompt": {"type": "string"}}}


# Models


def keys(root: Path, **operation: Any) -> dict[str, str | None]:
    contract = loaded(root, {"models": operation.pop("all", EVERYTHING), "operations": {"draw": operation}}, files=PRESETS)
    return {entry.key: entry.model.id if entry.model else None for entry in contract.operations}


def test_an_operation_for_each_model(tmp_path: Path) -> None:
    both = {"house/big": {}, "house/small one!": None}
    assert keys(tmp_path) == {"draw": None}
    assert keys(tmp_path, all=EVERYTHING[:1]) == {"draw": "house/big"}
    assert keys(tmp_path, models={"house/small one!": {}}) == {"draw": "house/small one!"}
    assert keys(tmp_path, models=both) == {"draw/b": "house/big", "draw/small-one-": "house/small one!"}
    assert keys(tmp_path, models={}) == {"draw": None}


def test_what_differs_for_a_model_is_laid_over(tmp_path: Path) -> None:
    models = {"house/big": {"request": {"json": {"count": 2}}, "walk": {"cells": "none"}}, "house/small one!": {}}
    roles = {"model": {"at": "header:X-Model", "values": {"house/big": "B"}}}
    contract = loaded(tmp_path, {"models": EVERYTHING, "operations": {"draw": {"models": models, "roles": roles, "walk": {"skip": ["/x"]}}}})
    big, small = contract.operations
    assert (big.base.json, big.cells, big.skip, big.base.headers) == ({"prompt": "a boat", "count": 2}, "none", ("/x",), {"X-Model": "B"})
    assert (small.base.json, small.cells, small.skip, small.base.headers) == ({"prompt": "a boat"}, "all", ("/x",), {"X-Model": "house/small one!"})


def test_a_model_is_sent_only_where_it_has_a_place(tmp_path: Path) -> None:
    assert loaded(tmp_path, {"models": EVERYTHING[:1]}).operations[0].base == Request("POST", "/draw", json={"prompt": "a boat"})
    assert the(tmp_path, roles={"model": "header:X-Model"}).base.headers == {}


def test_an_operation_may_be_laid_over_another(tmp_path: Path) -> None:
    operations = {
        "draw": {"walk": {"skip": ["/x"]}},
        "more": {"extends": "draw", "request": {"json": {"count": 3}}},
        "most": {"extends": "more", "roles": {"prompt": None}, "purpose": "edit", "request": {"json": {"count": None}}},
    }
    contract = loaded(tmp_path, {"operations": operations})
    assert [(entry.name, entry.purpose, entry.base.json, list(entry.roles), entry.skip) for entry in contract.operations] == [
        ("draw", "generate", {"prompt": "a boat"}, ["prompt"], ("/x",)),
        ("more", "generate", {"prompt": "a boat", "count": 3}, ["prompt"], ("/x",)),
        ("most", "edit", {"prompt": "a boat"}, [], ("/x",)),
    ]


OTHERS = {"first": CONTRACT["operations"]["draw"]}  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"provider": "plane"}, "provider is 'plane', but the folder is 'plain'"),
        ({"operations": {"draw": {"operation": "drew"}}}, "operations/draw names the operation 'drew', which openapi.yaml lacks; did you mean 'draw'?"),
        ({"operations": {"draw": {"operation": "qqqq"}}}, "which openapi.yaml lacks (known: draw, look, two)"),
        ({"operations": {"draw": {"operation": None}}}, "operations/draw lacks 'operation'"),
        ({"operations": {"draw": {"purpose": None}}}, "operations/draw lacks 'purpose'"),
        ({"operations": {"draw": {"answer": "pictures"}}}, "operations/draw names the answer 'pictures', which is not there; did you mean 'picture'?"),
        ({"operations": {"draw": {"lifecycle": "job"}}}, "operations/draw names the lifecycle 'job', which is not there"),
        (
            {"operations": {"draw": {"models": {"house/bigg": {}}}}, "models": EVERYTHING},
            "operations/draw names the model 'house/bigg', which is not there; did you mean 'house/big'?",
        ),
        ({"operations": {"draw": {"extends": "drow"}}}, "operations/draw extends 'drow', which is not there; did you mean 'draw'?"),
        ({"operations": {"draw": {"extends": "more"}, "more": {"extends": "draw"}}}, "operations/draw extends itself"),
        ({"operations": {"draw": {"extends": "more"}, "more": {"extends": "none"}}}, "operations/more extends 'none', which is not there"),
        ({"operations": {"draw": {"media_type": "text/plain"}}}, "operations/draw: openapi.yaml documents no body of type text/plain for draw"),
        ({"operations": {"draw": {"operation": "look"}}}, "the path /jobs/{id} needs a value for 'id' (request/path, or a role at path:id)"),
        ({"operations": {"draw": {"operation": "two", "request": {"path": {"c": "1"}}}}}, "the path /{a}/{b}/{c} needs a value for 'a' (request/path, or a role at path:a)"),
        ({"operations": {"draw": {"roles": {"prompt": "json:/prompt/~2", "x": "path:"}}}}, "'path:' is no place in a request"),
        ({"lifecycles": {"job": {**JOB, "poll": {"operation": "lock"}}}}, "lifecycles/job names the operation 'lock', which openapi.yaml lacks; did you mean 'look'?"),
        ({"lifecycles": {"job": {**JOB, "answer": "none"}}}, "lifecycles/job names the answer 'none', which is not there (known: picture)"),
        ({"lifecycles": {"job": {**JOB, "fetch": {"operation": "lock"}}}}, "lifecycles/job names the operation 'lock'"),
        ({"operations": {"draw": {"pixels": {"table": "none"}}}}, "there is no preset table of this name"),
    ],
)
def test_what_does_not_fit_is_told(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as told:
        loaded(tmp_path, change, {"paths": {"/{a}/{b}/{c}": {"post": {"operationId": "two"}}}})
    assert said in str(told.value)
    assert "\n" not in str(told.value)
