"""Results as a JSON document and back, and what may stand in one: no secret, no endless text, nothing JSON can't say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from proofsheet.exchange.redact import Redactor
from proofsheet.results.model import CellResult, Finding, RequirementResult, Results

SCHEMA_VERSION = "1.0"
#: Longer texts are cut: a target that answers with megabytes must not make a report unreadable.
LONGEST_TEXT = 20_000
#: What the note about a cut may add, so that cutting a cut text changes nothing.
_NOTE = 60
#: Deeper nesting than any answer of use, and far from Python's recursion limit.
DEEPEST = 60
_NO_SECRETS = Redactor({})
#: Texts up to this length are mostly ids, names and messages that come again and again in one run's results.
_REPEATING = 160
#: Fields that only a result that joins regions has, or one of a run that sent cases again.
_OFTEN_EMPTY = frozenset({"region", "regions", "attempts"})
_FIELDS: Mapping[Any, tuple[str, ...]] = {kind: tuple(entry.name for entry in fields(kind)) for kind in (Finding, RequirementResult, CellResult)}
_Value = TypeVar("_Value", Finding, RequirementResult, CellResult)


def to_document(results: Results) -> dict[str, Any]:
    """The content of results.json, in the order in which people read it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "run": dict(results.run),
        "summary": dict(results.summary),
        "findings": [_plain(finding) for finding in results.findings],
        "requirements": [_plain(requirement) for requirement in results.requirements],
        "cells": [_plain(cell) for cell in results.cells],
        "lifecycles": list(results.lifecycles),
        "exchanges": list(results.exchanges),
        "images": list(results.images),
        "answers": dict(results.answers),
        "spend": list(results.spend),
        "disputes": list(results.disputes),
        "offer": dict(results.offer),
        "timings": list(results.timings),
        "refusals": list(results.refusals),
        **({"examples": list(results.examples)} if results.examples else {}),
        "files": dict(results.files),
    }


def from_document(document: Mapping[str, Any]) -> Results:
    """Results out of a document that fits results.schema.json."""
    return Results(
        run=document["run"],
        summary=document["summary"],
        findings=tuple(_value(Finding, entry) for entry in document["findings"]),
        requirements=tuple(_value(RequirementResult, entry) for entry in document["requirements"]),
        cells=tuple(_value(CellResult, entry) for entry in document["cells"]),
        lifecycles=tuple(document["lifecycles"]),
        exchanges=tuple(document["exchanges"]),
        disputes=tuple(document["disputes"]),
        spend=tuple(document["spend"]),
        files=document["files"],
        images=tuple(document.get("images", ())),
        answers=document.get("answers", {}),
        offer=document.get("offer", {}),
        timings=tuple(document.get("timings", ())),
        refusals=tuple(document.get("refusals", ())),
        examples=tuple(document.get("examples", ())),
    )


def _plain(value: Any) -> dict[str, Any]:
    pairs = ((name, getattr(value, name)) for name in _FIELDS[type(value)])
    return {name: list(inner) if isinstance(inner, tuple) else inner for name, inner in pairs if name not in _OFTEN_EMPTY or inner}


def _value(kind: type[_Value], entry: Mapping[str, Any]) -> _Value:
    known = _FIELDS[kind]
    values: dict[str, Any] = {name: tuple(inner) if isinstance(inner, list) else inner for name, inner in entry.items() if name in known}
    return kind(**values)


def storable(value: Any, redactor: Redactor = _NO_SECRETS) -> Any:
    """The value as every written file may hold it.

    Secrets go before texts are cut, so that no cut leaves half a key behind.
    """
    return _stored(value, _Texts(redactor), 0)


class _Texts(dict[str, str]):
    """Texts as they may be stored. Results say the same few thousand short ones again and again: each is looked through once."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def __missing__(self, text: str) -> str:
        stored = _storable_text(text, self._redactor)
        if len(text) <= _REPEATING:
            self[text] = stored
        return stored


def _stored(value: Any, texts: _Texts, depth: int) -> Any:
    if isinstance(value, str):
        return texts[value]
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth >= DEEPEST:
        return "[nested too deeply to be kept]"
    if isinstance(value, (dict, Mapping)):  # the second is a slow question
        return {texts[str(name)]: texts[inner] if type(inner) is str else _stored(inner, texts, depth + 1) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_stored(inner, texts, depth + 1) for inner in value]
    return texts[str(value)]


def _storable_text(text: str, redactor: Redactor) -> str:
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")  # a lone half of a surrogate pair is no text
    text = redactor.text(text)
    return text if len(text) <= LONGEST_TEXT + _NOTE else f"{text[:LONGEST_TEXT]}… ({len(text) - LONGEST_TEXT} characters cut)"


def cleaned(results: Results, redactor: Redactor) -> Results:
    """The same results without any secret and with long texts cut: what every report is made from."""
    return from_document(storable(to_document(results), redactor))
