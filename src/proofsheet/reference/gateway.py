"""The reference gateway of one provider: an ASGI application made of a contract and its wording."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect
from starlette.requests import Request as WireRequest
from starlette.types import Receive, Scope, Send

from proofsheet.contract.model import Contract
from proofsheet.reference import helpers
from proofsheet.reference.accounts import Accounts
from proofsheet.reference.assets import PREFIX, Asset, Assets, asset_reply
from proofsheet.reference.faults import Faults
from proofsheet.reference.flow import Flow, MadeImage, iso
from proofsheet.reference.incoming import Incoming, read_incoming, with_path
from proofsheet.reference.orders import Order
from proofsheet.reference.pictures import Look, Studio, shrunk
from proofsheet.reference.references import Fetcher
from proofsheet.reference.refusals import Refusal, Refuser
from proofsheet.reference.replies import Reply, reply_from
from proofsheet.reference.routing import Chooser, Route, Router
from proofsheet.reference.stages import LOOK, SUBMIT
from proofsheet.reference.tasks import Tasks
from proofsheet.reference.validation import Validators
from proofsheet.reference.variants import Variant, moment_of
from proofsheet.reference.variations import Variations
from proofsheet.reference.wording import Wording

if TYPE_CHECKING:
    from proofsheet.reference.behind import Model


class Gateway:
    """Holds a provider's accounts, tasks and result URLs, and runs each request through the stages."""

    iso = staticmethod(iso)

    def __init__(
        self, contract: Contract, wording: Wording, keys: Mapping[str, str] | None = None, faults: Iterable[str] = (), variants: Iterable[Variant] = ()
    ) -> None:
        self.contract, self.wording = contract, wording
        self.router, self.validators, self.refuser = Router(contract), Validators(contract), Refuser(contract, wording)
        self.choosers = {route.endpoint.operation_id: Chooser(route.operations) for route in self.router.routes if route.operations}
        self.accounts, self.tasks, self.assets, self.studio = Accounts(keys), Tasks(), Assets(contract.assets.lifetime), Studio()
        self.fetcher = Fetcher()
        self.faults = Faults(contract, faults)
        self.variations = Variations(variants)
        self.stats: Counter[str] = Counter(requests=0, images=0)
        self.advanced = 0.0

    def now(self) -> float:
        """Seconds since the epoch on the gateway's own clock."""
        return time.time() + self.advanced

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        scope = self.variations.arrived(scope)
        wire = WireRequest(scope, receive)
        try:
            incoming = await read_incoming(wire)
        except ClientDisconnect:
            return
        reply = self.variations.sends_on(scope) or await self.reply(incoming)
        await self.variations.send(reply, scope, receive, send)

    async def reply(self, incoming: Incoming) -> Reply:
        """The answer to any request."""
        path, method = incoming.request.path, incoming.request.method
        if path.startswith(helpers.PREFIX):
            return await helpers.reply(self, incoming)
        self.stats["requests"] += 1
        if path.startswith(PREFIX) and method in ("GET", "HEAD"):
            return await self._asset(incoming)
        found = self.router.find(method, path)
        if isinstance(found, list):
            reply = await self._result(incoming) if method == "GET" else None
            return reply or self._lost(incoming, found)
        route, params = found
        flow = self._flow(with_path(incoming, params), route)
        return await self._run(flow)

    def _flow(self, incoming: Incoming, route: Route) -> Flow:
        if route.operations:
            return Flow(incoming, route, self.choosers[route.endpoint.operation_id].choose(incoming))
        cycles = {cycle.name for cycle in route.lifecycles}
        return Flow(incoming, route, next(op for op in self.contract.operations if op.lifecycle and op.lifecycle.name in cycles))

    async def _run(self, flow: Flow) -> Reply:
        """The pipeline. The line with ``after`` is the one place where a declared fault gets at a stage's work."""
        for stage in LOOK if flow.polls else SUBMIT:
            await stage(self, flow)
            await self.faults.after(stage.__name__, self, flow)
            if flow.refusal is not None and flow.reply is None:
                flow.reply = self.refuser.reply(flow.refusal, flow.operation, self.names(flow.incoming))
                await self.faults.after("refuse", self, flow)
            if flow.reply is not None:
                break
        assert flow.reply is not None
        flow.reply.moment = moment_of(flow)
        await self.faults.after("reply", self, flow)
        return flow.reply

    def _lost(self, incoming: Incoming, allowed: list[str]) -> Reply:
        """No such path, or not with this method."""
        if allowed:
            headers = {"Allow": ", ".join(sorted(set(allowed)))}
            refusal = Refusal("method_not_allowed", f"{incoming.request.method} is not allowed here", headers=headers)
        else:
            refusal = Refusal("not_found", "there is nothing at this path")
        return self.refuser.reply(refusal, None, self.names(incoming))

    def names(self, incoming: Incoming) -> dict[str, Any]:
        """What every template may use."""
        now = self.now()
        sent = incoming.request.json
        return {
            "sent": sent if isinstance(sent, dict) else {},
            "origin": incoming.origin, "now": int(now), "now_iso": iso(now), "created": int(now), "created_iso": iso(now),
            "expires": int(now + (self.assets.lifetime or 0)), "model": "", "images": [], "message": None, "code": None, "status": None,
            "role": {}, "field": {}, "parameter": None, "id": None, "reason": None, "word": None, "progress": None,
            "random": helpers.random_word, "uuid": helpers.random_uuid,
        }  # fmt: skip

    async def image(self, order: Order, number: int) -> MadeImage:
        """One picture of an order, drawn here."""
        look = Look(order.width, order.height, order.format, number)
        return self.made(order, look, await self.studio.picture(look))

    def made(self, order: Order, look: Look, content: bytes, *, foreign: bool = False) -> MadeImage:
        """One image of an answer. ``foreign``: it was not drawn here, so its small copies are made of it."""
        host = "localhost" if order.mirror else "127.0.0.1"

        def url_of(image: MadeImage, name: str) -> str:
            divisor = self.wording.copies.get(name, 1)
            seen = image.seen_as
            small = replace(seen, width=max(1, seen.width // divisor), height=max(1, seen.height // divisor))
            path = self.assets.add(small, image.content if divisor == 1 else None, self.now(), content if foreign else None)
            return f"http://{host}:{self.port}{path}"

        return MadeImage(look, content, look.media_type, url_of)

    port = 0
    #: The model behind the gateway; None where it draws its pictures itself.
    model: Model | None = None

    async def _asset(self, incoming: Incoming) -> Reply:
        asset = self.assets.find(incoming.request.path)
        if asset is None:
            return Reply(404, body=b"There is nothing here.", media_type="text/plain; charset=utf-8")
        reply = asset_reply(asset, await self._content(asset), incoming.headers, self.now())
        reply.moment, reply.age = "file", self.now() - asset.made
        return await self.faults.asset(self, incoming, reply)

    async def _content(self, asset: Asset) -> bytes:
        if asset.content is not None:
            return asset.content
        return await (self.studio.picture(asset.look) if asset.whole is None else asyncio.to_thread(shrunk, asset.whole, asset.look))

    async def _result(self, incoming: Incoming) -> Reply | None:
        """A result that has an address of its own; None where the path is none."""
        for name, wording in self.wording.lifecycles.items():
            if wording.result is None or wording.result_path is None:
                continue
            before, _, after = wording.result_path.partition("${id}")
            path = incoming.request.path
            if not (path.startswith(before) and path.endswith(after)):
                continue
            task = self.tasks.find(path[len(before) : len(path) - len(after)])
            if task is None or task.lifecycle.name != name or task.final is None or task.failing:
                continue
            if wording.result_guarded:
                flow = Flow(incoming, Route(task.lifecycle.poll, (), (), (task.lifecycle,)), task.operation)
                await LOOK[0](self, flow)
                if flow.refusal is None and flow.account is not task.account:
                    flow.refusal = Refusal("foreign_task", "there is no such task")
                if flow.refusal is not None:
                    return self.refuser.reply(flow.refusal, flow.operation, self.names(incoming))
            reply = reply_from(wording.result, {**self.names(incoming), **task.names, "images": task.images})
            reply.moment = "succeeded"
            return reply
        return None
