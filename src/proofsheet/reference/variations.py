"""What variants do to answers: their JSON, their headers, and how they travel."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import secrets
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from proofsheet.contract.requests import ABSENT
from proofsheet.reference.assets import PREFIX as FILES
from proofsheet.reference.helpers import PREFIX as HELPERS
from proofsheet.reference.replies import Reply
from proofsheet.reference.variants import Change, Variant

#: Where a request arrives that was sent on by a redirect of a variant.
_SENT_ON = "/sent-on"
_BASE64 = re.compile(r"[A-Za-z0-9+/]{64,}={0,2}")


# -- JSON and headers: each takes a reply of its own and what the variant gives


def _status(reply: Reply, given: Any) -> None:
    reply.status = given


def _media_type(reply: Reply, given: Any) -> None:
    reply.media_type = given


def _headers(reply: Reply, given: Mapping[str, str | None]) -> None:
    reply.headers = {name: value for name, value in {**reply.headers, **given}.items() if value is not None}


def _extra(reply: Reply, given: Mapping[str, Any]) -> None:
    """More fields in every object; none that is there is replaced."""
    if reply.json is not ABSENT:
        reply.json = _extended(reply.json, given)


def _extended(node: Any, more: Mapping[str, Any]) -> Any:
    if isinstance(node, Mapping):
        return {**{name: value for name, value in more.items() if name not in node}, **{name: _extended(value, more) for name, value in node.items()}}
    return [_extended(item, more) for item in node] if isinstance(node, list) else node


def _leaves(reply: Reply, change: Callable[[Any], Any]) -> None:
    if reply.json is not ABSENT:
        reply.json = _changed(reply.json, change)


def _changed(node: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(node, Mapping):
        return {name: _changed(value, change) for name, value in node.items()}
    return [_changed(item, change) for item in node] if isinstance(node, list) else change(node)


def _floats(reply: Reply, given: Any) -> None:
    """Whole numbers with a decimal point: the same numbers in JSON."""
    _leaves(reply, lambda leaf: float(leaf) if type(leaf) is int else leaf)


def _sign(reply: Reply, given: Any) -> None:
    """Another signature on each URL at each look."""
    _leaves(reply, lambda leaf: f"{leaf}?X-Signature={secrets.token_hex(8)}&X-Expires=86400" if isinstance(leaf, str) and re.match(rf"http://[^/]+{FILES}", leaf) else leaf)


def _base64(reply: Reply, given: Mapping[str, bool]) -> None:
    """Base64 in another documented spelling."""

    def changed(leaf: Any) -> Any:
        if not (isinstance(leaf, str) and _BASE64.fullmatch(leaf)):
            return leaf
        text = leaf.translate(str.maketrans("+/", "-_")) if given.get("url_safe") else leaf
        return text.rstrip("=") if given.get("unpadded") else text

    _leaves(reply, changed)


def _spell(reply: Reply, given: Mapping[str, Any]) -> None:
    """The same JSON in other characters."""
    if reply.json is ABSENT:
        return
    document = _reversed(reply.json) if given.get("reverse") else reply.json
    text = json.dumps(document, indent=given.get("indent"), ensure_ascii=bool(given.get("ascii")))
    text = text.replace("/", "\\/") if given.get("escape_slashes") else text
    reply.body, reply.json = (given.get("before", "") + text + given.get("after", "")).encode("utf-8"), ABSENT


def _reversed(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {name: _reversed(node[name]) for name in reversed(node)}
    return [_reversed(item) for item in node] if isinstance(node, list) else node


_ON_REPLIES: Mapping[str, Callable[[Reply, Any], None]] = {
    "status": _status, "media-type": _media_type, "headers": _headers, "extra": _extra, "floats": _floats, "sign": _sign, "base64": _base64, "spell": _spell,
}  # fmt: skip


# -- the wire: each takes the response that would be sent


def _encoded(response: Response, given: str) -> Response:
    if not response.body:
        return response
    body = gzip.compress(bytes(response.body)) if given == "gzip" else zlib.compress(bytes(response.body))
    return Response(body, response.status_code, {**_without_length(response), "Content-Encoding": given, "Vary": "Accept-Encoding"})


def _chunked(response: Response, given: int) -> Response:
    body = bytes(response.body)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), given):
            yield body[start : start + given]

    return StreamingResponse(pieces(), response.status_code, _without_length(response))


def _without_length(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "content-length"}


def _closed(response: Response, given: Any) -> Response:
    response.headers["Connection"] = "close"
    return response


def _cased(response: Response, given: str) -> Response:
    spell = {"upper": bytes.upper, "lower": bytes.lower, "title": bytes.title}[given]
    response.raw_headers = [(spell(name), value) for name, value in response.raw_headers]
    return response


_ON_THE_WIRE: Mapping[str, Callable[[Response, Any], Response]] = {"encoding": _encoded, "chunked": _chunked, "close": _closed, "case": _cased}


class Variations:
    """All that the variants of one gateway do to its answers."""

    def __init__(self, variants: Iterable[Variant] = ()) -> None:
        self.changes = tuple(change for variant in variants for change in variant.changes)

    def arrived(self, scope: Scope) -> Scope:
        """The request as it was before a redirect sent it on."""
        if not scope["path"].startswith(_SENT_ON + "/"):
            return scope
        return {**scope, "path": scope["path"].removeprefix(_SENT_ON), "sent_on": True}

    def sends_on(self, scope: Scope) -> Reply | None:
        """A redirect to the same thing elsewhere, where a variant has one for this path."""
        path = scope["path"]
        if scope.get("sent_on") or path.startswith(HELPERS):
            return None
        moment = "file" if path.startswith(FILES) else "call"
        given = next((change.given for change in self.changes if change.do == "send-on" and moment in change.on), None)
        if given is None:
            return None
        query = scope["query_string"].decode("latin-1")
        place = f"http://{given['host']}:{scope['server'][1]}" if "host" in given else ""
        return Reply(given["status"], {"Location": place + _SENT_ON + path + (f"?{query}" if query else "")}, moment="redirect")

    async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        """Send an answer as the variants have it."""
        moment = "helper" if scope["path"].startswith(HELPERS) else reply.moment
        changes = [change for change in self.changes if change.fits(moment)]
        await asyncio.sleep(sum(change.given for change in changes if change.do == "delay"))
        response = self._reworded(reply, changes).response(head=scope["method"] == "HEAD")
        for change in changes:
            if change.do in _ON_THE_WIRE and scope["method"] != "HEAD":
                response = _ON_THE_WIRE[change.do](response, change.given)
        await response(scope, receive, send)

    @staticmethod
    def _reworded(reply: Reply, changes: Iterable[Change]) -> Reply:
        reply = replace(reply, headers=dict(reply.headers))
        for change in changes:
            if change.do in _ON_REPLIES:
                _ON_REPLIES[change.do](reply, change.given)
        return reply


#: Every operator that a variant can name.
OPERATORS = (*_ON_REPLIES, *_ON_THE_WIRE, "delay", "send-on")
