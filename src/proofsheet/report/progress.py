"""What a person sees while a run is on: a bar for each target on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

#: Seconds between two plain lines: enough to see that it lives, few enough for a log.
PLAIN_EVERY = 5.0
BARS_EVERY = 0.1


class _Counts(Protocol):
    @property
    def done(self) -> int: ...
    @property
    def in_flight(self) -> int: ...


class Watched(Protocol):
    """Something whose engine counts what is done."""

    @property
    def engine(self) -> _Counts | None:
        """The engine, once the run has begun."""


class Progress:
    """Shows progress on standard error until stopped, from a thread of its own."""

    def __init__(self, watched: Mapping[str, Watched], console: Console | None = None) -> None:
        self._watched = watched
        self._console = console or Console(file=sys.__stderr__)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._show, name="proofsheet-progress", daemon=True)
        self._started = time.monotonic()

    def start(self) -> None:
        """Begin to show."""
        self._thread.start()

    def stop(self) -> None:
        """Take the bars away."""
        self._ended.set()
        self._thread.join(timeout=2)

    def _counts(self) -> dict[str, tuple[int, int]]:
        return {name: (run.engine.done, run.engine.in_flight) for name, run in self._watched.items() if run.engine is not None}

    def _show(self) -> None:
        if self._console.is_terminal:
            self._bars()
        else:
            self._lines()

    def _lines(self) -> None:
        while not self._ended.wait(PLAIN_EVERY):
            seconds = time.monotonic() - self._started
            for name, (done, rest) in self._counts().items():
                self._console.print(f"{seconds:6.1f} s  {name}: {done} of {done + rest} requests and lifecycles done", highlight=False, markup=False)

    def _bars(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rest]} in flight"), TimeElapsedColumn())
        with Bars(*columns, console=self._console, transient=True) as bars:
            tasks = {name: bars.add_task(name, total=None, rest=0) for name in self._watched}
            while not self._ended.wait(BARS_EVERY):
                for name, (done, rest) in self._counts().items():
                    bars.update(tasks[name], total=done + rest, completed=done, rest=rest)
