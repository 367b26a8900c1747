"""What a change of a verdict means."""

from __future__ import annotations

ABSENT = "absent"
_GOOD = frozenset({"pass", "info", "passed", "observed"})
_BAD = {"warn": 1, "warned": 1, "fail": 2, "failed": 2}
_KNOWN = "known_failure"
_LISTED = frozenset({_KNOWN, "flaky"})


def judged(verdict: str) -> bool:
    """Whether the target was judged: neither left out nor impossible to test."""
    return verdict in _GOOD or verdict in _BAD or verdict in _LISTED


def weight(verdict: str) -> int:
    """How bad a verdict is: 0 for a good one and for one that judges nobody."""
    return _BAD.get(verdict, 0)


def meaning(old: str, new: str) -> str | None:
    """The kind of a change from one verdict to another; None where nothing changed that matters.

    What fails and was not judged before counts as worse: else a fault that comes with an unfinished night would never
    be told. What the list of known failures covers, or ceases to cover, is a change of the list.
    """
    if old == new:
        return None
    if old == ABSENT:
        return "appeared"
    if new == ABSENT:
        return "vanished"
    if not judged(new):
        return "unjudged" if judged(old) else None
    if not judged(old):
        return "worse" if new in _BAD else "listed" if new in _LISTED else "appeared"
    if new in _LISTED or old == "flaky":
        return "listed"
    if old == _KNOWN:
        return "better" if new in _GOOD else "listed"
    difference = weight(new) - weight(old)
    return "worse" if difference > 0 else "better" if difference < 0 else None
