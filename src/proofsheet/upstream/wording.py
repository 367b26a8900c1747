"""Answers in a shape's own words, from the templates of its data."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proofsheet.loopback import Said
from proofsheet.reference.templates import render
from proofsheet.upstream.shapes import Behaviour, Shape

#: What comes in a picture's place where the fault says so.
_NO_PICTURE = b"This text stands where a picture was promised, and no decoder will make one of it."


@dataclass(frozen=True, slots=True)
class Made:
    """What the model has made: the pictures, and ``extra``, one that only a fault shows."""

    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    media_type: str = "image/png"
    extra: bytes = field(default=b"", repr=False)
    tokens: int = 0
    model: str = ""


def worded(shape: Shape, how: Behaviour, made: Made, names: Mapping[str, Any]) -> Said:
    """The answer to send. ``names`` are further placeholders of the templates."""
    everything = {**names, **_names(shape, how, made), "message": render(how.message or "", names)}
    body = _body(shape, how, everything)
    if how.keep is not None:
        body = body[: int(len(body) * how.keep)]
    headers = tuple((name, str(render(value, everything))) for name, value in (how.headers or {}).items())
    return Said(how.status, body, headers, how.media_type or "application/json", how.after, how.cut, how.drop)


def _body(shape: Shape, how: Behaviour, names: Mapping[str, Any]) -> bytes:
    if how.text is not None:
        return how.text.encode()
    template = how.json if how.json is not None else shape.answer if how.message is None else shape.error
    return json.dumps(render(template, names)).encode()


def _names(shape: Shape, how: Behaviour, made: Made) -> dict[str, Any]:
    images = [_image(content, made.media_type, number, how.picture) for number, content in enumerate(made.pictures)]
    return {
        "images": images,
        "first": images[0] if images else {},
        "extra": _image(made.extra, made.media_type, 0, None),
        "tokens": made.tokens,
        "total": made.tokens + 12,
        "model": made.model,
        "now": int(time.time()),
        "status": how.status,
        "word": shape.words.get(str(how.status), ""),
    }


def _image(content: bytes, media_type: str, index: int, spoilt: str | None) -> dict[str, Any]:
    if spoilt == "text":
        content = _NO_PICTURE
    elif spoilt == "truncated":
        content = content[: len(content) // 2]
    return {"media_type": media_type, "base64": base64.b64encode(content).decode("ascii"), "index": index}
