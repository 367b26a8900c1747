"""The pictures of an answer: where they stand, what they are."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin

from proofsheet.contract.locations import select
from proofsheet.contract.model import Answer, ImageRule
from proofsheet.exchange.assets import Assets, Fetched
from proofsheet.exchange.inspection import Facts, Inspector, inspect, kind_of
from proofsheet.exchange.model import Exchange, Picture
from proofsheet.exchange.shedding import shed_now

__all__ = ["Facts", "Found", "Inspector", "collect", "extract", "inspect"]

#: Bytes of an answer from which its base64 is decoded beside the event loop and not in it.
_EXTRACT_IN_THREAD = 100_000
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Found:
    """One picture as the answer gives it: a ``url`` to fetch, its ``content``, or the ``problem`` with what stands there."""

    source: str
    name: str = ""
    url: str | None = None
    content: bytes | None = field(default=None, repr=False)
    declared: str | None = None
    problem: str | None = None
    detail: str = ""


def extract(answer: Answer, exchange: Exchange) -> list[Found]:
    """The pictures that an answer gives, in order, each followed by its further URLs."""
    everything: list[Found] = []
    for rule in answer.images:
        everything += [
            replace(found, url=urljoin(exchange.sent.url, found.url)) if rule.relative and found.url is not None else found for found in _from_rule(rule, exchange)
        ]
        if answer.first and everything:
            break
    return everything


def _from_rule(rule: ImageRule, exchange: Exchange) -> Iterator[Found]:
    if rule.at is not None:
        yield from (found for value in exchange.find((rule.at,)) for found in _from_url(value, None))
    elif rule.body:
        yield from _from_body(rule, exchange)
    else:
        yield from _from_json(rule, exchange.json)


def _from_body(rule: ImageRule, exchange: Exchange) -> Iterator[Found]:
    """The whole body, where it is a picture or claims to be one."""
    declared = exchange.media_type or None
    if exchange.body and (kind_of(exchange.body) or (declared or "").startswith("image/")):
        yield Found("body", content=exchange.body, declared=declared)


def _from_json(rule: ImageRule, document: Any) -> Iterator[Found]:
    for element in _values(rule.each, document) if rule.each else [document]:
        declared = next((value for value in _values(rule.media_type, element) if isinstance(value, str)), None)
        urls = [found for value in _values(rule.url, element) for found in _from_url(value, declared)]
        inline = [found for value in _values(rule.base64, element) for found in _from_base64(value, declared)]
        # One element is one picture, however often it is given: bytes beside a URL are the same picture again, and an
        # empty string is a field that is not used.
        used = [[one for one in given if one.detail != _EMPTY] for given in (urls, inline)]
        yield from used[0] or used[1] or (urls + inline)[:1]
        for name, path in rule.more_urls.items():
            yield from (more for value in _values(path, element) for more in _from_url(value, None, name))


_EMPTY = "the string is empty"


def _values(path: str | None, element: Any) -> list[Any]:
    """What a path selects; ``$`` is the element itself, which need not be an object."""
    if path is None:
        return []
    return [element] if path == "$" else select(path, element)


def _from_url(value: Any, declared: str | None, name: str = "") -> Iterator[Found]:
    """A URL, or an array of them. null stands for none."""
    if isinstance(value, list):
        for item in value:
            yield from _from_url(item, declared, name)
    elif value == "":
        yield Found("url", name, declared=declared, problem="unsafe", detail=_EMPTY)
    elif isinstance(value, str) and value[:5].lower() == "data:":
        yield _from_data_uri(value, declared, name)
    elif isinstance(value, str):
        yield Found("url", name, url=value, declared=declared)
    elif value is not None:
        yield Found("url", name, declared=declared, problem="unsafe", detail=f"a URL must be a string, and this is {_kind(value)}")


def _from_base64(value: Any, declared: str | None) -> Iterator[Found]:
    """Base64, standard or URL-safe, with or without padding or a ``data:`` in front. null stands for none."""
    if value == "":
        yield Found("base64", declared=declared, problem="undecodable", detail=_EMPTY)
    elif isinstance(value, str) and value[:5].lower() == "data:":
        yield _from_data_uri(value, declared, "")
    elif isinstance(value, str):
        yield _decoded(value, declared, "")
    elif value is not None:
        yield Found("base64", declared=declared, problem="undecodable", detail=f"base64 must be a string, and this is {_kind(value)}")


def _from_data_uri(value: str, declared: str | None, name: str) -> Found:
    head, comma, data = value[5:].partition(",")
    if not comma:
        return Found("base64", name, declared=declared, problem="undecodable", detail="the data URI has no comma")
    parameters = [part.strip().lower() for part in head.split(";")]
    media_type = parameters[0] or declared
    if "base64" in parameters[1:]:
        return _decoded(data, media_type, name)
    return Found("base64", name, content=unquote_to_bytes(data), declared=media_type)


def _decoded(text: str, declared: str | None, name: str) -> Found:
    try:  # what is as it should be is decoded without a copy of its megabytes
        return Found("base64", name, content=binascii.a2b_base64(text, strict_mode=True), declared=declared)
    except (binascii.Error, ValueError):
        pass
    compact = "".join(text.split()).translate(_URL_SAFE).rstrip("=")
    try:
        content = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return Found("base64", name, declared=declared, problem="undecodable", detail="it is not base64")
    return Found("base64", name, content=content, declared=declared)


def _kind(value: Any) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", dict: "an object", list: "an array"}
    return names.get(type(value), type(value).__name__)


async def collect(answer: Answer, exchange: Exchange, assets: Assets) -> tuple[Picture, ...]:
    """The pictures of an answer, in its order: each distinct URL is fetched once, all at the same time."""
    if len(exchange.body) > _EXTRACT_IN_THREAD:
        found = await assets.beside(lambda: _taken_apart(answer, exchange, assets.inspector))
    else:
        found = [(one, None if one.content is None else await assets.inspect(one.content)) for one in extract(answer, exchange)]
    urls = list(dict.fromkeys(one.url for one, _ in found if one.url is not None))
    looked = dict(zip(urls, await asyncio.gather(*(_look(url, assets) for url in urls)), strict=True))
    return tuple(_judged(one, facts, looked.get(one.url or ""), exchange) for one, facts in found)


def _taken_apart(answer: Answer, exchange: Exchange, inspector: Inspector) -> list[tuple[Found, Facts | None]]:
    """The pictures of a large answer, each looked at and let go, and then the answer itself: it is there several times for as long as this takes."""
    found: list[tuple[Found, Facts | None]] = []
    pictures = extract(answer, exchange)
    while pictures:
        one = pictures.pop(0)
        found.append((replace(one, content=None), None if one.content is None else inspector.inspect(one.content)))
    shed_now(exchange)
    return found


async def _look(url: str, assets: Assets) -> tuple[Fetched, Facts | None]:
    """Fetch a picture and look at it. Its bytes are not kept."""
    fetched = await assets.fetch_asset(url)
    facts = None if fetched.problem else await assets.inspect(fetched.exchange.body)
    return replace(fetched, exchange=replace(fetched.exchange, body=b"")), facts


def _judged(found: Found, facts: Facts | None, looked: tuple[Fetched, Facts | None] | None, exchange: Exchange) -> Picture:
    if found.problem:
        return Picture(found.source, found.name, declared=found.declared, problem=found.problem, detail=found.detail, exchange=exchange.id)
    if looked is None:
        return _picture(found, facts or inspect(b""), found.declared, exchange.id)
    fetched, facts = looked
    declared = fetched.exchange.media_type or found.declared
    identity = fetched.exchange.id if fetched.exchange.status is not None else None
    if facts is None:
        return Picture(found.source, found.name, found.url, declared, problem=fetched.problem, detail=fetched.detail, exchange=identity)
    return _picture(found, facts, declared, identity)


def _picture(found: Found, facts: Facts, declared: str | None, exchange: str | None) -> Picture:
    return Picture(
        found.source,
        found.name,
        found.url,
        declared,
        facts.kind,
        facts.width,
        facts.height,
        facts.complete,
        facts.digest,
        facts.bytes,
        facts.problem,
        facts.detail,
        exchange,
        facts.simulated,
        facts.mark,
    )
