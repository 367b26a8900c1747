"""The budget: what may still be spent, held ready before a request leaves and given back where nothing was charged."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from dataclasses import dataclass
from fractions import Fraction

from proofsheet.exchange.pages import NotSent


class NotAfforded(NotSent):
    """What is left of the budget does not hold what this request may cost."""


@dataclass(order=True, slots=True)
class _Waiting:
    expected: Fraction
    number: int
    amount: Fraction
    granted: asyncio.Future[bool]


class Budget:
    """Money for one run, owned by one event loop. ``limit`` None is no limit.

    Who needs money queues, what is expected to cost least first. The first of the queue waits as long as reservations
    are out that may come back; it is turned away when even all of them would not be enough. Nobody overtakes it: a dearer
    request would take what the free ones only need to have ready.
    """

    def __init__(self, limit: Fraction | None, spent: Fraction = Fraction(0)) -> None:
        self.limit = limit
        self.spent = spent
        self._held = Fraction(0)
        self._queue: list[_Waiting] = []
        self._numbers = itertools.count()

    async def reserve(self, amount: Fraction, expected: Fraction) -> None:
        """Hold ``amount`` ready. Raises NotAfforded."""
        waiting = _Waiting(expected, next(self._numbers), amount, asyncio.get_running_loop().create_future())
        heapq.heappush(self._queue, waiting)
        self._serve()
        try:
            granted = await waiting.granted
        except asyncio.CancelledError:
            if waiting.granted.done() and not waiting.granted.cancelled() and waiting.granted.result():
                self.settle(amount, Fraction(0))
            waiting.granted.cancel()
            raise
        if not granted:
            raise NotAfforded

    def settle(self, reserved: Fraction, amount: Fraction) -> None:
        """Give a reservation back, and count what was spent of it."""
        self._held -= reserved
        self.spent += amount
        self._serve()

    def _serve(self) -> None:
        while self._queue:
            first = self._queue[0]
            if not first.granted.done():
                if self.limit is not None and self.spent + self._held + first.amount > self.limit:
                    if self.spent + first.amount <= self.limit:
                        return
                    first.granted.set_result(False)
                else:
                    self._held += first.amount
                    first.granted.set_result(True)
            heapq.heappop(self._queue)
