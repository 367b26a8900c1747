"""A listener on loopback that carries what a client sends to the target, as it stands, and keeps each exchange."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urljoin

from proofsheet.exchange.model import Exchange
from proofsheet.loopback import Heard, Said, listening

#: Headers that are about one connection and not about the message (RFC 9110, 7.6.1), and those that are made anew.
_OF_THE_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "host",
     "content-length", "expect"}
)
#: The answer's body is carried decoded.
_OF_THE_ENCODING = frozenset({"content-encoding"})
#: The encodings that the run can read: a client's are narrowed to them, so that no answer comes in another.
_READABLE = frozenset({"gzip", "deflate", "identity"})

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
    under_way: int = 0
    last: float | None = None

    async def answer(self, heard: Heard) -> tuple[Said, Callable[[], None]]:
        """Carry one request and its answer."""
        if self.refused is not None:
            return Said(drop=True), _nothing
        self.under_way += 1
        try:
            exchange = await self.carry(heard)
        except Exception as error:  # noqa: BLE001 -- whoever waits for the client raises it
            self.refused = error
            return Said(drop=True), _nothing
        finally:
            self.under_way -= 1
            self.last = time.monotonic()
        self.exchanges.append(exchange)
        return self._said(heard, exchange), _nothing

    def idle(self) -> float:
        """For how many seconds the client has sent nothing more and waited for nothing here; none before its first request."""
        return 0.0 if self.under_way or self.last is None else time.monotonic() - self.last

    def _said(self, heard: Heard, exchange: Exchange) -> Said:
        if exchange.status is None or exchange.problem is not None:
            return Said(drop=True)  # as the target did: the client must not take our words for its
        left_out = _OF_THE_CONNECTION | _OF_THE_ENCODING
        given = {name: self._here(heard, value) if name == "location" else value for name, value in exchange.headers.items() if name not in left_out}
        headers = tuple((name, value) for name, value in given.items() if value is not None)
        return Said(exchange.status, b"" if heard.method == "HEAD" else exchange.body, headers, media_type=None)

    def _here(self, heard: Heard, value: str) -> str | None:
        """A redirect within the target leads through here again; one to elsewhere has nowhere to lead: no client of ours asks a stranger."""
        try:
            there = urljoin(self.target + heard.target, value.strip())
        except ValueError:
            return None
        return self.url + there.removeprefix(self.target) if there == self.target or there.startswith((self.target + "/", self.target + "?")) else None


def _nothing() -> None:
    """Nothing is to be done when an answer is out."""


def carried_headers(heard: Heard) -> dict[str, str]:
    """What of a client's headers goes on to the target."""
    named = {name.strip().lower() for name in heard.headers.get("connection", "").split(",")}
    kept = {name: value for name, value in heard.headers.items() if name not in _OF_THE_CONNECTION and name not in named}
    return kept if "accept-encoding" not in kept else {**kept, "accept-encoding": _readable(kept["accept-encoding"])}


def _readable(encodings: str) -> str:
    return ", ".join(one.strip() for one in encodings.split(",") if one.partition(";")[0].strip().lower() in _READABLE) or "identity"


@asynccontextmanager
async def tapped(carry: Carry, target: str) -> AsyncIterator[Tap]:
    """A tap on a port of its own, as long as it is used. ``target`` is the base URL that it stands for."""
    tap = Tap(carry, target)
    async with listening(tap.answer) as port:
        tap.url = f"http://127.0.0.1:{port}"
        yield tap
