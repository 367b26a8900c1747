"""How tightly a recording pins what is sent: each recorded request is corrupted once in each place, and a replay must notice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import httpx2

from proofsheet.exchange.transfer import NotRecorded
from proofsheet.recording.bodies import boundary_of
from proofsheet.recording.cassette import Asked, Cassette
from proofsheet.recording.matching import fingerprint
from proofsheet.recording.tape import Tape


@dataclass(frozen=True, slots=True)
class Pinned:
    """How many corruptions there were, and which went unnoticed (case and place)."""

    corruptions: int
    unnoticed: tuple[str, ...]

    @property
    def rate(self) -> float:
        """The share that was noticed; 0 where there was nothing to corrupt."""
        return (self.corruptions - len(self.unnoticed)) / self.corruptions if self.corruptions else 0.0


def pin(cassette: Cassette) -> Pinned:
    """Corrupt every request of a cassette in every place, each time replaying what was really asked."""
    keys = [fingerprint(interaction.asked) for interaction in cassette.interactions]
    count, unnoticed = 0, []
    for number, interaction in enumerate(cassette.interactions):
        for place, corrupted in corruptions(interaction.asked):
            count += 1
            if not _noticed(cassette, keys, number, corrupted):
                unnoticed.append(f"{cassette.case}: {interaction.asked.method} {httpx2.URL(interaction.asked.uri).path}: {place}")
    return Pinned(count, tuple(unnoticed))


def _noticed(cassette: Cassette, keys: list[str], number: int, corrupted: Asked) -> bool:
    changed = [fingerprint(corrupted) if index == number else key for index, key in enumerate(keys)]
    tape = Tape(cassette.interactions, changed)
    try:
        for interaction, key in zip(cassette.interactions, keys, strict=True):
            tape.play(interaction.asked, key)
    except NotRecorded:
        return True
    return False


def corruptions(asked: Asked) -> Iterator[tuple[str, Asked]]:
    """The request with one thing wrong, for each thing: method, path, query, headers, body."""
    yield "method", replace(asked, method="PATCH" if asked.method != "PATCH" else "POST")
    url = httpx2.URL(asked.uri)
    head, question, query = asked.uri.partition("?")
    yield "path", replace(asked, uri=f"{head}x{question}{query}")
    yield "host", replace(asked, uri=asked.uri.replace(url.host, f"not-{url.host}", 1))
    for name in url.params:
        yield f"query {quote(name)}", replace(asked, uri=str(url.copy_set_param(name, url.params[name] + "x")))
        yield f"query {quote(name)} gone", replace(asked, uri=str(url.copy_remove_param(name)))
    for name, value in asked.headers.items():
        yield f"header {name}", replace(asked, headers={**asked.headers, name: value + "x"})
        yield f"header {name} gone", replace(asked, headers={other: kept for other, kept in asked.headers.items() if other != name})
    yield "header new", replace(asked, headers={**asked.headers, "x-another": "1"})
    yield from ((f"body {place}", replace(asked, body=body)) for place, body in _bodies(asked))


def _bodies(asked: Asked) -> Iterator[tuple[str, str]]:
    boundary = boundary_of(asked.headers.get("content-type", ""))
    if boundary is not None:
        yield from _parts(asked.body, boundary)
        return
    try:
        document = json.loads(asked.body)
    except (ValueError, RecursionError):
        yield "text", asked.body + "x"
        return
    for place, changed in _changed(document, ""):
        yield place or "/", json.dumps(changed, ensure_ascii=False)


def _parts(body: str, boundary: str) -> Iterator[tuple[str, str]]:
    line = f"--{boundary}"
    parts = body.split(line)
    for number, part in enumerate(parts[1:-1], start=1):
        yield f"part {number}", line.join([*parts[:number], part.replace("\r\n\r\n", "\r\n\r\nx", 1), *parts[number + 1 :]])
        yield f"part {number} gone", line.join([*parts[:number], *parts[number + 1 :]])


def _changed(node: Any, place: str) -> Iterator[tuple[str, Any]]:
    """The document with one field changed, gone or new, for each field."""
    if isinstance(node, dict):
        for name, inner in node.items():
            yield f"{place}/{name} gone", {other: kept for other, kept in node.items() if other != name}
            yield from ((where, {**node, name: changed}) for where, changed in _changed(inner, f"{place}/{name}"))
        yield f"{place}/ new", {**node, "another": 1}
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield f"{place}/{number} gone", [*node[:number], *node[number + 1 :]]
            yield from ((where, [*node[:number], changed, *node[number + 1 :]]) for where, changed in _changed(inner, f"{place}/{number}"))
        yield f"{place}/ longer", [*node, None]
    else:
        yield place, _other(node)


def _other(value: Any) -> Any:
    """Another value of the same type, so that only a comparison by value can notice."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1 if abs(value) < 1e15 else 0
    return value + "x" if isinstance(value, str) else "x"
