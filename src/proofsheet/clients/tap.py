"""A listener on loopback that carries what a client sends to the target, as it stands, and keeps each exchange."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from proofsheet.exchange.model import Exchange
from proofsheet.loopback import Heard, Said, serve_connection

#: Headers that are about one connection and not about the message (RFC 9110, 7.6.1), and those that are made anew.
_OF_THE_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "host",
     "content-length", "expect"}
)
#: The answer's body is carried decoded.
_OF_THE_ENCODING = frozenset({"content-encoding"})
_HEAD = 1 << 17

Carry = Callable[[Heard], Awaitable[Exchange]]


@dataclass
class Tap:
    """One client's way to the target. ``url`` is what the client takes for the target; ``exchanges`` is what it sent.

    ``refused`` is why something was not let through; from then on nothing is.
    """

    carry: Carry
    target: str
    url: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    refused: BaseException | None = None

    async def answer(self, heard: Heard) -> tuple[Said, Callable[[], None]]:
        """Carry one request and its answer."""
        if self.refused is not None:
            return Said(drop=True), _nothing
        try:
            exchange = await self.carry(heard)
        except Exception as error:  # noqa: BLE001 -- whoever waits for the client raises it
            self.refused = error
            return Said(drop=True), _nothing
        self.exchanges.append(exchange)
        return self._said(heard, exchange), _nothing

    def _said(self, heard: Heard, exchange: Exchange) -> Said:
        if exchange.status is None or exchange.problem is not None:
            return Said(drop=True)  # as the target did: the client must not take our words for its
        left_out = _OF_THE_CONNECTION | _OF_THE_ENCODING
        headers = tuple((name, self._here(name, value)) for name, value in exchange.headers.items() if name not in left_out)
        return Said(exchange.status, b"" if heard.method == "HEAD" else exchange.body, headers, media_type=None)

    def _here(self, name: str, value: str) -> str:
        """A redirect within the target leads through here again."""
        return self.url + value.removeprefix(self.target) if name == "location" and value.startswith(self.target + "/") else value


def _nothing() -> None:
    """Nothing is to be done when an answer is out."""


def carried_headers(heard: Heard) -> dict[str, str]:
    """What of a client's headers goes on to the target."""
    named = {name.strip().lower() for name in heard.headers.get("connection", "").split(",")}
    return {name: value for name, value in heard.headers.items() if name not in _OF_THE_CONNECTION and name not in named}


@asynccontextmanager
async def tapped(carry: Carry, target: str) -> AsyncIterator[Tap]:
    """A tap on a port of its own, as long as it is used. ``target`` is the base URL that it stands for."""
    tap = Tap(carry, target)
    open_now: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        task.add_done_callback(open_now.discard)
        with contextlib.suppress(asyncio.CancelledError):  # the tap is being closed
            await serve_connection(reader, writer, tap.answer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=_HEAD)
    tap.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield tap
    finally:
        server.close()
        for task in tuple(open_now):
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)
        await asyncio.sleep(0)  # what was closed just now is closed by the loop's next turn
