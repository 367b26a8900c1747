"""Checks of a gateway from both sides: what was sent is what reached the model, no less and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from proofsheet.checks.geometry import area_close, ratio_close
from proofsheet.checks.model import Judgement
from proofsheet.checks.relay_sides import AT_ONCE, BASE, calls, images, outcome, speaks, together, watched, why_unshown
from proofsheet.checks.subject import Subject
from proofsheet.contract.model import Cell, Role
from proofsheet.exchange.model import Performance, UpstreamCall

#: Roles whose values must be found upstream.
_CARRIED = ("ratio", "size", "dimensions", "count", "search", "seed")
_SIZE = re.compile(r"([1-9][0-9]{1,4})x([1-9][0-9]{1,4})")
_EXCERPT = 40


def served(subject: Subject) -> Iterator[Judgement]:
    """A good request is served through the gateway, alone or among others."""
    if not speaks(subject) or subject.case.expect != "serve":
        return
    why = why_unshown(subject)
    wanted = [one for one in together(subject) if one is not _then(subject)]
    came = sum(one.outcome == "served" and bool(images(one)) for one in wanted)
    expected = "served with an image" if len(wanted) == 1 else f"{len(wanted)} served with an image"
    held, actual = came == len(wanted), outcome(subject) if len(wanted) == 1 else f"{came} served"
    # What leans on no other request fails by itself; all else may fail for the reason for which the base request did.
    if why is not None and (held or subject.case.kind not in (BASE, AT_ONCE)):
        yield Judgement("relay.served", None, why)
    else:
        yield Judgement("relay.served", held, "served" if held else "a good request was not served", expected, actual)


def _then(subject: Subject) -> Performance | None:
    seen = watched(subject)
    return seen.then if seen is not None else None


def prompt(subject: Subject) -> Iterator[Judgement]:
    """The prompt reaches the model as it was sent, character for character."""
    role = subject.operation.roles.get("prompt")
    if role is None or not speaks(subject):
        return
    why, sent = why_unshown(subject), str(subject.performance.probe.request.get(role.at))
    if why is not None:
        yield Judgement("relay.prompt", None, why)
    elif subject.served and not calls(subject):
        yield Judgement("relay.prompt", False, "a picture came, and the model was never asked with this prompt", _start(sent), "no call")
    elif not calls(subject) or (subject.case.expect == "see" and not subject.served):
        yield from _unasked(subject, sent)
    else:
        yield _same_prompt(sent, next((call.prompt or "" for call in calls(subject) if call.prompt != sent), sent))


def _unasked(subject: Subject, sent: str) -> Iterator[Judgement]:
    if subject.case.kind == "relay-long":
        yield Judgement("relay.prompt", False, f"a prompt of {len(sent)} characters was refused", "served or refused", outcome(subject), "info")
    elif subject.case.expect == "serve":
        yield Judgement("relay.prompt", None, "the request was not served, and the model was not asked", _start(sent), outcome(subject))


def _same_prompt(sent: str, got: str) -> Judgement:
    if got == sent:
        return Judgement("relay.prompt", True, "the prompt reached the model as it was sent", f"{len(sent)} characters", f"{len(got)} characters")
    if sent.startswith(got):
        return Judgement("relay.prompt", False, "the prompt was cut off on the way", f"{len(sent)} characters", f"{len(got)} characters")
    at = next((number for number, (one, other) in enumerate(zip(sent, got, strict=False)) if one != other), min(len(sent), len(got)))
    begin = max(0, at - 5)
    return Judgement("relay.prompt", False, f"the prompt was changed on the way, at character {at + 1}", _start(sent[begin:]), _start(got[begin:]))


def _start(text: str) -> str:
    return ascii(text[:_EXCERPT]) + ("…" if len(text) > _EXCERPT else "")


def carried(subject: Subject) -> Iterator[Judgement]:
    """What was asked for is asked of the model; what the gateway cannot carry it refuses."""
    if not speaks(subject) or (subject.case.expect == "refuse" and not subject.served):
        return
    asked = {name: value for name, value in subject.case.asked.items() if name in _CARRIED and _matters(subject, name, value)}
    why = why_unshown(subject)
    for name, value in asked.items():
        if why is not None:
            yield Judgement("relay.carried", None, why)
        elif subject.served and calls(subject):
            yield _carried(subject, name, value)
        elif not subject.served and not any(call.drawn for call in calls(subject)):
            held = True if subject.case.expect == "see" else None
            yield Judgement("relay.carried", held, f"{name}: refused, and so not dropped", f"{name} {value}", outcome(subject))


def _matters(subject: Subject, name: str, value: Any) -> bool:
    role: Role | None = subject.operation.roles.get(name)
    known = role is None or not (role.ignored or value in role.free)
    return known and subject.contract.relay.upstream_terms(name, value) is not None


def _carried(subject: Subject, name: str, value: Any) -> Judgement:
    expected = f"{name} {value}"
    if name == "count":
        total = sum(int(call.asked.get("count", 1)) for call in calls(subject))
        return Judgement("relay.carried", total == value, f"{name}: {'asked for upstream' if total == value else 'another number was asked for upstream'}", expected, str(total))
    for call in calls(subject):
        wrong = _wrong(subject, call, name, value)
        if wrong is not None:
            return Judgement("relay.carried", False, wrong[0], expected, wrong[1])
    return Judgement("relay.carried", True, f"{name}: asked for upstream", expected, expected)


def _wrong(subject: Subject, call: UpstreamCall, name: str, value: Any) -> tuple[str, str] | None:
    """What is wrong with a role's value upstream, and what stands there; None where it is right."""
    found = call.asked.get(name)
    if name in ("search", "seed"):
        return None if found == value else (f"{name}: {'dropped' if found is None else 'changed'} on the way", str(found)[:_EXCERPT])
    if found is not None and str(found) in (subject.contract.relay.upstream_terms(name, value) or ()):
        return None
    if found is not None:
        return f"{name}: changed on the way", f"{name} {str(found)[:_EXCERPT]}"
    # It may be said in another way (in pixels), or be what the model does anyway: then its pictures tell.
    sizes = [(one.width, one.height) for one in call.drawn]
    cells = _named(value) if name == "dimensions" and not subject.operation.roles.get(name) else subject.wanted_cells
    if sizes and cells and all(any(_close(size, cell, name) for cell in cells) for size in sizes):
        return None
    return f"{name}: {'changed' if name == 'dimensions' else 'dropped'} on the way", ", ".join(f"{width}x{height} upstream" for width, height in sizes) or "not there"


def _close(size: tuple[int, int], cell: Cell, name: str) -> bool:
    return (name == "size" or ratio_close(size, cell)) and (name == "ratio" or area_close(size, cell))


def _named(value: Any) -> tuple[Cell, ...]:
    """The pixels that a text such as 1536x1024 names."""
    found = _SIZE.fullmatch(str(value))
    return (Cell((str(value),), int(found[1]), int(found[2])),) if found is not None else ()


def invented(subject: Subject) -> Iterator[Judgement]:
    """The model is asked for nothing that the client did not ask for."""
    if not speaks(subject) or not subject.served or not calls(subject) or why_unshown(subject) is not None:
        return
    found = [one for call in calls(subject) for one in _additions(subject, call)]
    for name, value, most in dict.fromkeys(found):
        yield Judgement("relay.invented", False, f"{name}: asked of the model, and not by the client", "nothing more than was asked for", f"{name} {value}", most)
    if not found:
        yield Judgement("relay.invented", True, "nothing was added", "nothing more than was asked for", "nothing more")


def _additions(subject: Subject, call: UpstreamCall) -> Iterator[tuple[str, str, str | None]]:
    """Role, value and the heaviest level of each thing that was added."""
    asked = subject.case.asked
    for name in ("ratio", "size", "search", "seed"):
        value, documented = call.asked.get(name), _documented(subject, name)
        if value is None or name in asked or str(value) == str(documented) or (name in ("ratio", "size") and "dimensions" in asked):
            continue
        # Where nobody says what applies, the gateway may choose; a fixed seed changes nothing that a client was promised.
        yield name, str(value)[:_EXCERPT], "info" if name == "seed" or (documented is None and name != "search") else None
    if call.references and "references" not in asked and subject.operation.purpose != "edit":
        yield "references", str(len(call.references)), None


def _documented(subject: Subject, name: str) -> Any:
    pixels, role = subject.operation.pixels, subject.operation.roles.get(name)
    found = pixels.default.get(name) if pixels is not None else None
    return found if found is not None else role.default if role is not None else None


CHECKS = (served, prompt, carried, invented)
