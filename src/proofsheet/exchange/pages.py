"""What stands between a performance and the wire: here nothing; where money is kept, its books."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import httpx2

from proofsheet.cases.model import Probe
from proofsheet.contract.requests import Request
from proofsheet.exchange.client import Reply
from proofsheet.exchange.clock import Clock
from proofsheet.exchange.model import Picture

if TYPE_CHECKING:
    from proofsheet.exchange.model import Performance


class NotPerformed(Exception):
    """A probe was not performed: the run ended before, or for the reason that the message gives."""


class NotSent(NotPerformed):
    """A request was not let out. The message says why."""


class Halt(Exception):
    """Nothing more may be sent. The message says why and what to change."""


class Page:
    """One performance of one probe: everything that it sends, sees and waits for passes through here, in order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def order(self, request: Request, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send what may be paid. Raises NotSent, Halt."""
        return await ask()

    async def reply(self, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send what costs nothing: polls, results, balances."""
        return await ask()

    async def pictures(self, look: Callable[[], Awaitable[tuple[Picture, ...]]]) -> tuple[Picture, ...]:
        """Fetch the pictures of an answer and look at them."""
        return await look()

    def now(self) -> float:
        """The time in seconds, from an arbitrary beginning."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._clock.sleep(seconds)

    def close(self, performance: Performance | None) -> None:
        """The performance has ended; None where it was broken off."""


class Pages:
    """Opens a page for each performance."""

    @property
    def seen(self) -> int:
        """The highest number of an exchange that there is already."""
        return 0

    def transport(self, inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
        """What the API's requests go through."""
        return inner

    def open(self, probe: Probe, clock: Clock) -> Page:
        """A page of its own."""
        return Page(clock)
