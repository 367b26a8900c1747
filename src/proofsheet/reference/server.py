"""One process, one event loop, a port for each provider."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from proofsheet.contract.loading import load_contract
from proofsheet.reference.gateway import Gateway
from proofsheet.reference.targets import target_of
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


def load_gateway(provider: str, specs: Path | None, keys: Mapping[str, str] | None = None, faults: Sequence[str] = ()) -> Gateway:
    """The gateway of one provider. Raises ContractError."""
    contract = load_contract(provider, specs, matrix=False)
    return Gateway(contract, read_wording(contract), keys, faults)


def serve(gateways: Sequence[Gateway], port: int = 0) -> None:
    """Serve each gateway on a loopback port of its own; say where in one JSON line, then go on until stopped."""
    by_port: dict[int, Gateway] = {}
    sockets: list[socket.socket] = []
    for index, gateway in enumerate(gateways):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sets TCP_NODELAY only where the protocol is named
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port + index if port else 0))
        listener.listen(512)
        gateway.port = listener.getsockname()[1]
        by_port[gateway.port] = gateway
        sockets.append(listener)
    config = uvicorn.Config(
        ByPort(by_port), access_log=False, lifespan="off", log_level="warning", ws="none", loop="asyncio", server_header=False, headers=[("server", SERVER)], timeout_keep_alive=75
    )
    started = {gateway.contract.provider: {"port": number, "target": _target(gateway)} for number, gateway in by_port.items()}
    print(json.dumps({"providers": started}), flush=True)
    uvicorn.Server(config).run(sockets=sockets)
    sys.stdout.flush()


def _target(gateway: Gateway) -> dict[str, object]:
    unit = gateway.contract.prices.unit if gateway.contract.prices else "units"
    return target_of(gateway.contract.provider, gateway.port, gateway.accounts.keys, unit)
