"""Reading openapi.yaml: references resolved, operations and security as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema

from proofsheet.contract.accepted import accepted
from proofsheet.contract.complaints import suggestion
from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import read_document
from proofsheet.contract.locations import get_pointer
from proofsheet.contract.model import Endpoint, SecurityScheme

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MISSING = object()
#: What schemas themselves are judged by.
_META_NAME = "draft 2020-12"
_META: Any = jsonschema.Draft202012Validator(jsonschema.Draft202012Validator.META_SCHEMA)


class Resolver:
    """Resolves ``$ref`` across the files of one provider's folder. Cycles are left as they stand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[Path, Any] = {}

    def file(self, path: Path) -> Any:
        """One file, read once."""
        if path not in self._files:
            self._files[path] = read_document(path)
        return self._files[path]

    def resolve(self, node: Any, base: Path, trail: tuple[str, ...] = ()) -> Any:
        """``node`` with every reference replaced by what it names."""
        if isinstance(node, list):
            return [self.resolve(item, base, trail) for item in node]
        if not isinstance(node, Mapping):
            return node
        if isinstance(node.get("$ref"), str):
            return self._follow(node, base, trail)
        return {key: self.resolve(value, base, trail) for key, value in node.items() if key != "$id"}

    def _follow(self, node: Mapping[str, Any], base: Path, trail: tuple[str, ...]) -> Any:
        reference = str(node["$ref"])
        name, _, pointer = reference.partition("#")
        path = (base.parent / unquote(name)).resolve() if name else base
        mark = f"{path}#{pointer}"
        if mark in trail:
            raise ContractError(str(base), f"the reference '{reference}' leads back to itself; write the schema without the loop")
        if name and not path.is_file():
            raise ContractError(str(base), f"the reference '{reference}' names the file {path}, which is missing")
        target = get_pointer(self.file(path), unquote(pointer), _MISSING)
        if target is _MISSING or pointer[:1] not in ("", "/"):
            raise ContractError(str(base), f"the reference '{reference}' names nothing")
        resolved = self.resolve(target, path, (*trail, mark))
        beside = {key: self.resolve(value, base, trail) for key, value in node.items() if key != "$ref"}
        return {**resolved, **beside} if beside and isinstance(resolved, Mapping) else resolved


def read_endpoints(resolver: Resolver, path: Path) -> tuple[dict[str, Endpoint], dict[str, SecurityScheme]]:
    """All operations by operationId, and all security schemes. Raises ContractError."""
    document = resolver.file(path)
    if not isinstance(document, Mapping) or not isinstance(document.get("paths"), Mapping):
        raise ContractError(str(path), "this is no OpenAPI document: it needs 'openapi', 'info' and 'paths'")
    schemes = {name: _scheme(path, name, resolver.resolve(raw, path)) for name, raw in (document.get("components", {}).get("securitySchemes") or {}).items()}
    endpoints: dict[str, Endpoint] = {}
    for route, raw_item in document["paths"].items():
        item = resolver.resolve(raw_item, path)
        for method in _METHODS:
            if method in item:
                endpoint = _endpoint(path, route, method, item, document)
                if endpoint.operation_id in endpoints:
                    raise ContractError(str(path), f"the operationId '{endpoint.operation_id}' stands twice ({method.upper()} {route})")
                _check_keys(path, endpoint, schemes)
                _check_schemas(path, endpoint)
                endpoints[endpoint.operation_id] = endpoint
    return endpoints, schemes


def _endpoint(path: Path, route: str, method: str, item: Mapping[str, Any], document: Mapping[str, Any]) -> Endpoint:
    operation = item[method]
    if "operationId" not in operation:
        raise ContractError(str(path), f"{method.upper()} {route} needs an operationId")
    content = operation.get("requestBody", {}).get("content", {})
    security = operation.get("security", document.get("security", []))
    together = next((requirement for requirement in security if len(requirement) > 1), None)
    if together:
        problem = f"{operation['operationId']} needs {' and '.join(together)} at once, and a credential is one key; write them as alternatives, each in its own entry"
        raise ContractError(str(path), problem)
    names = tuple(name for requirement in security for name in requirement)
    return Endpoint(
        operation_id=operation["operationId"],
        method=method.upper(),
        path=route,
        parameters=(*item.get("parameters", []), *operation.get("parameters", [])),
        body_schemas={media_type: value.get("schema", {}) for media_type, value in content.items()},
        responses={str(status): response for status, response in operation.get("responses", {}).items()},
        security=names,
        examples={media_type: value.get("examples", {}) for media_type, value in content.items()},
    )


def _check_keys(path: Path, endpoint: Endpoint, schemes: Mapping[str, SecurityScheme]) -> None:
    for name in endpoint.security:
        if name not in schemes:
            raise ContractError(str(path), f"{endpoint.operation_id} names the security scheme '{name}', which is not there{suggestion(name, schemes)}")


def _check_schemas(path: Path, endpoint: Endpoint) -> None:
    """Raise ContractError for a JSON Schema that is none."""
    bodies = [(f"the body ({media_type})", schema) for media_type, schema in endpoint.body_schemas.items()]
    bodies += [(f"the parameter {raw.get('name')}", raw.get("schema", {})) for raw in endpoint.parameters]
    for status, response in endpoint.responses.items():
        bodies += [(f"the answer {status} ({kind})", content.get("schema", {})) for kind, content in response.get("content", {}).items()]
    for what, schema in bodies:
        problem = schema_problem(schema)
        if problem is not None:
            raise ContractError(str(path), f"{endpoint.operation_id}: the schema of {what} is no JSON Schema: {problem}")


def schema_problem(schema: Any) -> str | None:
    """Why something is no JSON Schema; None where it is one."""
    return _canonical_problem(json.dumps(schema))


@lru_cache(maxsize=256)
def _canonical_problem(text: str) -> str | None:
    if accepted().knows(_META_NAME, text):
        return None
    error = jsonschema.exceptions.best_match(_META.iter_errors(json.loads(text)))
    if error is None:
        accepted().add(_META_NAME, text)
    return None if error is None else f"at {'/'.join(map(str, error.absolute_path)) or 'the top'}: {error.message[:160]}"


def _scheme(path: Path, name: str, raw: Mapping[str, Any]) -> SecurityScheme:
    if raw.get("type") == "http" and str(raw.get("scheme", "")).lower() == "bearer":
        return SecurityScheme(name, "header", "Authorization", "Bearer ")
    if raw.get("type") == "http" and str(raw.get("scheme", "")).lower() == "basic":
        return SecurityScheme(name, "header", "Authorization", "Basic ", base64=True)
    if raw.get("type") == "apiKey":
        return SecurityScheme(name, str(raw["in"]), str(raw["name"]), str(raw.get("x-prefix", "")))
    raise ContractError(str(path), f"the security scheme '{name}' must be http bearer, http basic or apiKey (with x-prefix where a word stands before the key)")


def response_schema(endpoint: Endpoint, status: int) -> Any | None:
    """The documented schema of a JSON answer with this status; None where the document is silent.

    The exact status counts first, then its class; any other 2xx is judged by the 2xx that is documented.
    """
    family = status // 100
    names = [str(status), f"{family}XX", f"{family}xx"]
    if family == 2:
        names += sorted(name for name in endpoint.responses if name.startswith("2"))
    documented = next((name for name in [*names, "default"] if name in endpoint.responses), None)
    content = endpoint.responses[documented].get("content", {}) if documented else {}
    kinds = [kind for kind in content if kind.partition(";")[0].strip().endswith("json")]
    return content["application/json" if "application/json" in kinds else kinds[0]].get("schema") if kinds else None
