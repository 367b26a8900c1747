"""A wire that ends in this process: requests to the gateway's port reach its application, and nothing else is there."""

from __future__ import annotations

import httpx2

from proofsheet.exchange.inspection import Inspector
from proofsheet.exchange.wire import Wire
from proofsheet.reference.gateway import Gateway

#: Hosts that mean this machine.
_HERE = ("127.0.0.1", "localhost")


class _ToGateway(httpx2.AsyncBaseTransport):
    def __init__(self, gateway: Gateway) -> None:
        self._port = gateway.port
        self._inner = httpx2.ASGITransport(app=gateway)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.host not in _HERE or request.url.port != self._port:
            raise httpx2.ConnectError(f"nothing is at {request.url.host}", request=request)
        return await self._inner.handle_async_request(request)


class InProcess(Wire):
    """Leads to one gateway. ``inspector`` may be shared: equal pictures are then decoded once."""

    def __init__(self, gateway: Gateway, inspector: Inspector) -> None:
        super().__init__()
        self._gateway = gateway
        self.inspector = inspector

    def transport(self, keep: int) -> httpx2.AsyncBaseTransport:
        """The way to the gateway."""
        return _ToGateway(self._gateway)
