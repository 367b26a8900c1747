"""Performs probes through other people's clients: a tap between client and target, a driver that runs the client."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from proofsheet.cases.model import UNKNOWN_KEY, ClientCall, Probe
from proofsheet.clients.driver import Driver
from proofsheet.clients.tap import Tap, carried_headers, tapped
from proofsheet.contract.clients import Sdk
from proofsheet.contract.model import Answer, ImageRule
from proofsheet.contract.requests import ABSENT, Request
from proofsheet.exchange.client import Reply
from proofsheet.exchange.encoding import unknown_key
from proofsheet.exchange.model import Exchange, Handed, Performance, Sent
from proofsheet.exchange.pace import Pace
from proofsheet.exchange.performer import Performer
from proofsheet.exchange.shedding import shed
from proofsheet.loopback import Heard

if TYPE_CHECKING:
    from proofsheet.clients.documented import Documented

#: Clients at work at once: each has a process, and some of them wait on purpose.
AT_ONCE = 4
#: Seconds that a client may need beside its requests: it waits between them, and starts slowly.
BESIDE = 60.0
#: Seconds by which a client waits longer for an answer than the run does: who ends it first knows what it was.
_LONGER = 10.0
#: Seconds after which nobody waits any more for a client to send again: some wait as long as an answer tells them to.
PATIENCE = 30.0
#: More attempts than any client makes by itself.
_MOST_ATTEMPTS = 6
#: Where a driver's reply holds what the client handed over.
_HANDED_OVER = Answer("handed", (ImageRule(each="$.images[*]", url="$.url", base64="$.base64", media_type="$.media_type"),))


@dataclass
class Agency:
    """The drivers of one run, on one event loop."""

    sdks: Iterable[Sdk]
    _drivers: dict[str, Driver] = field(default_factory=dict)
    _slots: asyncio.Semaphore | None = None

    async def perform(self, performer: Performer, probe: Probe) -> Performance:
        """Have a client make the probe's request. Raises NotSent, Halt, DriverFailed, TargetError."""
        call = probe.client
        assert call is not None
        if self._slots is None:  # no more than the target takes at once: whoever waits here has no timeout running yet
            self._slots = asyncio.Semaphore(min(AT_ONCE, performer.pace.max_concurrency))
        if call.example is not None:
            return await self._documented.perform(performer, probe)
        async with self._slots:
            stand_in, keys = key_for(performer, probe)
            async with tapped(lambda heard: carry(performer, probe, heard, keys), performer.target.base_url) as tap:
                timeout = _timeout(performer.pace)
                job = job_of(call, performer.renamed(probe), tap.url, stand_in, timeout)
                attempts = _MOST_ATTEMPTS if call.retries is None else call.retries + 1
                asking = asyncio.ensure_future(self._driver(call.sdk).ask(job, timeout * attempts + BESIDE))
                reply = await _patiently(asking, tap)
                if tap.refused is not None:
                    raise tap.refused
            return await _performance(performer, probe, tap, reply)

    def _driver(self, name: str) -> Driver:
        if name not in self._drivers:
            self._drivers[name] = Driver(next(sdk for sdk in self.sdks if sdk.id == name))
        return self._drivers[name]

    @cached_property
    def _documented(self) -> Documented:
        from proofsheet.clients.documented import Documented  # it carries by the functions below

        assert self._slots is not None
        return Documented(self._slots)

    async def stop(self) -> None:
        """End all processes."""
        await asyncio.gather(*(driver.stop() for driver in self._drivers.values()))


def _timeout(pace: Pace) -> float:
    """How long a client waits for an answer: as long as the run does, and while the run waits for its turn."""
    return pace.request_timeout + _LONGER + (AT_ONCE * 60 / pace.requests_per_minute if pace.requests_per_minute else 0.0)


async def _patiently(asking: asyncio.Future[dict[str, Any]], tap: Tap) -> dict[str, Any]:
    """What a client hands over; where it only waits before it sends again, that it does. Raises DriverFailed."""
    try:
        while not (await asyncio.wait({asking}, timeout=1.0))[0]:
            if tap.refused is not None:
                return {}  # it would try again what is not let through
            if tap.idle() > PATIENCE and not tap.exchanges[-1].ok:  # after a success there is nothing to wait for but its own work
                return {"nothing": f"it waits before it sends again, and had done so for {PATIENCE:g} s"}
        return asking.result()
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


def key_for(performer: Performer, probe: Probe) -> tuple[str, dict[str, str]]:
    """The key that a client is given, and the credential that it stands for: no client ever holds a real one."""
    if probe.credential == UNKNOWN_KEY:
        return unknown_key(performer.target), {}
    stand_in = f"stand-in-{secrets.token_hex(16)}"
    return stand_in, {stand_in: probe.credential}


async def carry(performer: Performer, probe: Probe, heard: Heard, keys: dict[str, str]) -> Exchange:
    """Send to the target what a client has sent: within the budget, at the target's pace, and into the record. Raises NotSent, Halt."""
    request = Request(heard.method, heard.path, raw=heard.body, media_type=heard.headers.get("content-type"))
    page = performer.pages.open(probe, performer.clock)

    free = heard.method in ("GET", "HEAD") and heard.method != probe.operation.endpoint.method  # a look at a task costs nothing

    async def ask() -> Reply:
        async with performer.gate.go_on() if free else performer.gate.begin():
            return await performer.client.carry(heard.method, heard.target, carried_headers(heard), heard.body, keys, timeout=performer.pace.request_timeout)

    try:
        reply = await (page.reply(ask) if free else page.order(request, ask))
    except BaseException:
        page.close(None)
        raise
    exchange = reply.exchange
    page.close(Performance(probe, _outcome(exchange), exchange))
    performer.on_exchange(probe, exchange)
    return exchange


def _outcome(exchange: Exchange) -> str:
    return "broken" if exchange.problem is not None else "served" if exchange.ok else "refused"


def job_of(call: ClientCall, request: Request, url: str, key: str, timeout: float) -> dict[str, Any]:
    """What a driver is told to do."""
    found = re.search(call.model, request.target_path) if call.model is not None else None
    body = dict(request.form) if request.json is ABSENT else request.json
    return {
        "call": call.call,
        "base_url": url + call.base,
        "api_version": call.api_version,
        "key": key,
        "retries": call.retries,
        "timeout": timeout,
        "model": found[1] if found else body.get("model", ""),
        "headers": dict(request.headers),
        "body": body,
        "files": [
            {"field": name, "name": upload.name, "media_type": upload.media_type, "base64": base64.b64encode(upload.content).decode("ascii")} for name, upload in request.files
        ],
    }


async def _performance(performer: Performer, probe: Probe, tap: Tap, reply: dict[str, Any]) -> Performance:
    raised = reply.get("raised") or {}
    main = tap.exchanges[-1] if tap.exchanges else unheard(performer)
    handed = Handed(
        version=str(reply.get("version") or ""),
        requests=tuple(tap.exchanges),
        raised=tuple(raised.get("classes") or ()) or ((raised["class"],) if raised else ()),
        status=raised.get("status") if isinstance(raised.get("status"), int) else None,
        message=str(raised.get("message") or ""),
        nothing=str(reply.get("nothing") or ""),
        text=str(reply.get("text") or ""),
    )
    pictures = await performer.collect(_HANDED_OVER, _as_exchange(main, reply)) if not raised else ()
    for exchange in tap.exchanges:
        await shed(exchange)
    return Performance(probe, "refused" if raised else "served", main, final=main, pictures=pictures, handed=handed)


def _as_exchange(main: Exchange, reply: dict[str, Any]) -> Exchange:
    """What a client handed over, in the form in which pictures are looked for."""
    return replace(main, status=200, headers={"content-type": "application/json"}, body=json.dumps({"images": reply.get("images") or []}).encode(), problem=None, whole=None)


def unheard(performer: Performer) -> Exchange:
    """What stands for the exchange where a client has sent nothing."""
    return Exchange("", Sent("POST", performer.target.base_url, {}), problem="unheard", detail="the client sent nothing")
