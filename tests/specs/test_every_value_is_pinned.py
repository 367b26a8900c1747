"""Changing any one value in the specs turns a comparison red: each is changed and taken out, in memory, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pins import SPECS, Pin, changed, load, places, promise_places
from pins_all import PINS


def _notices(pin: Pin, document: Any) -> bool:
    try:
        pin(document)
    except (AssertionError, KeyError, IndexError, TypeError, ValueError, AttributeError):
        return True
    return False


def _unnoticed(pin: Pin, document: Any, found: Iterator[tuple[Any, Any]]) -> Iterator[str]:
    for container, key in found:
        kept = container[key]
        container[key] = changed(kept)
        if not _notices(pin, document):
            yield f"{key}: {kept!r} became {container[key]!r}"
        container[key] = kept
        if isinstance(container, list):
            del container[key]
            if not _notices(pin, document):
                yield f"{key}: {kept!r} was taken out"
            container.insert(key, kept)


def _operation_places(document: Any) -> Iterator[tuple[Any, Any]]:
    """The values of openapi.yaml that a request is made of; its answers' schemas are files of their own."""
    yield from places(document["servers"])
    yield from places(document.get("security", []))
    yield from places(document["components"]["securitySchemes"])
    for item in document["paths"].values():
        for part in (item, *(operation for operation in item.values() if isinstance(operation, dict))):
            yield from places(part.get("parameters", []))
            if "operationId" in part:
                yield part, "operationId"


@pytest.mark.parametrize("file", sorted(PINS))
def test_every_value_is_compared(file: str) -> None:
    document = load(SPECS / file)
    chosen = {"openapi.yaml": _operation_places, "contract.yaml": promise_places}.get(file.rpartition("/")[2], places)
    found = list(chosen(document))
    assert found
    PINS[file](document)
    assert list(_unnoticed(PINS[file], document, iter(found))) == []
    PINS[file](document)
