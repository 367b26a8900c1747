"""What a request changes in another one, place by place, so that two changes can be laid on one request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proofsheet.contract.locations import Location
from proofsheet.contract.requests import ABSENT, Request

#: Each place that differs and what stands there; ABSENT where the place is taken out.
Change = Mapping[Location, Any]


def change_between(base: Request, request: Request) -> Change | None:
    """What turns ``base`` into ``request``; None where it is no matter of places (another path, raw bytes)."""
    if (base.method, base.path) != (request.method, request.path) or (base.raw, base.media_type) != (request.raw, request.media_type):
        return None
    found = {at: value for kind in ("header", "query", "path", "form") for at, value in _mappings(kind, base, request)}
    found |= dict(_json("", base.json, request.json))
    for name in dict.fromkeys(name for name, _ in (*base.files, *request.files)):
        before, after = (tuple(upload for held, upload in one.files if held == name) for one in (base, request))
        if before != after:
            found[Location("file", name)] = list(after) if after else ABSENT
    return found


def _mappings(kind: str, base: Request, request: Request) -> Iterator[tuple[Location, Any]]:
    before, after = ({"header": one.headers, "query": one.query, "path": one.path_params, "form": one.form}[kind] for one in (base, request))
    for name in dict.fromkeys((*before, *after)):
        if before.get(name, ABSENT) != after.get(name, ABSENT):
            yield Location(kind, name), after.get(name, ABSENT)


def _json(above: str, before: Any, after: Any) -> Iterator[tuple[Location, Any]]:
    if isinstance(after, dict) and (isinstance(before, dict) or before is ABSENT):
        held = before if isinstance(before, dict) else {}
        for name in dict.fromkeys((*held, *after)):
            yield from _json(f"{above}/{_escaped(name)}", held.get(name, ABSENT), after.get(name, ABSENT))
        if not after and before is ABSENT and above:
            yield Location("json", above), after
    elif not _same(before, after):
        yield Location("json", above), after


def _same(before: Any, after: Any) -> bool:
    """Equal on the wire: 1, 1.0 and true are three things there."""
    return type(before) is type(after) and bool(before == after)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def overlap(one: Change, other: Change) -> bool:
    """Whether two changes touch the same place, or a place inside the other's, and do not agree on it."""
    for here, value in one.items():
        for there, second in other.items():
            if here.kind != there.kind or (here == there and _same(value, second)):
                continue
            if here == there or (here.kind == "json" and (f"{here.place}/".startswith(f"{there.place}/") or f"{there.place}/".startswith(f"{here.place}/"))):
                return True
    return False


def changed(request: Request, change: Change) -> Request:
    """``request`` with a change laid on it."""
    for at, value in change.items():
        request = request.put(at, value)
    return request
