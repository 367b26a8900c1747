"""Ctrl-C that cannot get lost and cannot strike anywhere: it is remembered, and raised where nothing is half done."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import NoReturn, Self

#: Why a run is incomplete after Ctrl-C.
INTERRUPTED = "the run was interrupted"


class Interrupts:
    """While active, the first SIGINT only sets ``asked`` and calls ``told``; ``check`` then raises KeyboardInterrupt. A second one raises it at once.

    Raised wherever it strikes, the first one could leave half a line in a log, half a plan without its engine, or a
    lock that nobody releases; and libraries catch it. ``told`` ends what the main thread may be waiting for, so that
    the next check comes soon.
    """

    def __init__(self, told: Callable[[], None] = lambda: None) -> None:
        self.asked = False
        #: Pressed again: nobody waits for reports any more.
        self.insisted = False
        self._told = told
        self._active = False
        self._before: signal._HANDLER = None
        self._shown = sys.unraisablehook

    def __enter__(self) -> Self:
        if not self._active and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._handle)
            self._shown, sys.unraisablehook = sys.unraisablehook, self._unraisable
            self._active = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """Give SIGINT back. Safe to call twice."""
        if self._active:
            self._active = False
            signal.signal(signal.SIGINT, self._before)
            sys.unraisablehook = self._shown

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            self.insisted = True
            raise KeyboardInterrupt
        self.asked = True
        self._told()

    def _unraisable(self, lost: sys.UnraisableHookArgs) -> None:
        # Where it struck a callback that nobody can raise from (of the garbage collector, say), Python would only print it.
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            self._shown(lost)

    def check(self) -> None:
        """Raise KeyboardInterrupt where one was asked for."""
        if self.asked:
            raise KeyboardInterrupt


def leave(code: object) -> NoReturn:
    """End the program with a code that Ctrl-C changes no more, neither a new one nor one that was dealt with.

    CPython notes a KeyboardInterrupt that leaves a string of code (dataclasses and named tuples make their methods from
    such), does not forget it where it is caught, and lets ``python -m`` end by the signal instead of with its exit code.
    It forgets when it begins with another string.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    exec("")  # noqa: S102 -- for the sake of forgetting
    sys.exit(code)  # type: ignore[arg-type]
