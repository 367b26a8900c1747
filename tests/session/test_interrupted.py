"""A Ctrl-C that a library swallows is not lost, none strikes what is half done, and none is shown as a traceback."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys

import pytest

from proofsheet.session.interrupts import Interrupts
from session.command import environment


@pytest.fixture(autouse=True)
def _heard():
    """Where the tests themselves run in the background, SIGINT may be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press():
    signal.raise_signal(signal.SIGINT)


def test_the_first_is_remembered_and_raised_where_somebody_checks():
    told = []
    interrupts = Interrupts(lambda: told.append(1))
    with interrupts:
        interrupts.check()
        press()
        assert interrupts.asked and not interrupts.insisted
        assert told == [1]
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()


def test_the_second_is_raised_at_once():
    told = []
    interrupts = Interrupts(lambda: told.append(1))
    with interrupts:
        press()
        with pytest.raises(KeyboardInterrupt):
            press()
        assert interrupts.insisted
    assert told == [1]


def test_outside_it_is_as_it_was():
    hook, handler = sys.unraisablehook, signal.getsignal(signal.SIGINT)
    interrupts = Interrupts()
    with interrupts:
        with interrupts:
            assert signal.getsignal(signal.SIGINT) != handler
        interrupts.end()
    assert sys.unraisablehook is hook
    assert signal.getsignal(signal.SIGINT) is handler
    with pytest.raises(KeyboardInterrupt):
        press()


@pytest.mark.parametrize("presses", [1, 2])
def test_one_that_struck_a_callback_is_remembered_and_not_shown(capsys, presses):
    interrupts = Interrupts()

    def callback(phase, info):
        gc.callbacks.remove(callback)
        for _ in range(presses):
            press()

    with interrupts:
        gc.callbacks.append(callback)
        gc.collect()
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
    assert capsys.readouterr().err == ""


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


#: A program whose command is interrupted where a module that is being imported makes a class from a string of code, in
#: its own words, and while it ends.
PROGRAM = """
import atexit, signal, sys
from proofsheet import cli

PRESS = "import signal; signal.raise_signal(signal.SIGINT)"

@cli.main.command()
def caught():
    try:
        exec(PRESS)
    except KeyboardInterrupt:
        return 2

@cli.main.command()
def uncaught():
    exec(PRESS)

@cli.main.command()
def ending():
    atexit.register(signal.raise_signal, signal.SIGINT)
    return 2

cli.main()
"""


@pytest.mark.parametrize("command", ["caught", "uncaught", "ending"])
def test_the_program_ends_with_its_exit_code_and_not_by_the_signal(tmp_path, command):
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "program", command], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip() == ""
