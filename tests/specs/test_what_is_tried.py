"""What is tried, and where, changes only on purpose.

Base requests are typed by hand from the documents. Probes, features, and which operations an error is brought about on
are choices of ours: their digest is kept here. Where one was changed on purpose, put the digest that the failure shows.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from pins import PICTURE, SPECS, changed, load, places, promise_places, tries, values

CUBE, TABLE = "a clean product photo of a glass cube", "put the cube on a wooden table"
POSTER = "Generate a 1K banana-themed minimalist poster in bright yellow and white"
MODEL = "gemini-3.1-flash-image-preview"
LOGO, TRANSPARENT = "a minimalist logo design on white background", "Remove the background and make it transparent"

REQUESTS: dict[str, dict[str, Any]] = {
    "maxapi": {
        "generations": {"json": {"prompt": CUBE}},
        "generations-async": {"json": {"async": True}},
        "edits": {"json": {"prompt": TABLE}},
        "edits-async": {"json": {"async": True}},
        "edits-multipart": {"form": {"prompt": TABLE}},
        "native": {"json": {"contents": [{"parts": [{"text": CUBE}]}]}},
        "native-async": {"headers": {"X-MaxAPI-Async": "true"}},
    },
    "apimaster": {
        "generate": {"json": {"model": MODEL, "prompt": "Cyberpunk city at night, neon lights"}},
        "generate-async": {"json": {"prompt": "a corgi astronaut on the moon"}},
        "chat": {"json": {"model": MODEL, "messages": [{"role": "user", "content": "Cyberpunk city at night, neon lights"}]}},
    },
    "xairouter": {
        "native": {
            "json": {
                "contents": [{"role": "user", "parts": [{"text": POSTER}]}],
                "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "1:1", "imageSize": "1K"}},
            }
        }
    },
    "threedaistudio": {"generate": {"json": {"prompt": LOGO}}, "edit": {"json": {"prompt": TRANSPARENT, "images": [PICTURE]}}},
}
DIGESTS = {
    "maxapi": "037e1b288b4722da",
    "apimaster": "767ca6a279156887",
    "xairouter": "f345a363730ebd22",
    "threedaistudio": "083ead579fc20b94",
}


def _digest(found: Any) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]


@pytest.mark.parametrize("provider", REQUESTS)
def test_the_base_requests_are_those_of_the_documents(provider: str) -> None:
    contract = load(SPECS / provider / "contract.yaml")
    found = {name: values(operation["request"]) for name, operation in contract["operations"].items() if "request" in operation}
    assert found == REQUESTS[provider]


@pytest.mark.parametrize("provider", REQUESTS)
def test_what_is_tried_changed_only_on_purpose(provider: str) -> None:
    assert _digest(tries(load(SPECS / provider / "contract.yaml"))) == DIGESTS[provider]


@pytest.mark.parametrize("provider", REQUESTS)
def test_a_value_of_the_contract_is_a_promise_or_a_try(provider: str) -> None:
    """No value falls between the tables and the digest."""
    contract = load(SPECS / provider / "contract.yaml")
    promised = {(id(holder), key) for holder, key in promise_places(contract)}
    rest = [(holder, key) for holder, key in places(contract) if (id(holder), key) not in promised]
    before = _digest(tries(contract))
    unnoticed = []
    for holder, key in rest:
        kept = holder[key]
        holder[key] = changed(kept)
        if _digest(tries(contract)) == before:
            unnoticed.append(f"{key}: {kept!r}")
        holder[key] = kept
    assert rest
    assert unnoticed == []
