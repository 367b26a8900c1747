"""The interpreter during a run: it looks for garbage seldom, and lets the engine's thread in soon."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: New containers after which the young ones are looked through, and how seldom the older ones are. With Python's own
#: figures a fifth of a run's work was looking: most of what a run makes is part of its results.
THRESHOLDS = (50_000, 20, 50)
#: Seconds for which the judging thread may keep the engine's waiting after each answer. With Python's own 5 ms the wire
#: stands idle for as long as most answers over loopback take.
SWITCH = 0.001


@contextmanager
def calm() -> Iterator[None]:
    """Collect seldom, and leave alone what is there already (modules, contracts, cases), since a run's values live to its end."""
    before, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    sys.setswitchinterval(SWITCH)
    atexit.register(gc.freeze)  # the interpreter would go through all results once more before it ends
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*before)
        gc.unfreeze()
