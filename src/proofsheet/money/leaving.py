"""The moment at which a request leaves: its ledger line is on the disk before the first byte is on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx2

from proofsheet.money.ledger import Entry, Ledger
from proofsheet.money.lines import Flusher

#: What the connection says it is about to do when a request's head follows, and its body.
_HEAD, _BODY = "send_request_headers.started", "send_request_body.started"


class Slip:
    """Permission for one request to leave. It is used once, however many hops of redirects the request takes.

    ``left`` is whether the request may be out.
    """

    def __init__(self, ledger: Ledger, flusher: Flusher, entry: Entry) -> None:
        self._ledger, self._flusher = ledger, flusher
        self.entry = entry
        self.written = self.left = False

    async def reserve(self) -> None:
        """Have the ledger's line on the disk. Raises LedgerBroken."""
        if not self.written:
            self._write()
            await self._flusher.flush()

    def leave(self) -> None:
        """The request leaves now. Raises LedgerBroken, and then it does not."""
        if not self.left:
            self._write()
            self._ledger.leave(self.entry.number)
            self.left = True

    def _write(self) -> None:
        if not self.written:
            self.entry = self._ledger.reserve(self.entry)
            self.written = True


_SLIP: ContextVar[Slip | None] = ContextVar("slip", default=None)


@contextmanager
def slipped(slip: Slip) -> Iterator[None]:
    """What the current task sends, it sends with this slip."""
    token = _SLIP.set(slip)
    try:
        yield
    finally:
        _SLIP.reset(token)


class LeavingTransport(httpx2.AsyncBaseTransport):
    """Goes around another transport. The line is on the disk when the head goes out; the request has left with the last of its parts.

    A transport that does not tell when it sends has sent when it answers or fails.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        slip = _SLIP.get()
        if slip is None or slip.left:
            return await self._inner.handle_async_request(request)
        told = False
        last = _BODY if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers else _HEAD

        async def trace(event: str, info: Any) -> None:
            nonlocal told
            told = True
            if event.endswith(_HEAD):
                await slip.reserve()
            if event.endswith(last):
                slip.leave()

        request.extensions["trace"] = trace
        try:
            response = await self._inner.handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            raise
        except BaseException:
            if not told:
                slip.leave()
            raise
        slip.leave()
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()
