"""What the document 001 says, typed by hand from it."""

import re
from typing import Any

from pins import Pin, held, operations, promises, same, values

MODEL = "gemini-3.1-flash-image-preview"
#: The document speaks of extreme ratios and lists none: the model's fourteen.
RATIOS = ["1:1", "1:4", "1:8", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1", "9:16", "16:9", "21:9"]
#: Resolution as the document spells it: our own word, and the price in that of 1K.
RESOLUTIONS = {"0.5K": ("512", "1"), "1K": ("1K", "1"), "2K": ("2K", "4/3"), "4K": ("4K", "2")}
REFERENCES = 14
#: Status: what the table says of it.
ERRORS = {400: "bad parameters, or chat", 401: "invalid key", 402: "no balance", 408: "sync timeout", 500: "platform", 502: "upstream"}
HTTP_URL = {"type": "string", "pattern": "^https?://"}
WORD = {"type": "string", "minLength": 1}

IMAGE_REQUEST = {
    "type": "object",
    "properties": {
        "model": {"type": "string", "enum": [MODEL]},
        "prompt": {"type": "string"},
        "size": {"type": "string", "enum": RATIOS},
        "resolution": {"type": "string", "enum": [spelled for name in RESOLUTIONS for spelled in (name, name.lower())], "default": "1K"},
        "n": {"type": "integer", "minimum": 1, "maximum": 1},
        "image_urls": {"type": "array", "maxItems": REFERENCES, "items": {"type": "string"}},
        "google_search": {"type": "boolean"},
        "google_image_search": {"type": "boolean"},
    },
    "required": ["model", "prompt"],
    "if": {"properties": {"google_image_search": {"const": True}}, "required": ["google_image_search"]},
    "then": {"properties": {"google_search": {"const": True}}, "required": ["google_search"]},
}
ONE_OR_MORE_URLS = {"anyOf": [HTTP_URL, {"type": "array", "minItems": 1, "items": HTTP_URL}]}
DONE = ["succeeded", "completed"]


def _done(at_top: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {"data": {"type": "object", **at_top}}, "required": ["data"]}


SCHEMAS: dict[str, Any] = {
    "image-request": IMAGE_REQUEST,
    "image-response": {
        "type": "object",
        "properties": {
            "created": {"type": "integer"},
            "data": {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {"url": HTTP_URL}, "required": ["url"]}},
        },
        "required": ["created", "data"],
    },
    "submit-response": {
        "type": "object",
        "properties": {
            "code": {"type": "integer"},
            "data": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "object", "properties": {"status": WORD, "task_id": WORD}, "required": ["status", "task_id"]},
            },
        },
        "required": ["code", "data"],
    },
    "task-response": {
        "type": "object",
        "properties": {"data": {"type": ["object", "null"], "properties": {"status": WORD}}},
        "if": {
            "anyOf": [
                _done({"properties": {"status": {"enum": DONE}}, "required": ["status"]}),
                {"properties": {"status": {"enum": DONE}}, "required": ["status"]},
            ]
        },
        "then": _done(
            {
                "properties": {
                    "result": {
                        "type": "object",
                        "properties": {
                            "images": {
                                "type": "array",
                                "minItems": 1,
                                "items": {"type": "object", "properties": {"url": ONE_OR_MORE_URLS}, "required": ["url"]},
                            }
                        },
                        "required": ["images"],
                    }
                },
                "required": ["result"],
            }
        ),
    },
    "chat-request": {
        "type": "object",
        "properties": {
            "model": {"type": "string", "enum": [MODEL]},
            "messages": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "object", "properties": {"role": {"type": "string"}, "content": {}}, "required": ["role", "content"]},
            },
        },
        "required": ["model", "messages"],
    },
    "error": {"type": "object", "minProperties": 1},
}

#: What the table lists; then what HTTP says of the rest.
CATALOGUE: list[dict[str, Any]] = [
    {"id": "wrong-endpoint", "provoke": "base", "status": [400]},
    {"id": "bad-ratio", "provoke": "invalid", "parameter": "ratio", "status": [400], "tolerated": [500]},
    {"id": "bad-model", "provoke": "invalid", "parameter": "model", "status": [400, 404]},
    {"id": "bad-parameters", "provoke": "invalid", "status": [400]},
    {"id": "unknown-model", "provoke": "unknown_model", "status": [400, 404]},
    {"id": "malformed-json", "provoke": "malformed_json", "status": [400, 422]},
    {"id": "empty-body", "provoke": "empty_body", "status": [400, 411, 415, 422]},
    {"id": "wrong-content-type", "provoke": "wrong_content_type", "status": [400, 415, 422]},
    {"id": "no-key", "provoke": "no_key", "status": [401]},
    {"id": "malformed-key", "provoke": "malformed_key", "status": [401]},
    {"id": "unknown-key", "provoke": "unknown_key", "status": [401]},
    {"id": "insufficient-balance", "provoke": {"credential": "insufficient_balance"}, "status": [402]},
    {"id": "rate-limited", "provoke": {"credential": "rate_limited"}, "status": [429], "retry_after": "optional"},
    {"id": "sync-timeout", "provoke": {"state": "sync_timeout"}, "status": [408]},
    {"id": "upstream-error", "provoke": {"state": "upstream_error"}, "status": [500, 502]},
    {"id": "unknown-task", "provoke": "unknown_task", "status": [400, 404, 410, 422]},
    {"id": "task-without-key", "provoke": "task_without_key", "status": [401]},
    {"id": "foreign-task", "provoke": "foreign_task", "status": [400, 401, 403, 404, 410]},
]
#: The hint of the chat endpoint speaks of the Images API, in whatever words.
HINTS = ["Use the Images API instead", "please call /v1/images/generations", "use the image generation endpoint"]
HINT = r"(?i)images?\s+(generations?\s+)?(api|end-?point|route)|images?[-_](api|endpoint)|images/generations|/v1/images"
NO_HINTS = ["gemini-3.1-flash-image-preview is not a chat model", "bad request", "unknown image model"]

ROLES = {
    "model": "json:/model",
    "prompt": "json:/prompt",
    "ratio": "json:/size",
    "size": {"at": "json:/resolution", "default": "1K", "case": "insensitive", "values": {own: spelled for spelled, (own, _) in RESOLUTIONS.items()}},
    "count": {"at": "json:/n", "default": 1, "min": 1, "max": 1},
    "references": {
        "at": "json:/image_urls",
        "max": REFERENCES,
        "formats": ["png", "jpeg", "webp"],
        "forms": {"data_uri": "${data_uri}", "url": "${url}"},
    },
    "search": "json:/google_search",
}
LIFECYCLE = {
    "id": "json:$.data[0].task_id",
    "poll": {"operation": "getTask", "path": {"task_id": "${id}"}, "query": {"model": "${model}"}},
    "status": {
        "at": ["json:$.data.status", "json:$.status", "json:$.data.state", "json:$.data.task_status"],
        "submitted": ["submitted"],
        "running": ["in_progress", "pending", "queued", "processing", "running"],
        "succeeded": DONE,
        "failed": ["failed", "failure", "error", "cancelled", "canceled", "expired", "timeout"],
        "otherwise": "running",
    },
    "progress": "json:$.data.progress",
    "reason": [
        "json:$.data.error.message",
        "json:$.data.error",
        "json:$.data.fail_reason",
        "json:$.data.failure_reason",
        "json:$.data.reason",
        "json:$.data.message",
        "json:$.error.message",
        "json:$.error",
        "json:$.message",
    ],
    "created": "json:$.data.created",
    "answer": "task",
    "isolated": True,
}


def contract(document: Any) -> None:
    """Everything that is promised."""
    found = promises(document)
    assert found["errors"]["catalogue"][0].pop("hint") == HINT
    assert all(re.search(HINT, text) for text in HINTS)
    assert not any(re.search(HINT, text) for text in NO_HINTS)
    expected = {
        "provider": "apimaster",
        "base_url": "https://apimaster.ai",
        "documents": [{"id": "001", "sha256": "c0af2e05d27e28fdfbcfdfbe903527717957e00065f4003d0f723d889da67dc6", "lines": 99}],
        "models": [{"id": MODEL}],
        "clients": [{"family": "openai", "call": "images.generate", "operations": ["generate"], "base": "/v1", "level": "info"}],
        "answers": {
            "sync": {"images": [{"each": "$.data[*]", "url": "$.url"}]},
            "task": {"images": [{"each": "$.data.result.images[*]", "url": "$.url"}]},
        },
        "lifecycles": {"task": LIFECYCLE},
        "operations": {
            "generate": {
                "operation": "generate",
                "purpose": "generate",
                "roles": ROLES,
                "answer": "sync",
                "pixels": {"table": "flash-image-3.1", "default": {"ratio": None, "size": "1K"}, "formats": ["png", "jpeg", "webp"]},
            },
            "generate-async": {"extends": "generate", "operation": "generateAsync", "answer": None, "lifecycle": "task"},
            "chat": {"operation": "chat", "purpose": "refuse", "roles": {"model": "json:/model"}},
        },
        "errors": {
            "message": [
                "json:$.error.message",
                "json:$.message",
                {"at": "json:$.error", "pattern": r"[\s\S]+"},
                "json:$.detail",
                "json:$.msg",
                "json:$..message",
                "json:$..msg",
                "json:$..detail",
                {"at": "json:$..*", "pattern": r"\S\s+\S"},
            ],
            "code": ["json:$.error.code", "json:$.code", "json:$.error.type"],
            "media_types": ["application/json", "application/problem+json"],
            "catalogue": CATALOGUE,
        },
        "assets": {"hosts": ["apimaster.ai"], "lifetime": None},
        "prices": {
            "unit": "base",
            "relative": True,
            "usd_per_unit": None,
            "per": "image",
            "rules": [{"when": {"size": own}, "amount": amount} for own, amount in RESOLUTIONS.values()],
        },
        "pace": {"first_poll_after": 10, "poll_every": 3},
        "times": {"request_timeout": 180},
    }
    same(found, expected, "contract")


def openapi(document: Any) -> None:
    """Where to send what, with which key, and which statuses may come back."""
    assert [server["url"] for server in document["servers"]] == ["https://apimaster.ai"]
    same(values(document["components"]["securitySchemes"]), {"bearer": {"type": "http", "scheme": "bearer"}}, "securitySchemes")
    image, listed = {"application/json": ["schemas/image-request.json"]}, [str(status) for status in ERRORS]
    expected = {
        "POST /v1/images/generations": {"id": "generate", "body": image, "statuses": ["200", *listed, "default"]},
        "POST /v1/images/generations/async": {
            "id": "generateAsync",
            "body": image,
            "statuses": ["200", *(status for status in listed if status != "408"), "default"],
        },
        "GET /v1/tasks/{task_id}": {
            "id": "getTask",
            "parameters": {"path:task_id": {"required": True, **WORD}, "query:model": {"required": True, "type": "string", "enum": [MODEL]}},
            "statuses": ["200", "401", "500", "502", "default"],
        },
        "POST /v1/chat/completions": {
            "id": "chat",
            "body": {"application/json": ["schemas/chat-request.json"]},
            "statuses": ["400", "401", "default"],
        },
    }
    complete = {route: {"parameters": {}, "body": {}, "keys": ["bearer"], **says} for route, says in expected.items()}
    same(operations(document), complete, "openapi")


def _schema(name: str) -> Pin:
    return lambda document: same(values(document), SCHEMAS[name], name)


PINS: dict[str, Pin] = {
    "apimaster/contract.yaml": contract,
    "apimaster/examples.yaml": held("c9d6be8c33a8ad3d203d5775c8ebf9791cdb40312c7383c8ab4630edd55af263"),
    "apimaster/openapi.yaml": openapi,
    **{f"apimaster/schemas/{name}.json": _schema(name) for name in SCHEMAS},
}
