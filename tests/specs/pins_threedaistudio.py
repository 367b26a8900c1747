"""What the document 004 says, typed by hand from it."""

from typing import Any

from pins import PICTURE, Pin, held, operations, same, values

RATIOS = ["auto", "21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16", "1:4", "4:1", "1:8", "8:1"]
FORMATS = ["png", "jpeg", "webp"]
#: Resolution as the document spells it: credits an image.
CREDITS = {"512px": 10, "1K": 15, "2K": 20, "4K": 25}
#: Our own word for each resolution.
OWN = {"512px": "512", "1K": "1K", "2K": "2K", "4K": "4K"}
HOSTS = ["cdn.3daistudio.com", "storage.3daistudio.com"]
DAY = 24 * 60 * 60

PARAMETERS: dict[str, Any] = {
    "output_format": {"type": "string", "enum": FORMATS, "default": "png"},
    "aspect_ratio": {"type": "string", "enum": RATIOS, "default": "auto"},
    "resolution": {"type": "string", "enum": list(CREDITS), "default": "1K"},
    "num_images": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1},
}
PROMPT = {"type": "string", "minLength": 1}
IMAGES = {"type": "array", "minItems": 1, "maxItems": 14, "items": {"type": "string", "pattern": "^data:image/[A-Za-z0-9.+-]+;base64,"}}
URL = {"type": ["string", "null"], "pattern": "^https?://"}

SCHEMAS: dict[str, Any] = {
    "generate.request": {"type": "object", "properties": {"prompt": PROMPT, **PARAMETERS}, "required": ["prompt"]},
    "edit.request": {"type": "object", "properties": {"prompt": PROMPT, "images": IMAGES, **PARAMETERS}, "required": ["prompt", "images"]},
    "submit.response": {
        "type": "object",
        "properties": {
            "task_id": {"type": "string", "minLength": 1},
            "created_at": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}"},
        },
        "required": ["task_id", "created_at"],
    },
    "status.response": {
        "type": "object",
        "properties": {
            "status": {"type": "string", "minLength": 1},
            "progress": {"type": ["number", "null"], "minimum": 0, "maximum": 100},
            "failure_reason": {"type": ["string", "null"]},
            "results": {
                "type": ["array", "null"],
                "items": {
                    "type": "object",
                    "properties": {
                        "asset_url": URL,
                        "asset": URL,
                        "asset_type": {"type": "string"},
                        "thumbnail": {"type": "string", "pattern": "^https?://"},
                    },
                    "required": ["thumbnail"],
                    "anyOf": [
                        {"required": ["asset_url"], "properties": {"asset_url": {"type": "string"}}},
                        {"required": ["asset"], "properties": {"asset": {"type": "string"}}},
                    ],
                },
            },
        },
        "required": ["status"],
        "if": {"required": ["status"], "properties": {"status": {"const": "FINISHED"}}},
        "then": {"required": ["results"], "properties": {"results": {"type": "array", "minItems": 1}}},
    },
    "error.response": {
        "type": "object",
        "minProperties": 1,
        "properties": {
            "code": {"type": ["string", "integer"]},
            "error_code": {"type": "string"},
            "message": {"type": "string"},
            "detail": {},
            "error": {"type": ["string", "object"]},
            "errors": {"type": ["object", "array"]},
        },
    },
}

GENERATE = "POST /v1/images/gemini/3.1/flash/generate/"
EDIT = "POST /v1/images/gemini/3.1/flash/edit/"
STATUS = "GET /v1/generation-request/{task_id}/status/"
ERROR_STATUSES = {"validation_failed": 400, "insufficient_credits": 402, "rate_limited": 429}
SUBMITTED = ["200", "2XX", *(str(status) for status in ERROR_STATUSES.values()), "default"]

#: What the document lists, then what only HTTP says, then what nobody says.
CATALOGUE: list[dict[str, Any]] = [
    {"id": "no-key", "provoke": "no_key", "status": [401, 403]},
    {"id": "malformed-key", "provoke": "malformed_key", "status": [401, 403], "tolerated": [400]},
    {"id": "unknown-key", "provoke": "unknown_key", "status": [401, 403], "tolerated": [400]},
    {"id": "keyless", "provoke": "no_key", "status": ["4xx"]},
    {"id": "stranger", "provoke": "unknown_key", "status": ["4xx"]},
    {"id": "insufficient-credits", "provoke": {"credential": "insufficient_balance"}, "status": [402], "codes": ["insufficient_credits"]},
    {"id": "rate-limited", "provoke": {"credential": "rate_limited"}, "status": [429], "codes": ["rate_limited"], "retry_after": "optional"},
    {"id": "validation-failed", "provoke": "invalid", "status": [400], "codes": ["validation_failed"]},
    {"id": "empty-body", "provoke": "empty_body", "status": [400], "codes": ["validation_failed"]},
    {"id": "malformed-json", "provoke": "malformed_json", "status": [400, 422]},
    {"id": "wrong-content-type", "provoke": "wrong_content_type", "status": [400, 415, 422]},
    {"id": "unknown-task", "provoke": "unknown_task", "status": [400, 404, 410, 422]},
    {"id": "task-without-key", "provoke": "task_without_key", "status": [400, 401, 403, 404]},
    {"id": "foreign-task", "provoke": "foreign_task", "status": [400, 401, 403, 404, 410]},
    {"id": "upstream-error", "provoke": {"state": "upstream_error"}, "status": ["5xx"]},
    {"id": "sync-timeout", "provoke": {"state": "sync_timeout"}, "status": [408, 504]},
]

ANSWER = {
    "images": [
        {
            "each": "$.results[?@.asset_url != null && @.asset_url]",
            "url": "$.asset_url",
            "more_urls": {"asset": "$.asset", "thumbnail": "$.thumbnail"},
        },
        {"each": "$.results[?!@.asset_url || @.asset_url == null]", "url": "$.asset", "more_urls": {"thumbnail": "$.thumbnail"}},
    ]
}
LIFECYCLE = {
    "id": "json:$.task_id",
    "created": "json:$.created_at",
    "poll": {"operation": "status", "path": {"task_id": "${id}"}},
    "status": {
        "at": "json:$.status",
        "submitted": ["PENDING"],
        "running": ["IN_PROGRESS"],
        "succeeded": ["FINISHED"],
        "failed": ["FAILED"],
        "otherwise": "running",
    },
    "progress": "json:$.progress",
    "reason": ["json:$.failure_reason", "json:$.error.message", "json:$.error", "json:$.message", "json:$.detail"],
    "answer": "task",
    "isolated": True,
}
ROLES = {
    "prompt": "json:/prompt",
    "ratio": {"at": "json:/aspect_ratio", "default": "auto", "free": ["auto"]},
    "size": {"at": "json:/resolution", "default": "1K", "values": {OWN[spelled]: spelled for spelled in CREDITS}},
    "count": {"at": "json:/num_images", "default": 1, "min": 1, "max": 4},
    "format": {"at": "json:/output_format", "default": "png", "values": {name: name for name in FORMATS}},
}
OPERATIONS = {
    "generate": {
        "operation": "generate",
        "purpose": "generate",
        "request": {"json": {"prompt": "a minimalist logo design on white background"}},
        "roles": ROLES,
        "lifecycle": "task",
        "pixels": {"table": "flash-image-3.1", "default": {"ratio": None, "size": "1K"}, "formats": ["png"]},
        "walk": {"cells": "all"},
    },
    "edit": {
        "extends": "generate",
        "operation": "edit",
        "purpose": "edit",
        "request": {"json": {"prompt": "Remove the background and make it transparent", "images": [PICTURE]}},
        "roles": {"references": {"at": "json:/images", "min": 1, "max": 14, "formats": FORMATS, "forms": {"data_uri": "${data_uri}"}}},
        "walk": {"cells": "edges", "skip": ["/images"]},
        "probes": [
            {"id": "images-url", "set": {"json:/images": ["https://example.com/picture.png"]}, "expect": "see", "invalid": True},
            {"id": "images-bare-base64", "set": {"json:/images": [PICTURE]}, "expect": "see", "invalid": True},
        ],
    },
}
CODE_WORDS = r"\b(insufficient_credits|rate_limited|validation_failed)\b"
ERROR_PLACES = {
    "message": [
        "json:$.message",
        "json:$.detail",
        "json:$.error.message",
        "json:$.error.detail",
        {"at": "json:$.error", "pattern": r"[\s\S]+"},
        "json:$.errors..*",
        {"at": "json:$..*", "pattern": r"\S\s+\S"},
    ],
    "code": [
        {"at": "text:", "pattern": CODE_WORDS},
        "json:$.code",
        "json:$.error_code",
        "json:$.error.code",
        {"at": "json:$.error", "pattern": "^[a-z0-9_]+$"},
    ],
    "media_types": ["application/json", "application/problem+json"],
}
EXTREME = ["1:4", "4:1", "1:8", "8:1"]
FEATURES = {
    "edits": ["threedaistudio/edit/**"],
    "formats": [
        "threedaistudio/*/pixels/format-jpeg",
        "threedaistudio/*/pixels/format-webp",
        "threedaistudio/*/parameters/output_format/valid/jpeg",
        "threedaistudio/*/parameters/output_format/valid/webp",
    ],
    "extreme-ratios": [
        *(f"threedaistudio/*/pixels/{ratio}@*" for ratio in EXTREME),
        *(f"threedaistudio/*/parameters/aspect_ratio/valid/{ratio}" for ratio in EXTREME),
    ],
}


def contract(document: Any) -> None:
    """Everything but prose."""
    listed = {code: entry["status"] for entry in document["errors"]["catalogue"] for code in entry.get("codes", []) if entry["provoke"] != "empty_body"}
    assert listed == {code: [status] for code, status in ERROR_STATUSES.items()}
    expected = {
        "provider": "threedaistudio",
        "base_url": "https://api.3daistudio.com",
        "documents": [{"id": "004", "sha256": "f140fd79fbb2b9ca5aa9a01d3235bc1bcc8a513546e0cfbe86be86339aadfebf", "lines": 80}],
        "answers": {"task": ANSWER},
        "lifecycles": {"task": LIFECYCLE},
        "operations": OPERATIONS,
        "errors": {**ERROR_PLACES, "catalogue": CATALOGUE},
        "assets": {"hosts": HOSTS, "lifetime": DAY},
        "prices": {
            "unit": "credits",
            "usd_per_unit": None,
            "per": "image",
            "rules": [{"when": {"size": OWN[spelled]}, "amount": str(credits)} for spelled, credits in CREDITS.items()],
        },
        "pace": {"requests_per_minute": 3},
        "times": {"image_seconds": [30, 60]},
        "features": {name: {"cases": cases} for name, cases in FEATURES.items()},
    }
    same(values({key: value for key, value in document.items() if key != "relay"}), expected, "contract")


def openapi(document: Any) -> None:
    """Where to send what, with which key, and which statuses may come back."""
    assert document["servers"] == [{"url": "https://api.3daistudio.com"}]
    bearer = document["components"]["securitySchemes"]["bearer"]
    assert (bearer["type"], bearer["scheme"]) == ("http", "bearer")
    body = "application/json"
    expected = {
        GENERATE: {
            "id": "generate",
            "parameters": {},
            "body": {body: ["schemas/generate.request.json"]},
            "statuses": sorted(SUBMITTED),
            "keys": ["bearer"],
        },
        EDIT: {"id": "edit", "parameters": {}, "body": {body: ["schemas/edit.request.json"]}, "statuses": sorted(SUBMITTED), "keys": ["bearer"]},
        STATUS: {
            "id": "status",
            "parameters": {"path:task_id": {"required": True, "type": "string", "minLength": 1}},
            "body": {},
            "statuses": ["200", "429", "default"],
            "keys": ["bearer"],
        },
    }
    same(operations(document), expected, "openapi")


def _schema(name: str) -> Pin:
    return lambda document: same(values(document), SCHEMAS[name], name)


PINS: dict[str, Pin] = {
    "threedaistudio/contract.yaml": contract,
    "threedaistudio/examples.yaml": held("abc4e8b3bdcd493e710f618de23851324a7a9ef9686020ea4ed9f30b7de4f3fd"),
    "threedaistudio/openapi.yaml": openapi,
    **{f"threedaistudio/schemas/{name}.json": _schema(name) for name in SCHEMAS},
}
