"""Performs a probe that is watched on both sides of a gateway: the client's, and that of the model behind it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from proofsheet.cases.model import Probe, Relayed
from proofsheet.exchange.model import Exchange, Performance, UpstreamCall, Witnessed

if TYPE_CHECKING:
    from proofsheet.exchange.performer import Performer

#: A call that has not ended by then is not waited for. Seconds.
LONGEST_CALL = 5.0
_STEP = 0.05


class Upstream(Protocol):
    """The model behind the gateway, as far as it is asked what it saw."""

    @property
    def port(self) -> int:
        """Where it listens."""
        ...

    @property
    def key(self) -> str:
        """The key that it takes."""
        ...

    def position(self) -> int:
        """The number that the next call will have."""
        ...

    def calls(self, token: str, since: int, epoch: float) -> tuple[UpstreamCall, ...]:
        """The calls with this token from a position on, their times in seconds since ``epoch``."""
        ...

    def reached(self) -> bool:
        """Whether any request of this run's has reached it."""
        ...


@dataclass(frozen=True)
class Witness:
    """Looks at both sides. ``epoch`` is when the run began."""

    upstream: Upstream
    epoch: float

    async def perform(self, performer: Performer, probe: Probe) -> Performance:
        """Perform a probe, and what is to be performed beside and after it; then say what was seen upstream."""
        plan, performer = probe.relay, replace(performer, witness=None)
        if plan is None:
            return await performer.perform(probe)
        since = self.upstream.position()
        hurried = performer if plan.hangs_up is None else replace(performer, pace=replace(performer.pace, request_timeout=plan.hangs_up))
        first, *beside = await asyncio.gather(hurried.perform(probe), *(self.perform(performer, one) for one in plan.beside))
        then = await self.perform(performer, plan.then) if plan.then is not None else None
        answered = max((exchange.started + exchange.seconds for exchange in first.exchanges), default=0.0)
        calls = await self._settled(plan, since)
        leaks = tuple(dict.fromkeys(leak for exchange in first.exchanges for leak in self._leaks(exchange)))
        return replace(first, relayed=Witnessed(calls, leaks, answered, then, tuple(beside), self.upstream.reached()))

    async def _settled(self, plan: Relayed, since: int) -> tuple[UpstreamCall, ...]:
        """The calls, when the gateway has had time for more and those that came have ended."""
        await asyncio.sleep(plan.lingers)
        for _ in range(int(LONGEST_CALL / _STEP)):
            calls = self.upstream.calls(plan.token, since, self.epoch)
            if all(call.ended is not None for call in calls):
                break
            await asyncio.sleep(_STEP)
        return self.upstream.calls(plan.token, since, self.epoch)

    def _leaks(self, exchange: Exchange) -> Iterator[str]:
        """What of the upstream stands in an answer, and where."""
        places = [(f"the header {name}", value) for name, value in exchange.headers.items()] + [("the body", exchange.text)]
        address = re.compile(rf"(?<![\w.])(?:127\.0\.0\.1|localhost|\[::1\]):{self.upstream.port}(?!\d)")
        for place, text in places:
            if self.upstream.key in text:
                yield f"the upstream's key in {place}"
            if address.search(text):
                yield f"the upstream's address in {place}"
