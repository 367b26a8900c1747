"""The boundary walk: schemathesis' coverage cases, taken apart into single changes of a base request.

Schemathesis fills a whole body around the one value it means to show. A body full of other values blames the wrong
parameter when it is refused, so only the value in question is taken and laid on the smallest valid request.
Beside ``generated`` this is the one module that touches schemathesis; its coverage enumeration is not in the documented
API, and the version is pinned for that.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from jsonschema.exceptions import best_match

from proofsheet.cases.remembered import remembered
from proofsheet.cases.validity import is_valid, validator
from proofsheet.contract.locations import drop_pointer, get_pointer, pointer_steps, set_pointer

_SCENARIOS = {
    "enum": "enum", "const": "enum", "minimum": "below-minimum", "exclusiveMinimum": "below-minimum", "maximum": "above-maximum",
    "exclusiveMaximum": "above-maximum", "minLength": "too-short", "maxLength": "too-long", "minItems": "too-few",
    "maxItems": "too-many", "pattern": "pattern", "format": "format", "multipleOf": "multiple", "required": "missing",
}  # fmt: skip
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the base body: ``pointer`` of the value, what it becomes (or that it goes), and what it shows.

    ``parameter`` is the dotted name for ids; ``scenario`` a word such as ``enum`` or ``type-null`` for invalid steps.
    """

    parameter: str
    pointer: str
    body: Any
    value: Any
    valid: bool
    scenario: str


def walk(schema: Mapping[str, Any], base: Any, skip: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Every keyword of ``schema`` once at its boundary, as changes of ``base``; each judged by jsonschema.

    ``skip`` are pointers into the body whose valid values are not generated. Steps are deterministic and distinct.
    """
    fields = remembered([schema, base, skip], lambda: [list(astuple(step)) for step in _walk(schema, base, skip)])
    return tuple(Step(*values) for values in fields)


def _walk(schema: Mapping[str, Any], base: Any, skip: tuple[str, ...]) -> tuple[Step, ...]:
    canonical = json.dumps(schema, sort_keys=True)
    steps: dict[tuple[str, str, str], Step] = {}
    for step in (*_valid_steps(schema, canonical, base, skip), *_invalid_steps(schema, canonical, base)):
        key = (step.parameter, step.scenario, json.dumps(step.value, sort_keys=True, default=str) if step.valid else "")
        steps.setdefault(key, step)
    return tuple(steps.values())


@lru_cache(maxsize=128)
def _bodies(canonical: str, valid: bool) -> tuple[tuple[Any, str, str], ...]:
    """Bodies that schemathesis generates for a schema, with the pointer of the keyword and the description."""
    import schemathesis
    from schemathesis.generation import GenerationMode

    body = {"required": True, "content": {"application/json": {"schema": json.loads(canonical)}}}
    operation = {"operationId": "walk", "requestBody": body, "responses": {"200": {"description": "ok"}}}
    document = {"openapi": "3.1.0", "info": {"title": "walk", "version": "1"}, "paths": {"/walk": {"post": operation}}}
    loaded = schemathesis.openapi.from_dict(document)
    found = []
    for result in loaded.get_all_operations():
        target: Any = result.ok()  # type: ignore[union-attr]
        mode = GenerationMode.POSITIVE if valid else GenerationMode.NEGATIVE
        config = loaded.config.generation_for(operation=target)
        for case in loaded.iter_coverage_cases(target, generation_modes=[mode], generation_config=config):
            data: Any = case.meta.phase.data if case.meta is not None else None
            if case.method != "POST" or str(getattr(data, "parameter_location", "")).lower().endswith("header"):
                continue
            if isinstance(case.body, (dict, list, str, int, float, bool, type(None))):
                found.append((case.body, str(data.location or ""), str(data.description or "")))
    return tuple(found)


def _valid_steps(schema: Mapping[str, Any], canonical: str, base: Any, skip: tuple[str, ...]) -> Iterator[Step]:
    for body, _, _ in _bodies(canonical, True):
        if not isinstance(body, dict):
            continue
        for pointer, value in _leaves(body):
            leaf = leaf_schema(schema, pointer)
            if leaf is None or any(pointer == s or pointer.startswith(s + "/") for s in skip) or not _says_something(leaf, value):
                continue
            changed = set_pointer(base, pointer, value)
            if is_valid(schema, changed):
                yield Step(dotted(pointer), pointer, changed, value, True, "valid")


def _leaves(body: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in body.items():
        pointer = f"{above}/{key.replace('~', '~0').replace('/', '~1')}"
        if isinstance(value, dict) and value:
            yield from _leaves(value, pointer)
        else:
            yield pointer, value


def _says_something(leaf: Mapping[str, Any], value: Any) -> bool:
    """Whether the schema itself vouches for this value: any string is no claim that every string is served."""
    if isinstance(value, str):
        return any(keyword in leaf for keyword in ("enum", "const", "pattern", "minLength", "maxLength"))
    if isinstance(value, list):
        return len(value) == 1 and _says_something(leaf.get("items") or {}, value[0])
    return not isinstance(value, dict) and value is not None


def leaf_schema(schema: Any, pointer: str, *, items: bool = False) -> Mapping[str, Any] | None:
    """The part of a schema that speaks of the value at a pointer, through properties and combined schemas (and, with ``items``, through lists)."""
    here: list[Mapping[str, Any]] = [schema]
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        here = [part["properties"][name] for whole in here for part in _parts(whole, items) if name in (part.get("properties") or {})]
        if not here:
            return None
    merged: dict[str, Any] = {}
    for whole in here:
        for part in _parts(whole, items):
            merged = {**part, **merged}
    return merged


def _parts(schema: Any, items: bool) -> Iterator[Mapping[str, Any]]:
    if not isinstance(schema, Mapping):
        return
    yield schema
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword) or ():
            yield from _parts(part, items)
    if items:
        yield from _parts(schema.get("items"), items)


def _invalid_steps(schema: Mapping[str, Any], canonical: str, base: Any) -> Iterator[Step]:
    for body, location, description in _bodies(canonical, False):
        step = _single_change(schema, base, body, location, description)
        if step is not None:
            yield step


def _single_change(schema: Mapping[str, Any], base: Any, body: Any, location: str, description: str) -> Step | None:
    names, keyword = _names(location), location.rsplit("/", 1)[-1]
    if not isinstance(body, dict):
        return Step("body", "", body, body, False, f"type-{json_type(body)}") if not is_valid(schema, body) else None
    missing = re.search(r"Missing required property: (.+)$", description)
    if missing and "/items" not in location:
        pointer = "".join(f"/{name}" for name in [*names, missing.group(1)])
        changed, value = _without(base, body, pointer), None
    elif location.startswith("/properties/") and names:
        pointer = "".join(f"/{name}" for name in _before_items(location))
        value = get_pointer(body, pointer, _MISSING)
        if value is _MISSING:
            return None
        if value is False and (leaf_schema(schema, pointer) or {}).get("type") in ("integer", "number"):
            value = True  # false is 0 to a careless server and refused by luck; true is 1 and served
        changed = set_pointer(base, pointer, value)
    else:
        pointer, value = "", body
        changed = {**base, **body} if isinstance(base, dict) else body
    errors = list(validator(schema).iter_errors(changed))
    if not errors:
        return None
    parameter = ".".join([*names, missing.group(1)] if missing else names) or "body"
    if pointer and not missing:
        changed = _pruned(schema, changed, pointer, _own_error(errors, pointer))
        value = get_pointer(changed, pointer)
    return Step(parameter, pointer, changed, value, False, "missing" if missing else _scenario(keyword, _own_error(errors, pointer)))


def _without(base: Any, body: Any, pointer: str) -> Any:
    """The base without a property; where it has none, with the object around it as the generated body has it."""
    above = pointer.rpartition("/")[0]
    around, own = get_pointer(body, above, {}), get_pointer(base, above, {})
    return drop_pointer(base, pointer) if get_pointer(base, pointer, _MISSING) is not _MISSING else set_pointer(base, above, {**own, **around})


def _pruned(schema: Mapping[str, Any], body: Any, pointer: str, error: Any) -> Any:
    """The body without what schemathesis put beside the wrong value: a server that trips over that would be right by luck.

    What goes must leave the violation as it is and break nothing else.
    """
    if error is None:
        return body
    changed, before = copy.deepcopy(body), len(list(validator(schema).iter_errors(body)))
    node = get_pointer(changed, pointer)
    for step in list(error.absolute_path)[len(pointer_steps(pointer)) :]:
        for key in [key for key in node if key != step] if isinstance(node, dict) else []:
            kept = node.pop(key)
            errors = list(validator(schema).iter_errors(changed))
            if len(errors) > before or not any(e.absolute_path == error.absolute_path and e.validator == error.validator for e in errors):
                node[key] = kept
        node = node[step]
    return changed


def _own_error(errors: list[Any], pointer: str) -> Any:
    """The violation that best explains why this value is wrong: one of its own, or None where only a rule about other values is broken."""
    steps = [str(step) for step in pointer_steps(pointer)]
    return best_match(error for error in errors if [str(step) for step in error.absolute_path][: len(steps)] == steps)


def _scenario(keyword: str, error: Any) -> str:
    """What kind of wrong a value is. A wrong JSON type is told from a wrong value of the right type."""
    if error is None:
        return "rule"
    if keyword == "type" or (keyword in ("enum", "const") and not isinstance(error.instance, str)):
        return f"type-{json_type(error.instance)}"
    return _SCENARIOS.get(keyword, "rule")


def _names(location: str) -> list[str]:
    """The property names along a pointer into a schema."""
    steps = location.split("/")
    return [name.replace("~1", "/").replace("~0", "~") for before, name in pairwise(steps) if before == "properties"]


def _before_items(location: str) -> list[str]:
    """The property names up to the first array: the deepest value that has one place in the body."""
    return _names(re.split(r"/(?:items|prefixItems|anyOf|oneOf|allOf|additionalProperties)(?:/|$)", location)[0])


def dotted(pointer: str) -> str:
    """A pointer as a parameter's name in ids."""
    return pointer.lstrip("/").replace("/", ".").replace("~1", "/")


def json_type(value: Any) -> str:
    """The JSON type of a value, numbers as one."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
