"""What the faults of errors and of whole answers do to a flow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from proofsheet.contract.requests import ABSENT
from proofsheet.reference.replies import Reply

if TYPE_CHECKING:
    from proofsheet.contract.model import ErrorCase
    from proofsheet.reference.faults import Fault
    from proofsheet.reference.flow import Flow
    from proofsheet.reference.gateway import Gateway

#: Where nobody is.
ELSEWHERE = "http://elsewhere.invalid"


def rewritten(node: Any, change: Callable[[Any], Any]) -> Any:
    """``node`` with every leaf changed; one that becomes ABSENT is taken out."""
    if isinstance(node, Mapping):
        pairs = {key: rewritten(value, change) for key, value in node.items()}
        return {key: value for key, value in pairs.items() if value is not ABSENT}
    if isinstance(node, list):
        return [value for value in (rewritten(item, change) for item in node) if value is not ABSENT]
    return change(node)


def rewrite(reply: Reply, change: Callable[[Any], Any]) -> None:
    """Change every leaf of an answer: of its headers, and of its JSON or text."""
    reply.headers = rewritten(reply.headers, change)
    if reply.json is not ABSENT:
        reply.json = rewritten(reply.json, change)
    elif reply.media_type and reply.media_type.startswith("text/"):
        text = change(reply.body.decode("utf-8"))
        reply.body = b"" if text is ABSENT else str(text).encode("utf-8")


# -- errors


def _of_entry(gateway: Gateway, flow: Flow, fault: Fault) -> tuple[Reply, ErrorCase | None] | None:
    """The refusal and its catalogue entry, where the fault is about it (a fault without a detail is about all)."""
    if flow.reply is None or (fault.detail and flow.reply.said.get("entry") != fault.detail):
        return None
    return flow.reply, next((case for case in gateway.contract.errors.catalogue if case.id == flow.reply.said.get("entry")), None)


def wrong_status(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """A refusal with a status that is not the documented one."""
    found = _of_entry(gateway, flow, fault)
    if found is not None and found[1] is not None:
        found[0].status = status_beside(found[1])


def status_beside(entry: ErrorCase) -> int:
    """A status that is wrong for this entry; where none is documented, any 4xx may be right."""
    free = (409, 500, 418) if entry.status else (500,)
    return next(status for status in free if not entry.allows(status) and status not in entry.tolerated)


def error_as_success(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """The error inside a 200."""
    found = _of_entry(gateway, flow, fault)
    if found is not None:
        found[0].status = 200


def wrong_words(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """A refusal with another code than the documented one, or with a message that says nothing."""
    found = _of_entry(gateway, flow, fault)
    if found is not None and found[1] is not None:
        reply, entry = found[0], found[1]
        old = entry.codes if fault.name == "wrong-code" else (reply.said["message"],)
        rewrite(reply, lambda leaf: "SOMETHING_ELSE" if leaf in old else leaf)


def wrong_shape(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Refusals as a page, as nothing, without a message, as unlabelled bytes, in another envelope, or with a bad Retry-After."""
    found = _of_entry(gateway, flow, fault)
    if found is None:
        return
    reply, message = found[0], found[0].said.get("message")
    if fault.name == "html-errors":
        reply.json, reply.body, reply.media_type = ABSENT, b"<!doctype html><h1>Bad Gateway</h1>", "text/html"
    elif fault.name == "empty-errors":
        reply.json, reply.body = ABSENT, b""
    elif fault.name == "mute-errors":
        rewrite(reply, lambda leaf: "" if leaf == message else leaf)
    elif fault.name == "mistyped-errors":
        reply.media_type = "application/octet-stream"
    elif fault.name == "other-envelope":
        reply.json, reply.media_type = {"fault": {"text": message}}, "application/json"
    elif fault.name == "no-retry-after":
        reply.headers.pop("Retry-After", None)
    elif fault.name == "bad-retry-after" and "Retry-After" in reply.headers:
        reply.headers["Retry-After"] = "soon"


# -- the whole answer


def intermittent(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """One answer in four is a 500."""
    if gateway.stats["requests"] % 4 == 0:
        flow.reply = Reply(500, json={"error": {"message": "try again"}}, media_type="application/json")


def redirect_elsewhere(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Sends the client, with its key, to another origin."""
    flow.reply = Reply(307, {"Location": f"{ELSEWHERE}{flow.incoming.request.path}"})


def redirect_without_body(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Redirects a submission in a way that loses its body."""
    if not flow.polls:
        flow.reply = Reply(302, {"Location": flow.incoming.request.path})


def bend_field(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Leaves a field of successful answers out, gives it another type, or writes its name in another case."""
    reply = flow.reply
    if reply is not None and reply.refusal is None and reply.json is not ABSENT:
        flow.reply = replace(reply, json=field_changed(fault.name, fault.detail, reply.json))


def field_changed(how: str, key: str, node: Any) -> Any:
    """An answer with a field changed wherever it stands, as the operator of this name does."""
    if isinstance(node, list):
        return [field_changed(how, key, item) for item in node]
    if not isinstance(node, Mapping):
        return node
    pairs = {name: field_changed(how, key, value) for name, value in node.items() if name != key or how != "drop-field"}
    if key not in pairs:
        return pairs
    if how == "retype-field":
        return {name: _of_another_type(value) if name == key else value for name, value in pairs.items()}
    return {_respelt(name) if name == key else name: value for name, value in pairs.items()}


def _of_another_type(value: Any) -> Any:
    if isinstance(value, list):
        return len(value)
    if isinstance(value, Mapping):
        return [value]
    return str(value) if isinstance(value, (int, float)) else 7


def _respelt(key: str) -> str:
    if "_" in key:
        first, *rest = key.split("_")
        return first + "".join(word.capitalize() for word in rest)
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
    return key.upper() if snake == key else snake


def mistype_answer(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Labels the JSON of a success as text."""
    reply = flow.reply
    if reply is not None and reply.refusal is None and reply.json is not ABSENT:
        reply.media_type = "text/plain"


async def slow(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Answers when every client has given up."""
    await asyncio.sleep(gateway.contract.times.request_timeout * 1.1)


async def hang(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Never answers."""
    await asyncio.sleep(86400)
