"""How fast: slots for what is in flight, requests a minute, and when to poll."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from proofsheet.contract.model import Contract
from proofsheet.exchange.clock import Clock
from proofsheet.exchange.targets import Target

#: Concurrency where neither the target nor the provider says.
DEFAULT_CONCURRENCY = 8
#: Seconds between polls where nobody says: images take tens of seconds, so nothing is lost by two.
DEFAULT_POLL = 2.0
#: A pause that a target asks for is obeyed up to this; beyond it the run would seem to hang.
LONGEST_PAUSE = 120.0
#: How often a request is sent again that was answered 429 with a Retry-After.
SENT_AGAIN = 2
#: Bytes of answers whose pictures are not looked at yet. While there are more, nothing new is begun: a fast target would
#: fill the memory with answers that wait.
MOST_HELD = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of one run: the target's own figures, else the provider's published ones, else ours. Seconds.

    ``polls_count``: whether ``requests_per_minute`` is of all requests, or of those that begin something.
    """

    max_concurrency: int
    requests_per_minute: float | None
    first_poll_after: float
    poll_every: float
    lifecycle_timeout: float
    request_timeout: float
    polls_count: bool = True

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
            # Providers don't say whether looking at a task counts: it doesn't until a poll is refused for it.
            polls_count=own.requests_per_minute is not None or limit is None,
        )


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


class Gate:
    """Lets requests through at a pace: so many at once, and so many a minute.

    A slot is held while a request is on the wire and not between polls, so that waiting tasks hold up nobody. What
    begins something new queues before it may queue for a slot: a poll never waits behind the whole rest of the plan,
    and takes no turn that a new request could have, unless the target counts polls too.
    """

    def __init__(self, pace: Pace, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._begin = asyncio.Semaphore(pace.max_concurrency)
        self._slots = asyncio.Semaphore(pace.max_concurrency)
        self._gap = 60.0 / pace.requests_per_minute if pace.requests_per_minute else 0.0
        self._polls_count = pace.polls_count
        self._next = -math.inf
        self._closed_until = -math.inf
        self._held = 0
        self._room = asyncio.Event()
        self._room.set()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[None]:
        """A slot for a request that begins something new."""
        async with self._begin:
            # Turns are waited for without a slot: polls have them meanwhile.
            if self._gap:
                await self._wait_turn()
            await self._wait_open()
            await self._room.wait()
            async with self._slots:
                yield

    @asynccontextmanager
    async def go_on(self) -> AsyncIterator[None]:
        """A slot for a request that goes on with something."""
        if self._gap and self._polls_count:
            await self._wait_turn()
        async with self._slots:
            yield

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """While an answer of so many bytes is looked at."""
        self._hold(size)
        try:
            yield
        finally:
            self._hold(-size)

    def _hold(self, size: int) -> None:
        self._held += size
        if self._held > MOST_HELD:
            self._room.clear()
        else:
            self._room.set()

    def pause(self, seconds: float) -> None:
        """The target asked for a pause: nothing new is begun meanwhile."""
        self._closed_until = max(self._closed_until, self._clock.now() + seconds)

    def refused_poll(self) -> None:
        """A poll was answered 429: this target counts polls too."""
        self._polls_count = True

    async def _wait_turn(self) -> None:
        now = self._clock.now()
        turn = max(self._next, now)
        self._next = turn + self._gap
        if turn > now:
            await self._clock.sleep(turn - now)

    async def _wait_open(self) -> None:
        waited = -math.inf
        while self._closed_until > max(waited, self._clock.now()):  # it may be prolonged meanwhile; a replay's clock does not go on by waiting
            waited = self._closed_until
            await self._clock.sleep(waited - self._clock.now())


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
