"""Which recorded request is the one that is asked now: by value where order and spelling mean nothing, else to the letter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from proofsheet.recording.bodies import boundary_of
from proofsheet.recording.cassette import Asked

_BOUNDARY = "(boundary)"
#: Headers that follow from the address and the body.
_OF_THE_WIRE = frozenset({"host", "connection", "content-length", "transfer-encoding"})
#: What our client says for itself where a case says nothing.
_OUR_OWN = {"user-agent": "proofsheet/", "accept": "*/*", "accept-encoding": "gzip, deflate"}


def chosen_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that a case, a target or a key has put there, by lower-case names; not those that our client adds to every request."""
    named = {name.lower(): value for name, value in headers.items()}
    return {name: value for name, value in named.items() if name not in _OF_THE_WIRE and not value.startswith(_OUR_OWN.get(name, "\0"))}


def canonical(asked: Asked) -> dict[str, Any]:
    """The parts that must agree: method, URI, headers (the account by its name among them), body."""
    media_type = next((value for name, value in asked.headers.items() if name.lower() == "content-type"), "")
    boundary = boundary_of(media_type)
    headers = {name.lower(): value.replace(boundary, _BOUNDARY) if boundary and name.lower() == "content-type" else value for name, value in asked.headers.items()}
    return {"method": asked.method, "uri": asked.uri, "headers": headers, "body": _body(asked.body, boundary)}


def fingerprint(asked: Asked) -> str:
    """The same for requests that are the same."""
    return hashlib.sha256(json.dumps(canonical(asked), sort_keys=True).encode("utf-8")).hexdigest()


def _body(body: str, boundary: str | None) -> Any:
    """JSON by value (1 and 1.0 differ: a target may), multipart by its parts, anything else to the letter."""
    if boundary:
        return {"parts": body.replace(boundary, _BOUNDARY).split(f"--{_BOUNDARY}")}
    if body.lstrip()[:1] in ("{", "[", '"') or body in ("null", "true", "false"):
        try:
            return {"json": json.loads(body, object_pairs_hook=_pairs)}
        except (ValueError, RecursionError):
            return {"text": body}
    return {"text": body}


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object by value; one with a name that stands twice is no value, and stays as it is written."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def difference(asked: Asked, recorded: Asked) -> list[str]:
    """In which places two requests differ, without values: any of them may be private."""
    return list(_differences(canonical(asked), canonical(recorded), ""))


def _differences(one: Any, other: Any, place: str) -> Iterator[str]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in dict.fromkeys([*one, *other]):
            where = f"{place}/{name}"
            if name not in other:
                yield f"{where[1:]} (new)"
            elif name not in one:
                yield f"{where[1:]} (gone)"
            else:
                yield from _differences(one[name], other[name], where)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _differences(mine, theirs, f"{place}/{number}")
    elif type(one) is not type(other) or one != other:
        yield place[1:]
