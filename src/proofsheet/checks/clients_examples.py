"""What became of a document's own example, and whose doing that is: the target's, the document's or this machine's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Subject, what_came
from proofsheet.contract.examples import Broken, Example
from proofsheet.exchange.model import Handed, Performance

_GIVES = {"images": "an image", "task": "a task's id", "status": "how the task stands"}
_EXCERPT = 160


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an example. ``outcome`` is works, refused, fails, cannot work or not testable; ``most`` as in Judgement."""

    outcome: str
    sentence: str
    held: bool | None
    actual: str
    most: str | None = None


def example(subject: Subject) -> Iterator[Judgement]:
    """An example of the document works as it is printed."""
    call = subject.performance.probe.client
    if call is not None and call.example is not None and subject.performance.handed is not None:
        told = told_of(call.example, subject.performance)
        yield Judgement("clients.example", told.held, told.sentence, _GIVES[call.example.gives], told.actual, told.most)


def told_of(example: Example, performance: Performance) -> Told:
    """What a performance says of an example. Only what a target answered to its request is ever the target's doing."""
    handed = performance.handed
    assert handed is not None
    actual = _actual(handed)
    if handed.missing:
        return Told("not testable", handed.missing, None, "")
    if example.broken is not None:
        return _declared(example.broken, handed, actual)
    if not handed.requests:
        return Told("cannot work", f"it {_ended(handed)} before it sent anything: that is about the document or this machine{_said(handed)}", False, actual, "info")
    if not handed.nothing and handed.code == 0:
        return Told("works", "works as it is printed", True, actual)
    if not handed.nothing:
        return Told("fails", f"the answer is as documented, and yet it {_ended(handed)}{_said(handed)}", False, actual, "info")
    main = performance.main
    if main.problem is None and (main.status or 0) >= 400:
        return Told("refused", "the documented example is refused", False, actual)
    return Told("fails", f"the documented example gives nothing: {handed.nothing if main.ok else what_came(main)}", False, actual)


def _declared(broken: Broken, handed: Handed, actual: str) -> Told:
    """One that cannot work, as its declaration says: a finding about the document, whatever came of it."""
    if handed.requests and not handed.nothing and handed.code == 0:
        return Told("works", f"works, though declared not to: remove the declaration ({broken.why})", False, actual, "info")
    as_declared = _exits(broken, handed) if broken.shows == "exit" else _is_refused(handed)
    beside = "" if as_declared else f"; it {_ended(handed)}, which is not how the declaration has it"
    return Told("cannot work", f"the document's example cannot work: {broken.why}{beside}", False, actual, "info")


def _exits(broken: Broken, handed: Handed) -> bool:
    return not handed.requests and handed.code not in (0, None) and re.search(broken.says or "", handed.message) is not None


def _is_refused(handed: Handed) -> bool:
    last = handed.requests[-1] if handed.requests else None
    return last is not None and last.problem is None and last.status is not None and 400 <= last.status < 500


def _ended(handed: Handed) -> str:
    return "did not end in time" if handed.late else f"ended with exit code {handed.code}"


def _said(handed: Handed) -> str:
    """The last line of what it complained of: where scripts say what is wrong."""
    last = next(reversed(handed.message.strip().splitlines()), "")
    return f": {' '.join(last.split())[:_EXCERPT]}" if last else ""


def _actual(handed: Handed) -> str:
    came = ", ".join(what_came(exchange) for exchange in handed.requests[-4:]) or "nothing was sent"
    return f"{came}; {_ended(handed)}{_said(handed) if handed.code else ''}"[: 3 * _EXCERPT]


CHECKS = (example,)
