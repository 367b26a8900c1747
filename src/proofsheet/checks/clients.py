"""Checks of what somebody else's client made of an answer, and handed to its user."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from proofsheet.cases.model import ClientCall
from proofsheet.checks.geometry import area_close, describe, ratio_close, same_area, same_ratio, size_of
from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Subject, is_right_refusal, what_came
from proofsheet.contract.clients import Sdk
from proofsheet.exchange.model import Exchange, Handed
from proofsheet.exchange.performer import LIMITED

#: Statuses of refusals that SDKs have classes for.
_STATUSES = (400, 401, 402, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504)
_EXCERPT = 160
_WAIT = "the target was asked too often and said how long to wait, so nothing is known of this request"
#: Why a picture is not looked at that may well be one.
_NOT_LOOKED_AT = ("unlisted", "too_large")
#: Drivers cut messages here.
_LONGEST = 2000


def served(subject: Subject) -> Iterator[Judgement]:
    """A good request gives the SDK's user a picture."""
    seen = _by_sdk(subject)
    if seen is None or subject.case.expect != "serve":
        return
    call, handed = seen
    if subject.case.kind != "client-call" and not _works_without(subject):
        yield Judgement("clients.served", None, "the plainest request without an SDK was not served, so nothing is known of the SDK")
        return
    if handed.raised and _told_to_wait(subject, subject.performance.main):
        yield Judgement("clients.served", None, _WAIT, "a picture", _outcome(handed))
        return
    held = not handed.raised and bool(subject.images)
    message = f"{_name(subject)} hands over a picture" if held else f"{_name(subject)} hands over no picture{_though(subject)}"
    yield _judgement(call, "clients.served", held, message, "a picture", describe(subject.images) if held else _outcome(handed))


def picture(subject: Subject) -> Iterator[Judgement]:
    """What the SDK hands over is a whole picture."""
    seen = _by_sdk(subject)
    if seen is None or subject.case.expect != "serve" or seen[1].raised:
        return
    call, _ = seen
    for one in subject.images:
        if one.problem in _NOT_LOOKED_AT:
            yield Judgement("clients.picture", None, "the picture that was handed over was not looked at", "a picture that can be decoded to its end", one.detail[:_EXCERPT])
            continue
        found = f"{one.width}x{one.height} {one.kind}" if one.width else (one.problem or "no picture")
        words = "the picture is whole" if one.complete else "what was handed over is no whole picture"
        yield _judgement(call, "clients.picture", one.complete, words, "a picture that can be decoded to its end", found)


def pixels(subject: Subject) -> Iterator[Judgement]:
    """The picture has the ratio and the size that were asked for."""
    seen, cells = _by_sdk(subject), subject.wanted_cells
    if seen is None or subject.case.expect != "serve" or seen[1].raised or not (same_ratio(cells) and same_area(cells)):
        return
    call, _ = seen
    wanted = " or ".join(dict.fromkeys(f"{cell.width}x{cell.height}" for cell in cells))[:_EXCERPT]
    for size in filter(None, map(size_of, subject.images)):
        held = any(ratio_close(size, cell) and area_close(size, cell) for cell in cells)
        message = "the picture has the ratio and the size that were asked for through the SDK" if held else "another ratio or size than was asked for through the SDK"
        yield _judgement(call, "clients.pixels", held, message, wanted, f"{size[0]}x{size[1]}")


def images(subject: Subject) -> Iterator[Judgement]:
    """The SDK's user gets as many pictures as were asked for."""
    seen, wanted = _by_sdk(subject), subject.wanted_count
    if seen is not None and subject.case.expect == "serve" and not seen[1].raised and subject.images and wanted is not None:
        came = len(subject.images)
        words = "as many pictures as asked for" if came == wanted else "another number of pictures than asked for"
        yield _judgement(seen[0], "clients.images", came == wanted, words, str(wanted), str(came))


def error(subject: Subject) -> Iterator[Judgement]:
    """A refusal becomes the exception that the SDK promises for it."""
    seen = _by_sdk(subject)
    if seen is None or subject.case.expect != "refuse" or subject.case.kind != "client-error":
        return
    call, handed = seen
    if not subject.grounded:
        yield Judgement("clients.error", None, "the plainest request without an SDK was not served, so a refusal proves nothing")
        return
    if subject.images and not handed.raised:
        yield Judgement("clients.error", None, "the request was not refused, so there was nothing to raise")
        return
    if handed.raised and _told_to_wait(subject, subject.performance.main):
        yield Judgement("clients.error", None, _WAIT, actual=_outcome(handed))
        return
    sdk = _sdk(subject, call)
    right = [status for status in _STATUSES if is_right_refusal(subject.case.error, status)]
    classes = list(dict.fromkeys(name for status in right for name in sdk.promised(status)))
    # A later version of the SDK may derive a class of its own for a status: who catches the promised one still does.
    promised = any(name in classes for name in handed.raised) if handed.status is not None else bool(handed.raised) and handed.raised[0] in classes
    held = promised and (handed.status is None or handed.status in right or is_right_refusal(subject.case.error, handed.status))
    words = f"{_name(subject)} raises {handed.raised[0] if handed.raised else 'nothing'}" + ("" if held else ", and its user is told something else than what happened")
    expected = f"{' or '.join(classes)} for {', '.join(map(str, right))}"
    yield _judgement(call, "clients.error", held, words, expected[:_EXCERPT], _outcome(handed))


def message(subject: Subject) -> Iterator[Judgement]:
    """The exception carries the target's message to the SDK's user."""
    seen, main = _by_sdk(subject), subject.performance.main
    if seen is None or subject.case.kind != "client-error" or not seen[1].raised or main.problem is not None or (main.status or 0) < 400:
        return
    call, handed = seen
    said = [text for text in map(str, main.find(subject.contract.errors.message)) if text.strip()]
    if not said:
        yield _judgement(call, "clients.message", False, "the refusal has no message that could reach the user", "a message", handed.message[:_EXCERPT])
    elif len(handed.message) < _LONGEST or _carried(said, handed.message):  # what was cut off may have held it
        held = _carried(said, handed.message)
        words = "the target's message reaches the user" if held else "the target's message does not reach the user"
        yield _judgement(call, "clients.message", held, words, said[0][:_EXCERPT], handed.message[:_EXCERPT])


def _carried(said: Iterable[str], message: str) -> bool:
    """Whether a text stands in a message: as it is, or as JSON or Python write it, because SDKs also show the whole body."""
    forms = (form for text in said for form in (text, text.strip(), json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]))
    return any(form[:_EXCERPT] in message for form in forms)


def once(subject: Subject) -> Iterator[Judgement]:
    """One call is one request, where the SDK was not told to try again or was served at once: each may be paid."""
    seen = _by_sdk(subject)
    if seen is None or (subject.case.expect == "refuse" and seen[0].retries is None) or subject.case.expect == "see":
        return
    call, handed = seen
    count, held = len(handed.requests), len(handed.requests) == 1
    statuses = ", ".join(what_came(exchange) for exchange in handed.requests[:4])
    if count > 1 and sum(not _told_to_wait(subject, exchange) for exchange in handed.requests) <= 1:
        yield Judgement("clients.once", None, _WAIT, "1 request", f"{count}: {statuses}")
        return
    words = "one call was one request" if held else f"one call was {count} requests, each of which may be paid" if count else "the SDK sent nothing"
    yield _judgement(call, "clients.once", held, words, "1 request", f"{count}: {statuses}" if count else "0")


def attempts(subject: Subject) -> Iterator[Judgement]:
    """How often the SDK sends a refused request by itself."""
    seen = _by_sdk(subject)
    if seen is None or subject.case.expect != "refuse" or seen[0].retries is not None:
        return
    handed = seen[1]
    times = [exchange.started for exchange in handed.requests]
    pauses = ", ".join(f"{later - earlier:.1f} s" for earlier, later in pairwise(times))
    count = len(times)
    words = f"{_name(subject)} sends it {count} time(s) by itself" + (f", {pauses} apart" if pauses else "")
    yield Judgement("clients.attempts", count == 1, words, "what the SDK does by default", f"{count} request(s), then {_outcome(handed)}", "info")


def default_version(subject: Subject) -> Iterator[Judgement]:
    """What becomes of users who leave the API's version to the SDK."""
    seen = _by_sdk(subject)
    if seen is None or subject.case.kind != "client-default-version":
        return
    handed = seen[1]
    asked = urlsplit(handed.requests[0].sent.url).path if handed.requests else "nothing"
    held = not handed.raised and bool(subject.images)
    words = f"{_name(subject)} asks for {asked} unless it is told another version" + ("" if held else ", which the document does not have: it must say so to its readers")
    yield Judgement("clients.default_version", held, words, "a picture", _outcome(handed), "info")


def queued(subject: Subject) -> Iterator[Judgement]:
    """What the SDK makes of a task where it expects an answer."""
    seen = _by_sdk(subject)
    if seen is None or subject.case.kind != "client-queued":
        return
    handed = seen[1]
    held = not handed.raised and bool(subject.images)
    if held:
        words = "hands over a picture though a task was asked for"
    elif handed.raised:
        words = f"raises {handed.raised[0]} where it is given a task"
    else:
        words = "hands over nothing where it is given a task, and raises nothing: its users see an empty answer"
    yield Judgement("clients.queued", held, f"{_name(subject)} {words}", "a picture, or an exception", _outcome(handed), "info")


def _by_sdk(subject: Subject) -> tuple[ClientCall, Handed] | None:
    """How the SDK was called and what it handed over; None for a case that no SDK performed."""
    call, handed = subject.performance.probe.client, subject.performance.handed
    return None if call is None or handed is None or call.example is not None else (call, handed)


def _told_to_wait(subject: Subject, exchange: Exchange) -> bool:
    """Whether a target that takes no more just now has said so, as it may: the account that is always over its rate is another matter."""
    return exchange.status == 429 and "retry-after" in exchange.headers and subject.performance.probe.credential != LIMITED


def _sdk(subject: Subject, call: ClientCall) -> Sdk:
    return next(sdk for sdk in subject.contract.clients.sdks if sdk.id == call.sdk)


def _name(subject: Subject) -> str:
    call, handed = subject.performance.probe.client, subject.performance.handed
    assert call is not None
    assert handed is not None
    return f"{_sdk(subject, call).title} {handed.version}".strip()


def _works_without(subject: Subject) -> bool:
    return subject.base is None or subject.base.outcome == "served"


def _though(subject: Subject) -> str:
    return ", though the plainest request without it was served" if subject.base is not None and subject.base.outcome == "served" else ""


def _outcome(handed: Handed) -> str:
    """What the user of the SDK sees, in a few words."""
    if handed.raised:
        status = f" ({handed.status})" if handed.status is not None else ""
        return f"{handed.raised[0]}{status}: {' '.join(handed.message.split())[:_EXCERPT]}"
    return f"nothing raised, {handed.nothing}" if handed.nothing else "an answer"


def _judgement(call: ClientCall, check: str, held: bool, message: str, expected: str, actual: str) -> Judgement:
    return Judgement(check, held, message, expected, actual, call.level)


CHECKS = (served, picture, pixels, images, error, message, once, attempts, default_version, queued)
