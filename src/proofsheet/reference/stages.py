"""The stages of a request, in order. Each does one thing and leaves what it found in the flow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from proofsheet.contract.model import Operation
from proofsheet.contract.requests import ABSENT
from proofsheet.reference.accounts import presented_keys
from proofsheet.reference.flow import Flow, order_names
from proofsheet.reference.incoming import Incoming
from proofsheet.reference.orders import place_order
from proofsheet.reference.references import read_references
from proofsheet.reference.refusals import Refusal
from proofsheet.reference.replies import reply_from
from proofsheet.reference.tasks import Task, asked_id, current_step, new_id, poll_path

if TYPE_CHECKING:
    from proofsheet.reference.gateway import Gateway

#: The header that brings a state about, and the states.
SIMULATE = "x-simulate"
STATES = ("sync_timeout", "upstream_error", "task_failure")

Stage = Callable[["Gateway", Flow], Awaitable[None]]


async def authenticate(gateway: Gateway, flow: Flow) -> None:
    """Whose key is it? No key, a malformed one and an unknown one are three different refusals."""
    endpoint = flow.route.endpoint
    if not endpoint.security:
        flow.account = gateway.accounts.by_name["default"]
        return
    keys, malformed = presented_keys(endpoint, gateway.contract.security_schemes, flow.incoming)
    flow.account = next((account for key in keys if (account := gateway.accounts.find(key))), None)
    if flow.account is not None:
        if flow.account.limited:
            flow.refusal = Refusal("credential:rate_limited", "too many requests; wait and try again")
    elif keys:
        flow.refusal = Refusal("unknown_key", "the API key is not valid")
    elif malformed:
        flow.refusal = Refusal("malformed_key", "the API key is malformed")
    else:
        flow.refusal = Refusal("task_without_key" if flow.polls else "no_key", "an API key is required")


async def validate(gateway: Gateway, flow: Flow) -> None:
    """Refuse what the contract does not allow."""
    if flow.operation.purpose == "refuse":
        flow.refusal = Refusal("base", "this endpoint does not serve the model")
        return
    if any(sets_probe(flow.operation, index, flow.incoming) for index in _probes(flow.operation, "serve")):
        return
    flow.refusal = gateway.validators.problem(flow.operation, flow.incoming)
    if flow.refusal is None and any(sets_probe(flow.operation, index, flow.incoming) for index in _probes(flow.operation, "refuse")):
        flow.refusal = Refusal("invalid", "this combination of parameters is not allowed")
    if flow.refusal is None:
        flow.references, flow.refusal = await read_references(gateway.fetcher, flow.operation, flow.incoming.request)


def _probes(operation: Operation, expect: str) -> list[int]:
    return [index for index, probe in enumerate(operation.probes) if probe.expect == expect and probe.invalid is (expect == "serve")]


def sets_probe(operation: Operation, index: int, incoming: Incoming) -> bool:
    """Whether the request has every value that the probe sets."""
    return all(_same(incoming.request.get(at, ABSENT), value) for at, value in operation.probes[index].set)


def _same(sent: object, wanted: object) -> bool:
    if isinstance(sent, str) and not isinstance(wanted, str) and wanted is not ABSENT:
        return sent.lower() == str(wanted).lower()
    return type(sent) is type(wanted) and sent == wanted


async def simulate(gateway: Gateway, flow: Flow) -> None:
    """States that a request alone cannot bring about."""
    flow.state = flow.incoming.headers.get(SIMULATE)
    if flow.state not in STATES:
        return
    waits = flow.operation.lifecycle is None or gateway.refuser.documented(f"state:{flow.state}", flow.operation)
    if flow.state == "task_failure" and flow.operation.lifecycle is not None:
        return
    if waits or flow.state == "upstream_error":
        words = {"sync_timeout": "the image was not ready in time", "upstream_error": "the upstream failed", "task_failure": gateway.wording.reason}
        flow.refusal = Refusal(f"state:{flow.state}", words[flow.state])


async def order(gateway: Gateway, flow: Flow) -> None:
    """What is to be made."""
    flow.order = place_order(gateway.contract, flow.operation, flow.incoming.request, gateway.wording.usual)


async def charge(gateway: Gateway, flow: Flow) -> None:
    """The documented price leaves the balance; a task that will fail is not charged."""
    assert flow.order is not None
    assert flow.account is not None
    if flow.account.balance < flow.order.price or (flow.account.balance <= 0 and flow.account.name == "insufficient_balance"):
        flow.refusal = Refusal("credential:insufficient_balance", "the balance is too low for this request")
    elif flow.state != "task_failure":
        flow.account.balance -= flow.order.price
        flow.charged = True


async def make(gateway: Gateway, flow: Flow) -> None:
    """Real pictures of the ordered pixels, or those that the model behind the gateway makes."""
    assert flow.order is not None
    if flow.state == "task_failure":
        return
    if gateway.model is not None:
        await gateway.model.make(gateway, flow)
    else:
        flow.images = [await gateway.image(flow.order, number) for number in range(flow.order.count)]
        gateway.stats["images"] += len(flow.images)


async def answer(gateway: Gateway, flow: Flow) -> None:
    """The result itself, or the task that will have it."""
    assert flow.order is not None
    assert flow.account is not None
    names = {**gateway.names(flow.incoming), **order_names(flow.operation, flow.order), "images": flow.images}
    lifecycle = flow.operation.lifecycle
    if lifecycle is None:
        flow.reply = reply_from(gateway.wording.answer(flow.operation), names)
        return
    wording = gateway.wording.lifecycles[lifecycle.name]
    id, created = new_id(wording), gateway.now()
    path = poll_path(lifecycle, str(id), str(names["model"]))
    result = (wording.result_path or "").replace("${id}", str(id))
    names |= {"id": id, "created": int(created), "created_iso": gateway.iso(created), "poll_path": path, "poll_url": names["origin"] + path}
    names |= {"result_path": result, "result_url": names["origin"] + result, "word": None, "progress": None, "reason": None}
    reason = gateway.wording.reason if flow.state == "task_failure" else None
    flow.task = Task(str(id), flow.account, flow.operation, lifecycle, names, created, list(flow.images), flow.order, reason)
    if gateway.model is not None and reason is None:
        flow.task.work = gateway.model.begin(gateway, flow)
    gateway.tasks.add(flow.task)
    flow.reply = reply_from(wording.submit, {**names, "word": wording.submit.word, "progress": wording.submit.progress})


async def find_task(gateway: Gateway, flow: Flow) -> None:
    """Find out which task is looked at, and whether this account may."""
    flow.refusal = gateway.validators.parameters(flow.route.endpoint, flow.incoming.request)
    if flow.refusal is not None:
        return
    request = flow.incoming.request
    for lifecycle in flow.route.lifecycles:
        task = gateway.tasks.find(asked_id(lifecycle, request.path_params, request.query, request.json) or "")
        if task is not None and task.lifecycle.name == lifecycle.name:
            flow.task, flow.operation = task, task.operation
            if lifecycle.isolated and task.account is not flow.account:
                flow.refusal = Refusal("foreign_task", "there is no such task")
            return
    flow.refusal = Refusal("unknown_task", "there is no such task")


async def look(gateway: Gateway, flow: Flow) -> None:
    """What this look sees: a step on the way, or the end."""
    task = flow.task
    assert task is not None
    task.looks += 1
    wording = gateway.wording.lifecycles[task.lifecycle.name]
    step = current_step(wording, task.looks, gateway.now() - task.created, settled=task.settled())
    end = wording.failed if task.failing else wording.succeeded
    flow.look = {"word": step.word, "progress": step.progress} if step else {"word": end.word, "progress": end.progress}
    flow.look |= {"ended": step is None, "reason": task.reason if step is None else None}
    flow.images = list(task.images) if step is None and not task.failing else []


async def report(gateway: Gateway, flow: Flow) -> None:
    """The answer to a look; once a task has ended it is always the same."""
    task = flow.task
    assert task is not None
    if task.final is not None and flow.look["ended"]:
        flow.reply = task.final
        return
    wording = gateway.wording.lifecycles[task.lifecycle.name]
    end = wording.failed if task.failing else wording.succeeded
    names = {**gateway.names(flow.incoming), **task.names, "images": flow.images}
    names |= {name: flow.look[name] for name in ("word", "progress", "reason")} | {"message": flow.look["reason"]}
    flow.reply = reply_from(end if flow.look["ended"] else wording.running, names)
    if flow.look["ended"]:
        task.final, task.images = flow.reply, flow.images


#: The stages of a request for images, and of a look at a task. After each, ``faults`` may change what it left.
SUBMIT: tuple[Stage, ...] = (authenticate, validate, simulate, order, charge, make, answer)
LOOK: tuple[Stage, ...] = (authenticate, find_task, look, report)
