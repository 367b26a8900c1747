"""The check of a recheck: whether a result URL still answers as it did, for as long as is documented."""

from __future__ import annotations

from dataclasses import dataclass

from proofsheet.checks.model import Judgement

#: Why a URL was not fetched, where that says nothing about it.
_UNTOLD = {"unlisted": "not fetched: its host is not among the target's", "silent": "nothing answered at any URL: the network or the whole service is away"}


@dataclass(frozen=True, slots=True)
class Revisit:
    """A result URL that was fetched again. ``age`` is how old it can be at most, in seconds.

    ``problem`` and ``detail`` are those of the second fetch, in the words of a picture's, or ``silent`` where no URL of the
    run could be reached; ``before`` and ``after`` are digests.
    """

    url: str
    age: float
    before: str
    after: str | None
    problem: str | None = None
    detail: str = ""


def alive(revisit: Revisit, lifetime: float | None) -> tuple[Judgement, bool]:
    """What a second fetch says, and whether it weighs: past the documented time, or without one, it is only information."""
    wanted = "no lifetime is documented" if lifetime is None else f"the same bytes for {_span(lifetime)}"
    inside = lifetime is not None and revisit.age <= lifetime
    age = f"after {_span(revisit.age)}"
    if revisit.problem in _UNTOLD:
        return Judgement("assets.lifetime", None, _UNTOLD[revisit.problem], wanted, revisit.detail[:160]), inside
    if revisit.problem is not None:
        said = f"HTTP {revisit.detail}" if revisit.problem == "status" else f"{revisit.problem}: {revisit.detail}"[:160]
        return Judgement("assets.lifetime", False, f"the URL is dead {age}" if inside else f"the URL is dead {age}, past its time", wanted, said), inside
    if revisit.after != revisit.before:
        return Judgement("assets.lifetime", False, f"other bytes stand behind the URL {age}", wanted, f"sha256 {revisit.after}, and it was {revisit.before}"), inside
    return Judgement("assets.lifetime", True, f"the same bytes {age}", wanted, f"sha256 {revisit.after}"), inside


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s"
