"""What the faults of keys, validation and tasks do to a flow. Few lines each: a fault is one thing that a gateway gets wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from proofsheet.contract.locations import Location
from proofsheet.contract.requests import ABSENT
from proofsheet.reference.accounts import presented_keys
from proofsheet.reference.bent_replies import ELSEWHERE, rewrite
from proofsheet.reference.refusals import Refusal
from proofsheet.reference.replies import Reply
from proofsheet.reference.stages import sets_probe

if TYPE_CHECKING:
    from proofsheet.reference.faults import Fault
    from proofsheet.reference.flow import Flow
    from proofsheet.reference.gateway import Gateway


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


def refuse_key_place(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Does not find a key at one of its documented places."""
    endpoint = flow.route.endpoint
    if flow.account is not None and fault.detail in endpoint.security:
        others = replace(endpoint, security=tuple(name for name in endpoint.security if name != fault.detail))
        if not presented_keys(others, gateway.contract.security_schemes, flow.incoming)[0]:
            flow.account, flow.refusal = None, Refusal("no_key", "an API key is required")


# -- validation


def accept_invalid(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Serves a request that is wrong in one parameter, or in one keyword of its schema."""
    refusal, (field, _, keyword) = flow.refusal, fault.detail.partition(":")
    if refusal is not None and refusal.field == field and flow.operation.purpose != "refuse":
        flow.refusal = refusal if keyword and {"const": "enum"}.get(str(refusal.keyword), refusal.keyword) != keyword else None


def replace_invalid(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes the default where a value is invalid, and doesn't say so."""
    role, request = flow.operation.roles[fault.detail], flow.incoming.request
    steps = role.at.place.split("/")[1:] if role.at.kind == "json" else [role.at.place]
    if flow.refusal is None or flow.refusal.field != ".".join(steps):
        return
    mended = replace(flow.incoming, request=request.put(role.at, ABSENT))
    if gateway.validators.problem(flow.operation, mended) is None:
        flow.incoming, flow.refusal = mended, None


def poison(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """For each invalid request the next good one breaks, whoever sends it."""
    mark = f"poisoned {flow.operation.key}"
    if flow.refusal is not None:
        gateway.stats[mark] += 1
    elif gateway.stats[mark]:
        gateway.stats[mark] -= 1
        flow.reply = Reply(500, json={"error": {"message": "internal error"}}, media_type="application/json")


def bend_probe(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Refuses a documented combination, or serves one that is documented as refused."""
    index = next((index for index, probe in enumerate(flow.operation.probes) if probe.id == fault.detail), None)
    if index is None or not sets_probe(flow.operation, index, flow.incoming):
        return
    if fault.name == "refuse-probe":
        flow.refusal = flow.refusal or Refusal("invalid", "this combination is not supported")
    else:
        flow.refusal = None


def refuse_letter_case(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Insists on the letter case of the documents where that does not matter."""
    role = flow.operation.roles[fault.detail]
    sent = flow.incoming.request.get(role.at, ABSENT)
    if flow.refusal is None and isinstance(sent, str) and sent not in role.values.values():
        flow.refusal = Refusal("invalid", f"{role.at.name}: not one of the listed values", field=role.at.name)


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
        rewrite(flow.reply, lambda leaf: ABSENT if str(leaf) == id or (isinstance(leaf, str) and id in leaf) else leaf)


def poll_elsewhere(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Sends the client to another host to look at its task."""
    if flow.task is not None and flow.reply is not None:
        origin = flow.incoming.origin
        rewrite(flow.reply, lambda leaf: leaf.replace(origin, ELSEWHERE) if isinstance(leaf, str) else leaf)


def retype_id(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Gives the task an id of another type, by which it can be looked at all the same."""
    task = flow.task
    if task is None or flow.reply is None:
        return
    number = int.from_bytes(task.id.encode()[-6:], "big")
    known: object = str(number) if isinstance(task.names["id"], int) else number
    gateway.tasks.add(replace(task, id=str(number)))
    rewrite(flow.reply, lambda leaf: known if str(leaf) == task.id or _names_only(leaf, task.id) else leaf)


def move_id(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Says the task's id at a place where nobody looks."""
    task, reply = flow.task, flow.reply
    if task is not None and reply is not None and isinstance(reply.json, dict):
        rewrite(reply, lambda leaf: ABSENT if str(leaf) == task.id or (isinstance(leaf, str) and task.id in leaf) else leaf)
        reply.json = {**reply.json, "handle": {"reference": task.id}}


def _names_only(leaf: object, id: str) -> bool:
    """Whether a text is a name that ends in the id, and no URL."""
    return isinstance(leaf, str) and leaf.endswith("/" + id) and ":" not in leaf and not leaf.startswith("/")


def fail_tasks(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Fails every task."""
    if flow.task is not None:
        flow.task.reason = gateway.wording.reason
