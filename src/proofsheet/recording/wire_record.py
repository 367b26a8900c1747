"""Sends as ever, and keeps what came back: a transport around the real connections."""

from __future__ import annotations

import asyncio
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

import httpx2

from proofsheet.recording.blobs import BlobStore
from proofsheet.recording.bodies import pack
from proofsheet.recording.cassette import Asked, Failure, Interaction
from proofsheet.recording.matching import chosen_headers
from proofsheet.recording.secrets import Secrets

_GZIP, _ZLIB, _DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


class Take:
    """One exchange while it happens. Times are seconds since the run began."""

    def __init__(self, request: httpx2.Request, at: float) -> None:
        self.request = request
        self.at = at
        self.seconds = 0.0
        self.response: httpx2.Response | None = None
        self.chunks: list[bytes] = []
        self.failure: Failure | None = None
        self.peer: str | None = None
        self.ended = False

    def end(self, now: float, failure: Failure | None = None) -> None:
        """The exchange is over; what is said first counts."""
        if not self.ended:
            self.ended, self.seconds, self.failure = True, now - self.at, failure


#: The takes of the probe that the current task performs.
TAKES: ContextVar[list[Take] | None] = ContextVar("takes", default=None)


class RecordingTransport(httpx2.AsyncBaseTransport):
    """Sends through another transport. ``clock`` gives seconds since the run began."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, clock: Any) -> None:
        self._inner = inner
        self._clock = clock

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        take = Take(request, self._clock())
        takes = TAKES.get()
        if takes is not None:
            takes.append(take)
        try:
            response = await self._inner.handle_async_request(request)
        except BaseException as error:
            take.end(self._clock(), _failure(error))
            raise
        take.response, take.peer = response, _peer(response)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _HeardStream(response.stream, take, self._clock)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class _HeardStream(httpx2.AsyncByteStream):
    """A body of which every piece is kept as it passes."""

    def __init__(self, inner: httpx2.AsyncByteStream, take: Take, clock: Any) -> None:
        self._inner, self._take, self._clock = inner, take, clock

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                self._take.chunks.append(chunk)
                yield chunk
        except GeneratorExit:
            raise
        except BaseException as error:
            self._take.end(self._clock(), _failure(error))
            raise
        self._take.end(self._clock())

    async def aclose(self) -> None:
        self._take.end(self._clock(), Failure("Closed"))
        await self._inner.aclose()


def _peer(response: httpx2.Response) -> str | None:
    """The address that was connected to. It can only be asked while the connection stands."""
    network = response.extensions.get("network_stream")
    address = network.get_extra_info("server_addr") if network is not None else None
    return str(address[0]) if isinstance(address, tuple) and address else None


def _failure(error: BaseException) -> Failure:
    """A deadline reaches a transport as a cancellation."""
    return Failure("Timeout") if isinstance(error, (asyncio.CancelledError, TimeoutError)) else Failure(type(error).__name__, str(error)[:300])


def interaction(take: Take, secrets: Secrets, store: BlobStore) -> Interaction:
    """What is kept of an exchange: no secret, and pictures in the store. Raises OSError."""
    base = {"asked": asked(take.request, secrets, store.put), "at": take.at, "seconds": take.seconds}
    failure = take.failure and Failure(take.failure.kind, secrets.text(take.failure.detail))
    response = take.response
    if response is None:
        return Interaction(**base, failure=failure or Failure("Closed"))  # type: ignore[arg-type]
    raw, coding = b"".join(take.chunks), response.headers.get("content-encoding", "").strip().lower()
    body, encoding = decoded(raw, coding)
    if encoding is None and coding in ("gzip", "x-gzip", "deflate") and raw and secrets.bytes(_beginning(raw, coding)) != _beginning(raw, coding):
        body = raw[:1]  # what can be read of it holds a key: it stays a body that breaks off
    headers = defaultdict(list)
    for name, value in response.headers.multi_items():
        if encoding is None or name.lower() not in ("content-encoding", "content-length"):
            headers[name.lower()].append(value)
    return Interaction(
        **base,  # type: ignore[arg-type]
        status=response.status_code,
        reason=response.reason_phrase,
        headers=secrets.response_headers(headers),
        body=pack(body, response.headers.get("content-type", ""), store.put, secrets.text, secrets.bytes),
        failure=failure,
        encoding=encoding,
        peer=take.peer if failure is not None and failure.kind == "Closed" and not raw else None,
    )


def asked(request: httpx2.Request, secrets: Secrets, put: Any) -> Asked:
    """A request as it is kept and compared."""
    body = pack(request.content, request.headers.get("content-type", ""), put, secrets.text, secrets.bytes)
    return Asked(request.method, secrets.url(request.url), secrets.request_headers(chosen_headers(request.headers)), body)


def decoded(raw: bytes, coding: str) -> tuple[bytes, str | None]:
    """The body without its Content-Encoding, and that; as it came, and None, where there is none or it is broken."""
    windows = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _DEFLATE)}.get(coding, ())
    for window in windows:
        inflate = zlib.decompressobj(window)
        try:
            body = inflate.decompress(raw)
        except zlib.error:
            continue
        if inflate.eof and not inflate.unused_data:
            return body, coding
    return raw, None


def encoded(body: bytes, coding: str) -> bytes:
    """The body with a Content-Encoding again."""
    deflate = zlib.compressobj(wbits=_ZLIB if coding == "deflate" else _GZIP)
    return deflate.compress(body) + deflate.flush()


def _beginning(raw: bytes, coding: str) -> bytes:
    """What can be read of a body that breaks off or is damaged."""
    for window in (_GZIP,) if coding != "deflate" else (_ZLIB, _DEFLATE):
        try:
            return zlib.decompressobj(window).decompress(raw, 1 << 20)
        except zlib.error:
            continue
    return b""
