"""How fast: slots for what is in flight, requests a minute, and when to poll."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from proofsheet.contract.model import Contract
from proofsheet.exchange.targets import Target

#: Concurrency where neither the target nor the provider says.
DEFAULT_CONCURRENCY = 8
#: Seconds between polls where nobody says: images take tens of seconds, so nothing is lost by two.
DEFAULT_POLL = 2.0
#: A pause that a target asks for is obeyed up to this; beyond it the run would seem to hang.
LONGEST_PAUSE = 120.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of one run: the target's own figures, else the provider's published ones, else ours. Seconds."""

    max_concurrency: int
    requests_per_minute: float | None
    first_poll_after: float
    poll_every: float
    lifecycle_timeout: float
    request_timeout: float

    @classmethod
    def of(cls, contract: Contract, target: Target) -> Pace:
        """The pace for a target of a provider."""
        own, published = target.pace, contract.pace
        # A published rate limit is that of the provider's public service; a gateway on an address of one's own has none.
        limit = None if target.local else published.requests_per_minute
        return cls(
            max_concurrency=own.max_concurrency or published.max_concurrency or DEFAULT_CONCURRENCY,
            requests_per_minute=own.requests_per_minute or limit,
            first_poll_after=_first(own.first_poll_after, published.first_poll_after, DEFAULT_POLL),
            poll_every=_first(own.poll_every, published.poll_every, DEFAULT_POLL),
            lifecycle_timeout=own.lifecycle_timeout or contract.times.lifecycle_timeout,
            request_timeout=target.request_timeout or contract.times.request_timeout,
        )


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


class Gate:
    """Lets requests through at a pace: so many at once, and so many a minute.

    A slot is held while a request is on the wire and not between polls, so that waiting tasks hold up nobody. What
    begins something new queues before it may queue for a slot: a poll never waits behind the whole rest of the plan.
    """

    def __init__(self, pace: Pace) -> None:
        self._begin = asyncio.Semaphore(pace.max_concurrency)
        self._slots = asyncio.Semaphore(pace.max_concurrency)
        self._gap = 60.0 / pace.requests_per_minute if pace.requests_per_minute else 0.0
        self._next = 0.0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[None]:
        """A slot for a request that begins something new."""
        async with self._begin, self.go_on():
            yield

    @asynccontextmanager
    async def go_on(self) -> AsyncIterator[None]:
        """A slot for a request that goes on with something."""
        async with self._slots:
            if self._gap:
                await self._wait_turn()
            yield

    async def _wait_turn(self) -> None:
        now = time.monotonic()
        turn = max(self._next, now)
        self._next = turn + self._gap
        if turn > now:
            await asyncio.sleep(turn - now)


def pause_of(retry_after: str | None) -> float:
    """The seconds that a Retry-After asks for, within bounds; 1 where it says nothing that can be read."""
    if retry_after is None:
        return 1.0
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_PAUSE)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0), LONGEST_PAUSE)
    except (TypeError, ValueError, OverflowError):
        return 1.0
