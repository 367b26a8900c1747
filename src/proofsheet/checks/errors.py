"""Checks of error answers: status, code, message, envelope."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from functools import wraps

from proofsheet.cases.validity import explain, violation
from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Subject, allowed_statuses, is_right_refusal, what_came
from proofsheet.exchange.model import Exchange


def _grounded(check: Callable[[Subject], Iterator[Judgement]]) -> Callable[[Subject], Iterator[Judgement]]:
    """What a refusal does right proves nothing where nothing is served: a dead server refuses in style as well."""

    @wraps(check)
    def judged(subject: Subject) -> Iterator[Judgement]:
        for judgement in check(subject):
            proves = subject.grounded or judgement.held is not True
            yield judgement if proves else replace(judgement, held=None, message="the base request was not served, so a refusal proves nothing")

    return judged


def status(subject: Subject) -> Iterator[Judgement]:
    """The error that was brought about has a right status."""
    if subject.case.kind != "error":
        return
    error, main = subject.case.error, subject.performance.main
    expected, actual = allowed_statuses(error), what_came(main)
    if not subject.grounded:
        yield Judgement("errors.status", None, "the base request was not served, so an error proves nothing", expected, actual)
    elif main.problem is not None or main.status is None:
        yield Judgement("errors.status", False, "no answer where an error is due", expected, actual)
    elif main.ok and subject.performance.probe.state is not None and subject.images:
        # A client that gets its image has not been failed: what was to go wrong did not.
        yield Judgement("errors.status", None, f"the overlay states.{subject.performance.probe.state} did not bring the error about: an image came", expected, actual)
    elif main.ok:
        yield Judgement("errors.status", False, "a success where an error is due", expected, actual)
    elif is_right_refusal(error, main.status):
        yield Judgement("errors.status", True, "the right status", expected, actual)
    else:
        tolerated = error is not None and main.status in error.tolerated
        yield Judgement("errors.status", False, "another status than documented", expected, actual, "should" if tolerated else None)


@_grounded
def code(subject: Subject) -> Iterator[Judgement]:
    """The documented machine-readable code."""
    error, refusal = subject.case.error, _refusal(subject)
    if error is None or not error.codes or refusal is None:
        return
    if refusal.status is None or not is_right_refusal(error, refusal.status):
        return
    found = [str(value) for value in _all_codes(subject, refusal)]
    expected = " or ".join(str(value) for value in error.codes)
    held = any(str(value) in found for value in error.codes)
    yield Judgement("errors.code", held, "the documented code" if held else "the documented code is not there", expected, ", ".join(found)[:120] or "no code")


def _all_codes(subject: Subject, refusal: Exchange) -> list[object]:
    return [value for locator in subject.contract.errors.code for value in refusal.find((locator,)) if isinstance(value, (str, int))]


def _refusal(subject: Subject) -> Exchange | None:
    """The error answer of a case that is about one."""
    return subject.refusal if subject.case.expect != "serve" else None


@_grounded
def message(subject: Subject) -> Iterator[Judgement]:
    """The error says what is wrong, in a form that a client can read: never HTML, never empty."""
    refusal = _refusal(subject)
    if refusal is None:
        return
    problem = _unreadable(subject, refusal)
    yield Judgement("errors.message", problem is None, problem or "the error carries a message", "an error with a message", _sample(refusal))


def _unreadable(subject: Subject, refusal: Exchange) -> str | None:
    if not refusal.body.strip():
        return "the error has no body"
    listed = refusal.media_type in subject.contract.errors.media_types
    if refusal.body.lstrip()[:1] == b"<" and not (listed and "xml" in refusal.media_type):
        return "the error is a page and no message"
    if listed and "json" not in refusal.media_type:
        return None if refusal.text.strip() else "the error has no text"
    if refusal.json is None:
        return "the error is no JSON object"
    texts = (value for locator in subject.contract.errors.message for value in refusal.find((locator,)))
    if any(isinstance(text, str) and text.strip() for text in texts):
        return None
    return "the error carries no message" if isinstance(refusal.json, dict) else "the error is no JSON object"


def _sample(refusal: Exchange) -> str:
    return f"{what_came(refusal)}: {refusal.text[:120]}" if refusal.text else f"{what_came(refusal)}, no body"


@_grounded
def envelope(subject: Subject) -> Iterator[Judgement]:
    """The error has the shape that the document claims."""
    refusal, claimed = _refusal(subject), subject.contract.errors.envelope(subject.operation)
    if refusal is None or claimed is None or (not isinstance(refusal.json, dict) and claimed.schema.get("type") != "array"):
        return
    error = violation(claimed.schema, refusal.json)
    found = "" if error is None else explain(error)
    yield Judgement("errors.envelope", error is None, "the claimed shape" if error is None else found, "the claimed error shape", found or "fits")


@_grounded
def content_type(subject: Subject) -> Iterator[Judgement]:
    """The error's Content-Type is one that clients of this API read."""
    refusal = _refusal(subject)
    if refusal is None:
        return
    allowed = subject.contract.errors.media_types
    held = refusal.media_type in allowed or (refusal.media_type.endswith("+json") and "application/json" in allowed)
    yield Judgement("errors.content_type", held, "a readable media type" if held else "another media type", " or ".join(allowed), refusal.media_type or "none")


@_grounded
def retry_after(subject: Subject) -> Iterator[Judgement]:
    """Retry-After is there where documented, and is a number of seconds or a date where sent: also where a request had to wait before it was answered."""
    for name, exchange in subject.performance.others.items():
        if name.startswith("limited:"):
            yield _readable(exchange.headers.get("retry-after", ""))
    error, refusal = subject.case.error, _refusal(subject)
    if error is None or error.retry_after is None or refusal is None or subject.case.kind != "error":
        return
    value = refusal.headers.get("retry-after")
    if value is not None:
        yield _readable(value)
    elif error.retry_after == "required":
        yield Judgement("errors.retry_after", False, "Retry-After is missing", "Retry-After", "none")


def _readable(value: str) -> Judgement:
    held = (value.strip().isascii() and value.strip().isdigit()) or _is_date(value)
    return Judgement("errors.retry_after", held, "Retry-After can be read" if held else "Retry-After is neither seconds nor a date", "seconds or a date", value[:60])


def _is_date(value: str) -> bool:
    try:
        parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


@_grounded
def hint(subject: Subject) -> Iterator[Judgement]:
    """The message says what the document promises it says."""
    error, refusal = subject.case.error, _refusal(subject)
    if error is None or error.hint is None or refusal is None:
        return
    held = re.search(error.hint, refusal.text) is not None
    yield Judgement("errors.hint", held, "the promised hint" if held else "the promised hint is not there", error.hint, refusal.text[:160])


CHECKS = (status, code, message, envelope, content_type, retry_after, hint)
