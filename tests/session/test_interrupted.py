"""A Ctrl-C that a library swallows is not lost, and none is shown as a traceback."""

from __future__ import annotations

import gc
import signal
import sys

import pytest

from proofsheet.session.interrupts import Interrupts


def press():
    signal.raise_signal(signal.SIGINT)


def test_it_is_raised_at_once_and_remembered():
    interrupts = Interrupts()
    with interrupts:
        interrupts.check()
        with pytest.raises(KeyboardInterrupt):
            press()
        assert interrupts.asked
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()


def test_one_that_struck_a_callback_is_remembered_and_not_shown(capsys):
    hook, handler = sys.unraisablehook, signal.getsignal(signal.SIGINT)
    interrupts = Interrupts()

    def callback(phase, info):
        gc.callbacks.remove(callback)
        press()

    with interrupts:
        gc.callbacks.append(callback)
        gc.collect()
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
    assert capsys.readouterr().err == ""
    assert sys.unraisablehook is hook
    assert signal.getsignal(signal.SIGINT) is handler


def test_other_exceptions_of_callbacks_are_shown_as_ever(monkeypatch):
    shown = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: shown.append(type(lost.exc_value)))

    class Broken:
        def __del__(self):
            raise ValueError("x")

    with Interrupts():
        Broken()
        gc.collect()
    assert shown == [ValueError]
