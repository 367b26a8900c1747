"""openapi.yaml and the schemas stand on their own: any tool takes them, and they hold the documents' own examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from openapi_spec_validator.readers import read_from_filename
from pins import PICTURE, SPECS, first_difference, load, values
from pins_all import PROVIDERS

from proofsheet.contract.openapi import Resolver

CUBE = {"prompt": "a clean product photo of a glass cube", "aspect_ratio": "1:1", "resolution": "1K", "n": 1}
POSTER = {"role": "user", "parts": [{"text": "Generate a 1K banana-themed minimalist poster in bright yellow and white"}]}
ONE_K = {"aspectRatio": "1:1", "imageSize": "1K"}
IMAGE_ON = "https://{}.3daistudio.com/{}/img_001.png".format

#: The examples as the documents print them; a shortened picture is a whole one here.
DOCUMENTED: dict[str, list[Any]] = {
    "maxapi": [
        {"model": "google/gemini-3.1-flash-image-preview-beta", **CUBE},
        {"model": "google/gemini-2.5-flash-image", **CUBE},
    ],
    "apimaster": [
        {"model": "gemini-3.1-flash-image-preview", "prompt": "Cyberpunk city at night, neon lights", "size": "16:9", "resolution": "2K", "n": 1},
        {"created": 1782633696, "data": [{"url": "https://apimaster.ai/imgs/1782633695067198543.jpg"}]},
        {"model": "gemini-3.1-flash-image-preview", "prompt": "a corgi astronaut on the moon", "size": "1:1", "resolution": "1K", "n": 1},
        {"code": 200, "data": [{"status": "submitted", "task_id": "task_01K8SGYNNNVBQTXNR4MM964S7K"}]},
    ],
    "xairouter": [
        {"contents": [POSTER], "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": ONE_K}},
        {"contents": [POSTER], "generationConfig": {"responseModalities": ["IMAGE", "TEXT"], "imageConfig": ONE_K}},
    ],
    "threedaistudio": [
        {
            "prompt": "a minimalist logo design on white background",
            "output_format": "png",
            "aspect_ratio": "1:1",
            "resolution": "2K",
            "num_images": 1,
        },
        {"task_id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "created_at": "2026-02-25T12:00:00Z"},
        {"prompt": "Remove the background and make it transparent", "images": [PICTURE], "output_format": "png", "resolution": "1K"},
        {"task_id": "f7e8d9c0-b1a2-3456-7890-abcdef012345", "created_at": "2026-02-25T12:00:00Z"},
        {
            "status": "FINISHED",
            "progress": 100,
            "results": [
                {
                    "asset_url": IMAGE_ON("cdn", "images"),
                    "asset": IMAGE_ON("storage", "assets"),
                    "asset_type": "IMAGE",
                    "thumbnail": IMAGE_ON("storage", "thumbnails"),
                }
            ],
        },
    ],
}


def _contents(node: Any) -> Iterator[tuple[Any, Any]]:
    """Schema and example of every media type in a resolved document."""
    if isinstance(node, dict):
        examples = node.get("examples")
        if isinstance(node.get("schema"), dict) and isinstance(examples, dict):
            yield from ((node["schema"], example["value"]) for example in examples.values())
        for value in node.values():
            yield from _contents(value)
    elif isinstance(node, list):
        for item in node:
            yield from _contents(item)


def _resolved(file: Path) -> Any:
    resolver = Resolver(file.parent)
    return resolver.resolve(resolver.file(file), file)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_openapi_is_valid_for_any_tool(provider: str) -> None:
    document, uri = read_from_filename(str(SPECS / provider / "openapi.yaml"))
    assert str(document["openapi"]).startswith("3.1.")
    validate(document, base_uri=uri, cls=OpenAPIV31SpecValidator)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_openapi_is_pure(provider: str) -> None:
    """No extension of ours: what OpenAPI cannot say stands in contract.yaml."""
    text = (SPECS / provider / "openapi.yaml").read_text(encoding="utf-8")
    assert "x-proofsheet" not in text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_example_fits_its_schema(provider: str) -> None:
    found = list(_contents(_resolved((SPECS / provider / "openapi.yaml").resolve())))
    assert found
    problems = [f"{example}: {error.message}"[:300] for schema, example in found for error in Draft202012Validator(schema).iter_errors(example)]
    assert problems == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_documented_examples_are_there(provider: str) -> None:
    there = [values(example) for _, example in _contents(_resolved((SPECS / provider / "openapi.yaml").resolve()))]
    missing = [example for example in DOCUMENTED[provider] if not any(first_difference(found, example) is None for found in there)]
    assert missing == []


@pytest.mark.parametrize(
    ("provider", "polls"),
    [("maxapi", {"getGeneration", "getEdit", "getOperation"}), ("apimaster", {"getTask"}), ("xairouter", set()), ("threedaistudio", {"status"})],
)
def test_a_link_leads_from_each_submission_to_its_poll(provider: str, polls: set[str]) -> None:
    document = _resolved((SPECS / provider / "openapi.yaml").resolve())
    answers = [answer for item in document["paths"].values() for operation in item.values() if "responses" in operation for answer in operation["responses"].values()]
    assert {link["operationId"] for answer in answers for link in answer.get("links", {}).values()} == polls


SCHEMAS = sorted(path.relative_to(SPECS).as_posix() for provider in PROVIDERS for path in (SPECS / provider / "schemas").glob("*.json"))


@pytest.mark.parametrize("file", SCHEMAS)
def test_a_schema_can_be_used_alone(file: str) -> None:
    document = load(SPECS / file)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["title"]
    Draft202012Validator.check_schema(document)
    Draft202012Validator.check_schema(_resolved((SPECS / file).resolve()))
