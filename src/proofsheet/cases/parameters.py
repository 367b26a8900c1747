"""Cases of the parameters: the boundary walk of every keyword, and what no keyword says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from proofsheet.cases import near, references
from proofsheet.cases.catalogue import entry_for, invalid_entry
from proofsheet.cases.model import Case, Probe
from proofsheet.cases.requests import asked, base_request, probe, with_real_references, with_role
from proofsheet.cases.validity import is_valid
from proofsheet.cases.walk import Step, leaf_schema, walk
from proofsheet.contract.locations import Location, get_pointer
from proofsheet.contract.model import ErrorCase, Operation, Role
from proofsheet.contract.requests import ABSENT, Request

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground


def cases(ground: Ground, cells: tuple[Case, ...]) -> Iterator[Case]:
    """All parameter cases of an operation. ``cells`` are its pixel cases: accepted values ride on their images."""
    yield ground.case("parameters", "base", "base", "serve", ground.base)
    yield from _keys(ground)
    yield from _examples(ground)
    yield from _walked(ground, cells)
    yield from _headers_and_queries(ground)
    yield from near.cases(ground)
    yield from _quirks(ground)
    yield from _letter_case(ground)
    yield from _ignored(ground)
    yield from _probes(ground)
    yield from references.cases(ground)


def _keys(ground: Ground) -> Iterator[Case]:
    """Each documented place of the key, where there is more than one."""
    schemes = ground.operation.endpoint.security
    for scheme in schemes if len(schemes) > 1 else ():
        made = probe(ground.operation, base_request(ground.operation), scheme=scheme)
        yield ground.case("parameters", f"key/{scheme}", "key", "serve", made)


def _examples(ground: Ground) -> Iterator[Case]:
    """The documented example bodies, as they stand; references that name no real picture are replaced by real ones."""
    operation, base = ground.operation, base_request(ground.operation)
    if operation.media_type is None or operation.schema is None or base.json is ABSENT:
        return
    for name, example in operation.endpoint.examples.get(operation.media_type, {}).items():
        body = example.get("value")
        if not isinstance(body, dict) or not is_valid(operation.schema, body) or not _is_of(operation, base, body):
            continue
        request = with_real_references(operation, replace(base, json=body))
        yield ground.case("parameters", f"example/{name}", "example", "serve", probe(operation, request), asked=asked(operation, request))


def _is_of(operation: Operation, base: Request, body: Mapping[str, Any]) -> bool:
    """Whether an example body belongs to this operation: it sends what the base request fixes, and nothing in its place."""
    fixed = {name: value for name, value in base.json.items() if isinstance(value, (bool, int)) or _is_model(operation, name)}
    return all(body.get(name) == value for name, value in fixed.items()) and not any(
        role.name == "async" and role.at.kind == "json" and get_pointer(body, role.at.place) and not get_pointer(base.json, role.at.place)
        for role in operation.roles.values()
    )


def _is_model(operation: Operation, name: str) -> bool:
    role = operation.roles.get("model")
    return role is not None and role.at == Location("json", f"/{name}")


def _walked(ground: Ground, cells: tuple[Case, ...]) -> Iterator[Case]:
    operation, base = ground.operation, base_request(ground.operation)
    if operation.schema is None or not operation.walk_body:
        return
    body, place = _body_of(operation, base)
    for number, step in enumerate(walk(operation.schema, body, operation.skip)):
        request = _step_request(operation, base, step, place)
        if request is None or _needs_real_pictures(operation, step, place):
            continue
        yield from _step_case(ground, step, request, place, cells, number)


def _body_of(operation: Operation, base: Request) -> tuple[Any, str]:
    """The base body as the schema sees it, and the kind of place its fields stand in."""
    if base.json is not ABSENT or not (base.form or base.files):
        return (None if base.json is ABSENT else base.json), "json"
    fields: dict[str, Any] = dict(base.form)
    for name, _ in base.files:
        schema = leaf_schema(operation.schema, f"/{name}") or {}
        fields[name] = ["(file)"] if schema.get("type") == "array" else "(file)"
    return fields, "form"


def _step_request(operation: Operation, base: Request, step: Step, place: str) -> Request | None:
    """The base request with a step's change; None where the wire cannot carry it (a form knows only text, and one text is a list of one)."""
    if place == "json":
        return replace(base, json=step.body)
    name = step.pointer.lstrip("/")
    if "/" in name or not name:
        return None
    listed = (leaf_schema(operation.schema, f"/{name}") or {}).get("type") == "array"
    kind = "file" if any(field == name for field, _ in base.files) or _role_at(operation, Location("file", name)) else "form"
    if step.scenario == "missing":
        return base.put(Location(kind, name), ABSENT)
    if kind == "file" or not isinstance(step.value, (str, int, float, bool)) or (step.scenario.startswith("type-") and (listed or step.scenario != "type-string")):
        return None
    return base.put(Location("form", name), _text(step.value))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _needs_real_pictures(operation: Operation, step: Step, place: str) -> bool:
    """Valid references are cases of their own: generated ones name pictures that do not exist."""
    role = operation.roles.get("references")
    if role is None or not step.valid:
        return False
    return (role.at.kind in (place, "file")) and (step.pointer == role.at.place or step.pointer.lstrip("/") == role.at.place)


def _step_case(ground: Ground, step: Step, request: Request, place: str, cells: tuple[Case, ...], number: int) -> Iterator[Case]:
    operation = ground.operation
    role = _role_at(operation, Location(place, step.pointer if place == "json" else step.pointer.lstrip("/")))
    if step.valid:
        ride = _ride(operation, role, step.value, cells)
        made = ride or probe(operation, request)
        wanted = asked(operation, made.request)
        yield ground.case("parameters", f"{step.parameter}/valid/{_text(step.value)}", "valid", "serve", made, asked=wanted)
        return
    # Null for an optional parameter: no document says whether it means "not given", so nobody judges it.
    optional_null = step.scenario == "type-null" and _optional(operation.schema, step)
    error = _refusal_of(ground, role, step)
    yield ground.case("parameters", f"{step.parameter}/invalid/{step.scenario}", "invalid", "see" if optional_null else "refuse",
                      probe(operation, request), base=ground.base, error=error, why=f"{step.parameter}: {step.scenario}")  # fmt: skip


def _refusal_of(ground: Ground, role: Role | None, step: Step) -> ErrorCase | None:
    """How this must be refused: another model than those that are listed is an unknown model, where the document speaks of that."""
    unknown = entry_for(ground, "unknown_model") if role is not None and role.name == "model" and step.scenario == "enum" else None
    return unknown or invalid_entry(ground, role.name if role else None)


def _optional(schema: Any, step: Step) -> bool:
    above, _, name = step.parameter.rpartition(".")
    parent = leaf_schema(schema, "".join(f"/{part}" for part in above.split(".")), items=True) if above else schema
    required = {item for part in [parent or {}, *((parent or {}).get("allOf") or [])] for item in part.get("required", ())}
    return name not in required and step.pointer != ""


def _role_at(operation: Operation, at: Location) -> Role | None:
    return next((role for role in operation.roles.values() if at in (role.at, *role.also)), None)


def _ride(operation: Operation, role: Role | None, value: Any, cells: tuple[Case, ...]) -> Probe | None:
    """The probe of a preset cell that sends this value anyway: an image is generated once."""
    if role is None or operation.pixels is None or role.name not in operation.pixels.table.axes:
        return None
    for case in cells:
        if case.probe is not None and case.cell is not None and case.probe.request.get(role.at) == value:
            return case.probe
    return None


def _headers_and_queries(ground: Ground) -> Iterator[Case]:
    """The documented header and query parameters, walked the same way; on the wire they are text."""
    base = base_request(ground.operation)
    for parameter in ground.operation.endpoint.parameters:
        schema, kind, name = parameter.get("schema"), parameter.get("in"), str(parameter.get("name"))
        if schema is None or kind not in ("header", "query") or _switches(ground.operation, kind, name):
            continue
        whole = {"type": "object", "properties": {name: schema}, "required": [name] if parameter.get("required") else []}
        at = Location(kind, name)
        for step in walk(whole, {}):
            if step.valid and _another_model(ground.operation, at, step.value):
                continue  # That model's own operation asks for it.
            if step.valid:
                request = base.put(at, step.value)
                made = probe(ground.operation, request)
                yield ground.case("parameters", f"{name}/valid/{_text(step.value)}", "valid", "serve", made, asked=asked(ground.operation, request))
            elif step.scenario in ("missing", "enum", "pattern", "below-minimum", "above-maximum") or (
                step.scenario == "type-string" and schema.get("type") != "string"
            ):
                error = _refusal_of(ground, _role_at(ground.operation, at), step)
                request = base.put(at, ABSENT if step.scenario == "missing" else step.value)
                made = probe(ground.operation, request)
                yield ground.case("parameters", f"{name}/invalid/{step.scenario}", "invalid", "refuse", made, base=ground.base, error=error)


def _another_model(operation: Operation, at: Location, value: Any) -> bool:
    role, model = operation.roles.get("model"), operation.model
    return role is not None and model is not None and role.at == at and value != role.wire(model.id)


def _switches(operation: Operation, kind: str, name: str) -> bool:
    """Whether the parameter decides between synchronous and asynchronous: other operations of the contract show it."""
    role = operation.roles.get("async")
    return role is not None and role.at == Location(kind, name)


def _numbers(operation: Operation) -> Iterator[tuple[str, Any]]:
    """Pointers of the body's whole-number parameters with a valid value each."""
    for name, schema in _properties(operation.schema or {}):
        if schema.get("type") == "integer":
            yield name, schema.get("minimum", schema.get("const", (schema.get("enum") or [1])[0]))


def _properties(schema: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in schema.get("properties") or {}:
        pointer = f"{above}/{name}"
        leaf = leaf_schema(schema, f"/{name}") or {}
        yield pointer, leaf
        yield from _properties(leaf, pointer)


def _quirks(ground: Ground) -> Iterator[Case]:
    """Numbers as strings and as 1.0: a JSON number that is whole is an integer to the schema, not to every server."""
    base = base_request(ground.operation)
    if base.json is ABSENT or not ground.operation.walk_body:
        return
    for pointer, value in _numbers(ground.operation):
        at, name = Location("json", pointer), pointer.lstrip("/").replace("/", ".")
        error = invalid_entry(ground, None)
        as_text = base.put(at, str(value))
        if ground.operation.schema is not None and not is_valid(ground.operation.schema, as_text.json):
            yield ground.case("parameters", f"{name}/quirk/numeric-string", "quirk", "refuse", probe(ground.operation, as_text), base=ground.base, error=error)
        as_float = probe(ground.operation, base.put(at, float(value)))
        yield ground.case("parameters", f"{name}/quirk/integral-float", "quirk", "see", as_float, base=ground.base, error=error)


def _letter_case(ground: Ground) -> Iterator[Case]:
    """Another letter case, where the document says whether it matters."""
    base = base_request(ground.operation)
    for role in ground.operation.roles.values():
        if role.letter_case is None:
            continue
        for own in _known_values(ground.operation, role):
            wire = role.wire(own)
            other = wire.swapcase() if isinstance(wire, str) else wire
            if other == wire:
                continue
            served = role.letter_case == "insensitive"
            made = probe(ground.operation, base.put(role.at, other))
            yield ground.case("parameters", f"{role.at.name}/quirk/letter-case-{other}", "valid" if served else "invalid", "serve" if served else "refuse",
                              made, asked={role.name: own} if served else {}, base=ground.base, error=None if served else invalid_entry(ground, role.name))  # fmt: skip


def _known_values(operation: Operation, role: Role) -> list[Any]:
    if operation.pixels is not None and role.name in operation.pixels.table.axes:
        index = operation.pixels.table.axes.index(role.name)
        return list(dict.fromkeys(cell.at[index] for cell in operation.pixels.table.cells))
    return list(role.values)


def _ignored(ground: Ground) -> Iterator[Case]:
    """Parameters that are documented to change nothing: each value that means something elsewhere."""
    base = base_request(ground.operation)
    for role in ground.operation.roles.values():
        if not role.ignored:
            continue
        for own in _values_elsewhere(ground.contract.operations, role) or list(role.values) or list(role.free):
            request = with_role(base, role, own)
            made = probe(ground.operation, request)
            yield ground.case("parameters", f"ignored/{role.name}-{own}", "ignored", "serve", made, asked=_without(asked(ground.operation, request), role.name))


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


def _values_elsewhere(operations: Iterable[Operation], role: Role) -> list[str]:
    """The values of this role in any preset table of the contract."""
    found: dict[str, None] = {}
    for operation in operations:
        table = operation.pixels.table if operation.pixels else None
        if table is not None and role.name in table.axes:
            index = table.axes.index(role.name)
            found |= dict.fromkeys(cell.at[index] for cell in table.cells)
    return list(found)


def _probes(ground: Ground) -> Iterator[Case]:
    for entry in ground.operation.probes:
        request = base_request(ground.operation)
        for at, value in entry.set:
            request = request.put(at, value)
        body = None if request.json is ABSENT else request.json
        if entry.invalid and ground.operation.schema is not None and body is not None and is_valid(ground.operation.schema, body):
            raise ValueError(f"the probe {entry.id} of {ground.operation.key} should be invalid, but the request schema allows it")
        role = next((_role_at(ground.operation, at) for at, _ in entry.set), None)
        error = None if entry.expect == "serve" else invalid_entry(ground, role.name if role else None)
        yield ground.case("parameters", f"probe/{entry.id}", "probe", entry.expect, probe(ground.operation, request),
                          base=None if entry.expect == "serve" else ground.base, error=error, asked=asked(ground.operation, request), why=entry.why)  # fmt: skip

