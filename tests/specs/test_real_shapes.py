"""Answers as the real services give them fit the response schemas.

The shapes are those of recorded exchanges with Google's native API (AI Studio and Vertex) and with OpenAI's Images API;
texts, ids and pictures are made up here.
"""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pins import SPECS

from proofsheet.contract import load_contract
from proofsheet.contract.openapi import Resolver, response_schema

NATIVE = ["maxapi/schemas/generate-content-response.json", "xairouter/schemas/generate-content-response.json"]
GOOGLE_ERRORS = ["maxapi/schemas/google-error.json", "xairouter/schemas/error.json"]
IMAGES, IMAGES_ERROR = ["maxapi/schemas/images-response.json"], ["maxapi/schemas/openai-error.json"]

#: What a picture looks like in URL-safe base64: the alphabet's last two letters are others, and the padding is missing.
URL_SAFE = base64.urlsafe_b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(240, 256)) * 3 + b"\xfb\xef\xbe\xff").decode().rstrip("=")
STANDARD = base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\xfb\xff\xbf" * 20).decode()
SIGNATURE = "Q" * 2_900_000


@lru_cache(maxsize=16)
def _validator(file: str) -> Draft202012Validator:
    path = (SPECS / file).resolve()
    resolver = Resolver(path.parent)
    return Draft202012Validator(resolver.resolve(resolver.file(path), path))


def _fits(file: str, answer: Any) -> list[str]:
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:120]}" for error in _validator(file).iter_errors(answer)]


def _image(data: str = STANDARD, media_type: str = "image/jpeg", **beside: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": data}, **beside}


def _usage(image_tokens: int, **more: Any) -> dict[str, Any]:
    """More candidate tokens than the details itemise, as it is in most recordings."""
    return {
        "promptTokenCount": 17,
        "candidatesTokenCount": image_tokens + 46,
        "totalTokenCount": image_tokens + 63,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 17}],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": image_tokens}],
        **more,
    }


def _answer(*parts: dict[str, Any], candidate: dict[str, Any] | None = None, **top: Any) -> dict[str, Any]:
    one = {"content": {"parts": list(parts), "role": "model"}, "finishReason": "STOP", "index": 0, **(candidate or {})}
    return {
        "candidates": [one],
        "modelVersion": "gemini-3.1-flash-image",
        "responseId": "k0lDaayLFJLF8eEP_I2c6Q4",
        "usageMetadata": _usage(1120),
        **top,
    }


def _candidate(**fields: Any) -> dict[str, Any]:
    return {"candidates": [fields], "modelVersion": "gemini-3.1-flash-image", "usageMetadata": {"promptTokenCount": 4, "totalTokenCount": 4}}


VERTEX = _answer(_image(thoughtSignature="AY89a1/h2z+D0t"), usageMetadata=_usage(1290, trafficType="ON_DEMAND"), createTime="2026-08-19T14:34:52.836985Z")
del VERTEX["candidates"][0]["index"]

GROUNDING = {
    "groundingChunks": [
        {"web": {"title": "weather.example", "uri": "https://search.example/redirect/abc"}},
        {"web": {"title": "", "uri": "https://s.example"}},
    ],
    "searchEntryPoint": {"renderedContent": "<style>.container {}</style><div class='container'></div>"},
    "webSearchQueries": ["", "weather in five days"],
}

NATIVE_ANSWERS: dict[str, dict[str, Any]] = {
    "image and nothing else": _answer(_image()),
    "text before the image": _answer({"text": "Once, in a cave, lived an axolotl."}, _image(media_type="image/png")),
    "text alone": _answer({"text": "A story without a picture."}, usageMetadata=_usage(0, candidatesTokensDetails=[])),
    "URL-safe base64": _answer(_image(URL_SAFE, "image/png")),
    "extra parts around the image": _answer({"text": "a draft", "thought": True}, _image(thought=True), {"text": ""}, _image(), {"futurePart": {"x": 1}}),
    "a signature beside the image": _answer(_image(thoughtSignature="EuiZhQEK45mFAQERTTIP77J6"), usageMetadata=_usage(1120, thoughtsTokenCount=179)),
    "a signature beside text": _answer({"text": "done", "thoughtSignature": "EtHqRArN6kQB"}, _image()),
    "grounding": _answer(_image(), candidate={"groundingMetadata": GROUNDING, "safetyRatings": [], "citationMetadata": {"citationSources": []}}),
    "Vertex: no index, traffic type, time": VERTEX,
    "usage with nothing but a service tier": _answer(_image(), usageMetadata={"serviceTier": "standard"}),
    "usage with a service tier": _answer(_image(), usageMetadata=_usage(747, serviceTier="standard", toolUsePromptTokenCount=0)),
    "no usage": {"candidates": [{"content": {"parts": [_image()], "role": "model"}, "finishReason": "STOP"}]},
    "refused: content empty": _candidate(content={}, finishReason="NO_IMAGE", index=0),
    "refused: content absent": _candidate(finishReason="NO_IMAGE", index=0),
    "refused: with a message": _candidate(content={}, finishReason="IMAGE_SAFETY", finishMessage="Unable to show the generated image.", index=0),
    "refused: content without parts": _candidate(content={"role": "model"}, finishReason="IMAGE_OTHER"),
    "refused: a reason nobody has heard of": _candidate(finishReason="MODEL_ARMOR_2"),
    "blocked prompt": {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT", "safetyRatings": []}, "usageMetadata": {"promptTokenCount": 4}},
    "blocked prompt with no candidates": {"candidates": [], "promptFeedback": {"blockReason": "OTHER"}},
}

DETAILS = [
    {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "images.example"},
    },
    {"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US", "message": "API key not valid."},
]
QUOTA = [
    {"@type": "type.googleapis.com/google.rpc.Help", "links": [{"description": "quotas", "url": "https://docs.example/rate-limits"}]},
    {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaMetric": "m", "quotaId": "q", "quotaDimensions": {}, "quotaValue": "3"}],
    },
    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "48s"},
]
NATIVE_ERRORS: dict[str, dict[str, Any]] = {
    "bad key": {"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": DETAILS}},
    "unknown model": {"error": {"code": 404, "message": "models/x is not found for API version v1beta.", "status": "NOT_FOUND"}},
    "no permission": {"error": {"code": 403, "message": "not found (or permission denied)", "status": "PERMISSION_DENIED"}},
    "quota": {"error": {"code": 429, "message": "You exceeded your current quota.", "status": "RESOURCE_EXHAUSTED", "details": QUOTA}},
    "overload": {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}},
}

USAGE = {
    "input_tokens": 10,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 10},
    "output_tokens": 4160,
    "output_tokens_details": {"image_tokens": 4160, "text_tokens": 0},
    "total_tokens": 4170,
}
IMAGES_ANSWERS: dict[str, dict[str, Any]] = {
    "base64 with everything": {
        "created": 1787150086,
        "background": "opaque",
        "data": [{"b64_json": STANDARD}],
        "output_format": "png",
        "quality": "high",
        "size": "1024x1024",
        "usage": USAGE,
    },
    "base64 without usage details": {
        "created": 1,
        "data": [{"b64_json": URL_SAFE}],
        "usage": {key: USAGE[key] for key in USAGE if "details" not in key},
    },
    "URL with a rewritten prompt": {"created": 1, "data": [{"url": "https://cdn.example/1.png", "revised_prompt": "a cat"}]},
    "null beside what is there": {"created": 1, "data": [{"url": "https://cdn.example/1.png", "b64_json": None, "revised_prompt": None}]},
    "a size of a reseller": {"created": 1, "data": [{"url": "https://cdn.example/1.png"}, {"b64_json": STANDARD}], "size": "1376x768"},
}
IMAGES_ERRORS: dict[str, dict[str, Any]] = {
    "no picture": {
        "error": {
            "message": "Invalid image data.",
            "type": "image_generation_user_error",
            "param": "images[0].image_url",
            "code": "invalid_image_file",
        }
    },
    "nothing named": {"error": {"message": "Incorrect API key provided.", "type": "invalid_request_error", "param": None, "code": None}},
    "a gateway's empty parameter": {"error": {"message": "no channel", "type": "new_api_error", "param": "", "code": "model_not_found"}},
    "a number for a code": {"error": {"message": "no key", "type": "authentication_error", "code": 401}},
}


@pytest.mark.parametrize("file", NATIVE)
@pytest.mark.parametrize("name", NATIVE_ANSWERS)
def test_a_native_answer_fits(file: str, name: str) -> None:
    assert _fits(file, NATIVE_ANSWERS[name]) == []


@pytest.mark.parametrize("file", NATIVE)
def test_a_signature_of_2_9_megabytes_fits(file: str) -> None:
    answer = json.loads(json.dumps(_answer(_image(thoughtSignature=SIGNATURE))))
    assert _fits(file, answer) == []


@pytest.mark.parametrize("file", GOOGLE_ERRORS)
@pytest.mark.parametrize("name", NATIVE_ERRORS)
def test_a_native_error_fits(file: str, name: str) -> None:
    assert _fits(file, NATIVE_ERRORS[name]) == []


@pytest.mark.parametrize("file", IMAGES)
@pytest.mark.parametrize("name", IMAGES_ANSWERS)
def test_an_images_answer_fits(file: str, name: str) -> None:
    assert _fits(file, IMAGES_ANSWERS[name]) == []


@pytest.mark.parametrize("file", IMAGES_ERROR)
@pytest.mark.parametrize("name", IMAGES_ERRORS)
def test_an_images_error_fits(file: str, name: str) -> None:
    assert _fits(file, IMAGES_ERRORS[name]) == []


@pytest.mark.parametrize("file", NATIVE)
@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"usageMetadata": {}},
        {"candidates": {}},
        _candidate(content={"parts": {}}),
        _answer({"inlineData": {"data": STANDARD}}),
        _answer(_image(), usageMetadata=_usage(-1200)),
    ],
)
def test_what_is_no_native_answer_does_not_fit(file: str, answer: Any) -> None:
    assert _fits(file, answer) != []


@pytest.mark.parametrize("answer", [{}, {"created": 1}, {"created": 1, "data": []}, {"created": 1, "data": [{"url": None}]}, {"created": "1", "data": [{"url": "u"}]}])
def test_what_is_no_images_answer_does_not_fit(answer: Any) -> None:
    assert _fits(IMAGES[0], answer) != []


@pytest.mark.parametrize(
    ("provider", "operation", "answers"),
    [
        ("maxapi", "generateContent", NATIVE_ANSWERS),
        ("xairouter", "generateContent", NATIVE_ANSWERS),
        ("maxapi", "createGeneration", IMAGES_ANSWERS),
        ("maxapi", "createEdit", IMAGES_ANSWERS),
    ],
)
def test_the_operations_document_these_schemas(provider: str, operation: str, answers: dict[str, Any]) -> None:
    """What a check judges an answer by: the schema that openapi.yaml gives for the status."""
    schema = response_schema(load_contract(provider, Path(SPECS)).endpoints[operation], 200)
    assert schema is not None
    validator = Draft202012Validator(schema)
    assert [name for name, answer in answers.items() if not validator.is_valid(answer)] == []
