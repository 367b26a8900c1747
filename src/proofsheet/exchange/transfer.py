"""One HTTP request and its answer, whatever the other side does: capped, timed, and with every failure as a value."""

from __future__ import annotations

import asyncio
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2

from proofsheet import __version__

#: Bytes of a body that are read at most, before and after decompression.
MAX_BODY = 64 * 1024 * 1024
#: Seconds to wait for a connection: what takes longer is not reachable.
CONNECT_SECONDS = 10.0
#: Seconds an idle connection is kept. Servers in use close theirs after 5 s and more; closing first avoids sending
#: a request into a connection that the server is just giving up, which would look like its fault.
KEEPALIVE_SECONDS = 2.0
MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Received:
    """What came back: the fields of an Exchange that the wire fills."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    problem: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When an exchange must have ended, redirects included. ``limit`` is what is said of it, the same in every run."""

    limit: float
    ends: float

    @classmethod
    def within(cls, seconds: float) -> Deadline:
        """So many seconds from now."""
        return cls(seconds, time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds left, always more than none."""
        return max(self.ends - time.monotonic(), 0.001)


class _Refused(Exception):
    """The body is not wanted: it is too large, cannot be decoded, or comes from the wrong place."""

    def __init__(self, problem: str, detail: str) -> None:
        self.problem = problem
        self.detail = detail
        super().__init__(detail)


class NotRecorded(Exception):
    """Raised by a transport that replays: the recording lacks this request. The message says what differs."""


class FreshTransport(httpx2.AsyncBaseTransport):
    """Real connections, kept alive, of which none is used again that could spoil the next exchange.

    That is one which has carried a 5xx, or on which bytes came after the answer: they would be read as the next one.
    (One whose exchange broke is not reused either: the library sees to that.) A recording transport goes around
    this one, not inside it.
    """

    def __init__(self, keep: int) -> None:
        # No cap on connections: the pace is the engine's to set, and waiting here would count as the target's time.
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=keep, keepalive_expiry=KEEPALIVE_SECONDS)
        self._inner = httpx2.AsyncHTTPTransport(verify=_tls(), trust_env=False, limits=limits)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        response = await self._inner.handle_async_request(request)
        network = response.extensions.get("network_stream")
        if network is not None and isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _GuardedStream(response.stream, network, last=response.status_code >= 500)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class _GuardedStream(httpx2.AsyncByteStream):
    """A body that closes its connection, where that is not to be used again, before the pool has it back."""

    def __init__(self, inner: httpx2.AsyncByteStream, network: Any, *, last: bool) -> None:
        self._inner = inner
        self._network = network
        self._last = last

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield chunk

    async def aclose(self) -> None:
        if self._last or _bytes_left_over(self._inner):
            await self._network.aclose()
        await self._inner.aclose()


def _bytes_left_over(stream: Any) -> bool:
    """Whether bytes after the answer have been read already.

    The library has no public way to ask. A test holds this to the version in use; where its inside has changed, the
    answer is no.
    """
    for inside in ("_httpcore_stream", "_stream", "_connection", "_h11_state"):
        stream = getattr(stream, inside, None)
    return bool(getattr(stream, "trailing_data", (b"", False))[0])


def http_client(transport: httpx2.AsyncBaseTransport) -> httpx2.AsyncClient:
    """A client that adds nothing of its own: no redirects, proxies, stored cookies or passwords from the environment."""
    return httpx2.AsyncClient(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        timeout=None,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": f"proofsheet/{__version__}", "Accept-Encoding": "gzip, deflate"},
    )


async def transfer(
    client: httpx2.AsyncClient,
    request: httpx2.Request,
    deadline: Deadline,
    max_body: int = MAX_BODY,
    refuse_peer: Callable[[Any], str | None] | None = None,
) -> Received:
    """Send ``request`` and read the whole answer in time. Never raises for what the other side does.

    ``refuse_peer`` is asked with the address that was connected to, and may answer why nothing is to be read from it.
    """
    request.extensions["timeout"] = {"connect": min(CONNECT_SECONDS, deadline.left), "read": None, "write": None, "pool": None}
    answer = _Answer(max_body)
    try:
        async with asyncio.timeout(deadline.left):
            await answer.read(client, request, refuse_peer)
    except TimeoutError:
        return answer.received("timeout", f"no complete answer within {deadline.limit:g} s")
    except _Refused as refusal:
        return answer.received(refusal.problem, refusal.detail)
    except NotRecorded as error:
        return answer.received("unrecorded", str(error))
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        return answer.received("unreachable", f"no connection: {error or type(error).__name__}")
    except (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol) as error:
        return answer.received("unsendable", f"the request cannot be sent: {error}")
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, ValueError) as error:
        return answer.received("broken", f"{type(error).__name__}: {error}")
    return answer.received()


class _Answer:
    """An answer as it comes in; what there is when something breaks is kept as evidence."""

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        # One piece that grows in place: thousands of small ones would leave the heap in shreds of the same size.
        self._body = bytearray()

    async def read(self, client: httpx2.AsyncClient, request: httpx2.Request, refuse_peer: Callable[[Any], str | None] | None) -> None:
        response = await client.send(request, stream=True)
        try:
            self._status = response.status_code
            self._headers = dict(response.headers.items())
            network = response.extensions.get("network_stream")
            reason = refuse_peer(network.get_extra_info("server_addr")) if refuse_peer and network is not None else None
            if reason:
                raise _Refused("elsewhere", reason)
            await self._read_body(response, request.method)
        finally:
            await response.aclose()

    async def _read_body(self, response: httpx2.Response, method: str) -> None:
        announced = response.headers.get("content-length", "")
        if method != "HEAD" and announced.isdecimal() and int(announced) > self._max_body:
            raise _Refused("too_large", f"Content-Length announces {announced} bytes; at most {self._max_body} are read")
        decoder = _Decoder(self._headers.get("content-encoding", ""), self._max_body)
        async for raw in response.aiter_raw():
            for chunk in decoder.decode(raw):
                self._body += chunk
                if len(self._body) > self._max_body:
                    raise _Refused("too_large", f"the body is longer than {self._max_body} bytes")
        decoder.finish()

    def received(self, problem: str | None = None, detail: str = "") -> Received:
        body = b"" if problem == "too_large" else bytes(self._body)
        return Received(self._status, self._headers, body, problem, detail[:300])


class _Decoder:
    """Content-Encoding undone piece by piece, so that a small body cannot grow large unseen."""

    _PIECE = 1024 * 1024

    def __init__(self, encoding: str, max_raw: int) -> None:
        self._name = encoding.strip().lower()
        self._raw_left = max_raw
        self._inflate: Any = None
        if self._name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise _Refused("broken", f"the body's Content-Encoding '{self._name[:40]}' was not asked for")

    def decode(self, raw: bytes) -> Iterator[bytes]:
        """The decoded pieces of one chunk, each at most 1 MB."""
        self._raw_left -= len(raw)
        if self._raw_left < 0:
            raise _Refused("too_large", "the compressed body is larger than what is read at most")
        if self._name in ("", "identity"):
            yield raw
            return
        try:
            yield from self._inflated(raw) if raw else ()
        except zlib.error as error:
            raise _Refused("broken", f"the body is not the {self._name} it is said to be: {error}") from None

    def _inflated(self, raw: bytes) -> Iterator[bytes]:
        more = True
        while raw or more:
            if self._inflate is None:
                self._inflate = zlib.decompressobj(self._window(raw))
            piece = self._inflate.decompress(raw, self._PIECE)
            yield piece
            # A full piece may leave output waiting inside zlib although all input is used up.
            more = len(piece) == self._PIECE
            raw = self._inflate.unconsumed_tail
            if self._inflate.eof:
                raw, self._inflate, more = self._inflate.unused_data, None, False

    def _window(self, raw: bytes) -> int:
        """The window parameter; ``deflate`` comes with and without zlib's header in practice."""
        if self._name != "deflate":
            return 16 + zlib.MAX_WBITS
        return zlib.MAX_WBITS if raw[0] & 0x0F == 8 else -zlib.MAX_WBITS

    def finish(self) -> None:
        """Raises _Refused where the compressed body ended too early."""
        if self._inflate is not None and not self._inflate.eof:
            raise _Refused("broken", f"the {self._name} body ends before its end")


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Certificates are always verified; SSL_CERT_FILE and SSL_CERT_DIR may name a company's own authority."""
    return httpx2.create_ssl_context(verify=True, trust_env=True)
