"""The interpreter is left as it was found, whatever happens in between."""

import gc
import sys

import pytest

from proofsheet.session.collector import SWITCH, THRESHOLDS, calm


def test_calm_for_as_long_as_it_takes():
    before, interval = gc.get_threshold(), sys.getswitchinterval()
    with calm():
        assert gc.get_threshold() == THRESHOLDS != before
        assert sys.getswitchinterval() == pytest.approx(SWITCH)
        assert gc.get_freeze_count() > 1000
    assert (gc.get_threshold(), gc.get_freeze_count(), sys.getswitchinterval()) == (before, 0, interval)


def test_restored_after_an_error():
    before = gc.get_threshold()
    with pytest.raises(KeyError), calm():
        raise KeyError
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
