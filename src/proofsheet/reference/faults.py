"""The fault catalogue: declared ways to break the contract, each at one stage, spread over the elements of the specs.

A fault's id is ``name``, ``name:operation`` or ``name:operation:detail`` (``name:detail`` where no operation matters);
an operation may be a pattern.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from proofsheet.contract.model import Contract, Operation
from proofsheet.contract.patterns import matches_any
from proofsheet.reference import operators as do
from proofsheet.reference.flow import Flow
from proofsheet.reference.incoming import Incoming
from proofsheet.reference.replies import Reply
from proofsheet.reference.stages import STATES
from proofsheet.reference.wording import Wording

if TYPE_CHECKING:
    from proofsheet.reference.gateway import Gateway


class FaultError(ValueError):
    """A fault's id names no fault of this provider."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One declared fault: its operator's name, the operations it concerns (None: any) and a detail."""

    id: str
    name: str
    operation: str | None
    detail: str


Elements = Callable[[Contract, Wording], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to be wrong. ``elements`` gives the ids' ends; ``by_operation``: they begin with an operation's key."""

    name: str
    stage: str
    apply: Callable[..., Any]
    elements: Elements
    by_operation: bool = False


def _once(contract: Contract, wording: Wording) -> Iterator[str]:
    yield ""


def _served(contract: Contract) -> Iterator[Operation]:
    return (operation for operation in contract.operations if operation.purpose != "refuse")


def _operations(contract: Contract, wording: Wording) -> Iterator[str]:
    return (operation.key for operation in _served(contract))


def _parameters(contract: Contract, wording: Wording) -> Iterator[str]:
    for operation in _served(contract):
        for name in ("body", *_property_names(operation.schema or {}), *(str(raw["name"]) for raw in operation.endpoint.parameters)):
            yield f"{operation.key}:{name}"


def _property_names(schema: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        yield above + name
        if isinstance(inner, Mapping):
            yield from _property_names(inner, f"{above}{name}.")


def _roles(*names: str) -> Elements:
    def elements(contract: Contract, wording: Wording) -> Iterator[str]:
        return (f"{op.key}:{role.name}" for op in _served(contract) for role in op.roles.values() if role.name in names and not role.ignored)

    return elements


def _cells(contract: Contract, wording: Wording) -> Iterator[str]:
    return (f"{op.key}:{cell.name}" for op in _served(contract) if op.pixels and op.cells != "none" for cell in op.pixels.table.cells)


def _entries(codes: bool = False, hints: bool = False) -> Elements:
    def elements(contract: Contract, wording: Wording) -> Iterator[str]:
        return (case.id for case in contract.errors.catalogue if (case.codes or not codes) and (case.hint or not hints))

    return elements


def _lifecycles(contract: Contract, wording: Wording) -> Iterator[str]:
    return (operation.key for operation in _served(contract) if operation.lifecycle)


def _poll_urls(contract: Contract, wording: Wording) -> Iterator[str]:
    return (operation.key for operation in _served(contract) if operation.lifecycle and operation.lifecycle.poll_url)


def _counted(contract: Contract, wording: Wording) -> Iterator[str]:
    """Operations whose answers state their tokens."""
    for operation in _served(contract):
        answer = operation.lifecycle.answer if operation.lifecycle else operation.answer
        if answer is not None and answer.tokens:
            yield operation.key


def _several(contract: Contract, wording: Wording) -> Iterator[str]:
    """Operations that can be asked for more than one image."""
    return (operation.key for operation in _served(contract) if "count" in operation.roles and (operation.roles["count"].max or 1) > 1)


def _with_tasks(contract: Contract, wording: Wording) -> Iterator[str]:
    return iter([""] if any(_lifecycles(contract, wording)) else [])


def _refusing(contract: Contract, wording: Wording) -> Iterator[str]:
    return iter([""] if any(operation.purpose == "refuse" for operation in contract.operations) else [])


def _mirrored(contract: Contract, wording: Wording) -> Iterator[str]:
    return iter([""] if contract.assets.mirror else [])


def _fields(contract: Contract, wording: Wording) -> Iterator[str]:
    for operation in _served(contract):
        cycle = wording.lifecycles[operation.lifecycle.name] if operation.lifecycle else None
        templates = [cycle.submit, cycle.succeeded] if cycle else [wording.answer(operation)]
        keys = dict.fromkeys(key for template in templates if template.has_json for key in _keys(template.json))
        yield from (f"{operation.key}:{key}" for key in keys)


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if not key.startswith("$") and key != "as":
                yield key
            yield from _keys(value)
    elif isinstance(node, list):
        for item in node:
            yield from _keys(item)


def _states(contract: Contract, wording: Wording) -> Iterator[str]:
    return iter(STATES)


def _many(names: str, stage: str, apply: Callable[..., Any], elements: Elements = _once, by_operation: bool = False) -> tuple[Operator, ...]:
    return tuple(Operator(name, stage, apply, elements, by_operation) for name in names.split())


#: Every operator, in the order of the stages.
OPERATORS: tuple[Operator, ...] = (
    *_many("accept-any-key accept-no-key", "authenticate", do.accept_key),
    *_many("open-tasks", "authenticate", do.accept_key, _with_tasks),
    *_many("no-rate-limit", "authenticate", do.ignore_limit),
    *_many("accept-invalid", "validate", do.accept_invalid, _parameters, True),
    *_many("refuse-valid", "validate", do.refuse_valid, _parameters, True),
    *_many("serve-refused", "validate", do.serve_refused, _refusing),
    *_many("ignore-state", "simulate", do.ignore_state, _states),
    *_many("refuse-cell", "order", do.refuse_cell, _cells, True),
    *_many("ignore-parameter", "order", do.ignore_parameter, _roles("ratio", "size", "dimensions", "format", "count", "delivery"), True),
    *_many("wrong-default", "order", do.wrong_default, _roles("ratio", "size", "dimensions"), True),
    *_many("swap-dimensions off-by-8", "order", do.reshape, _operations, True),
    *_many("other-cell", "order", do.reshape, _cells, True),
    *_many("wrong-format", "order", do.other_format, _operations, True),
    *_many("fewer-images", "order", do.other_count, _several, True),
    *_many("more-images", "order", do.other_count, _operations, True),
    *_many("wrong-tokens", "order", do.wrong_tokens, _counted, True),
    *_many("ignore-mirror", "order", do.ignore_mirror, _mirrored),
    *_many("no-balance-check", "charge", do.ignore_limit),
    *_many("overcharge", "charge", do.overcharge, _operations, True),
    *_many("charge-refused", "refuse", do.charge_anyway),
    *_many("charge-failed", "charge", do.charge_failed),
    *_many("truncate", "make", do.truncate, _operations, True),
    *_many("wrong-media-type", "make", do.misdeclare, _operations, True),
    *_many("wrong-host", "make", do.wrong_host, _operations, True),
    *_many("dead-asset guarded-asset html-asset", "asset", do.break_asset),
    *_many("no-id", "answer", do.no_id, _lifecycles, True),
    *_many("poll-elsewhere", "answer", do.poll_elsewhere, _poll_urls, True),
    *_many("foreign-task", "find_task", do.foreign_task, _lifecycles, True),
    *_many("unknown-task-served", "find_task", do.unknown_task, _with_tasks),
    *_many(
        "never-finish finish-empty step-back reopen unknown-word progress-back progress-beyond no-reason hide-failure",
        "look", do.bend_look, _lifecycles, True,
    ),
    *_many("other-images", "look", do.other_images, _lifecycles, True),
    *_many("wrong-status", "refuse", do.wrong_status, _entries()),
    *_many("wrong-code", "refuse", do.wrong_words, _entries(codes=True)),
    *_many("wrong-hint", "refuse", do.wrong_words, _entries(hints=True)),
    *_many("html-errors empty-errors mistyped-errors other-envelope no-retry-after", "refuse", do.wrong_shape),
    *_many("intermittent", "reply", do.intermittent),
    *_many("redirect-elsewhere", "reply", do.redirect_elsewhere, _operations, True),
    *_many("drop-field", "reply", do.drop_field, _fields, True),
    *_many("hang", "reply", do.hang, _operations, True),
)  # fmt: skip


def fault_ids(contract: Contract, wording: Wording) -> list[str]:
    """The ids of every fault that this provider's specs give rise to."""
    return [f"{operator.name}:{end}" if end else operator.name for operator in OPERATORS for end in operator.elements(contract, wording)]


class Faults:
    """The faults that are switched on, by stage."""

    def __init__(self, contract: Contract, ids: Iterable[str] = ()) -> None:
        self._by_stage: dict[str, list[tuple[Operator, Fault]]] = {}
        for id in ids:
            operator, fault = _parsed(contract, id)
            self._by_stage.setdefault(operator.stage, []).append((operator, fault))

    async def after(self, stage: str, gateway: Gateway, flow: Flow) -> None:
        """Let every fault of a stage change what the stage has left in the flow."""
        for operator, fault in self._by_stage.get(stage, ()):
            if fault.operation is None or matches_any([fault.operation], flow.operation.name) or matches_any([fault.operation], flow.operation.key):
                changed = operator.apply(gateway, flow, fault)
                if inspect.isawaitable(changed):
                    await changed

    async def asset(self, gateway: Gateway, incoming: Incoming, reply: Reply) -> Reply:
        """Let the faults of result URLs change an answer."""
        for operator, fault in self._by_stage.get("asset", ()):
            reply = operator.apply(gateway, reply, fault)
        return reply


def _parsed(contract: Contract, id: str) -> tuple[Operator, Fault]:
    name, _, rest = id.partition(":")
    operator = next((one for one in OPERATORS if one.name == name), None)
    if operator is None:
        raise FaultError(f"there is no fault '{name}'; --list-faults shows those there are")
    if not operator.by_operation:
        return operator, Fault(id, name, None, rest)
    key, _, detail = rest.partition(":")
    if key and not any(matches_any([key], operation.name) or matches_any([key], operation.key) for operation in contract.operations):
        raise FaultError(f"the fault '{id}' names the operation '{key}', which {contract.provider} lacks")
    return operator, Fault(id, name, key or None, detail)
