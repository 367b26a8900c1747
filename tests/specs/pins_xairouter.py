"""What the document 003 says, typed by hand from it; the shapes are those of the API that it passes on."""

import re
from typing import Any

from pins import Pin, held, operations, promises, same, values

MODEL = "gemini-3.1-flash-image-preview"
RATIOS = ["1:1", "1:4", "1:8", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1", "9:16", "16:9", "21:9"]
#: Size as the model spells it: US dollars an image, as line 29 has them (which calls 512 0.5K).
PRICES = {"512": "0.045", "1K": "0.067", "2K": "0.101", "4K": "0.151"}
PER_MILLION = "60"
REFERENCES = 14

TEXT = {"type": "string"}
WORD = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}
TO_COUNT, TO_DETAILS = {"$ref": "#/$defs/count"}, {"$ref": "#/$defs/details"}


#: A request may name the type in either spelling, an answer in one.
EITHER = {"required": ["data"], "anyOf": [{"required": ["mimeType"]}, {"required": ["mime_type"]}]}


def _inline(text: dict[str, Any], data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"mimeType": text, "data": data}, "required": ["mimeType", "data"], **more}


PART = {"type": "object", "properties": {"text": TEXT, "inlineData": _inline(TEXT, {**TEXT, "contentEncoding": "base64"}, **EITHER)}}
TURN = {
    "type": "object",
    "properties": {"role": {**TEXT, "enum": ["user", "model"]}, "parts": {"type": "array", "minItems": 1, "items": PART}},
    "required": ["parts"],
}
IMAGE_CONFIG = {
    "type": "object",
    "properties": {"aspectRatio": {**TEXT, "enum": RATIOS}, "imageSize": {**TEXT, "enum": list(PRICES), "default": "1K"}},
}
CONFIG = {
    "type": "object",
    "properties": {"responseModalities": {"type": "array", "items": {**TEXT, "enum": ["TEXT", "IMAGE"]}}, "imageConfig": IMAGE_CONFIG},
}
ANSWERED_PART = {
    "type": "object",
    "properties": {"text": TEXT, "thought": {"type": "boolean"}, "thoughtSignature": TEXT, "inlineData": _inline(WORD, {**WORD, "pattern": "^[^:]*$"})},
}
CANDIDATE = {
    "type": "object",
    "properties": {
        "content": {"type": "object", "properties": {"role": TEXT, "parts": {"type": "array", "items": ANSWERED_PART}}},
        "finishReason": TEXT,
        "finishMessage": TEXT,
        "index": COUNT,
    },
}
SCHEMAS: dict[str, Any] = {
    "generate-content-request": {
        "type": "object",
        "properties": {"contents": {"type": "array", "minItems": 1, "items": TURN}, "generationConfig": CONFIG},
        "required": ["contents"],
    },
    "generate-content-response": {
        "type": "object",
        "properties": {
            "candidates": {"type": "array", "items": CANDIDATE},
            "promptFeedback": {"type": "object", "properties": {"blockReason": TEXT}},
            "usageMetadata": {
                "type": "object",
                "properties": {
                    **dict.fromkeys(("promptTokenCount", "candidatesTokenCount", "totalTokenCount", "thoughtsTokenCount"), TO_COUNT),
                    "promptTokensDetails": TO_DETAILS,
                    "candidatesTokensDetails": TO_DETAILS,
                },
            },
            "modelVersion": TEXT,
            "responseId": TEXT,
        },
        "anyOf": [{"required": ["candidates"]}, {"required": ["promptFeedback"]}],
        "$defs": {
            "count": COUNT,
            "details": {"type": "array", "items": {"type": "object", "properties": {"modality": TEXT, "tokenCount": TO_COUNT}}},
        },
    },
    "error": {
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "code": {"type": "integer"},
                    "message": WORD,
                    "status": {**TEXT, "pattern": "^[A-Z][A-Z0-9_]*$"},
                    "details": {"type": "array", "items": {"type": "object"}},
                },
                "required": ["code", "message", "status"],
            }
        },
        "required": ["error"],
    },
}

#: The document has no errors; these are those of the API it passes on, and a gateway's own where the two may differ.
BAD_KEY = {"status": [400, 401, 403], "codes": ["INVALID_ARGUMENT", "UNAUTHENTICATED", "PERMISSION_DENIED"]}
INVALID = {"status": [400], "codes": ["INVALID_ARGUMENT"]}
CATALOGUE: list[dict[str, Any]] = [
    {"id": "bad-parameters", "provoke": "invalid", **INVALID},
    {"id": "malformed-json", "provoke": "malformed_json", **INVALID},
    {"id": "empty-body", "provoke": "empty_body", **INVALID},
    {"id": "wrong-content-type", "provoke": "wrong_content_type", "status": [400, 415]},
    {"id": "unknown-model", "provoke": "unknown_model", "status": [404, 400], "codes": ["NOT_FOUND", "INVALID_ARGUMENT"]},
    {"id": "no-key", "provoke": "no_key", **BAD_KEY},
    {"id": "malformed-key", "provoke": "malformed_key", **BAD_KEY},
    {"id": "unknown-key", "provoke": "unknown_key", **BAD_KEY},
    {"id": "keyless", "provoke": "no_key", "status": ["4xx"]},
    {"id": "stranger", "provoke": "unknown_key", "status": ["4xx"]},
    {"id": "rate-limited", "provoke": {"credential": "rate_limited"}, "status": [429], "codes": ["RESOURCE_EXHAUSTED"], "retry_after": "optional"},
    {"id": "insufficient-balance", "provoke": {"credential": "insufficient_balance"}, "status": [402, 429, 403, 400]},
    {"id": "sync-timeout", "provoke": {"state": "sync_timeout"}, "status": [408, 504]},
    {
        "id": "upstream-error",
        "provoke": {"state": "upstream_error"},
        "status": ["5xx"],
        "codes": ["INTERNAL", "UNAVAILABLE", "UNKNOWN", "DEADLINE_EXCEEDED"],
    },
]
#: What a message about a key may say, in whatever words, and what it may not.
HINT = r"(?i)\bkeys?\b|api[ _-]?key|credential|auth|unregistered|permission|token"
HINTS = ["API key not valid. Please pass a valid API key.", "Method doesn't allow unregistered callers", "Unauthorized", "invalid token"]
NO_HINTS = ["No connected db.", "Internal error", "monkeys"]

CAMEL, SNAKE = "generationConfig", "generation_config"


def _image(camel: str, snake: str) -> dict[str, Any]:
    others = [f"{CAMEL}/imageConfig/{snake}", f"{CAMEL}/image_config/{snake}", f"{SNAKE}/image_config/{snake}"]
    return {"at": f"json:/{CAMEL}/imageConfig/{camel}", "also": [f"json:/{other}" for other in others]}


ROLES = {
    "model": "path:model",
    "prompt": "json:/contents/0/parts/0/text",
    "ratio": _image("aspectRatio", "aspect_ratio"),
    "size": {**_image("imageSize", "image_size"), "default": "1K"},
    "references": {
        "at": "json:/contents/0/parts",
        "append": True,
        "max": REFERENCES,
        "formats": ["png", "jpeg", "webp"],
        "forms": {"inline": {"inlineData": {"mimeType": "${media_type}", "data": "${base64}"}}},
    },
}


def contract(document: Any) -> None:
    """Everything that is promised."""
    found = promises(document)
    hints = {entry["id"]: entry.pop("hint") for entry in found["errors"]["catalogue"] if "hint" in entry}
    assert hints == dict.fromkeys(("no-key", "malformed-key", "unknown-key"), HINT)
    assert all(re.search(HINT, text) for text in HINTS)
    assert not any(re.search(HINT, text) for text in NO_HINTS)
    expected = {
        "provider": "xairouter",
        "base_url": "https://api.xairouter.com",
        "documents": [{"id": "003", "sha256": "52648e7c51e0254d39ab7750cab67acde852cb4cbd93c79c3fd36ab09724ec45", "lines": 76}],
        "models": [{"id": MODEL}],
        "clients": [
            {"family": "google-genai", "call": "generate_content", "operations": ["native"], "api_version": "v1beta", "model": "/models/(.+):generateContent$",
             "level": "must", "source": ["003:37-62"]},
        ],
        "answers": {
            "native": {
                "images": [
                    {
                        "each": "$.candidates[*].content.parts[?@.inlineData && !(@.thought == true)]",
                        "base64": "$.inlineData.data",
                        "media_type": "$.inlineData.mimeType",
                    }
                ],
                "tokens": "json:$.usageMetadata.candidatesTokensDetails[?@.modality == 'IMAGE'].tokenCount",
            }
        },
        "operations": {
            "native": {
                "operation": "generateContent",
                "purpose": "generate",
                "roles": ROLES,
                "answer": "native",
                "pixels": {"table": "flash-image-3.1", "default": {"ratio": None, "size": "1K"}, "formats": ["png", "jpeg", "webp"]},
                "prefixes": {"/v1beta/": "/v1/"},
            }
        },
        "errors": {
            "message": [
                "json:$.error.message",
                "json:$.message",
                {"at": "json:$.error", "pattern": r"[\s\S]+"},
                "json:$.detail",
                "json:$[0].error.message",
            ],
            "code": ["json:$.error.status", "json:$[0].error.status"],
            "media_types": ["application/json"],
            "envelopes": [{"on": ["**"], "schema": "schemas/error.json"}],
            "catalogue": CATALOGUE,
        },
        "assets": {"hosts": [], "lifetime": None},
        "prices": {
            "unit": "USD",
            "usd_per_unit": "1",
            "per": "image",
            "rules": [{"when": {"size": size}, "amount": price} for size, price in PRICES.items()],
            "tokens": {"per_million": PER_MILLION, "image": PRICES},
        },
    }
    same(found, expected, "contract")


def openapi(document: Any) -> None:
    """Where to send what, with which key, and which statuses may come back."""
    assert [server["url"] for server in document["servers"]] == ["https://api.xairouter.com"]
    schemes = {"googleKey": {"type": "apiKey", "in": "header", "name": "x-goog-api-key"}, "bearer": {"type": "http", "scheme": "bearer"}}
    same(values(document["components"]["securitySchemes"]), schemes, "securitySchemes")
    expected = {
        "POST /v1beta/models/{model}:generateContent": {
            "id": "generateContent",
            "parameters": {"path:model": {"required": True, "type": "string", "enum": [MODEL]}},
            "body": {"application/json": ["schemas/generate-content-request.json"]},
            "statuses": ["200", "400", "401", "403", "404", "429", "5XX"],
            "keys": ["googleKey", "bearer"],
        }
    }
    same(operations(document), expected, "openapi")


def _schema(name: str) -> Pin:
    return lambda document: same(values(document), SCHEMAS[name], name)


PINS: dict[str, Pin] = {
    "xairouter/contract.yaml": contract,
    "xairouter/examples.yaml": held("c2892bf6cd246c08ea9b63e9abb3ca27ef681822aba5848601055f085463a057"),
    "xairouter/openapi.yaml": openapi,
    **{f"xairouter/schemas/{name}.json": _schema(name) for name in SCHEMAS},
}
