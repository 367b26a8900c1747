"""Checks of what a gateway makes of a fault behind it, and of its discretion."""

from __future__ import annotations

import re
from collections.abc import Iterator

from proofsheet.checks.model import Judgement
from proofsheet.checks.relay_sides import FAULT, HANGS_UP, REFUSED, calls, images, outcome, watched, why_unshown
from proofsheet.checks.subject import Subject, is_right_refusal
from proofsheet.contract.relay import RelayFault
from proofsheet.exchange.model import Exchange

#: Seconds that clocks and threads may differ by.
_SLACK = 0.1
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


def _fault(subject: Subject) -> RelayFault | None:
    """The fault that a case is about; None for any other case, and where the format that the gateway speaks has no such fault."""
    if subject.case.kind != FAULT or watched(subject) is None:
        return None
    name = subject.case.id.rpartition("/")[2]
    found = next((fault for fault in subject.contract.relay.faults if fault.id == name), None)
    seen = calls(subject)
    return None if found is not None and seen and not any(call.shape in found.shapes for call in seen) else found


def _unmet(subject: Subject, fault: RelayFault) -> str | None:
    """Why a fault case shows nothing; None where the fault was met."""
    why = why_unshown(subject)
    if why is None and not any(call.outcome == fault.id for call in calls(subject)):
        return "the request did not reach the upstream"
    return why


def _told(subject: Subject, fault: RelayFault) -> bool:
    """Whether a success says why it holds no picture, where that is a way to say it."""
    final = subject.performance.final or subject.performance.main
    return fault.told and bool(final.find(subject.contract.relay.told))


def empty(subject: Subject) -> Iterator[Judgement]:
    """What the model did not make is never a success without a picture."""
    fault = _fault(subject)
    if fault is None or fault.expect == "serve":
        return
    why = _unmet(subject, fault)
    if why is not None:
        yield Judgement("relay.empty", None, why)
    elif not subject.served or images(subject.performance):
        yield Judgement("relay.empty", True, "no empty success", "an error", outcome(subject))
    else:
        held = _told(subject, fault)
        message = "a success that says why there is no picture" if held else "a success without a picture and without a reason"
        yield Judgement("relay.empty", held, message, "an error, or a reason", outcome(subject))


def error(subject: Subject) -> Iterator[Judgement]:
    """A fault of the model becomes the right error."""
    fault = _fault(subject)
    if fault is None or fault.expect == "serve" or (subject.served and (fault.expect == "see" or not images(subject.performance))):
        return
    expected = f"{' or '.join(str(status) for status in fault.status)}: {fault.title}"
    why, main = _unmet(subject, fault), subject.performance.main
    if why is not None:
        yield Judgement("relay.error", None, why, expected)
    elif subject.served:
        yield Judgement("relay.error", False, "a success, and the model's picture never came whole", expected, outcome(subject))
    elif subject.performance.outcome == "failed":
        yield Judgement("relay.error", True, "the task failed", expected, outcome(subject))
    elif main.problem is not None or main.status is None or main.ok:
        yield Judgement("relay.error", False, "no usable answer", expected, outcome(subject))
    else:
        held = _allows(fault.status, main.status)
        yield Judgement("relay.error", held, "the right error" if held else "an error that blames the wrong side", expected, outcome(subject))


def _allows(statuses: tuple[int | str, ...], status: int) -> bool:
    return status in statuses or f"{status // 100}xx" in statuses


def wording(subject: Subject) -> Iterator[Judgement]:
    """The error is one of the gateway's own: of a documented media type, mostly JSON, with a message, whatever the model's was."""
    fault = _fault(subject)
    if fault is None or fault.expect == "serve" or subject.performance.outcome not in ("refused", "failed") or _unmet(subject, fault) is not None:
        return
    errors, found = subject.contract.errors, subject.performance.main
    lifecycle = subject.operation.lifecycle
    if subject.performance.outcome == "failed" and lifecycle is not None:
        said = (subject.performance.final or found).find(lifecycle.reason)
        yield Judgement("relay.wording", bool(said), "the failed task says why" if said else "the failed task says nothing", "a reason", str(next(iter(said), "none"))[:80])
        return
    page = found.body.lstrip()[:1] == b"<"
    if found.media_type not in errors.media_types or page or (found.media_type.endswith("json") and found.json is None):
        kind = "a page of HTML" if page else "no JSON" if any(one.endswith("json") for one in errors.media_types) else "of another media type"
        yield Judgement("relay.wording", False, f"the error is {kind}", " or ".join(errors.media_types), found.media_type or "no media type")
        return
    said = [text for text in found.find(errors.message) if isinstance(text, str) and text.strip()]
    yield Judgement("relay.wording", bool(said), "the error has a message" if said else "the error has no message", "a message", str(next(iter(said), "none"))[:80])


def retry_after(subject: Subject) -> Iterator[Judgement]:
    """When the model says how long to wait, the client is told."""
    fault = _fault(subject)
    if fault is None or fault.retry_after is None or subject.performance.outcome != "refused" or _unmet(subject, fault) is not None:
        return
    said = _waits(subject, subject.performance.main)
    held = any(fault.retry_after - 1 <= one for one in said)
    message = "the client is told how long to wait" if held else "the client is told another time" if said else "the client is not told how long to wait"
    yield Judgement("relay.retry_after", held, message, f"{fault.retry_after} s", ", ".join(f"{one:g} s" for one in said) or "nothing")


def _waits(subject: Subject, exchange: Exchange) -> list[float]:
    texts = [str(value) for locator in subject.contract.relay.wait for value in exchange.find((locator,))]
    return [float(found.group()) for text in texts if len(text) < 20 and (found := _SECONDS.match(text.strip())) is not None]


def next_(subject: Subject) -> Iterator[Judgement]:
    """The next good request after a fault is served: one client's failure is nobody else's."""
    seen = watched(subject)
    if seen is None or seen.then is None or why_unshown(subject) is not None:
        return
    held = seen.then.outcome == "served" and bool(images(seen.then))
    message = "the next request was served" if held else "the next request was not served"
    yield Judgement("relay.next", held, message, "served with an image", f"{seen.then.outcome}, HTTP {seen.then.main.status}")


def attempts(subject: Subject) -> Iterator[Judgement]:
    """How often the model was asked before the client heard of its fault."""
    fault = _fault(subject)
    if fault is not None and fault.expect == "refuse" and _unmet(subject, fault) is None:
        number = len(calls(subject))
        yield Judgement("relay.attempts", number == 1, f"the model was asked {number} time(s)", "once", str(number), "info")


def late(subject: Subject) -> Iterator[Judgement]:
    """When the client has its answer, nothing more is asked of the model for it."""
    seen = watched(subject)
    if seen is None or subject.case.kind == HANGS_UP or not seen.calls or subject.performance.main.problem is not None or why_unshown(subject) is not None:
        return
    after = [call for call in seen.calls if call.began > seen.answered + _SLACK]
    held = not after
    message = "nothing was asked for any more" if held else "the model was asked again after the client had its answer"
    yield Judgement("relay.late", held, message, "no call", f"{len(after)} call(s)")


def refused(subject: Subject) -> Iterator[Judgement]:
    """A request that must be refused is refused by the gateway: the model makes nothing for it."""
    if subject.case.kind not in REFUSED or watched(subject) is None:
        return
    why, seen = why_unshown(subject), calls(subject)
    made = sum(len(call.drawn) for call in seen)
    expected, actual = "refused, and the model not asked", f"{outcome(subject)}; {len(seen)} call(s), {made} image(s) upstream"
    most = "info" if subject.case.error is None else None
    if why is not None:
        yield Judgement("relay.refused", None, why)
    elif made:
        yield Judgement("relay.refused", False, "the model made images for a request that must be refused", expected, actual, most)
    elif seen:
        weight = most if subject.case.kind == "relay-bad-key" else most or "should"
        yield Judgement("relay.refused", False, "the model was asked for what must be refused", expected, actual, weight)
    else:
        main = subject.performance.main
        # Where no document says how a wrong key is refused, every refusal of it is a right one.
        open_ = subject.case.kind == "relay-bad-key" and subject.case.error is None
        right = main.status is not None and (400 <= main.status < 500 if open_ else is_right_refusal(subject.case.error, main.status))
        held = subject.performance.outcome == "failed" or right
        yield Judgement("relay.refused", held, "refused, and the model was not asked" if held else "not refused as documented", expected, actual, most)


def key(subject: Subject) -> Iterator[Judgement]:
    """The client's key does not travel upstream."""
    if watched(subject) is None or subject.bounds.passes_keys or not calls(subject):
        return
    leaked = sorted({name for call in calls(subject) for name in call.leaked})
    message = "the client's key travelled upstream" if leaked else "the client's key stayed with the gateway"
    yield Judgement("relay.key", not leaked, message, "no key of the client's", ", ".join(leaked) or "none")


def secret(subject: Subject) -> Iterator[Judgement]:
    """The upstream's key does not travel back."""
    yield from _leak(subject, "relay.secret", "key")


def address(subject: Subject) -> Iterator[Judgement]:
    """The upstream's address does not travel back."""
    yield from _leak(subject, "relay.address", "address")


def _leak(subject: Subject, check: str, what: str) -> Iterator[Judgement]:
    seen = watched(subject)
    if seen is None or not seen.calls:
        return
    found = [leak for leak in seen.leaks if f"upstream's {what} " in leak]
    message = f"the client is told the upstream's {what}" if found else f"the upstream's {what} stays with the gateway"
    yield Judgement(check, not found, message, "nothing of it", "; ".join(found)[:200] or "nothing")


CHECKS = (empty, error, wording, retry_after, next_, attempts, late, refused, key, secret, address)
