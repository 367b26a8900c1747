"""The moment at which a request leaves: its ledger line is on the disk before its first byte is on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx2

from proofsheet.money.ledger import Entry, Ledger

#: What the connection says it is about to do when a request's first byte follows.
_FIRST_BYTE = "send_request_headers.started"


class Slip:
    """Permission for one request to leave. It is used once, however many hops of redirects the request takes."""

    def __init__(self, ledger: Ledger, entry: Entry) -> None:
        self._ledger = ledger
        self.entry = entry
        self.left = False

    def leave(self) -> None:
        """The request leaves now. Raises LedgerBroken, and then it does not."""
        if not self.left:
            self.entry = self._ledger.reserve(self.entry)
            self.left = True


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
    """Goes around another transport. The slip is used when the connection stands: what was never connected was never sent.

    A transport that does not tell when its first byte goes out has sent it by the time it answers or fails.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        slip = _SLIP.get()
        if slip is None or slip.left:
            return await self._inner.handle_async_request(request)

        async def trace(event: str, info: Any) -> None:
            if event.endswith(_FIRST_BYTE):
                slip.leave()

        request.extensions["trace"] = trace
        response = await self._inner.handle_async_request(request)
        slip.leave()
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()
