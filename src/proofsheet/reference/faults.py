"""The fault catalogue: declared ways to break the contract, each at one stage, spread over the elements of the specs.

A fault's id is ``name``, ``name:operation`` or ``name:operation:detail`` (``name:detail`` where no operation matters);
an operation may be a pattern. A fault that is about an entry of the error catalogue is, without its detail, about all.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from proofsheet.contract.model import Contract
from proofsheet.contract.patterns import matches_any
from proofsheet.reference import bent_assets, bent_orders, bent_replies, elements, operators
from proofsheet.reference.elements import Elements
from proofsheet.reference.flow import Flow
from proofsheet.reference.incoming import Incoming
from proofsheet.reference.replies import Reply
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


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to be wrong.

    ``elements`` gives the ids' ends; ``by_operation``: they begin with an operation's key. ``says`` is the fault in a
    sentence, with ``{operation}`` and ``{detail}``.
    """

    name: str
    stage: str
    apply: Callable[..., Any]
    elements: Elements
    says: str
    by_operation: bool = False


def _on(name: str, stage: str, apply: Callable[..., Any], elements: Elements, says: str) -> Operator:
    """One about operations, or about something of theirs."""
    return Operator(name, stage, apply, elements, says, by_operation=True)


def _any(name: str, stage: str, apply: Callable[..., Any], elements: Elements, says: str) -> Operator:
    """One about the provider as a whole, or about an entry of its catalogue."""
    return Operator(name, stage, apply, elements, says)


_KEYS = (
    _any("accept-any-key", "authenticate", operators.accept_key, elements.once, "A key that nobody has is taken for the first account's."),
    _any("accept-no-key", "authenticate", operators.accept_key, elements.once, "A request without a key is taken for the first account's."),
    _any("open-tasks", "authenticate", operators.accept_key, elements.with_tasks, "A task can be looked at without a key."),
    _any("no-rate-limit", "authenticate", operators.ignore_limit, elements.once, "An account that is over its rate is served."),
    _any("refuse-key-place", "authenticate", operators.refuse_key_place, elements.key_places, "A key carried as '{detail}' is not found."),
)
_VALIDATION = (
    _on("accept-invalid", "validate", operators.accept_invalid, elements.keywords, "{operation} serves a request whose {detail} is invalid."),
    _on(
        "replace-invalid", "validate", operators.replace_invalid, elements.roles("ratio", "size", "dimensions", "count", "format", "route", "delivery"),
        "{operation} takes the default where the {detail} is invalid, and doesn't say so.",
    ),
    _on("refuse-valid", "validate", operators.refuse_valid, elements.parameters, "{operation} refuses every request that sets {detail}."),
    _on("refuse-letter-case", "validate", operators.refuse_letter_case, elements.lettered, "{operation} insists on the letter case of the {detail}."),
    _on("refuse-probe", "validate", operators.bend_probe, elements.probes("serve"), "{operation} refuses what the case '{detail}' may send."),
    _on("accept-probe", "validate", operators.bend_probe, elements.probes("refuse"), "{operation} serves what the case '{detail}' may not send."),
    _on("poison", "validate", operators.poison, elements.operations, "{operation} breaks at the next good request after an invalid one."),
    _any("serve-refused", "validate", operators.serve_refused, elements.refusing, "An endpoint that must refuse the model serves it."),
)
_ORDERS = (
    _on("refuse-cell", "order", operators.refuse_cell, elements.cells, "{operation} refuses {detail}."),
    _on(
        "ignore-parameter", "order", bent_orders.ignore_parameter, elements.roles("ratio", "size", "dimensions", "format", "count", "delivery"),
        "{operation} does as if the {detail} had not been sent.",
    ),
    _on(
        "wrong-default", "order", bent_orders.wrong_default, elements.roles("ratio", "size", "dimensions", "format", "count"),
        "{operation} takes another {detail} than the documented default.",
    ),
    _on("heed-ignored", "order", bent_orders.heed_ignored, elements.roles(ignored=True), "{operation} lets the {detail} decide, which is documented to change nothing."),
    _on("swap-dimensions", "order", bent_orders.reshape, elements.operations, "{operation} swaps width and height."),
    _on("off-by-8", "order", bent_orders.reshape, elements.operations, "{operation} makes pictures eight pixels too wide."),
    _on("other-cell", "order", bent_orders.reshape, elements.cells, "{operation} makes another cell's picture for {detail}."),
    _on("neighbour-ratio", "order", bent_orders.neighbour, elements.values("ratio"), "{operation} makes the nearest other ratio for {detail}."),
    _on("neighbour-size", "order", bent_orders.neighbour, elements.values("size", "dimensions"), "{operation} makes the nearest other size for {detail}."),
    _on("other-table", "order", bent_orders.other_table, elements.several_tables, "{operation} takes the pixels of another model's table."),
    _on("wrong-format", "order", bent_orders.other_format, elements.operations, "{operation} makes another format than asked for."),
    _on("fewer-images", "order", bent_orders.other_count, elements.several, "{operation} makes one image too few."),
    _on("more-images", "order", bent_orders.other_count, elements.operations, "{operation} makes one image too many."),
    _on("wrong-tokens", "order", bent_orders.wrong_tokens, elements.counted, "{operation} states a number of tokens that no table has."),
    _on("other-tokens", "order", bent_orders.other_tokens, elements.counted, "{operation} states the tokens of another size."),
    _any("ignore-mirror", "order", bent_orders.ignore_mirror, elements.mirrored, "Result URLs stay on the usual host though the mirror was asked for."),
)
_MONEY = (
    _any("no-balance-check", "charge", operators.ignore_limit, elements.once, "An account without money is served."),
    _on("overcharge", "charge", bent_orders.overcharge, elements.operations, "{operation} takes the price twice."),
    _on("wrong-tier", "order", bent_orders.wrong_tier, elements.tiered, "{operation} takes the price of another tier."),
    _on("charge-all-give-one", "charge", bent_orders.charge_all_give_one, elements.several, "{operation} takes the price of all images and makes one."),
    _any("charge-refused", "refuse", bent_orders.charge_anyway, elements.once, "A refused request costs money."),
    _any("charge-failed", "charge", bent_orders.charge_failed, elements.with_tasks, "A task that fails costs money."),
)
_PICTURES = (
    _on("truncate", "make", bent_orders.truncate, elements.operations, "{operation} cuts the pictures off."),
    _on("wrong-media-type", "make", bent_orders.misdeclare, elements.operations, "{operation} states another media type than the bytes have."),
    _on("other-magic", "make", bent_orders.other_magic, elements.operations, "{operation} gives bytes of another format under the old media type."),
    _on("wrong-size-stated", "make", bent_orders.misstate_size, elements.declaring, "{operation} states other pixels than the picture has."),
    _on("wrong-host", "make", bent_orders.wrong_host, elements.linked, "{operation} gives URLs on a host that nobody documented."),
    _on("dead-copies", "make", bent_orders.dead_copies, elements.copied, "{operation} gives dead URLs of copies and thumbnails."),
    _any("dead-asset", "asset", bent_orders.break_asset, elements.once, "Result URLs are dead."),
    _any("guarded-asset", "asset", bent_orders.break_asset, elements.once, "Result URLs want a key."),
    _any("html-asset", "asset", bent_orders.break_asset, elements.once, "Result URLs serve a page."),
    _any("expire-early", "asset", bent_assets.age_asset, elements.lasting, "Result URLs are dead after half of their documented time."),
    _any("other-file-later", "asset", bent_assets.age_asset, elements.lasting, "Result URLs serve another picture after ten minutes."),
)
_TASKS = (
    _on("no-id", "answer", operators.no_id, elements.lifecycles, "{operation} accepts a task and doesn't say which."),
    _on("retype-id", "answer", operators.retype_id, elements.named_tasks, "{operation} gives the task an id of another type."),
    _on("move-id", "answer", operators.move_id, elements.named_tasks, "{operation} says the task's id at another place."),
    _on("fail-tasks", "answer", operators.fail_tasks, elements.lifecycles, "{operation} fails every task."),
    _on("poll-elsewhere", "answer", operators.poll_elsewhere, elements.poll_urls, "{operation} sends the client to another host to look at its task."),
    _on("foreign-task", "find_task", operators.foreign_task, elements.lifecycles, "{operation} shows a task to another account."),
    _any("unknown-task-served", "find_task", operators.unknown_task, elements.with_tasks, "A task that never was is answered with 200."),
    *(
        _on(name, "look", operators.bend_look, of, says)
        for name, of, says in (
            ("never-finish", elements.lifecycles, "{operation} never ends a task."),
            ("finish-empty", elements.resulting, "{operation} ends a task without results."),
            ("step-back", elements.worded, "{operation} steps from running back to waiting."),
            ("reopen", elements.lifecycles, "{operation} shows an ended task as running again."),
            ("unknown-word", elements.worded, "{operation} has a status that no document names, to the end."),
            ("progress-back", elements.lifecycles, "{operation} lets progress fall."),
            ("progress-beyond", elements.lifecycles, "{operation} lets progress pass 100."),
            ("no-reason", elements.lifecycles, "{operation} fails a task without a reason."),
            ("hide-failure", elements.lifecycles, "{operation} ends a failing task as if it had succeeded."),
        )
    ),
    _on("other-images", "look", operators.other_images, elements.lifecycles, "{operation} shows other pictures at each look."),
)
_ERRORS = (
    _any("wrong-status", "refuse", bent_replies.wrong_status, elements.entries(), "The error '{detail}' has another status."),
    _any("error-as-success", "refuse", bent_replies.error_as_success, elements.entries(), "The error '{detail}' comes inside a 200."),
    _any("wrong-code", "refuse", bent_replies.wrong_words, elements.entries(lambda entry: entry.codes), "The error '{detail}' has another code."),
    _any("wrong-hint", "refuse", bent_replies.wrong_words, elements.entries(lambda entry: entry.hint), "The error '{detail}' lacks the hint it promises."),
    *(
        _any(name, "refuse", bent_replies.wrong_shape, elements.entries(), says)
        for name, says in {
            "html-errors": "The error '{detail}' is a page.",
            "empty-errors": "The error '{detail}' has no body.",
            "mute-errors": "The error '{detail}' has no message.",
            "mistyped-errors": "The error '{detail}' has a media type that says nothing.",
            "other-envelope": "The error '{detail}' has another shape than the claimed one.",
        }.items()
    ),
    _any("no-retry-after", "refuse", bent_replies.wrong_shape, elements.entries(lambda entry: entry.retry_after), "The error '{detail}' lacks Retry-After."),
    _any("bad-retry-after", "refuse", bent_replies.wrong_shape, elements.entries(lambda entry: entry.retry_after), "The error '{detail}' has an unreadable Retry-After."),
)
_ANSWERS = (
    _any("intermittent", "reply", bent_replies.intermittent, elements.once, "One answer in four is a 500."),
    _on("redirect-elsewhere", "reply", bent_replies.redirect_elsewhere, elements.operations, "{operation} redirects to another origin."),
    _on("redirect-without-body", "reply", bent_replies.redirect_without_body, elements.operations, "{operation} redirects in a way that loses the body."),
    _on("drop-field", "reply", bent_replies.bend_field, elements.fields, "{operation} leaves {detail} out of its answers."),
    _on("retype-field", "reply", bent_replies.bend_field, elements.fields, "{operation} answers {detail} in another type."),
    _on("respell-field", "reply", bent_replies.bend_field, elements.fields, "{operation} writes the field {detail} in another case."),
    _on("mistyped-answer", "reply", bent_replies.mistype_answer, elements.speaking, "{operation} says that its answers are plain text."),
    _on("slow", "reply", bent_replies.slow, elements.operations, "{operation} answers when every client has given up."),
    _on("hang", "reply", bent_replies.hang, elements.operations, "{operation} never answers."),
)

#: Every operator, in the order of the stages.
OPERATORS: tuple[Operator, ...] = (*_KEYS, *_VALIDATION, *_ORDERS, *_MONEY, *_PICTURES, *_TASKS, *_ERRORS, *_ANSWERS)


def fault_ids(contract: Contract, wording: Wording) -> list[str]:
    """The ids of every fault that this provider's specs give rise to."""
    return [f"{operator.name}:{end}" if end else operator.name for operator in OPERATORS for end in operator.elements(contract, wording)]


def parse_fault(contract: Contract, id: str) -> tuple[Operator, Fault]:
    """The operator and the fault of an id. Raises FaultError."""
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

def sentence(contract: Contract, id: str) -> str:
    """What the fault is, in a sentence. Raises FaultError."""
    operator, fault = parse_fault(contract, id)
    return operator.says.format(operation=fault.operation or "any operation", detail=fault.detail or "(any)")


class Faults:
    """The faults that are switched on, by stage."""

    def __init__(self, contract: Contract, ids: Iterable[str] = ()) -> None:
        self._by_stage: dict[str, list[tuple[Operator, Fault]]] = {}
        for id in ids:
            operator, fault = parse_fault(contract, id)
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
