"""Requests against the documented schemas; every validator is compiled once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema

from proofsheet.contract.model import Contract, Endpoint, Operation
from proofsheet.contract.requests import ABSENT, Request
from proofsheet.reference.incoming import FORM, Incoming, coerced, form_instance
from proofsheet.reference.refusals import Refusal
from proofsheet.reference.routing import speaks_of_its_model

_Validator: Any = jsonschema.Draft202012Validator


@dataclass(frozen=True, slots=True)
class _Parameter:
    place: str
    name: str
    required: bool
    schema: Mapping[str, Any]
    validator: Any


def _compiled(schema: Any) -> Any:
    return _Validator(schema, format_checker=_Validator.FORMAT_CHECKER)


class Validators:
    """One compiled validator for each body and each parameter of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._bodies = {op.key: _compiled(op.schema) for op in contract.operations if op.schema is not None}
        self._parameters = {name: tuple(_parameter(raw) for raw in endpoint.parameters) for name, endpoint in contract.endpoints.items()}

    def problem(self, operation: Operation, incoming: Incoming) -> Refusal | None:
        """Why the request is invalid for this operation; None where it is valid."""
        if operation.media_type is not None:
            if incoming.media_type != operation.media_type:
                return self._no_body(incoming) or Refusal("wrong_content_type", f"Content-Type: expected {operation.media_type}", field="body")
            if incoming.problem is not None:
                return Refusal(incoming.problem, f"body: {incoming.problem.replace('_', ' ')} {incoming.detail}".strip(), field="body")
        return self._model(operation, incoming) or self.parameters(operation.endpoint, incoming.request) or self._body(operation, incoming.request)

    def _no_body(self, incoming: Incoming) -> Refusal | None:
        return Refusal("empty_body", "body: a body is required", field="body") if incoming.problem == "empty_body" else None

    def parameters(self, endpoint: Endpoint, request: Request) -> Refusal | None:
        """Header, query and path parameters."""
        for parameter in self._parameters[endpoint.operation_id]:
            source = {"header": request.headers, "query": request.query, "path": request.path_params}.get(parameter.place, {})
            value = source.get(parameter.name)
            if value is None:
                if parameter.required:
                    return Refusal("invalid", f"{parameter.name}: this {parameter.place} parameter is required", field=parameter.name, keyword="required")
                continue
            error = jsonschema.exceptions.best_match(parameter.validator.iter_errors(coerced(value, parameter.schema)))
            if error is not None:
                return Refusal("invalid", f"{parameter.name}: {error.message[:160]}", field=parameter.name, keyword=str(error.validator))
        return None

    def _model(self, operation: Operation, incoming: Incoming) -> Refusal | None:
        if speaks_of_its_model(operation, incoming):
            return None
        at = operation.roles["model"].at
        sent = incoming.request.get(at)
        if not isinstance(sent, str):
            return None
        return Refusal("unknown_model", f"{at.name}: there is no model '{sent[:80]}' here", role="model", field=at.name, keyword="enum")

    def _body(self, operation: Operation, request: Request) -> Refusal | None:
        if operation.schema is None:
            return None
        form = operation.media_type == FORM or (operation.media_type or "").startswith("multipart/")
        instance = form_instance(request, operation.schema) if form else request.json
        if instance is ABSENT:
            return Refusal("empty_body", "body: a body is required", field="body")
        error = jsonschema.exceptions.best_match(self._bodies[operation.key].iter_errors(instance))
        if error is None:
            return None
        pointer = [str(step) for step in error.absolute_path] + _named_by(error)
        field = ".".join(step for step in pointer if not step.isdigit()) or "body"
        return Refusal("invalid", f"{field}: {error.message[:160]}", role=_role(operation, pointer), field=field, keyword=str(error.validator))


def _named_by(error: Any) -> list[str]:
    """The property that a message about an object is really about."""
    if error.validator == "required" and isinstance(error.instance, Mapping):
        return [name for name in error.validator_value if name not in error.instance][:1]
    if error.validator == "dependentRequired":
        return [name for name, needed in error.validator_value.items() if name in error.instance and not set(needed) <= set(error.instance)][:1]
    if error.validator in ("additionalProperties", "unevaluatedProperties") and isinstance(error.instance, Mapping):
        return [name for name in error.instance if name not in error.schema.get("properties", {})][:1]
    return []


def _role(operation: Operation, pointer: list[str]) -> str | None:
    """The role of the parameter at a pointer, or of one that holds it."""
    for name, role in operation.roles.items():
        for at in (role.at, *role.also):
            steps = at.place.split("/")[1:] if at.kind == "json" else [at.place]
            if at.kind in ("json", "form", "file") and pointer[: len(steps)] == steps:
                return name
    return None


def _parameter(raw: Mapping[str, Any]) -> _Parameter:
    schema = raw.get("schema", {})
    return _Parameter(raw["in"], raw["name"], bool(raw.get("required")), schema, _compiled(schema))
