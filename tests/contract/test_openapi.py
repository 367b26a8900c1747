"""Reading openapi.yaml: references, operations, keys, and what is wrong with any of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.contract.folders import loaded, written

from proofsheet.contract.errors import ContractError
from proofsheet.contract.model import Endpoint, SecurityScheme
from proofsheet.contract.openapi import Resolver, read_endpoints, response_schema, schema_problem

FILES = {
    "parts.json": {"one": {"type": "string"}, "list": [{"$ref": "#/one"}, 5], "a/b": {"c d": {"type": "integer"}}, "self": {"$ref": "#/self"}, "text": "plain"},
    "other part.json": {"$id": "https://elsewhere.example/x", "type": "object", "properties": {"p": {"$ref": "parts.json#/one"}}},
    "to/and.json": {"$ref": "../parts.json#/one"},
}


@pytest.mark.parametrize(
    ("node", "resolved"),
    [
        (5, 5),
        ("text", "text"),
        ([1, {"$ref": "parts.json#/one"}], [1, {"type": "string"}]),
        ({"a": {"$ref": "parts.json#/one"}}, {"a": {"type": "string"}}),
        ({"$ref": "parts.json#/one", "title": "t"}, {"type": "string", "title": "t"}),
        ({"$ref": "parts.json#/one", "type": "null"}, {"type": "null"}),
        ({"$ref": "parts.json#/text", "title": "t"}, "plain"),
        ({"$ref": "parts.json#/list"}, [{"type": "string"}, 5]),
        ({"$ref": "parts.json#/a~1b/c%20d"}, {"type": "integer"}),
        ({"$ref": "other%20part.json"}, {"type": "object", "properties": {"p": {"type": "string"}}}),
        ({"$ref": "other%20part.json#"}, {"type": "object", "properties": {"p": {"type": "string"}}}),
        ({"$ref": "to/and.json"}, {"type": "string"}),
        ({"$ref": "#/info/title"}, "Plain"),
        ({"$id": "x", "a": 1}, {"a": 1}),
        ({"properties": {"$ref": {"type": "string"}}}, {"properties": {"$ref": {"type": "string"}}}),
        ([{"$ref": "parts.json#/one"}, {"$ref": "parts.json#/one"}], [{"type": "string"}, {"type": "string"}]),
        ({"$ref": "parts.json#/one", "title": {"$ref": "parts.json#/text"}}, {"type": "string", "title": "plain"}),
    ],
)
def test_a_reference_is_replaced_by_what_it_names(node: Any, resolved: Any, tmp_path: Path) -> None:
    folder = written(tmp_path, files=FILES)
    assert Resolver(folder).resolve(node, folder / "openapi.yaml") == resolved


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("parts.json#/self", "parts.json: the reference '#/self' leads back to itself; write the schema without the loop"),
        ("none.json", "openapi.yaml: the reference 'none.json' names the file"),
        ("none.json#/a", "none.json, which is missing"),
        ("#/nothing", "openapi.yaml: the reference '#/nothing' names nothing"),
        ("#anchor", "openapi.yaml: the reference '#anchor' names nothing"),
        ("parts.json#/one/x", "openapi.yaml: the reference 'parts.json#/one/x' names nothing"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(reference: str, said: str, tmp_path: Path) -> None:
    folder = written(tmp_path, files=FILES)
    with pytest.raises(ContractError) as told:
        Resolver(folder).resolve({"a": {"$ref": reference}}, folder / "openapi.yaml")
    assert said in str(told.value)


def test_a_file_is_read_once(tmp_path: Path) -> None:
    folder = written(tmp_path, files=FILES)
    resolver = Resolver(folder)
    assert resolver.file(folder / "parts.json") is resolver.file(folder / "parts.json")


def endpoints(root: Path, openapi: Any) -> tuple[dict[str, Endpoint], dict[str, SecurityScheme]]:
    folder = written(root, openapi=openapi)
    return read_endpoints(Resolver(folder), folder / "openapi.yaml")


SCHEMES = {
    "bearer": {"type": "http", "scheme": "Bearer"},
    "basic": {"type": "http", "scheme": "BASIC"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key", "x-prefix": "Token "},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "shared": {"$ref": "#/components/schemes/one"},
}


def test_operations_and_keys_are_read_as_they_stand(tmp_path: Path) -> None:
    shared, own = ({"name": name, "in": "query", "schema": {"type": "string"}} for name in ("shared", "own"))
    body = {"content": {"application/json": {"schema": {"type": "object"}, "examples": {"e": {"value": {}}}}, "text/plain": {}}}
    answers = {200: {"description": "yes"}, "4XX": {"description": "no"}}
    found, schemes = endpoints(
        tmp_path,
        {
            "security": [{"bearer": []}],
            "components": {"securitySchemes": SCHEMES, "schemes": {"one": {"type": "apiKey", "in": "cookie", "name": "c"}}},
            "paths": {
                "/draw": None,
                "/jobs/{id}": None,
                "/a": {
                    "summary": "s",
                    "parameters": [shared],
                    "put": {"operationId": "put-a", "parameters": [own], "requestBody": body, "responses": answers, "security": [{"basic": []}, {"query": []}]},
                    "patch": {"operationId": "patch-a", "security": []},
                },
                "/b": {"delete": {"operationId": "delete-b"}},
            },
        },
    )
    assert found == {
        "put-a": Endpoint(
            "put-a", "PUT", "/a", (shared, own), {"application/json": {"type": "object"}, "text/plain": {}}, {"200": answers[200], "4XX": answers["4XX"]}, ("basic", "query"),
            {"application/json": {"e": {"value": {}}}, "text/plain": {}},
        ),
        "patch-a": Endpoint("patch-a", "PATCH", "/a", (shared,), {}, {}, (), {}),
        "delete-b": Endpoint("delete-b", "DELETE", "/b", (), {}, {}, ("bearer",), {}),
    }  # fmt: skip
    assert schemes == {
        "bearer": SecurityScheme("bearer", "header", "Authorization", "Bearer ", False),
        "basic": SecurityScheme("basic", "header", "Authorization", "Basic ", True),
        "header": SecurityScheme("header", "header", "X-Key", "Token ", False),
        "query": SecurityScheme("query", "query", "key", "", False),
        "shared": SecurityScheme("shared", "cookie", "c", "", False),
    }


@pytest.mark.parametrize("method", ["get", "put", "post", "delete", "options", "head", "patch", "trace"])
def test_every_method_is_one(method: str, tmp_path: Path) -> None:
    found, _ = endpoints(tmp_path, {"paths": {"/x": {method: {"operationId": "x"}}}})
    assert found["x"].method == method.upper()


def test_an_openapi_document_needs_no_operation_and_no_components(tmp_path: Path) -> None:
    assert endpoints(tmp_path, {"paths": {"/draw": None, "/jobs/{id}": None}}) == ({}, {})
    assert endpoints(tmp_path, {"components": {"securitySchemes": None}})[1] == {}


BAD = {"type": "strin"}


def draw(**changes: Any) -> dict[str, Any]:
    return {"paths": {"/draw": {"post": changes}}}


@pytest.mark.parametrize(
    ("openapi", "said"),
    [
        ({"paths": None}, "this is no OpenAPI document: it needs 'openapi', 'info' and 'paths'"),
        ({"paths": []}, "this is no OpenAPI document"),
        (draw(operationId=None), "POST /draw needs an operationId"),
        (draw(operationId="look"), "the operationId 'look' stands twice (GET /jobs/{id})"),
        (draw(security=[{"a": [], "b": []}]), "draw needs a and b at once, and a credential is one key"),
        (
            draw(security=[{"kei": []}]) | {"components": {"securitySchemes": {"key": SCHEMES["query"]}}},
            "draw names the security scheme 'kei', which is not there; did you mean 'key'?",
        ),
        ({"security": [{"none": []}]}, "draw names the security scheme 'none', which is not there"),
        ({"components": {"securitySchemes": {"odd": {"type": "oauth2"}}}}, "the security scheme 'odd' must be http bearer, http basic or apiKey"),
        ({"components": {"securitySchemes": {"odd": {"type": "http", "scheme": "digest"}}}}, "the security scheme 'odd' must be"),
        ({"components": {"securitySchemes": {"odd": {"type": "http"}}}}, "the security scheme 'odd' must be"),
        ({"components": {"securitySchemes": {"odd": {"scheme": "bearer"}}}}, "the security scheme 'odd' must be"),
        ({"components": {"securitySchemes": {"odd": {"type": "mutualTLS", "scheme": "basic"}}}}, "the security scheme 'odd' must be"),
        (draw(requestBody={"content": {"application/json": {"schema": BAD}}}), "draw: the schema of the body (application/json) is no JSON Schema: at type: 'strin'"),
        (draw(parameters=[{"name": "q", "in": "query", "schema": BAD}]), "draw: the schema of the parameter q is no JSON Schema: at type"),
        (draw(responses={"200": {"content": {"text/plain": {"schema": BAD}}}}), "draw: the schema of the answer 200 (text/plain) is no JSON Schema: at type"),
        (draw(requestBody={"content": {"application/json": {"schema": 5}}}), "is no JSON Schema: at the top: 5 is not of type"),
    ],
)
def test_what_is_wrong_with_openapi_is_told(openapi: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as told:
        endpoints(tmp_path, openapi)
    assert said in str(told.value)
    assert str(told.value).startswith(str(tmp_path / "plain" / "openapi.yaml"))


def test_what_is_no_mapping_is_no_openapi(tmp_path: Path) -> None:
    folder = written(tmp_path, files={"openapi.yaml": [1]})
    with pytest.raises(ContractError, match="this is no OpenAPI document"):
        read_endpoints(Resolver(folder), folder / "openapi.yaml")


@pytest.mark.parametrize(
    ("schema", "problem"),
    [({}, None), (True, None), ({"properties": {"a": {"minLength": -1}}}, "at properties/a/minLength: -1 is less than the minimum of 0"), (7, "at the top: 7 is not")],
)
def test_why_something_is_no_schema(schema: Any, problem: str | None) -> None:
    found = schema_problem(schema)
    assert (found is None) is (problem is None)
    assert (found or "").startswith(problem or "")


JSON, OWN, PICTURE = ({"content": {kind: {"schema": {"title": kind}}}} for kind in ("application/json", "application/vnd.own+json", "image/png"))


@pytest.mark.parametrize(
    ("responses", "status", "title"),
    [
        ({"200": JSON, "default": OWN}, 200, "application/json"),
        ({"200": JSON}, 202, "application/json"),  # any other 2xx is judged by the one that is documented
        ({"200": JSON, "202": OWN}, 202, "application/vnd.own+json"),
        ({"202": OWN, "200": JSON}, 201, "application/json"),
        ({"200": JSON, "default": OWN}, 299, "application/json"),
        ({"200": JSON, "default": OWN}, 199, "application/vnd.own+json"),
        ({"200": JSON, "default": OWN}, 300, "application/vnd.own+json"),
        ({"2XX": OWN}, 201, "application/vnd.own+json"),
        ({"2xx": OWN}, 201, "application/vnd.own+json"),
        ({"200": JSON, "2XX": OWN}, 201, "application/vnd.own+json"),
        ({"default": JSON}, 200, "application/json"),
        ({"200": PICTURE, "default": JSON}, 200, None),  # what is documented as a picture is not judged as an error
        ({"202": {"description": "empty"}, "default": JSON}, 202, None),
        ({"200": {"content": {**OWN["content"], **JSON["content"]}}}, 200, "application/json"),
        ({"200": {"content": {**OWN["content"], "application/problem+json": {"schema": {"title": "second"}}}}}, 200, "application/vnd.own+json"),
        ({"200": {"content": {**PICTURE["content"], **OWN["content"]}}}, 200, "application/vnd.own+json"),
        ({"200": {"content": {"application/problem+json ; charset=utf-8": {"schema": {"title": "p"}}}}}, 200, "p"),
        ({"200": {"content": {"application/json": {}}}}, 200, None),
        ({"404": JSON}, 200, None),
        ({}, 200, None),
        ({"4XX": JSON}, 404, "application/json"),
        ({"4XX": JSON, "3XX": OWN}, 400, "application/json"),
        ({"4XX": JSON, "5XX": OWN}, 499, "application/json"),
        ({"5XX": JSON, "6XX": OWN}, 599, "application/json"),
        ({"404": OWN, "4XX": JSON}, 404, "application/vnd.own+json"),
        ({"400": JSON}, 404, None),
        ({"5XX": JSON, "4XX": OWN}, 503, "application/json"),
    ],
)
def test_the_schema_of_an_answer(responses: dict[str, Any], status: int, title: str | None) -> None:
    schema = response_schema(Endpoint("e", "GET", "/", (), {}, responses, ()), status)
    assert (schema["title"] if schema is not None else None) == title


def test_what_a_folder_documents_is_in_its_contract(tmp_path: Path) -> None:
    contract = loaded(tmp_path, openapi={"components": {"securitySchemes": {name: SCHEMES[name] for name in ("basic", "query")}}, "security": [{"query": []}]})
    assert contract.operation("draw").endpoint.security == ("query",)
    assert set(contract.security_schemes) == {"basic", "query"}
