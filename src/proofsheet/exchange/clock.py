"""Time, as performing probes needs it. A replay has another clock: nothing waits, and what is recorded took as long as it took."""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar


class Clock:
    """Real time, in seconds from an arbitrary beginning."""

    def now(self) -> float:
        """The time of the calling task."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Stopwatch:
    """Measures one exchange, redirects included. ``epoch`` is the ``time.monotonic()`` at which the run began."""

    def __init__(self, epoch: float) -> None:
        self._epoch = epoch
        self._begun = time.monotonic()
        self._set: tuple[float, float] | None = None

    def set(self, started: float, seconds: float) -> None:
        """Say when a replayed request was sent, in seconds of its run, and how long it took. Further requests prolong the exchange."""
        first = started if self._set is None else self._set[0]
        self._set = (first, started + seconds - first)

    @property
    def started(self) -> float:
        """Seconds from the beginning of the run to that of the exchange."""
        return self._begun - self._epoch if self._set is None else self._set[0]

    @property
    def seconds(self) -> float:
        """Seconds that it has taken until now."""
        return time.monotonic() - self._begun if self._set is None else self._set[1]


#: The stopwatch of the exchange that the current task performs.
WATCH: ContextVar[Stopwatch | None] = ContextVar("watch", default=None)


def stopwatch(epoch: float) -> Stopwatch:
    """Start measuring an exchange of the current task."""
    watch = Stopwatch(epoch)
    WATCH.set(watch)
    return watch
