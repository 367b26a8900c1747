"""Fetching the pictures that an answer points at: without any credential, from listed hosts only, capped."""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from proofsheet.exchange.clock import stopwatch
from proofsheet.exchange.encoding import Unsendable, build
from proofsheet.exchange.inspection import Facts, Inspector
from proofsheet.exchange.model import Exchange, Sent
from proofsheet.exchange.origins import UnusableURL, address_class, http_url, literal_address
from proofsheet.exchange.targets import Target
from proofsheet.exchange.transfer import MAX_BODY, MAX_REDIRECTS, REDIRECTS, Deadline, FreshTransport, Received, http_client, transfer

#: Seconds for one picture, redirects included.
ASSET_SECONDS = 120.0

#: Pictures that are decoded at once: each may take some hundred megabytes.
DECODE_AT_ONCE = 2
#: Bytes of a picture up to which its digest is made at once, to see whether it is known: going to a thread takes longer.
_SMALL = 256 * 1024

T = TypeVar("T")
Resolver = Callable[[str], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The exchange with a picture's host, and a word of ``Picture.problem`` where there is no picture in it."""

    exchange: Exchange
    problem: str | None = None
    detail: str = ""


async def resolve(host: str) -> tuple[str, ...]:
    """The addresses of a host. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(str(address[0]) for *_, address in found)


class Assets:
    """Fetches pictures for one target.

    A host is listed when it is the target's own, among its ``asset_hosts`` or ``mirror_hosts``, or, where the target
    sets no ``asset_hosts``, among ``documented_hosts``. Link-local, metadata and other special addresses are fetched
    only where the target file lists that very address; loopback and private ones only where the target file names
    the host or the target is on such an address itself. ``resolver`` is None where nothing is sent (a replay), so
    that names need not resolve.
    """

    def __init__(
        self,
        target: Target,
        documented_hosts: tuple[str, ...],
        *,
        concurrency: int = 8,
        epoch: float | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        resolver: Resolver | None = resolve,
        max_body: int = MAX_BODY,
        inspector: Inspector | None = None,
        seen: int = 0,
    ) -> None:
        self._target = target
        self._own = frozenset(host.lower() for host in (target.origin.host, *(target.asset_hosts or ()), *target.mirror_hosts))
        self._listed = self._own | frozenset(host.lower() for host in (documented_hosts if target.asset_hosts is None else ()))
        self._http = http_client(transport or FreshTransport(concurrency))
        self._epoch = time.monotonic() if epoch is None else epoch
        self._redactor = target.redactor()
        self._resolver = resolver
        self._max_body = max_body
        self._numbers = itertools.count(seen + 1)
        self._slots = asyncio.Semaphore(concurrency)
        self.inspector = inspector or Inspector()
        self._decoding = asyncio.Semaphore(DECODE_AT_ONCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def fetch_asset(self, url: Any, *, timeout: float = ASSET_SECONDS) -> Fetched:
        """GET one picture. At most three redirects, each to a listed host; ``timeout`` is for all of it.

        Never raises for what the other side does. Waiting for a free place is not counted as the host's time.
        """
        async with self._slots:
            watch = stopwatch(self._epoch)
            received, problem, detail = await self._follow(url, Deadline.within(timeout))
        exchange = Exchange(
            id=f"a{next(self._numbers):05d}",
            sent=Sent("GET", self._redactor.text(str(url)[:2000]), {}),
            status=received.status,
            headers=self._redactor.headers(received.headers),
            body=received.body,
            problem=received.problem,
            detail=self._redactor.text(received.detail),
            started=watch.started,
            seconds=watch.seconds,
        )
        return Fetched(exchange, problem, self._redactor.text(detail))

    async def beside(self, look: Callable[[], T]) -> T:
        """Look at something large beside the event loop, as few at once as pictures are decoded: each takes its size several times."""
        async with self._decoding:
            return await asyncio.to_thread(look)

    async def inspect(self, content: bytes) -> Facts:
        """The facts about a picture's bytes, decoded beside the event loop; equal pictures are decoded once."""
        known = self.inspector.recall(content) if len(content) <= _SMALL else None
        if known is not None:
            return known
        async with self._decoding:
            return await asyncio.to_thread(self.inspector.inspect, content)

    async def _follow(self, given: Any, deadline: Deadline) -> tuple[Received, str | None, str]:
        received = Received(problem="elsewhere")
        base: httpx2.URL | None = None
        for _ in range(MAX_REDIRECTS + 1):
            try:
                url = http_url(given, base)
            except UnusableURL as error:
                return _refused(received, "unsafe", f"{'a redirect' if base else 'the URL'} cannot be used: {error}")
            refusal = await self._refusal(url)
            if refusal:
                return _refused(received, refusal[0], ("a redirect leads there: " if base else "") + refusal[1])
            received = await self._get(url, deadline)
            if received.problem or received.status not in REDIRECTS:
                return self._judged(received)
            base, given = url, received.headers.get("location")
        return (
            Received(received.status, received.headers, b"", "redirect", f"more than {MAX_REDIRECTS} redirects"),
            "unreachable",
            f"more than {MAX_REDIRECTS} redirects",
        )

    async def _get(self, url: httpx2.URL, deadline: Deadline) -> Received:
        try:
            request = build("GET", url, {}, b"", self._http)
        except Unsendable as error:
            return Received(problem="unsendable", detail=str(error))
        return await transfer(self._http, request, deadline, self._max_body, lambda peer: self._peer_refusal(url.host, peer))

    def _judged(self, received: Received) -> tuple[Received, str | None, str]:
        """What the outcome means for the picture."""
        if received.problem == "too_large":
            return received, "too_large", received.detail
        if received.problem == "elsewhere":
            return received, "unsafe", received.detail
        if received.problem and not (received.problem == "broken" and received.status == 200 and received.body):
            return received, "unreachable", f"{received.problem}: {received.detail}"
        if received.status is None or not 200 <= received.status < 300:
            return received, "status", str(received.status)
        return received, None, received.detail

    async def _refusal(self, url: httpx2.URL) -> tuple[str, str] | None:
        """Why a URL is not fetched: a word of ``Picture.problem``, and a sentence."""
        host = url.host.lower()
        if literal_address(host) is not None:
            reason = self._address_refusal(host, host)
            if reason and host not in self._listed:
                return "unsafe", reason
        if host not in self._listed:
            return "unlisted", f"the host '{host}' is not among {', '.join(sorted(self._listed))}"
        if self._resolver is None or literal_address(host) is not None:
            reason = self._address_refusal(host, host)
            return ("unsafe", reason) if reason else None
        try:
            addresses = await self._resolver(host)
        except (OSError, UnicodeError) as error:
            return "unreachable", f"the host '{host}' cannot be looked up: {error}"
        reason = next((reason for reason in (self._address_refusal(host, address) for address in addresses) if reason), None)
        return ("unsafe", reason) if reason else None

    def _address_refusal(self, host: str, text: str) -> str | None:
        """Why nothing is fetched from an address of a host; None where it may be."""
        address = literal_address(text)
        if address is None:
            return None
        kind = address_class(address)
        if kind == "forbidden" and text.lower() not in self._own:
            return f"{address} is a special address, which is fetched only where the target file lists it"
        if kind == "private" and host not in self._own and not self._target.local:
            return f"{address} is a private address, and neither is the target on one nor does its file name the host '{host}'"
        return None

    def _peer_refusal(self, host: str, peer: Any) -> str | None:
        """The same for the address that was really connected to: names can change between the look-up and the connection."""
        return self._address_refusal(host.lower(), str(peer[0])) if isinstance(peer, tuple) and peer else None


def _refused(received: Received, problem: str, detail: str) -> tuple[Received, str, str]:
    """A hop that was not taken: nothing of it was sent."""
    return Received(received.status, received.headers, b"", "elsewhere", detail), problem, detail
