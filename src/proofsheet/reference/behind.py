"""The model behind the gateway: each picture of an order is asked of it, and what it says becomes the gateway's own words."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from proofsheet.contract.relay import upstream_key
from proofsheet.reference.flow import Flow, MadeImage
from proofsheet.reference.formats import Format
from proofsheet.reference.formats import Request as Way
from proofsheet.reference.received import BrokenPictureError, received
from proofsheet.reference.references import decoded, read_references
from proofsheet.reference.refusals import Refusal, UnmadeError
from proofsheet.reference.said import Said, asks_to_wait
from proofsheet.reference.templates import render
from proofsheet.reference.wants import Wants, wants_of

if TYPE_CHECKING:
    from proofsheet.reference.gateway import Gateway

#: Longer than a model takes for its largest picture. Seconds.
_PATIENCE, _CONNECT = 120.0, 5.0
#: Connections are given up before the other side may close them.
_IDLE = 20.0
_LONGEST_ANSWER = 256 << 20


def _failed(message: str, provoke: str = "state:upstream_error", wait: str | None = None) -> UnmadeError:
    return UnmadeError(Refusal(provoke, message, headers={} if wait is None else {"Retry-After": wait}))


class Model:
    """Asks the model on a loopback port, over connections that are kept. It never asks twice for one picture."""

    def __init__(self, formats: Sequence[Format], port: int) -> None:
        self.formats = tuple(formats)
        self._address, self._key = f"http://127.0.0.1:{port}", upstream_key(port)
        self._client: Any = None

    async def make(self, gateway: Gateway, flow: Flow) -> None:
        """The images of an answer; of a task only whether they can be asked for: they are made when it has been accepted."""
        try:
            wants = await self._wants(gateway, flow)
            if flow.operation.lifecycle is None:
                flow.images = await self._images(gateway, flow, wants)
            else:
                wants.request(self.formats)
        except UnmadeError as error:
            flow.refusal = error.refusal
        if flow.refusal is not None:
            _give_back(flow)

    def begin(self, gateway: Gateway, flow: Flow) -> asyncio.Future[tuple[list[Any], str | None]]:
        """Make the images of a task: they, or the reason why there are none."""
        return asyncio.ensure_future(self._work(gateway, flow))

    async def _work(self, gateway: Gateway, flow: Flow) -> tuple[list[Any], str | None]:
        try:
            flow.images = await self._images(gateway, flow, await self._wants(gateway, flow), waits=False)
        except UnmadeError as error:
            _give_back(flow)
            return [], error.refusal.message
        await gateway.faults.after("make", gateway, flow)
        return list(flow.images), None

    async def _wants(self, gateway: Gateway, flow: Flow) -> Wants:
        assert flow.order is not None
        request = flow.incoming.request
        if flow.references is None:
            flow.references, flow.refusal = await read_references(gateway.fetcher, flow.operation, request)
            if flow.refusal is not None:
                raise UnmadeError(flow.refusal)
        return wants_of(gateway.contract, flow.operation, request, flow.order, flow.references)

    async def _images(self, gateway: Gateway, flow: Flow, wants: Wants, *, waits: bool = True) -> list[MadeImage]:
        """One request after another, so that nothing more is asked for once one has failed or the client is ``gone``."""
        order, allowed = flow.order, flow.operation.pixels.formats if flow.operation.pixels else ("png",)
        assert order is not None
        form, way = wants.request(self.formats)
        contents: list[bytes] = []
        while len(contents) < order.count:
            if waits and flow.incoming.gone is not None and await flow.incoming.gone():
                raise _failed("nobody waits for the picture any more")
            count = min(order.count - len(contents), form.most) if "count" in way.says else 1
            contents += await self._asked(form, way, wants.names(form.model, count), count)
        try:
            made = [await asyncio.to_thread(received, content, order, number, allowed) for number, content in enumerate(contents)]
        except BrokenPictureError:
            raise _failed("the model's picture is broken") from None
        gateway.stats["images"] += len(made)
        return [gateway.made(order, look, content, foreign=True) for look, content in made]

    async def _asked(self, form: Format, way: Way, names: dict[str, Any], count: int) -> list[bytes]:
        """So many pictures of one request, as they came."""
        said = await self._said(form, way, names)
        if said.status != 200:
            raise _not_made(form, said)
        if said.found(form.refusals):
            raise _failed("the model refuses to make this picture", "invalid")
        try:
            found = next((values for one in form.pictures if (values := said.found((one,)))), [])
            contents = [decoded(value) for value in found]
        except (ValueError, TypeError):
            raise _failed("the model's answer cannot be read") from None
        if len(contents) < count:
            raise _failed("the model made no picture")
        return contents[:count]

    async def _said(self, form: Format, way: Way, names: dict[str, Any]) -> Said:
        import httpx2

        if self._client is None:
            limits = httpx2.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=_IDLE)
            self._client = httpx2.AsyncClient(timeout=httpx2.Timeout(_PATIENCE, connect=_CONNECT), limits=limits, trust_env=False)
        url = self._address + form.base + str(render(way.path, names))
        try:
            async with asyncio.timeout(_PATIENCE), self._client.stream("POST", url, headers=render(form.headers, {"key": self._key}), **_body(way, names)) as answer:
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > _LONGEST_ANSWER:
                        raise _failed("the model's answer is too long")
                return Said(answer.status_code, dict(answer.headers), bytes(body))
        except (TimeoutError, httpx2.TimeoutException):
            raise _failed("the picture was not ready in time", "state:sync_timeout") from None
        except httpx2.HTTPError:
            raise _failed("the model does not answer") from None


def _body(way: Way, names: dict[str, Any]) -> dict[str, Any]:
    """The request's body in the client's terms."""
    if way.form is None:
        return {"json": render(way.json, names)}
    files = [(f"{number}.{one['media_type'].rpartition('/')[2]}", base64.b64decode(one["base64"]), one["media_type"]) for number, one in enumerate(names["references"])]
    return {"data": {name: str(value) for name, value in render(way.form, names).items()}, "files": [(way.files, one) for one in files]}


def _not_made(form: Format, said: Said) -> UnmadeError:
    """An error of the model's: the client's, where it is about what the client asks for; else the gateway's."""
    if said.status == 429:
        return _failed("too many requests; wait and try again", "credential:rate_limited", asks_to_wait(said, form.wait))
    if said.status in (400, 413, 422):
        return _failed("the model refuses this request", "invalid")
    if said.status in (408, 504):
        return _failed("the picture was not ready in time", "state:sync_timeout")
    return _failed("the model failed")


def _give_back(flow: Flow) -> None:
    """What was not made is not paid for."""
    if flow.charged and flow.account is not None and flow.order is not None:
        flow.account.balance += flow.order.price
        flow.charged = False
