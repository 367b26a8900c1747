"""What a changed field does to an answer: worked out on the gateway's own words, read as the contract says they are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from proofsheet.cases.validity import violation
from proofsheet.contract.model import Answer, Endpoint, Lifecycle, Operation
from proofsheet.contract.openapi import response_schema
from proofsheet.exchange.model import Exchange, Sent
from proofsheet.exchange.pictures import extract
from proofsheet.exchange.states import poll_url, state_of, task_ref
from proofsheet.reference.gateway import Gateway
from proofsheet.reference.tasks import new_id
from proofsheet.reference.templates import render
from proofsheet.reference.wording import NAMES, AnswerTemplate, LifecycleWording

Change = Callable[[Any], Any]

_HERE = "http://127.0.0.1:9"
_NUMBERS = ("created", "now", "expires", "count", "number", "tokens", "prompt_tokens", "total_tokens", "status")


_PICTURE = {"base64": "aGVsbG8=", "width": 64, "height": 64, "size": "64x64", "media_type": "image/png", "format": "png", "number": 0}


class _Picture:
    """Stands for an image of an answer."""

    def step(self, name: str) -> Any:
        return _PICTURE.get(name, f"{_HERE}/{name}.png")


def seen_by(gateway: Gateway, operation: Operation, change: Change) -> Iterator[str]:
    """The checks that ought to notice that the operation's successful answers are changed so."""
    cycle = operation.lifecycle
    if cycle is None:
        template = gateway.wording.answer(operation)
        yield from _shape("parameters.answer", operation.endpoint, _said(template, {}), template.status, change)
        yield from _images(operation.answer, _said(template, {}), change)
        return
    wording = gateway.wording.lifecycles[cycle.name]
    names = {"id": new_id(wording), "poll_url": f"{_HERE}/poll"}
    submit, final = _said(wording.submit, names), _said(wording.succeeded, names)
    yield from _shape("parameters.answer", operation.endpoint, submit, wording.submit.status, change)
    yield from _shape("lifecycles.answer", cycle.poll, final, wording.succeeded.status, change)
    yield from _submission(cycle, submit, change)
    yield from _end(cycle, wording, names, change)


def _said(template: AnswerTemplate, names: dict[str, Any]) -> Any:
    """The JSON of an answer about one image; None where it is none."""
    if not template.has_json:
        return None
    known: dict[str, Any] = {name: 1 if name in _NUMBERS else "x" for name in NAMES} | {"images": [_Picture()], "sent": {}, "role": {}, "field": {}}
    return render(template.json, {**known, "word": template.word, "progress": template.progress, "reason": None, **names})


def _exchange(body: Any, status: int) -> Exchange:
    return Exchange("x", Sent("GET", _HERE, {}), status, {"content-type": "application/json"}, json.dumps(body).encode())


def _shape(check: str, endpoint: Endpoint, said: Any, status: int, change: Change) -> Iterator[str]:
    """The documented shape, which fits as it was said and not as it is changed."""
    schema = response_schema(endpoint, status)
    if said is not None and schema is not None and violation(schema, said) is None and violation(schema, change(said)) is not None:
        yield check


def _submission(cycle: Lifecycle, said: Any, change: Change) -> Iterator[str]:
    """The task's id, where the submission no longer says it, or not in the right type."""
    if said is None or change(said) == said:
        return
    before, after = (task_ref(cycle, _exchange(body, 200)) for body in (said, change(said)))
    lost = after is None and poll_url(cycle, _exchange(change(said), 200)) is None
    if before is not None and (lost or (after is not None and type(after) is not type(before))):
        yield "lifecycles.submitted"


def _end(cycle: Lifecycle, wording: LifecycleWording, names: dict[str, Any], change: Change) -> Iterator[str]:
    """The end of a task, where it can no longer be told, and its images."""
    said = _said(wording.succeeded, names)
    states = [state_of(cycle, _exchange(body, wording.succeeded.status))[1] for body in (said, change(said))] if said is not None else []
    if states[:1] == ["succeeded"] != states[1:]:
        yield "lifecycles.terminates"
        return
    result = said if wording.result is None else _said(wording.result, names)
    yield from _images(cycle.answer, result, change)


def _images(answer: Answer | None, said: Any, change: Change) -> Iterator[str]:
    """The images, where there are fewer, or where one is no URL or no picture any more."""
    if answer is None or said is None or change(said) == said:
        return
    before, after = ([found for found in extract(answer, _exchange(body, 200)) if not found.name] for body in (said, change(said)))
    if len(after) < len(before):
        yield from ("parameters.served", "pixels.count", "lifecycles.results")
    if any(found.source == "url" and found.problem for found in after):
        yield "assets.reachable"
    if any(found.source == "base64" and found.problem for found in after):
        yield "pixels.complete"
