"""The garbage collector during a run: thousands of values live to its end, and looking through them again finds nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: New containers after which the young ones are looked through, and how seldom the older ones are. With Python's own
#: figures a fifth of a run's work was looking: most of what a run makes is part of its results.
THRESHOLDS = (50_000, 20, 50)


@contextmanager
def calm() -> Iterator[None]:
    """Collect seldom, and leave alone what is there already: modules, contracts, cases."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
