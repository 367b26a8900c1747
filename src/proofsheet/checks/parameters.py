"""Checks of the parameters: valid requests served, invalid ones refused, values honoured."""

from __future__ import annotations

from collections.abc import Iterator

from proofsheet.cases.validity import explain, violation
from proofsheet.checks.geometry import NOBODYS, area_close, describe, distance, ratio_close, size_of
from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Subject, allowed_statuses, is_mislabelled, is_right_refusal, what_came
from proofsheet.contract.openapi import response_schema


def served(subject: Subject) -> Iterator[Judgement]:
    """A valid request is served: answered 2xx, its task succeeds, and images come."""
    if subject.case.expect != "serve" or subject.case.area not in ("parameters", "pixels"):
        return
    performance = subject.performance
    expected = "served with an image"
    if subject.served and subject.images:
        yield Judgement("parameters.served", True, "served", expected, what_came(performance.main))
    elif subject.served:
        yield Judgement("parameters.served", False, "answered as a success, but without an image", expected, f"{what_came(performance.main)}, no image")
    elif subject.together and subject.refusal is not None and (subject.refusal.status or 0) < 500:
        message = "valid values were refused together, and each of them is served alone"
        yield Judgement("parameters.served", False, message, expected, _outcome(subject), "should")
    else:
        yield Judgement("parameters.served", False, _why_not(subject), expected, _outcome(subject))


def _why_not(subject: Subject) -> str:
    words = {"refused": "a valid request was refused", "failed": "the task of a valid request failed", "unfinished": "the task did not end in time"}
    return words.get(subject.performance.outcome, "no usable answer to a valid request")


def _outcome(subject: Subject) -> str:
    performance = subject.performance
    if performance.outcome in ("failed", "unfinished"):
        words = [poll.word or f"HTTP {poll.exchange.status}" for poll in performance.polls[-1:]]
        return f"task {performance.outcome}" + (f" ({words[0]})" if words else "")
    if performance.outcome == "broken" and performance.main.ok:
        return f"{what_came(performance.main)}, but no task to poll" if not performance.polls else f"{what_came(performance.polls[-1].exchange)} to the poll"
    return what_came(performance.main)


def refused(subject: Subject) -> Iterator[Judgement]:
    """An invalid request is refused with a right status."""
    case = subject.case
    if case.area != "parameters" or case.expect not in ("refuse", "see"):
        return
    most = "info" if case.expect == "see" else None
    expected, actual = allowed_statuses(case.error), _outcome(subject)
    if not subject.grounded:
        yield Judgement("parameters.refused", None, "the base request was not served, so a refusal proves nothing", expected, actual)
        return
    main = subject.performance.main
    if main.problem is not None:
        yield Judgement("parameters.refused", False, f"no answer to an invalid request ({main.problem})", expected, actual, most)
    elif case.expect == "see":
        yield Judgement("parameters.refused", not main.ok, "the request was served" if main.ok else "the request was refused", expected, actual, most)
    elif main.ok or main.status is None:
        message = "an invalid value was silently replaced" if subject.images else "an invalid request was accepted"
        seen = f"{actual}, {describe(subject.images)}" if subject.images else actual
        yield Judgement("parameters.refused", False, message, expected, seen, most)
    elif is_right_refusal(case.error, main.status):
        yield Judgement("parameters.refused", True, "refused", expected, actual, most)
    else:
        yield _wrong_status(subject, main.status, expected, actual, most)


def _wrong_status(subject: Subject, status: int, expected: str, actual: str, most: str | None) -> Judgement:
    error = subject.case.error
    if error is not None and status in error.tolerated:
        return Judgement("parameters.refused", False, "refused with a status that the document warns of", expected, actual, most or "should")
    message = "an invalid request broke the server" if status >= 500 else "an invalid request was refused with the wrong status"
    return Judgement("parameters.refused", False, message, expected, actual, most)


def honoured(subject: Subject) -> Iterator[Judgement]:
    """The picture is the one asked for, and not one that another value would have given."""
    pixels, cells = subject.operation.pixels, subject.wanted_cells
    if pixels is None or not subject.served or not any(axis in subject.asked for axis in pixels.table.axes) or len(cells) == len(pixels.table.cells):
        return
    for picture in subject.images:
        size = size_of(picture)
        if size is None:
            continue
        expected, actual = " or ".join(sorted({cell.name for cell in cells}))[:120] or "no picture: no cell has this value", describe([picture])
        # By how much it is off is for other checks to say; here it counts whose picture it is.
        nearest = min((*cells, *pixels.table.cells), key=lambda cell: (distance(size, cell), cell not in cells))
        if distance(size, nearest) > NOBODYS:
            yield Judgement("parameters.honoured", False, "the picture is not the one asked for: the value was silently replaced", expected, actual)
        elif nearest in cells:
            yield Judgement("parameters.honoured", True, "the picture is the one asked for", expected, actual)
        else:
            yield Judgement("parameters.honoured", False, f"the picture is that of {nearest.name}: the value was silently replaced", expected, actual)


def default(subject: Subject) -> Iterator[Judgement]:
    """What isn't sent takes the documented default."""
    if subject.case.kind != "default" or not subject.served:
        return
    yield from _default_size(subject)
    formats, count = subject.operation.roles.get("format"), subject.operation.roles.get("count")
    for picture in subject.images:
        if formats is not None and formats.default is not None and picture.kind is not None:
            held = picture.kind == formats.default
            yield Judgement("parameters.default", held, f"the default format is {formats.default}", str(formats.default), picture.kind)
    if count is not None and count.default is not None:
        held = len(subject.images) == count.default
        yield Judgement("parameters.default", held, f"the default number of images is {count.default}", str(count.default), str(len(subject.images)))


def _default_size(subject: Subject) -> Iterator[Judgement]:
    pixels = subject.operation.pixels
    if pixels is None:
        return
    documented = {axis: value for axis, value in pixels.default.items() if value is not None}
    free = {axis for axis in pixels.table.axes if (role := subject.operation.roles.get(axis)) and documented.get(axis) in role.free}
    if not set(documented) - free:
        return
    expected = ", ".join(f"{axis} {value}" for axis, value in documented.items() if axis not in free)
    ratio_known = "ratio" in documented and "ratio" not in free
    for picture in subject.images:
        size = size_of(picture)
        if size is not None:
            held = any(area_close(size, cell) and (not ratio_known or ratio_close(size, cell)) for cell in subject.wanted_cells)
            yield Judgement("parameters.default", held, f"without a value, {expected} applies", expected, describe([picture]))


def ignored(subject: Subject) -> Iterator[Judgement]:
    """A parameter that is documented to change nothing is accepted and changes nothing."""
    if subject.case.kind != "ignored":
        return
    if not subject.served:
        yield Judgement("parameters.ignored", False, "a parameter that is documented as ignored was refused", "accepted and ignored", _outcome(subject))
        return
    for picture in subject.images:
        size = size_of(picture)
        if size is None or not subject.wanted_cells:
            continue
        held = any(area_close(size, cell) for cell in subject.wanted_cells)
        yield Judgement("parameters.ignored", held, "the picture is as without the parameter", "accepted and ignored", describe([picture]))


def answer(subject: Subject) -> Iterator[Judgement]:
    """A success fits the documented response schema."""
    main = subject.performance.main
    if not main.ok or subject.performance.probe.poll_only is not None or subject.case.expect not in ("serve", "fail"):
        return
    schema = response_schema(subject.operation.endpoint, main.status or 0)
    if schema is None:
        return
    if main.json is None:
        yield Judgement("parameters.answer", False, "the answer is not JSON", "JSON of the documented shape", what_came(main))
        return
    error = violation(schema, main.json)
    found = "" if error is None else explain(error)
    yield Judgement("parameters.answer", error is None, "the answer has the documented shape" if error is None else found, "the documented shape", found or "fits")
    if is_mislabelled(main):
        yield Judgement("parameters.answer", False, "the answer is JSON and says that it is not", "the media type of JSON", main.media_type, "should")


def origin(subject: Subject) -> Iterator[Judgement]:
    """No call is sent on to another origin."""
    found = [incident for incident in subject.performance.incidents if incident.kind == "redirect_elsewhere"]
    for incident in found:
        yield Judgement("parameters.origin", False, "a call was redirected to another origin; no key was sent there", "the same origin", incident.detail[:200])
    if not found and subject.case.kind == "base":
        held = True if subject.served else None
        message = "no call was redirected to another origin" if held else "the base request was not served, so nothing is known of redirects"
        yield Judgement("parameters.origin", held, message, "the same origin", "the same origin")


CHECKS = (served, refused, honoured, default, ignored, answer, origin)
