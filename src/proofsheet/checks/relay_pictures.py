"""Checks of the pictures that pass a gateway: those that a client sends, and those that come back."""

from __future__ import annotations

from collections.abc import Iterator

from proofsheet.checks.model import Judgement
from proofsheet.checks.relay_sides import AT_ONCE, HANGS_UP, REFUSED, calls, images, outcome, speaks, together, watched, why_unshown
from proofsheet.checks.subject import Subject
from proofsheet.contract.marks import digests


def references(subject: Subject) -> Iterator[Judgement]:
    """Reference images reach the model: all of them, unchanged, in their order."""
    if subject.case.kind != "relay-reference" or watched(subject) is None:
        return
    why = why_unshown(subject)
    sent = [digests(picture.content) for picture in subject.case.asked.get("references", ())]
    expected = f"{len(sent)} image(s)"
    if why is not None or not subject.served or not calls(subject):
        yield Judgement("relay.references", None, why or "the request was not served", expected, outcome(subject))
        return
    for call in calls(subject):
        got = call.references
        if len(got) != len(sent):
            yield Judgement("relay.references", False, "another number of reference images reached the model", expected, f"{len(got)} image(s)")
        elif all(one[1] == other[1] for one, other in zip(sent, got, strict=True)):
            yield Judgement("relay.references", True, "the reference images reached the model", expected, expected)
        else:
            moved = {one[1] for one in sent} == {other[1] for other in got}
            message = "the reference images reached the model in another order" if moved else "a reference image was changed on the way"
            yield Judgement("relay.references", False, message, expected, "in another order" if moved else "other pixels")


def images_(subject: Subject) -> Iterator[Judgement]:
    """As many images are delivered as the model made: nobody pays for one that no client gets."""
    if watched(subject) is None or subject.case.kind in REFUSED or why_unshown(subject) is not None:
        return
    if subject.case.kind == HANGS_UP:
        yield _hung_up(subject)
        return
    for one in together(subject) if subject.served or subject.case.kind == AT_ONCE else ():
        spoilt = one is subject.performance and subject.case.expect == "refuse"
        if one.outcome != "served" or one.relayed is None or spoilt:
            continue
        made, delivered = len(one.relayed.drawn), len(images(one))
        held = made == delivered
        yield Judgement("relay.images", held, "the client got what the model made" if held else "the model made another number of images than the client got",
                        f"{made} image(s)", f"{delivered} image(s)")  # fmt: skip


def _hung_up(subject: Subject) -> Judgement:
    made, asked = len(calls(subject)), subject.wanted_count or 1
    expected = f"at most {asked} image(s), asked for once"
    if subject.performance.main.problem != "timeout":
        return Judgement("relay.images", None, "the answer came before the client hung up", expected, outcome(subject))
    drawn = sum(len(call.drawn) for call in calls(subject))
    held = drawn <= asked and made <= asked
    message = "nothing was made twice for a client that hung up" if held else "the model was asked again though the client had hung up"
    return Judgement("relay.images", held, message, expected, f"{drawn} image(s), {made} call(s)")


def picture(subject: Subject) -> Iterator[Judgement]:
    """The picture that the client gets is the one that the model made for it, in its full size."""
    if not speaks(subject) or why_unshown(subject) is not None:
        return
    everyone = {one.mark: one for performance in together(subject) if performance.relayed is not None for one in performance.relayed.drawn}
    for performance in together(subject):
        if performance.outcome != "served" or performance.relayed is None or not performance.relayed.drawn:
            continue
        own = {one.mark: one for one in performance.relayed.drawn}
        marks = [one.mark for one in images(performance)]
        for one in images(performance):
            if one.problem is not None:
                continue
            drawn = own.get(one.mark if one.mark is not None else -1)
            expected = " or ".join(sorted({f"{made.width}x{made.height}" for made in own.values()}))
            actual = f"{one.width}x{one.height}"
            if drawn is None:
                message = "the picture is that of another request" if one.mark in everyone else "the picture is not the one that the model made"
                yield Judgement("relay.picture", False, message, expected, actual)
            elif (drawn.width, drawn.height) != (one.width, one.height):
                yield Judgement("relay.picture", False, "the picture was resized on the way", f"{drawn.width}x{drawn.height}", actual)
            elif marks.count(one.mark) > 1:
                yield Judgement("relay.picture", False, "one picture was delivered twice", f"{len(marks)} pictures", "the same picture")
            else:
                yield Judgement("relay.picture", True, "the picture is the one that the model made", f"{drawn.width}x{drawn.height}", actual)


CHECKS = (references, images_, picture)
