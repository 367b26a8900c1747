"""How long a run takes if the target needs as long as the documents say."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from proofsheet.cases.model import Probe
from proofsheet.contract.model import Contract
from proofsheet.exchange.pace import Pace

#: Seconds for an image where the documents are silent. A guess, and called one wherever it is used.
ASSUMED_IMAGE = 45.0
#: Seconds for a request that makes no image.
QUICK = 1.0


@dataclass(frozen=True, slots=True)
class Duration:
    """``seconds`` for the whole run; ``requests`` that it takes, polls included. ``documented`` is whether the time of an image is."""

    seconds: float
    requests: int
    image_seconds: float
    documented: bool


def duration_of(contract: Contract, pace: Pace, served: Iterable[Probe], refused: Iterable[Probe]) -> Duration:
    """The expected duration: what the slowest of pace, slots and serial requests takes, and the longest chain after it."""
    times = contract.times.image_seconds
    image = sum(times) / 2 if times is not None else ASSUMED_IMAGE
    chains = [_chain(probe, pace, image) for probe in served]
    quick = [(1, QUICK, QUICK, probe.serial) for probe in refused]
    together = [chain for chain in (*chains, *quick) if not chain[3]]
    serial = [chain for chain in (*chains, *quick) if chain[3]]
    requests = sum(chain[0] for chain in (*chains, *quick))
    longest = max((chain[1] for chain in together), default=0.0)
    slots = sum(chain[2] for chain in together) / pace.max_concurrency
    counted = requests if pace.polls_count else len(chains) + len(quick)
    paced = counted * 60.0 / pace.requests_per_minute if pace.requests_per_minute else 0.0
    one_by_one = sum(chain[1] for chain in serial)
    return Duration(max(paced, max(slots, longest) + one_by_one), requests, image, times is not None)


def _chain(probe: Probe, pace: Pace, image: float) -> tuple[int, float, float, bool]:
    """Requests, seconds from beginning to end, seconds of them in a slot, and whether it is performed by itself."""
    if probe.operation.lifecycle is None or not probe.follow:
        return 1, image, image, probe.serial
    polls = 1 + max(0, math.ceil((image - pace.first_poll_after) / pace.poll_every)) if pace.poll_every else 1
    extra = len(probe.poll_as) + probe.look_again
    return 1 + polls + extra, pace.first_poll_after + (polls - 1) * pace.poll_every + QUICK, (1 + polls + extra) * QUICK, probe.serial
