"""The client for a target's API: credentials go to the target's origin and nowhere else."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import quote

import httpx2

from proofsheet.contract.requests import Request
from proofsheet.exchange.clock import Stopwatch, stopwatch
from proofsheet.exchange.encoding import (
    Encoded,
    KeyText,
    SecurityUse,
    Unsendable,
    build,
    checked_url,
    encode,
    headers_with_key,
    key_text,
    url_with_key,
)
from proofsheet.exchange.model import Exchange, Incident, Sent
from proofsheet.exchange.origins import UnusableURL, http_url, origin_of
from proofsheet.exchange.targets import Target
from proofsheet.exchange.transfer import MAX_BODY, MAX_REDIRECTS, REDIRECTS, Deadline, FreshTransport, Received, http_client, transfer

__all__ = ["Client", "Reply", "SecurityUse"]

#: Seconds for one request where neither the target nor the contract says.
DEFAULT_TIMEOUT = 180.0


class Reply(NamedTuple):
    """One exchange, and what the target did in it that could have cost a user."""

    exchange: Exchange
    incidents: tuple[Incident, ...] = ()


class _Hop(NamedTuple):
    """Where a request goes next."""

    method: str
    url: httpx2.URL
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Sends requests to one target. Nothing a target does makes it raise; ``Exchange.problem`` says what went wrong.

    ``epoch`` is the ``time.monotonic()`` at which the run began. ``transport`` replaces the real connections
    (FreshTransport), for recording and replaying. Exchanges are numbered from ``seen`` on.
    """

    def __init__(
        self,
        target: Target,
        *,
        concurrency: int = 8,
        epoch: float | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        max_body: int = MAX_BODY,
        seen: int = 0,
    ) -> None:
        self.target = target
        self._http = http_client(transport or FreshTransport(concurrency))
        self._epoch = monotonic() if epoch is None else epoch
        self._max_body = max_body
        self._numbers = itertools.count(seen + 1)
        self._origin = target.origin
        self._redactor = target.redactor()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def send(self, request: Request, use: SecurityUse | None, *, timeout: float | None = None, follow: bool = True) -> Reply:
        """Send one request with the key that ``use`` names, and read its answer.

        ``timeout`` is in seconds, for everything until the last byte. With ``follow``, redirects within the target's
        origin are followed (at most three): 307 and 308 with the body, the others for GET and HEAD alone. What is
        not followed has the problem ``redirect``; one to another origin is an incident too and never sees a key.
        Raises TargetError where the target lacks the credential.
        """
        key = key_text(use, self.target)
        try:
            encoded = encode(request, self.target)
            url = checked_url(encoded.url)
        except Unsendable as error:
            return self._unsent(request.method, self.target.base_url + request.target_path, "unsendable", str(error))
        return await self._perform(encoded, url, use, key, timeout, follow)

    async def fetch_api_url(
        self,
        url: str,
        use: SecurityUse | None,
        *,
        base: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        follow: bool = True,
    ) -> Reply:
        """GET a URL that the target gave: where to poll, or where a result is.

        A relative one is resolved against ``base``, or the target's. One that leads to another origin is not
        fetched: the exchange has the problem ``elsewhere``, and there is an incident ``poll_elsewhere``.
        """
        key = key_text(use, self.target)
        try:
            there = http_url(url, httpx2.URL(base or self.target.base_url + "/"))
        except (UnusableURL, httpx2.InvalidURL) as error:
            return self._elsewhere(url, f"the URL that the target gave cannot be used: {error}")
        if origin_of(there) != self._origin:
            return self._elsewhere(
                url, f"the URL that the target gave leads to {origin_of(there)}, and the target is {self._origin}; it was not fetched"
            )
        encoded = Encoded("GET", str(there), {**self.target.headers, **(headers or {})}, b"", None)
        return await self._perform(encoded, there, use, key, timeout, follow)

    async def carry(self, method: str, path: str, headers: Mapping[str, str], body: bytes, keys: Mapping[str, str], *, timeout: float | None = None) -> Reply:
        """Send what somebody else's client has made, as it stands; ``path`` has its query. No redirect is followed: that is the client's to do.

        ``keys`` names the target's credential for each stand-in that the client was given for one: the key takes its place here.
        """
        watch = stopwatch(self._epoch)
        real = {stand_in: self.target.credentials[name].key.reveal() for stand_in, name in keys.items()}
        sent = {**{name: value for name, value in self.target.headers.items() if name.lower() not in headers}, **{name: _with(real, value) for name, value in headers.items()}}
        text = self.target.base_url + _with({stand_in: quote(key, safe="") for stand_in, key in real.items()}, path)
        shown = Sent(method, self._redactor.text(text), self._redactor.headers(sent), self._redactor.bytes(body), headers.get("content-type", "").partition(";")[0] or None)
        try:
            request = build(method, checked_url(text), sent, body, self._http)
        except Unsendable as error:
            return Reply(self._exchange(shown, Received(problem="unsendable", detail=str(error)), watch))
        received = await transfer(self._http, request, Deadline.within(timeout or self.target.request_timeout or DEFAULT_TIMEOUT), self._max_body)
        return Reply(self._exchange(shown, received, watch))

    async def _perform(
        self, encoded: Encoded, url: httpx2.URL, use: SecurityUse | None, key: KeyText | None, timeout: float | None, follow: bool
    ) -> Reply:
        watch = stopwatch(self._epoch)
        deadline = Deadline.within(timeout or self.target.request_timeout or DEFAULT_TIMEOUT)
        sent = self._sent(encoded, url, use, key)
        hop = _Hop(encoded.method, url, encoded.headers, encoded.body)
        incidents: tuple[Incident, ...] = ()
        for left in range(MAX_REDIRECTS if follow else 0, -1, -1):
            received = await self._one(hop, use, key, deadline)
            if received.problem or received.status not in REDIRECTS:
                break
            step = self._next(hop, received, follow, left)
            if isinstance(step, _Hop):
                hop = step
                continue
            received, incidents = step
            break
        return Reply(self._exchange(sent, received, watch), incidents)

    async def _one(self, hop: _Hop, use: SecurityUse | None, key: KeyText | None, deadline: Deadline) -> Received:
        url, _ = url_with_key(hop.url, use, key)
        headers, _ = headers_with_key(hop.headers, use, key)
        try:
            request = build(hop.method, url, headers, hop.body, self._http)
        except Unsendable as error:
            return Received(problem="unsendable", detail=str(error))
        return await transfer(self._http, request, deadline, self._max_body)

    def _next(self, hop: _Hop, received: Received, follow: bool, left: int) -> _Hop | tuple[Received, tuple[Incident, ...]]:
        """The next hop of a redirect, or why there is none."""
        location = received.headers.get("location")
        if not location:
            return _not_followed(received, "it has no Location"), ()
        try:
            there = http_url(location, hop.url)
        except UnusableURL as error:
            return _not_followed(received, f"its Location cannot be used: {error}"), ()
        if origin_of(there) != self._origin:
            detail = f"{hop.method} was redirected ({received.status}) to {origin_of(there)}, and the target is {self._origin}; it was not followed"
            return _not_followed(received, detail), (Incident("redirect_elsewhere", detail),)
        if not follow:
            return _not_followed(received, "redirects were not to be followed"), ()
        if left == 0:
            return _not_followed(received, f"more than {MAX_REDIRECTS} redirects"), ()
        if received.status in (307, 308) or hop.method in ("GET", "HEAD"):
            return hop._replace(url=there)
        return _not_followed(received, f"a {received.status} to {hop.method} would turn it into a GET"), ()

    def _sent(self, encoded: Encoded, url: httpx2.URL, use: SecurityUse | None, key: KeyText | None) -> Sent:
        _, shown_url = url_with_key(url, use, key)
        _, shown_headers = headers_with_key(encoded.headers, use, key)
        return Sent(encoded.method, self._redactor.text(shown_url), self._redactor.headers(shown_headers), encoded.body, encoded.media_type)

    def _exchange(self, sent: Sent, received: Received, watch: Stopwatch) -> Exchange:
        return Exchange(
            id=f"x{next(self._numbers):05d}",
            sent=sent,
            status=received.status,
            headers=self._redactor.headers(received.headers),
            body=self._redactor.bytes(received.body),
            problem=received.problem,
            detail=self._redactor.text(received.detail),
            started=watch.started,
            seconds=watch.seconds,
        )

    def _unsent(self, method: str, url: str, problem: str, detail: str) -> Reply:
        return Reply(self._exchange(Sent(method, self._redactor.text(url), {}), Received(problem=problem, detail=detail), stopwatch(self._epoch)))

    def _elsewhere(self, url: object, detail: str) -> Reply:
        exchange = self._unsent("GET", str(url)[:2000], "elsewhere", detail).exchange
        return Reply(exchange, (Incident("poll_elsewhere", exchange.detail),))


def _with(keys: Mapping[str, str], text: str) -> str:
    """A text with keys in the place of their stand-ins."""
    for stand_in, key in keys.items():
        text = text.replace(stand_in, key)
    return text


def _not_followed(received: Received, why: str) -> Received:
    return Received(received.status, received.headers, received.body, "redirect", why)
