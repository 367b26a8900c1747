"""What a fault can be about: the operations, parameters, values, cells, entries and fields of the specs.

Each function gives the ends of fault ids. Those of one operation begin with its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from proofsheet.contract.model import Answer, Contract, ErrorCase, Operation
from proofsheet.contract.openapi import response_schema
from proofsheet.contract.requests import ABSENT
from proofsheet.reference.templates import used_names
from proofsheet.reference.wording import Wording

Elements = Callable[[Contract, Wording], Iterable[str]]

#: Keywords of JSON Schema that a request can break alone.
KEYWORDS = ("required", "type", "enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "format")


def once(contract: Contract, wording: Wording) -> Iterator[str]:
    """One fault for the whole provider."""
    yield ""


def served(contract: Contract) -> Iterator[Operation]:
    """The operations that are there to serve."""
    return (operation for operation in contract.operations if operation.purpose != "refuse")


def answer_of(operation: Operation) -> Answer | None:
    """How images stand in the answers of an operation."""
    return operation.lifecycle.answer if operation.lifecycle else operation.answer


def where(fits: Callable[[Operation], object]) -> Elements:
    """The operations that something is true of."""
    return lambda contract, wording: (operation.key for operation in served(contract) if fits(operation))


def once_where(fits: Callable[[Contract], object]) -> Elements:
    """One fault, where something is true of the contract."""
    return lambda contract, wording: iter([""] if fits(contract) else [])


operations = where(lambda operation: True)
lifecycles = where(lambda operation: operation.lifecycle)
speaking = where(lambda operation: response_schema(operation.endpoint, 200) is not None)
counted = where(lambda operation: (answer := answer_of(operation)) and answer.tokens)
several = where(lambda operation: (role := operation.roles.get("count")) and (role.max or 1) > 1)
copied = where(lambda operation: (answer := answer_of(operation)) and any(rule.more_urls for rule in answer.images))
declaring = where(lambda operation: (answer := answer_of(operation)) and answer.declared)
linked = where(lambda operation: (answer := answer_of(operation)) and any(rule.url and not rule.relative for rule in answer.images))
with_tasks = once_where(lambda contract: any(operation.lifecycle for operation in contract.operations))
refusing = once_where(lambda contract: any(operation.purpose == "refuse" for operation in contract.operations))
mirrored = once_where(lambda contract: contract.assets.mirror)
lasting = once_where(lambda contract: contract.assets.lifetime)


def poll_urls(contract: Contract, wording: Wording) -> Iterator[str]:
    """Operations whose submission says where to poll."""
    for operation in served(contract):
        submit = wording.lifecycles[operation.lifecycle.name].submit if operation.lifecycle and operation.lifecycle.poll_url else None
        if submit is not None and "poll_url" in used_names([*submit.headers.values(), submit.json if submit.has_json else submit.text]):
            yield operation.key


def named_tasks(contract: Contract, wording: Wording) -> Iterator[str]:
    """Operations whose submission says the task's id in JSON."""
    for operation in served(contract):
        submit = wording.lifecycles[operation.lifecycle.name].submit if operation.lifecycle else None
        if submit is not None and submit.has_json and "id" in used_names(submit.json) and operation.lifecycle and operation.lifecycle.id[0].kind == "json":
            yield operation.key


def resulting(contract: Contract, wording: Wording) -> Iterator[str]:
    """Operations whose tasks show their results themselves."""
    return (op.key for op in served(contract) if op.lifecycle and wording.lifecycles[op.lifecycle.name].result is None)


def worded(contract: Contract, wording: Wording) -> Iterator[str]:
    """Operations whose tasks say in a word how they stand."""
    return (op.key for op in served(contract) if op.lifecycle and any(step.word for step in wording.lifecycles[op.lifecycle.name].steps))


def several_tables(contract: Contract, wording: Wording) -> Iterator[str]:
    """Operations of a provider that has another model's table as well."""
    tables = {operation.pixels.table.name for operation in contract.operations if operation.pixels}
    return (operation.key for operation in served(contract) if operation.pixels and len(tables) > 1)


def tiered(contract: Contract, wording: Wording) -> Iterator[str]:
    """Operations whose prices differ."""
    amounts = {rule.amount for rule in contract.prices.rules} if contract.prices else set()
    return (operation.key for operation in served(contract) if len(amounts) > 1)


def key_places(contract: Contract, wording: Wording) -> Iterator[str]:
    """The places of a key, where an operation has more than one."""
    return iter(dict.fromkeys(scheme for operation in served(contract) for scheme in operation.endpoint.security if len(operation.endpoint.security) > 1))


def parameters(contract: Contract, wording: Wording) -> Iterator[str]:
    """Every parameter of every operation; the model's for all models together, because it is what tells them apart."""
    yield from dict.fromkeys(_parameters(contract))


def _parameters(contract: Contract) -> Iterator[str]:
    for operation in served(contract):
        named = (str(raw["name"]) for raw in operation.endpoint.parameters if raw.get("in") != "path")
        for name in dict.fromkeys((*(name for name, _, _ in _properties(operation.schema or {})), *named)):
            yield from _end(operation, name)


def keywords(contract: Contract, wording: Wording) -> Iterator[str]:
    """The body as a whole, every parameter, the references within it, and every keyword of a parameter's own schema."""
    yield from dict.fromkeys(_all_keywords(contract, wording))


def _all_keywords(contract: Contract, wording: Wording) -> Iterator[str]:
    # What cannot be read names no model and no way of asking: it is answered as the first operation of its endpoint.
    first = {op.endpoint.operation_id: op for op in reversed(list(served(contract)))}
    yield from (*(f"{op.name}:body" for op in reversed(first.values())), *parameters(contract, wording), *_inner_places(contract))
    for operation in served(contract):
        for name, schema, required in _properties(operation.schema or {}):
            named = {"required"} if required else set()
            named |= {"enum" if word == "const" else word for word in schema if word in (*KEYWORDS, "const")} - ({"required"} if not required else set())
            if {"enum", "type"} <= named:
                named -= {"type"}  # A value of another type is none of those listed either: leaving the type out changes nothing.
            for end in _end(operation, name):
                yield from (f"{end}:{word}" for word in KEYWORDS if word in named)


def _inner_places(contract: Contract) -> Iterator[str]:
    """What refusals are about that no property of the body is: a model in the path, references in an array."""
    for operation in served(contract):
        for name, role in operation.roles.items():
            yield from _end(operation, role.at.name) if name in ("model", "references") else ()


def _end(operation: Operation, name: str) -> Iterator[str]:
    """A parameter with its operation. What tells operations apart cannot be wrong in one of them alone."""
    role = next((role for role in operation.roles.values() if role.at.name == name), None)
    if role is not None and role.name == "async" and operation.base.get(role.at, ABSENT) is not ABSENT:
        return
    yield f"{operation.name if role is not None and role.name == 'model' else operation.key}:{name}"


def _properties(schema: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    for name, inner in schema.get("properties", {}).items():
        if not isinstance(inner, Mapping):
            continue
        yield above + name, inner, name in schema.get("required", ())
        yield from _properties(inner, f"{above}{name}.")


def roles(*names: str, ignored: bool = False) -> Elements:
    """The operations' roles of these names (of any, without a name)."""

    def elements(contract: Contract, wording: Wording) -> Iterator[str]:
        for op in served(contract):
            yield from (f"{op.key}:{role.name}" for role in op.roles.values() if (role.name in names or not names) and role.ignored is ignored)

    return elements


def lettered(contract: Contract, wording: Wording) -> Iterator[str]:
    """Roles whose letter case is documented not to matter."""
    return (f"{op.key}:{role.name}" for op in served(contract) for role in op.roles.values() if role.letter_case == "insensitive")


def cells(contract: Contract, wording: Wording) -> Iterator[str]:
    """The cells of each operation's table."""
    return (f"{op.key}:{cell.name}" for op in served(contract) if op.pixels and op.cells != "none" for cell in op.pixels.table.cells)


def values(*axes: str) -> Elements:
    """The values of an axis of each operation's table."""

    def elements(contract: Contract, wording: Wording) -> Iterator[str]:
        for op in served(contract):
            for number, axis in enumerate(op.pixels.table.axes if op.pixels and op.cells != "none" else ()):
                if op.pixels is not None and axis in axes and axis in op.roles:
                    yield from (f"{op.key}:{value}" for value in dict.fromkeys(cell.at[number] for cell in op.pixels.table.cells))

    return elements


def probes(expect: str) -> Elements:
    """The cases that no keyword says and that the contract names; those that append cannot be told from the request."""

    def elements(contract: Contract, wording: Wording) -> Iterator[str]:
        for op in served(contract):
            found = (probe.id for probe in op.probes if probe.expect == expect and not any(at.place.endswith("/-") for at, _ in probe.set))
            yield from (f"{op.key}:{id}" for id in found)

    return elements


def entries(fits: Callable[[ErrorCase], object] = lambda entry: True) -> Elements:
    """The entries of the error catalogue that an operation can answer with."""

    def elements(contract: Contract, wording: Wording) -> Iterator[str]:
        for entry in contract.errors.catalogue:
            if fits(entry) and any(entry.applies(op) and first_entry(contract, entry, op) is entry for op in contract.operations):
                yield entry.id

    return elements


def first_entry(contract: Contract, entry: ErrorCase, operation: Operation) -> ErrorCase:
    """The entry that comes first among those that say the same of an operation."""
    same = (one for one in contract.errors.catalogue if (one.provoke, one.parameter) == (entry.provoke, entry.parameter) and one.applies(operation))
    return next(same, entry)


def fields(contract: Contract, wording: Wording) -> Iterator[str]:
    """The fields of each operation's successful answers."""
    for operation in served(contract):
        cycle = wording.lifecycles[operation.lifecycle.name] if operation.lifecycle else None
        templates = [cycle.submit, cycle.succeeded] if cycle else [wording.answer(operation)]
        keys = dict.fromkeys(key for template in templates if template.has_json for key in _keys(template.json))
        yield from (f"{operation.key}:{key}" for key in keys)


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items() if "$when" not in node else ():  # What is there at times is not missed.
            if not key.startswith("$") and key != "as":
                yield key
            yield from _keys(value)
    elif isinstance(node, list):
        for item in node:
            yield from _keys(item)
