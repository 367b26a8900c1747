"""Whether the parts of a contract fit together: what no schema of a single file can see. Raises ContractError."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema

from proofsheet.contract import model as m
from proofsheet.contract.complaints import suggestion
from proofsheet.contract.errors import ContractError, LocationError
from proofsheet.contract.locations import Location, compiled_path, pointer_steps
from proofsheet.contract.openapi import schema_problem
from proofsheet.contract.patterns import matches_any
from proofsheet.contract.requests import ABSENT

#: What stands for a reference image in the templates of its forms.
FORM_NAMES = frozenset({"url", "data_uri", "base64", "media_type", "file"})


def check_consistency(contract: m.Contract) -> None:
    """Raise ContractError for the first part that does not fit the others."""
    path = str(Path(contract.folder) / "contract.yaml")
    for problem in _problems(contract):
        raise ContractError(path, problem)
    known = [document.id for document in contract.documents]
    for entry in contract.matrix.requirements:
        for source in entry.sources:
            if source.document not in known:
                problem = f"{entry.id} cites the document '{source.document}', which contract.yaml does not list" + suggestion(source.document, known)
                raise ContractError(str(Path(contract.folder) / "requirements.yaml"), problem)


def _problems(contract: m.Contract) -> Iterator[str]:
    yield from _twice("models: the model", [model.id for model in contract.models])
    yield from _twice("operations: the key (name, and short name of the model)", [operation.key for operation in contract.operations])
    yield from _twice("errors/catalogue: the id", [entry.id for entry in contract.errors.catalogue])
    for lifecycle in {op.lifecycle.name: op.lifecycle for op in contract.operations if op.lifecycle}.values():
        yield from _call(f"lifecycles/{lifecycle.name}/poll", lifecycle.look)
        yield from _call(f"lifecycles/{lifecycle.name}/fetch", lifecycle.fetch) if lifecycle.fetch else ()
    for operation in contract.operations:
        yield from _operation(f"operations/{operation.key}", operation)
    yield from _catalogue(contract)
    yield from _prices(contract)


def _twice(what: str, names: list[str]) -> Iterator[str]:
    yield from (f"{what} '{name}' stands twice" for name in dict.fromkeys(names) if names.count(name) > 1)


def _call(where: str, call: m.Call) -> Iterator[str]:
    needed = re.findall(r"\{(\w+)\}", call.endpoint.path)
    for name in needed:
        if name not in call.path:
            yield f"{where}/path lacks '{name}', which the path {call.endpoint.path} needs; write {{{name}: \"${{id}}\"}}"
    for name in call.path:
        if name not in needed:
            yield f"{where}/path names '{name}', but the path is {call.endpoint.path}"


def _operation(where: str, operation: m.Operation) -> Iterator[str]:
    if operation.purpose != "refuse" and operation.answer is None and operation.lifecycle is None:
        yield f"{where} needs an answer (where its images stand) or a lifecycle"
    for role in operation.roles.values():
        # Places under ``also`` may be spellings that the schema does not list.
        yield from (f"{where}/roles/{role.name}: {problem}" for problem in _place(operation, role.at))
    if "references" in operation.roles:
        yield from (f"{where}/roles/references{problem}" for problem in _forms(operation.roles["references"]))
    yield from (f"{where}/pixels{problem}" for problem in _pixels(operation))
    yield from _twice(f"{where}/probes: the id", [probe.id for probe in operation.probes])
    if operation.base.json is not ABSENT and operation.media_type is None:
        yield f"{where}/request has a body, but openapi.yaml documents none for {operation.endpoint.operation_id}"
    if operation.schema is not None:
        problem = schema_problem(operation.schema)
        yield from [f"{where}: the request schema is no JSON Schema: {problem}"] if problem else _bodies(where, operation, operation.schema)


def _place(operation: m.Operation, at: Location) -> Iterator[str]:
    """Problems of a role's place: it must be one that the documents speak of."""
    if at.kind in ("query", "path"):
        known = [str(raw.get("name")) for raw in operation.endpoint.parameters if raw.get("in") == at.kind]
        if at.place not in known:
            yield f"openapi.yaml has no {at.kind} parameter '{at.place}' for {operation.endpoint.operation_id}" + suggestion(at.place, known)
    elif at.kind != "header" and isinstance(operation.schema, Mapping):
        parts: list[Any] = [operation.schema]
        for step in pointer_steps(at.place) if at.kind == "json" else [at.place]:
            known = _names(parts)
            if not known:
                return  # An open object, or an array: anything may stand there.
            if step not in known:
                yield f"the request schema has no '{step}' at {at}" + suggestion(step, known)
                return
            parts = [part["properties"][step] for part in _parts(parts) if step in (part.get("properties") or {})]


def _parts(schemas: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """The schemas and all that they are combined of."""
    for schema in schemas:
        if isinstance(schema, Mapping):
            yield schema
            yield from (part for keyword in ("allOf", "anyOf", "oneOf") for part in _parts(schema.get(keyword) or ()))


def _names(schemas: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(name for part in _parts(schemas) for name in part.get("properties") or {}))


def _forms(role: m.Role) -> Iterator[str]:
    if not role.forms:
        yield ' needs forms, such as {url: "${url}"}'
    for form, template in role.forms.items():
        for name in re.findall(r"\$\{(\w+)\}", str(template)):
            if name not in FORM_NAMES:
                yield f"/forms/{form}: '${{{name}}}' is no placeholder" + suggestion(name, sorted(FORM_NAMES))


def _pixels(operation: m.Operation) -> Iterator[str]:
    if operation.pixels is None:
        return
    table, default = operation.pixels.table, operation.pixels.default
    for axis in table.axes:
        if axis not in operation.roles and axis not in default:
            yield f": the table {table.name} has the axis '{axis}', which is no role of the operation" + suggestion(axis, operation.roles)
    for axis, value in default.items():
        if axis not in table.axes:
            yield f"/default: '{axis}' is no axis of the table {table.name}" + suggestion(axis, table.axes)
            continue
        known = list(dict.fromkeys(cell.at[table.axes.index(axis)] for cell in table.cells))
        free = axis in operation.roles and value in operation.roles[axis].free
        if value is not None and not free and not table.open and value not in known:
            yield f"/default: no cell of the table {table.name} has the {axis} '{value}'" + suggestion(str(value), known)


def _bodies(where: str, operation: m.Operation, schema: Mapping[str, Any]) -> Iterator[str]:
    """Problems of the base request and the probes with the request schema."""
    body = operation.base.json
    if body is ABSENT or operation.purpose == "refuse":
        return
    validator = jsonschema.Draft202012Validator(schema)
    completed = operation.purpose == "edit" and "references" in operation.roles  # A reference image is added to it.
    error = None if completed else jsonschema.exceptions.best_match(validator.iter_errors(body))
    if error is not None:
        place = "/".join(map(str, error.absolute_path)) or "the body"
        yield f"{where}/request/json must be valid by the request schema, and is not: {place}: {error.message[:160]}"
    for probe in operation.probes:
        request = operation.base
        for at, value in probe.set:
            request = request.put(at, value)
        if not completed and probe.invalid and validator.is_valid(request.json) and all(at.kind == "json" for at, _ in probe.set):
            yield f"{where}/probes/{probe.id} is refused, but the request schema allows it: change the schema, or write invalid: false"


def _catalogue(contract: m.Contract) -> Iterator[str]:
    roles = {name for operation in contract.operations for name in operation.roles}
    for entry in contract.errors.catalogue:
        where = f"errors/catalogue/{entry.id}"
        if entry.parameter is not None and entry.parameter not in roles:
            yield f"{where}: parameter names the role '{entry.parameter}', which no operation has" + suggestion(entry.parameter, sorted(roles))
        yield from (f"{where}: {problem}" for problem in _on(contract, entry.on))
        if entry.hint is not None:
            yield from (f"{where}/hint: {problem}" for problem in regex_problem(entry.hint))


def _on(contract: m.Contract, patterns: tuple[str, ...]) -> Iterator[str]:
    names = list(dict.fromkeys(name for operation in contract.operations for name in (operation.name, operation.key)))
    for pattern in patterns:
        if not any(matches_any([pattern], name) for name in names):
            yield f"'{pattern}' fits no operation" + suggestion(pattern, names)


def _prices(contract: m.Contract) -> Iterator[str]:
    roles = {name for operation in contract.operations for name in operation.roles}
    for number, rule in enumerate(contract.prices.rules if contract.prices else ()):
        for name in rule.when:
            if name not in roles:
                yield f"prices/rules/{number}/when names the role '{name}', which no operation has" + suggestion(name, sorted(roles))
        yield from (f"prices/rules/{number}: {problem}" for problem in _on(contract, rule.operations))


def regex_problem(pattern: str) -> Iterator[str]:
    """What is wrong with a regular expression, if anything."""
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"'{pattern}' is no regular expression: {error}"


def check_answer(where: str, answer: m.Answer) -> None:
    """Raise LocationError for an image rule that can find nothing."""
    for number, rule in enumerate(answer.images):
        if not (rule.body or rule.url or rule.base64 or rule.at):
            raise LocationError(f"{where}/images/{number} says nowhere where the image is: write url, base64, at or body: true")
        for path in (rule.each, rule.url, rule.base64, rule.media_type, *rule.more_urls.values()):
            if path is not None:
                _compile(f"{where}/images/{number}", path)


def _compile(where: str, path: str) -> None:
    try:
        compiled_path(path)
    except LocationError as error:
        raise LocationError(f"{where}: {error}") from None
