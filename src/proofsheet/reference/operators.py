"""What each declared fault does to a flow. Few lines each: a fault is one thing that a gateway gets wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofsheet.contract.locations import Location
from proofsheet.contract.requests import ABSENT
from proofsheet.reference.orders import place_order
from proofsheet.reference.refusals import Refusal
from proofsheet.reference.replies import Reply

if TYPE_CHECKING:
    from proofsheet.reference.faults import Fault
    from proofsheet.reference.flow import Flow
    from proofsheet.reference.gateway import Gateway

_ROTATED = {"png": "jpeg", "jpeg": "webp", "webp": "png"}
_ELSEWHERE = "http://elsewhere.invalid"


def rewritten(node: Any, change: Callable[[Any], Any]) -> Any:
    """``node`` with every leaf changed; one that becomes ABSENT is taken out."""
    if isinstance(node, Mapping):
        pairs = {key: rewritten(value, change) for key, value in node.items()}
        return {key: value for key, value in pairs.items() if value is not ABSENT}
    if isinstance(node, list):
        return [value for value in (rewritten(item, change) for item in node) if value is not ABSENT]
    return change(node)


def _rewrite(reply: Reply, change: Callable[[Any], Any]) -> None:
    reply.headers = rewritten(reply.headers, change)
    if reply.json is not ABSENT:
        reply.json = rewritten(reply.json, change)
    elif reply.media_type and reply.media_type.startswith("text/"):
        text = change(reply.body.decode("utf-8"))
        reply.body = b"" if text is ABSENT else str(text).encode("utf-8")


# -- keys


def accept_key(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes a key that it should refuse, or none at all, for the first account's."""
    wrong = {"accept-any-key": ("unknown_key", "malformed_key"), "accept-no-key": ("no_key", "task_without_key"), "open-tasks": ("task_without_key",)}
    if flow.refusal is not None and flow.refusal.provoke in wrong[fault.name]:
        flow.refusal, flow.account = None, gateway.accounts.by_name["default"]


def ignore_limit(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Lets an account go on that is over its rate or has no money left."""
    wrong = {"no-rate-limit": "credential:rate_limited", "no-balance-check": "credential:insufficient_balance"}[fault.name]
    if flow.refusal is not None and flow.refusal.provoke == wrong:
        flow.refusal = None


# -- validation


def accept_invalid(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Serves a request that is wrong in one parameter."""
    if flow.refusal is not None and flow.refusal.field == fault.detail and flow.operation.purpose != "refuse":
        flow.refusal = None


def refuse_valid(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Refuses every request that sets one parameter."""
    pointer = "/" + fault.detail.replace(".", "/")
    places = [Location("json", pointer), *(Location(kind, fault.detail) for kind in ("form", "query", "header", "file"))]
    if flow.refusal is None and any(flow.incoming.request.get(at, ABSENT) is not ABSENT for at in places):
        flow.refusal = Refusal("invalid", f"{fault.detail}: not supported", field=fault.detail)


def refuse_cell(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Refuses one combination that is documented."""
    if flow.order is not None and flow.order.cell.name == fault.detail:
        flow.refusal = Refusal("invalid", "this size is not available")


def serve_refused(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Serves what the contract says must be refused here."""
    if flow.refusal is not None and flow.refusal.provoke == "base":
        flow.refusal, flow.reply = None, Reply(200, json={"choices": []}, media_type="application/json")


def ignore_state(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Hides that something went wrong behind it: no refusal, and a result all the same."""
    if flow.state == fault.detail:
        flow.refusal, flow.state = None, None


# -- the order


def reshape(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Other pixels than those that were asked for."""
    order = flow.order
    assert order is not None
    width, height = order.width, order.height
    if fault.name == "swap-dimensions":
        width, height = height, width
    elif fault.name == "off-by-8":
        width += 8
    elif fault.name == "other-cell" and (not fault.detail or order.cell.name == fault.detail) and flow.operation.pixels is not None:
        other = next(cell for cell in flow.operation.pixels.table.cells if (cell.width, cell.height) != (width, height))
        width, height = other.width, other.height
    flow.order = replace(order, width=width, height=height)


def ignore_parameter(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Does as if one parameter had not been sent."""
    role, request = flow.operation.roles[fault.detail], flow.incoming.request
    for at in (role.at, *role.also):
        request = request.put(at, ABSENT) if at.kind in ("json", "form", "query") else request
    flow.order = place_order(gateway.contract, flow.operation, request, gateway.wording.usual)


def wrong_default(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes another value than the documented one where a parameter isn't sent."""
    operation, request, role = flow.operation, flow.incoming.request, flow.operation.roles[fault.detail]
    if request.get(role.at, ABSENT) is not ABSENT or operation.pixels is None or fault.detail not in operation.pixels.table.axes:
        return
    axis, table, order = operation.pixels.table.axes.index(fault.detail), operation.pixels.table, flow.order
    assert order is not None
    other = next(cell for cell in table.cells if cell.at[axis] != order.cell.at[axis] and cell.at[:axis] == order.cell.at[:axis])
    flow.order = replace(order, width=other.width, height=other.height)


def other_format(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Another format than the one that was asked for."""
    assert flow.order is not None
    flow.order = replace(flow.order, format=_ROTATED[flow.order.format])


def other_count(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """One image too few, or too many."""
    assert flow.order is not None
    count = flow.order.count + (1 if fault.name == "more-images" else -1)
    flow.order = replace(flow.order, count=count) if count > 0 else flow.order


def wrong_tokens(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """A token count that no table has."""
    assert flow.order is not None
    flow.order = replace(flow.order, cell=replace(flow.order.cell, tokens=(flow.order.cell.tokens or 0) + 137))


def ignore_mirror(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Result URLs on the usual host though the mirror was asked for."""
    assert flow.order is not None
    flow.order = replace(flow.order, mirror=False)


# -- money


def overcharge(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes the price twice."""
    if flow.charged and flow.account is not None and flow.order is not None:
        flow.account.balance -= flow.order.price


def charge_anyway(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes money for a request that was refused, or for a task that failed."""
    if flow.account is not None and not flow.charged and flow.account.balance > 0:
        flow.account.balance -= flow.order.price if flow.order is not None else Fraction(1)


def charge_failed(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes the price of a task that will fail."""
    if flow.state == "task_failure":
        charge_anyway(gateway, flow, fault)


# -- pictures and their URLs


def truncate(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Pictures that end too early."""
    for image in flow.images:
        image.content = image.content[: len(image.content) * 2 // 3]


def misdeclare(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Declares another media type than the bytes have."""
    for image in flow.images:
        image.media_type = f"image/{_ROTATED[image.seen_as.format]}"
        image.seen_as = replace(image.seen_as, declared=image.media_type)


def wrong_host(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Result URLs on a host that nobody documented."""
    for image in flow.images:
        image.url_of = lambda made, name: f"{_ELSEWHERE}/{made.seen_as.number}.{made.seen_as.format}"


def break_asset(gateway: Gateway, reply: Reply, fault: Fault) -> Reply:
    """Result URLs that are dead, want a key, or serve a page."""
    if fault.name == "dead-asset":
        return Reply(404, body=b"Not here.", media_type="text/plain")
    if fault.name == "guarded-asset":
        return Reply(401, body=b"A key, please.", media_type="text/plain")
    return Reply(200, body=b"<!doctype html><p>Sign in.</p>", media_type="text/html")


# -- tasks


def foreign_task(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Shows a task to another account."""
    if flow.refusal is not None and flow.refusal.provoke == "foreign_task":
        flow.refusal = None


def unknown_task(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Answers 200 for a task that never was."""
    if flow.refusal is not None and flow.refusal.provoke == "unknown_task":
        flow.refusal, flow.reply = None, Reply(200, json={}, media_type="application/json")


def bend_look(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """One look at a task shows something that it must not."""
    task, look = flow.task, flow.look
    assert task is not None
    wording = gateway.wording.lifecycles[task.lifecycle.name]
    first = wording.steps[0] if wording.steps else None
    running = {"word": first.word if first else None, "progress": first.progress if first else None, "ended": False, "reason": None}
    if fault.name == "never-finish" or (fault.name == "step-back" and task.looks == 3) or (fault.name == "reopen" and task.final is not None):
        flow.look, flow.images = running, []
        if fault.name == "step-back":
            flow.look["word"] = wording.submit.word or running["word"]
    elif fault.name == "finish-empty" and look["ended"]:
        flow.images = []
    elif fault.name == "unknown-word" and look["word"] is not None:
        look["word"] = "zorbing"
    elif fault.name == "progress-back" and not look["ended"]:
        look["progress"] = max(0, 90 - 40 * task.looks)
    elif fault.name == "progress-beyond":
        look["progress"] = 250
    elif fault.name == "no-reason":
        look["reason"] = None
    elif fault.name == "hide-failure" and look["ended"]:
        task.reason, look["word"], look["progress"] = None, wording.succeeded.word, wording.succeeded.progress


async def other_images(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """A second look at a finished task shows other pictures."""
    task = flow.task
    assert task is not None
    if task.final is not None and flow.images:
        flow.images = [await gateway.image(task.order, 100 + number) for number in range(len(flow.images))]
        task.final = None


def no_id(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Accepts a task and doesn't say which."""
    if flow.task is not None and flow.reply is not None:
        id = flow.task.id
        _rewrite(flow.reply, lambda leaf: ABSENT if str(leaf) == id or (isinstance(leaf, str) and id in leaf) else leaf)


def poll_elsewhere(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Sends the client to another host to look at its task."""
    if flow.task is not None and flow.reply is not None:
        origin = flow.incoming.origin
        _rewrite(flow.reply, lambda leaf: leaf.replace(origin, _ELSEWHERE) if isinstance(leaf, str) else leaf)


# -- errors


def wrong_status(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """A refusal with a status that is not the documented one."""
    if flow.reply is not None and flow.reply.said.get("entry") == fault.detail:
        entry = next(case for case in gateway.contract.errors.catalogue if case.id == fault.detail)
        flow.reply.status = next(status for status in (409, 500, 418) if not entry.allows(status) and status not in entry.tolerated)


def wrong_words(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """A refusal with another code than the documented one, or with a message that says nothing."""
    if flow.reply is not None and flow.reply.said.get("entry") == fault.detail:
        entry = next(case for case in gateway.contract.errors.catalogue if case.id == fault.detail)
        old = entry.codes if fault.name == "wrong-code" else (flow.reply.said["message"],)
        _rewrite(flow.reply, lambda leaf: "SOMETHING_ELSE" if leaf in old else leaf)


def wrong_shape(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Refusals as a page, as nothing, as unlabelled text, in another envelope, or without Retry-After."""
    reply = flow.reply
    assert reply is not None
    if fault.name == "html-errors":
        reply.json, reply.body, reply.media_type = ABSENT, b"<!doctype html><h1>Bad Gateway</h1>", "text/html"
    elif fault.name == "empty-errors":
        reply.json, reply.body = ABSENT, b""
    elif fault.name == "mistyped-errors":
        reply.media_type = "application/octet-stream"
    elif fault.name == "other-envelope":
        reply.json, reply.media_type = {"fault": {"text": reply.said.get("message")}}, "application/json"
    elif fault.name == "no-retry-after":
        reply.headers.pop("Retry-After", None)


# -- the whole answer


def intermittent(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Every third answer is a 500."""
    if gateway.stats["requests"] % 3 == 0:
        flow.reply = Reply(500, json={"error": {"message": "try again"}}, media_type="application/json")


def redirect_elsewhere(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Sends the client, with its key, to another origin."""
    flow.reply = Reply(307, {"Location": f"{_ELSEWHERE}{flow.incoming.request.path}"})


def drop_field(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Leaves a field out of successful answers."""
    reply = flow.reply
    if reply is not None and reply.refusal is None and reply.json is not ABSENT:
        flow.reply = replace(reply, json=_without(reply.json, fault.detail))


def _without(node: Any, key: str) -> Any:
    if isinstance(node, Mapping):
        return {name: _without(value, key) for name, value in node.items() if name != key}
    return [_without(item, key) for item in node] if isinstance(node, list) else node


async def hang(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Never answers."""
    await asyncio.sleep(86400)
