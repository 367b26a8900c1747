"""Both sides of a gateway as the relay checks see them: who may say something about which case."""

from __future__ import annotations

from collections.abc import Iterator

from proofsheet.checks.subject import Subject, what_came
from proofsheet.exchange.model import Performance, Picture, UpstreamCall, Witnessed

BASE, FAULT, HANGS_UP, AT_ONCE = "relay-base", "relay-fault", "relay-hangs-up", "relay-at-once"
#: Kinds of cases that must be refused before the model hears of them.
REFUSED = ("relay-invalid", "relay-bad-key", "relay-unknown-model")


def watched(subject: Subject) -> Witnessed | None:
    """What was seen upstream of a relay case; None for a case of another area."""
    return subject.performance.relayed if subject.case.area == "relay" else None


def speaks(subject: Subject) -> bool:
    """Whether a case is about a request that a gateway is to carry."""
    return watched(subject) is not None and subject.case.kind not in REFUSED and subject.case.kind != HANGS_UP


def why_unshown(subject: Subject) -> str | None:
    """Why a relay case shows nothing; None where it does."""
    base = subject.base
    if base is None or base.outcome != "served" or not images(base):
        return "the base request was not served, so nothing is known of both sides"
    # A gateway that answers from what it remembers of others has reached the model, though not with this request.
    if base.relayed is None or not (base.relayed.calls or base.relayed.reached):
        return "the base request was served, but never reached the upstream: is the gateway configured with the upstream's base URL and key?"
    return None


def calls(subject: Subject) -> tuple[UpstreamCall, ...]:
    """What the case's own request led to upstream."""
    seen = watched(subject)
    return seen.calls if seen is not None else ()


def images(performance: Performance) -> tuple[Picture, ...]:
    """The images that the client got."""
    return tuple(picture for picture in performance.pictures if not picture.name)


def together(subject: Subject) -> Iterator[Performance]:
    """The case's own request, those at the same time, and the one after it."""
    yield subject.performance
    seen = watched(subject)
    if seen is not None:
        yield from seen.beside
        yield from () if seen.then is None else (seen.then,)


def outcome(subject: Subject) -> str:
    """What the client got, in a few words."""
    performance = subject.performance
    if performance.outcome in ("failed", "unfinished"):
        return f"task {performance.outcome}"
    found = len(images(performance))
    return f"{what_came(performance.main)}, {found} image(s)" if performance.outcome == "served" else what_came(performance.main)
