"""One process, one event loop, a port for each provider."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from proofsheet.contract.loading import load_contract
from proofsheet.reference.gateway import Gateway
from proofsheet.reference.targets import target_of
from proofsheet.reference.variants import find_variants, with_statuses
from proofsheet.reference.wording import read_wording

#: What the gateway calls itself: nothing it says may pass for a vendor's answer.
SERVER = "proofsheet-reference"


class ByPort:
    """Hands each request to the gateway whose port it came in by."""

    def __init__(self, gateways: Mapping[int, Gateway]) -> None:
        self.gateways = gateways

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application of the whole process."""
        await self.gateways[scope["server"][1]](scope, receive, send)


def load_gateway(
    provider: str, specs: Path | None, keys: Mapping[str, str] | None = None, faults: Sequence[str] = (), variants: Sequence[str] = (), upstream: int | None = None
) -> Gateway:
    """The gateway of one provider; with ``upstream``, the model on this port makes its pictures. Raises ContractError, FaultError, VariantError."""
    found = find_variants(provider, variants, specs)
    contract = with_statuses(load_contract(provider, specs, matrix=False), found)
    gateway = Gateway(contract, read_wording(contract, [variant.wording for variant in found]), keys, faults, found)
    if upstream is not None:
        from proofsheet.reference.behind import Model
        from proofsheet.reference.formats import read_formats

        gateway.model = Model(read_formats(contract.relay, specs), upstream)
    return gateway


def prepared(gateways: Sequence[Gateway], port: int = 0) -> tuple[uvicorn.Server, list[socket.socket]]:
    """A server that is ready to run, and its listening sockets: one loopback port for each gateway. Raises OSError."""
    by_port: dict[int, Gateway] = {}
    sockets: list[socket.socket] = []
    for index, gateway in enumerate(gateways):
        # asyncio sets TCP_NODELAY only on sockets that name their protocol; without it each answer waits 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sockets.append(listener)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port + index if port else 0))
        listener.listen(512)
        gateway.port = listener.getsockname()[1]
        by_port[gateway.port] = gateway
    config = uvicorn.Config(
        ByPort(by_port), access_log=False, lifespan="off", log_level="warning", ws="none", loop="asyncio",
        server_header=False, headers=[("server", SERVER)], timeout_keep_alive=75, timeout_graceful_shutdown=1,
    )  # fmt: skip
    return uvicorn.Server(config), sockets


def serve(gateways: Sequence[Gateway], port: int = 0) -> None:
    """Serve each gateway; say where in one JSON line, then go on until stopped. Raises OSError."""
    server, sockets = prepared(gateways, port)
    started = {gateway.contract.provider: {"port": gateway.port, "target": target(gateway)} for gateway in gateways}
    print(json.dumps({"providers": started}), flush=True)  # noqa: T201 -- whoever started the process reads this line
    server.run(sockets=sockets)


def target(gateway: Gateway) -> dict[str, object]:
    """The gateway in the shape of a target."""
    unit = gateway.contract.prices.unit if gateway.contract.prices else "units"
    return target_of(gateway.contract.provider, gateway.port, gateway.accounts.keys, unit)
