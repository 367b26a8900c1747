"""What can be wrong with a recording."""

from __future__ import annotations


class RecordingError(Exception):
    """A recording cannot be made or used. The message says what is wrong and what to do; exit code 2."""
