"""A tiny contract of frozen values, and subjects made from it: what each test of a check starts from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from proofsheet.cases.model import Case, Probe
from proofsheet.checks import Bounds, Judgement, Subject
from proofsheet.contract.locations import Location, Locator
from proofsheet.contract.model import (
    Answer,
    Assets,
    Cell,
    Contract,
    Endpoint,
    ErrorCase,
    Errors,
    ImageRule,
    Lifecycle,
    Matrix,
    Model,
    Operation,
    Pace,
    Pixels,
    PresetTable,
    Role,
    StatusRule,
    Times,
)
from proofsheet.contract.requests import Request
from proofsheet.exchange.model import Exchange, Incident, Performance, Picture, Poll, Sent

NOT_GIVEN: Any = object()

SQUARE = Cell(("1:1", "1K"), 1000, 1000, tokens=1000)
WIDE = Cell(("16:9", "1K"), 1280, 720, tokens=1000)
BIG_SQUARE = Cell(("1:1", "2K"), 2000, 2000, tokens=1600)
BIG_WIDE = Cell(("16:9", "2K"), 2560, 1440, tokens=1600)
TABLE = PresetTable("canvases", ("ratio", "size"), (SQUARE, WIDE, BIG_SQUARE, BIG_WIDE))


def at(text: str) -> Locator:
    return Locator.parse(text)


def role(name: str, **more: Any) -> Role:
    return Role(name, Location.parse(more.pop("at", f"json:/{name}")), **more)


def roles(*given: Role) -> dict[str, Role]:
    return {one.name: one for one in (role("ratio"), role("size"), role("count"), *given)}


ANSWER_SCHEMA = {"type": "object", "required": ["images"], "properties": {"images": {"type": "array"}}}
TASK_SCHEMA = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}


def responses(schema: Any) -> dict[str, Any]:
    return {"200": {"content": {"application/json": {"schema": schema}}}}


DRAW = Endpoint("draw", "POST", "/draw", (), {}, responses(ANSWER_SCHEMA), ("key",))
LOOK = Endpoint("look", "GET", "/tasks/{id}", (), {}, responses(TASK_SCHEMA), ("key",))
ANSWER = Answer("answer", (ImageRule(each="$.images[*]", url="$.url"),), tokens=(at("json:$.usage[*].tokens"),), declared={})

LIFECYCLE = Lifecycle(
    name="task", id=(at("json:$.id"),), poll_url=(), poll=LOOK, poll_path={"id": "${id}"}, poll_query={},
    status=StatusRule(at=(at("json:$.status"),), submitted=frozenset({"queued"}),
                      words={"queued": "running", "drawing": "running", "done": "succeeded", "broken": "failed"}),
    answer=ANSWER, progress=(at("json:$.progress"),), reason=(at("json:$.error"),),
)  # fmt: skip


def operation(**more: Any) -> Operation:
    usual: dict[str, Any] = {
        "name": "draw", "key": "draw", "purpose": "generate", "endpoint": DRAW, "model": Model("painter-1", "p1"), "media_type": "application/json",
        "schema": None, "base": Request("POST", "/draw", json={"prompt": "a fox"}), "roles": roles(), "answer": ANSWER, "lifecycle": None,
        "pixels": Pixels(TABLE),
    }  # fmt: skip
    return Operation(**{**usual, **more})


def contract(**more: Any) -> Contract:
    usual: dict[str, Any] = {
        "provider": "acme", "title": "Acme", "base_url": "https://api.acme.example", "documents": (), "models": (), "operations": (), "endpoints": {},
        "security_schemes": {}, "errors": Errors(message=(at("json:$.error.message"),), code=(at("json:$.error.code"), at("header:x-code"))),
        "assets": Assets(hosts=("img.acme.example",)), "prices": None, "pace": Pace(), "times": Times(), "features": (), "matrix": Matrix(()),
        "sha256": "0" * 64, "folder": "specs/acme",
    }  # fmt: skip
    return Contract(**{**usual, **more})


def exchange(status: int | None = 200, body: Any = NOT_GIVEN, headers: Mapping[str, str] | None = None, id: str = "x1", **more: Any) -> Exchange:
    """An answer: ``body`` is JSON unless it is bytes."""
    content = b"" if body is NOT_GIVEN else body if isinstance(body, bytes) else json.dumps(body).encode()
    usual = {"content-type": "application/json"} if headers is None and content else {}
    return Exchange(id, Sent("POST", "http://127.0.0.1:1/draw", {}), status, dict(headers or usual), content, **more)


def picture(width: int | None = 1000, height: int | None = 1000, **more: Any) -> Picture:
    usual: dict[str, Any] = {"source": "url", "url": "https://img.acme.example/1.png", "declared": "image/png", "kind": "png", "complete": True, "digest": "d1"}
    return Picture(**{**usual, "width": width, "height": height, **more})


def poll(word: str | None, t: float = 1.0, state: str | None = None, progress: Any = None, **more: Any) -> Poll:
    body = more.pop("body", {"status": word} if word is not None else {})
    found = state or LIFECYCLE.status.words.get(word or "", "unknown")
    return Poll(t, exchange(body=body, id=f"poll-{t}", **more), word, found, progress)


def subject(
    *,
    asks: Mapping[str, Any] | None = None,
    kind: str = "valid",
    area: str = "parameters",
    expect: str = "serve",
    outcome: str = "served",
    main: Exchange | None = None,
    pictures: Iterable[Picture] = (),
    grounded: bool | None = None,
    error: ErrorCase | None = None,
    op: Operation | None = None,
    held_to: Contract | None = None,
    bounds: Bounds | None = None,
    incidents: Iterable[str] = (),
    poll_only: str | None = None,
    **more: Any,
) -> Subject:
    """A subject. ``grounded``: None where the case needs no base request, else whether that one was served.

    ``asks`` is what the request says beside its prompt, as it stands on the wire.
    """
    op = op or operation()
    main = main or exchange(body={"images": [{}]})
    made = Probe("p", op, replace(op.base, json={**op.base.json, **(asks or {})}), poll_only=poll_only)
    base = Probe("b", op, op.base)
    performance = Performance(made, outcome, main, pictures=tuple(pictures), incidents=tuple(Incident(*i.split("|")) for i in incidents),
                              **{"final": main if outcome == "served" else None, **more})  # fmt: skip
    case = Case(f"acme/draw/{area}/it", area, kind, op, expect, made, error=error, base=None if grounded is None else base)
    under = None if grounded is None else Performance(base, "served" if grounded else "refused", exchange(200 if grounded else 401))
    return Subject(held_to or contract(), case, performance, under, bounds or Bounds())


def held(check: str, message: str, expected: str = "", actual: str = "", most: str | None = None) -> Judgement:
    return Judgement(check, True, message, expected, actual, most)


def broken(check: str, message: str, expected: str = "", actual: str = "", most: str | None = None) -> Judgement:
    return Judgement(check, False, message, expected, actual, most)


def unshown(check: str, message: str, expected: str = "", actual: str = "") -> Judgement:
    return Judgement(check, None, message, expected, actual)


def row(name: str, check: Any, of: Subject, *said: Judgement) -> Any:
    """One line of a table: a check, a subject, and exactly what it says."""
    return pytest.param(check, of, list(said), id=f"{check.__name__}: {name}")
