"""What a request asks the upstream for, read from where the shape's data says that it stands."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from proofsheet.loopback import Heard
from proofsheet.upstream.shapes import Place, Shape

_FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Body:
    """A decoded body. ``problem`` says why there is none."""

    json: Any = None
    form: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[bytes]] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for, in our own terms: ``values`` by role. ``strange`` is the first value that cannot be read."""

    prompt: str | None
    values: dict[str, Any]
    references: tuple[bytes, ...] = field(default=(), repr=False)
    strange: str | None = None


async def decoded(heard: Heard) -> Body:
    """The body of a request. Never raises for what was sent."""
    if heard.headers.get("content-type", "").lower().startswith(_FORM):
        return await _form(heard)
    try:
        document = json.loads(heard.body)
    except (ValueError, RecursionError):
        return Body(problem="the body is not JSON")
    return Body(document) if isinstance(document, dict) else Body(problem="the body is no JSON object")


async def _form(heard: Heard) -> Body:
    async def stream() -> AsyncIterator[bytes]:
        yield heard.body

    form: dict[str, list[str]] = {}
    files: dict[str, list[bytes]] = {}
    try:
        parsed = await MultiPartParser(Headers(dict(heard.headers)), stream(), max_part_size=64 << 20).parse()  # type: ignore[arg-type]
    except (MultiPartException, KeyError, ValueError) as error:
        return Body(problem=f"the form cannot be read: {error}"[:120])
    for name, value in parsed.multi_items():
        if isinstance(value, UploadFile):
            files.setdefault(name, []).append(await value.read())
        else:
            form.setdefault(name, []).append(value)
    await parsed.close()
    return Body(form=form, files=files)


def asking(shape: Shape, heard: Heard, body: Body) -> Asking:
    """What a request asks for."""
    found = {role: _first(places, heard, body) for role, places in shape.asks.items()}
    texts = [value for value in found.pop("prompt", []) if isinstance(value, str)]
    pictures, strange = _pictures(found.pop("references", []))
    values: dict[str, Any] = {}
    for role, given in found.items():
        value, problem = _value(role, given)
        strange = strange or problem
        if value is not None:
            values[role] = value
    return Asking("".join(texts) if texts else None, values, pictures, strange)


def _first(places: tuple[Place, ...], heard: Heard, body: Body) -> list[Any]:
    for place in places:
        found = _at(place, heard, body)
        if found:
            return found
    return []


def _at(place: Place, heard: Heard, body: Body) -> list[Any]:
    if place.path is not None:
        return [value for value in place.path.find(200, {}, body.json, "") if value is not None]
    if place.kind == "form":
        return list(body.form.get(place.name, []))
    if place.kind == "file":
        return list(body.files.get(place.name, []))
    value = heard.query.get(place.name) if place.kind == "query" else heard.headers.get(place.name.lower())
    return [] if value is None else [value]


def _value(role: str, given: list[Any]) -> tuple[Any, str | None]:
    """A role's value, and what is wrong with it. ``auto`` asks for nothing."""
    value = given[0] if given else None
    if value is None or value == "auto":
        return None, None
    if role == "search":
        return (True, None) if any(one is not False for one in given) else (None, None)
    if role in ("count", "seed"):
        number = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 12 else value
        return (number, None) if isinstance(number, int) and not isinstance(number, bool) else (str(value)[:40], f"{role} must be a whole number")
    return (value, None) if isinstance(value, str) else (str(value)[:40], f"{role} must be a string")


def _pictures(given: list[Any]) -> tuple[tuple[bytes, ...], str | None]:
    found, strange = [], None
    for one in given:
        if isinstance(one, bytes):
            found.append(one)
            continue
        text = one.partition(",")[2] if isinstance(one, str) and one.startswith("data:") else one
        try:
            found.append(base64.b64decode(str(text).translate(str.maketrans("-_", "+/")) + "==", validate=False) if isinstance(text, str) else b"")
        except (binascii.Error, ValueError):
            found.append(str(text)[:200].encode())
            strange = strange or "a reference image is not base64"
    return tuple(found), strange


def key_of(shape: Shape, heard: Heard) -> str | None:
    """The key that a request carries, without the word before it."""
    for place in shape.keys:
        for value in _at(place, heard, Body()):
            return str(value).removeprefix("Bearer ").strip()
    return None
