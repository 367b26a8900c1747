"""Ctrl-C that cannot get lost: libraries in between catch KeyboardInterrupt, so it is also remembered."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Self


class Interrupts:
    """While active, the first SIGINT raises KeyboardInterrupt as usual and sets ``asked``; ``check`` raises it again.

    Where it struck a callback that nobody can raise from (of the garbage collector, say), Python would only print it.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: signal._HANDLER = None
        self._shown = sys.unraisablehook

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._handle)
            self._shown, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            sys.unraisablehook = self._shown

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        raise KeyboardInterrupt

    def _unraisable(self, lost: sys.UnraisableHookArgs) -> None:
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            self._shown(lost)

    def check(self) -> None:
        """Raise KeyboardInterrupt where one was asked for and swallowed on its way."""
        if self.asked:
            raise KeyboardInterrupt
