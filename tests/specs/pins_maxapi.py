"""What the documents 000 (3.1 beta) and 002 (2.5) say, typed by hand from them; where they are silent, what is tolerated."""

from typing import Any

from pins import Pin, held, operations, promises, same, values
from pins_maxapi_schemas import BETA, FLASH, REFERENCES, ROUTES, SCHEMAS, WORD

WEEK = 7 * 24 * 60 * 60
FORMATS = ["png", "jpeg", "webp"]
#: No page has a table of errors: this is what HTTP, OpenAI and Google say, and both where they differ.
CATALOGUE: list[dict[str, Any]] = [
    {"id": "keyless", "provoke": "no_key", "status": ["4xx"]},
    {"id": "stranger", "provoke": "unknown_key", "status": ["4xx"]},
    {"id": "no-key", "provoke": "no_key", "status": [400, 401, 403]},
    {"id": "malformed-key", "provoke": "malformed_key", "status": [400, 401, 403]},
    {"id": "unknown-key", "provoke": "unknown_key", "status": [400, 401, 403]},
    {"id": "insufficient-balance", "provoke": {"credential": "insufficient_balance"}, "status": [400, 402, 403, 429]},
    {"id": "rate-limited", "provoke": {"credential": "rate_limited"}, "status": [429], "retry_after": "optional"},
    {"id": "unknown-model", "provoke": "unknown_model", "status": [400, 403, 404, 422]},
    {"id": "malformed-json", "provoke": "malformed_json", "status": [400, 415, 422]},
    {"id": "empty-body", "provoke": "empty_body", "status": [400, 411, 415, 422]},
    {"id": "wrong-content-type", "provoke": "wrong_content_type", "status": [400, 415, 422]},
    {"id": "unknown-task", "provoke": "unknown_task", "status": [400, 403, 404, 410, 422]},
    {"id": "task-without-key", "provoke": "task_without_key", "status": [400, 401, 403, 404]},
    {"id": "foreign-task", "provoke": "foreign_task", "status": [400, 401, 403, 404, 410]},
    {"id": "sync-timeout", "provoke": {"state": "sync_timeout"}, "status": [408, "5xx"]},
    {"id": "upstream-error", "provoke": {"state": "upstream_error"}, "status": ["5xx"]},
]
ERROR_PLACES = {
    "message": ["json:$.error.message", "json:$[0].error.message", "json:$.message", "json:$.detail", {"at": "json:$.error", "pattern": r"[\s\S]+"}],
    "code": ["json:$.error.code", "json:$.error.status", "json:$.code"],
    "media_types": ["application/json"],
    "envelopes": [
        {"on": ["generations*", "edits*"], "schema": "schemas/openai-error.json"},
        {"on": ["native*"], "schema": "schemas/google-error.json"},
    ],
}


def _spelt(words: str) -> list[str]:
    """Each word as it stands, with a capital and in capitals; a word in brackets only as it stands."""
    spelt: list[str] = []
    for word in words.split():
        spelt += [word[1:-1]] if word.startswith("(") else [word, word.title(), word.upper()]
    return spelt


RUNNING = "running processing in_progress (in-progress) started starting waiting generating working (not_started) (NOT_START)"
SUCCEEDED = "succeeded success successful completed complete finished done ready"
FAILED = "failed failure fail error errored cancelled canceled rejected expired timeout (timed_out) (TIMED_OUT) aborted"
#: Whatever could hold a result.
ANYWHERE = "$['data', 'result', 'results', 'images', 'output', 'response']"
STATUS = {
    "at": ["json:$.status", "json:$.data.status", "json:$.task_status", "json:$.data.task_status", "json:$.state", "json:$.data.state"],
    "submitted": _spelt("submitted queued pending created accepted"),
    "running": _spelt(RUNNING),
    "succeeded": _spelt(SUCCEEDED),
    "failed": _spelt(FAILED),
    "rules": [
        {"state": "failed", "present": {"at": "json:$.error.message", "pattern": "."}},
        {"state": "failed", "present": {"at": "json:$.error", "pattern": "."}},
        {"state": "succeeded", "present": {"at": f"json:{ANYWHERE}..url", "pattern": "."}},
        {"state": "succeeded", "present": {"at": f"json:{ANYWHERE}..b64_json", "pattern": "."}},
    ],
    "otherwise": "running",
}
FROM_URL = {"at": "json:$.poll_url", "pattern": "/([^/?#]+)/?(?:[?#].*)?$"}
REASONS = [
    "error.message",
    "error",
    "data.error.message",
    "data.error",
    "fail_reason",
    "data.fail_reason",
    "failure_reason",
    "reason",
    "error_message",
    "message",
    "data.message",
]


def _task(poll: str) -> dict[str, Any]:
    return {
        "id": ["json:$.task_id", "json:$.id", "json:$.data.task_id", "json:$.data.id", FROM_URL],
        "poll_url": ["json:$.poll_url", "json:$.data.poll_url"],
        "poll": {"operation": poll, "path": {"task_id": "${id}"}},
        "status": STATUS,
        "progress": ["json:$.progress", "json:$.data.progress"],
        "reason": [{"at": f"json:$.{place}", "pattern": r"[\s\S]+"} for place in REASONS],
        "answer": "task",
        "isolated": True,
    }


LIFECYCLES = {
    "generation": _task("getGeneration"),
    "edit": _task("getEdit"),
    "operation": {
        "id": [
            {"at": "json:$.name", "pattern": "(?:^|/)operations/([^/]+)$"},
            {"at": "json:$.name", "pattern": "^([^/]+)$"},
            "json:$.task_id",
            "json:$.id",
            FROM_URL,
        ],
        "poll_url": "json:$.poll_url",
        "poll": {"operation": "getOperation", "path": {"task_id": "${id}"}},
        "status": {
            "rules": [
                {"state": "failed", "present": "json:$.error.message"},
                {"state": "failed", "present": "json:$.error.code"},
                {"state": "succeeded", "equals": {"at": "json:$.done", "value": True}},
                {"state": "succeeded", "present": "json:$.response.candidates"},
            ],
            "otherwise": "running",
        },
        "progress": ["json:$.metadata.progress", "json:$.metadata.progressPercent"],
        "reason": "json:$.error.message",
        "answer": "operation",
        "isolated": True,
    },
}


def _listed(each: str) -> dict[str, str]:
    return {"each": each, "url": "$.url", "base64": "$.b64_json"}


def _native(above: str) -> dict[str, Any]:
    parts = f"{above}.candidates[*].content.parts"
    return {
        "images": [
            {"each": f"{parts}[?@.inlineData && !(@.thought == true)]", "base64": "$.inlineData.data", "media_type": "$.inlineData.mimeType"},
            {"each": f"{parts}[?@.fileData && !(@.thought == true)]", "url": "$.fileData.fileUri", "media_type": "$.fileData.mimeType"},
        ],
        "tokens": f"json:{above}.usageMetadata.candidatesTokensDetails[?@.modality == 'IMAGE'].tokenCount",
    }


RESULT_PLACES = """
data data.data data.images data.result.data data.result.images result.data result.images result
response.data output.data output.images output images results
""".split()
BY_URL = {"each": "$.data[?@.url && @.url != null]", "url": "$.url"}
DECLARED = {"size": {"at": "json:$.size", "pattern": "^([0-9]+x[0-9]+)$"}}
ANSWERS = {
    "images": {"images": [BY_URL, {"each": "$.data[?!@.url || @.url == null]", "base64": "$.b64_json"}], "declared": DECLARED},
    "task": {
        "first": True,
        "images": [
            *(_listed(f"$.{place}[?@.url || @.b64_json]") for place in RESULT_PLACES),
            {"each": "$", "url": "$['url', 'image_url', 'result_url', 'output_url']"},
            {"each": "$['data', 'result', 'output', 'image']", "url": "$['url', 'image_url', 'result_url']", "base64": "$.b64_json"},
            {"each": "$['data', 'result', 'output']['images', 'urls'][?match(@, 'https?://.*')]", "url": "$"},
            {"each": "$['images', 'urls', 'image_urls', 'output', 'result', 'result_urls'][?match(@, 'https?://.*')]", "url": "$"},
        ],
        "declared": DECLARED,
    },
    "native": _native("$"),
    "operation": _native("$.response"),
}


def _roles(kind: str) -> dict[str, Any]:
    start = "json:/" if kind == "json" else "form:"
    return {
        "model": f"{start}model",
        "prompt": f"{start}prompt",
        "ratio": f"{start}aspect_ratio",
        "size": f"{start}resolution",
        "count": {"at": f"{start}n", "default": 1, "min": 1, "max": 2},
        "route": f"{start}route_mode",
        "async": {"at": f"{start}async", "default": False},
        "delivery": {"at": f"{start}asset_delivery", "default": "default", "values": {"default": "default", "mirror": "mirror"}},
    }


def _references(at: str, forms: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"at": at, "min": 1, "max": REFERENCES, "formats": FORMATS, "forms": forms, **more}


def _models(size: str | None, ignored: dict[str, Any]) -> dict[str, Any]:
    return {
        BETA: {"pixels": {"table": "flash-image-3.1", "default": {"ratio": None, "size": size}}},
        FLASH: {"pixels": {"table": "flash-image-2.5", "default": {"ratio": None}}, "roles": {"size": ignored}},
    }


NOTHING: dict[str, Any] = {BETA: {}, FLASH: {}}
CONFIG = "generationConfig/imageConfig"
OPERATIONS = {
    "generations": {
        "operation": "createGeneration",
        "purpose": "generate",
        "roles": _roles("json"),
        "answer": "images",
        "models": _models(None, {"at": "json:/resolution", "ignored": True}),
    },
    "generations-async": {"extends": "generations", "answer": None, "lifecycle": "generation", "models": NOTHING},
    "edits": {
        "extends": "generations",
        "operation": "createEdit",
        "purpose": "edit",
        "media_type": "application/json",
        "roles": {"references": _references("json:/images", {"data_uri": {"image_url": "${data_uri}"}, "url": {"image_url": "${url}"}})},
        "models": NOTHING,
    },
    "edits-async": {
        "extends": "edits",
        "roles": {"references": {"at": "json:/images", "formats": ["png"], "forms": {"url": None}}},
        "answer": None,
        "lifecycle": "edit",
        "models": NOTHING,
    },
    "edits-multipart": {
        "operation": "createEdit",
        "purpose": "edit",
        "media_type": "multipart/form-data",
        "roles": {**_roles("form"), "references": _references("file:image", {"file": "${file}"})},
        "answer": "images",
        "models": _models(None, {"at": "form:resolution", "ignored": True}),
    },
    "edits-multipart-list": {"extends": "edits-multipart", "roles": {"references": {"at": "file:image[]"}}},
    "native": {
        "operation": "generateContent",
        "purpose": "generate",
        "prefixes": {"/v1beta/": "/v1/"},
        "roles": {
            "model": {"at": "path:model", "values": {model: model.removeprefix("google/") for model in ROUTES}},
            "prompt": "json:/contents/0/parts/0/text",
            "ratio": {"at": f"json:/{CONFIG}/aspectRatio", "also": ["json:/generation_config/image_config/aspect_ratio"]},
            "size": {"at": f"json:/{CONFIG}/imageSize", "also": ["json:/generation_config/image_config/image_size"]},
            "references": {
                **_references("json:/contents/0/parts", {"inline": {"inlineData": {"mimeType": "${media_type}", "data": "${base64}"}}}),
                "append": True,
                "min": 0,
            },
            "route": "header:X-MaxAPI-Route-Mode",
            "async": {"at": "header:X-MaxAPI-Async", "default": "false"},
        },
        "answer": "native",
        "models": _models("1K", {"ignored": True}),
    },
    "native-async": {"extends": "native", "roles": {"references": None}, "answer": None, "lifecycle": "operation", "models": NOTHING},
}


def contract(document: Any) -> None:
    """Everything that is promised."""
    expected = {
        "provider": "maxapi",
        "base_url": "https://api.maxapi.dev",
        "documents": [
            {"id": "000", "sha256": "614122b29374a981d3134101c629126da933030a0edd470e144948e49c16f84f", "lines": 48},
            {"id": "002", "sha256": "6555d16d79d57a2898e5630d1ca3374b128ad9d1336d1554c3b02b9c2af7fe6f", "lines": 48},
        ],
        "models": [{"id": BETA, "short": "3.1-beta"}, {"id": FLASH, "short": "2.5"}],
        "clients": [
            {"family": "openai", "call": "images.generate", "operations": ["generations/*"], "base": "/v1", "level": "must",
             "source": ["000:2", "000:41", "002:41"], "levels": {"ai-node": "info"}},
            {"family": "openai", "call": "images.edit", "operations": ["edits-multipart/*"], "base": "/v1", "level": "should",
             "source": ["000:41", "002:41"], "levels": {"ai-node": "info"}},
            {"family": "google-genai", "call": "generate_content", "operations": ["native/*"], "api_version": "v1beta", "model": "/models/(.+):generateContent$",
             "level": "must", "source": ["000:17", "002:17"], "queued": {"header:X-MaxAPI-Async": "true"}},
        ],
        "answers": ANSWERS,
        "lifecycles": LIFECYCLES,
        "operations": OPERATIONS,
        "errors": {**ERROR_PLACES, "catalogue": CATALOGUE},
        "assets": {"hosts": ["cdn.maxapi.dev"], "mirror": {"delivery": "mirror"}, "lifetime": WEEK},
        "prices": {
            "unit": "USD",
            "also_called": ["credit", "credits"],
            "usd_per_unit": "1",
            "per": "image",
            "rules": [{"models": [model], "when": {"route": route}, "amount": price} for model, routes in ROUTES.items() for route, price in routes.items()],
        },
    }
    same(promises(document), expected, "contract")


def openapi(document: Any) -> None:
    """Where to send what, with which key, and which statuses may come back."""
    assert [server["url"] for server in document["servers"]] == ["https://api.maxapi.dev"]
    schemes = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "goog-api-key": {"type": "apiKey", "in": "header", "name": "x-goog-api-key"},
        "key": {"type": "apiKey", "in": "query", "name": "key"},
    }
    same(values(document["components"]["securitySchemes"]), schemes, "securitySchemes")
    task = {"path:task_id": {"required": True, **WORD}}
    native = ["bearer", "goog-api-key", "key"]
    expected: dict[str, dict[str, Any]] = {
        "POST /v1/images/generations": {"id": "createGeneration", "body": {"application/json": _files("generations")}},
        "GET /v1/images/generations/{task_id}": {"id": "getGeneration", "parameters": task},
        "POST /v1/images/edits": {"id": "createEdit", "body": {"application/json": _files("edits"), "multipart/form-data": _files("edits-form")}},
        "GET /v1/images/edits/{task_id}": {"id": "getEdit", "parameters": task},
        "POST /v1beta/models/google/{model}:generateContent": {
            "id": "generateContent",
            "parameters": {
                "path:model": {"required": True, "type": "string", "enum": [model.removeprefix("google/") for model in ROUTES]},
                "header:X-MaxAPI-Async": {"required": False, "type": "boolean", "default": False},
                "header:X-MaxAPI-Route-Mode": {"required": False, "type": "string", "enum": ["official", "official-cheap", "mix"]},
            },
            "body": {"application/json": _files("native")},
            "keys": native,
        },
        "GET /v1beta/operations/{task_id}": {"id": "getOperation", "parameters": task, "keys": native},
    }
    common: dict[str, Any] = {"parameters": {}, "body": {}, "statuses": ["200", "202", "4XX", "5XX"], "keys": ["bearer"]}
    same(operations(document), {route: {**common, **says} for route, says in expected.items()}, "openapi")


def _files(name: str) -> list[str]:
    return [f"schemas/{name}.2.5.json", f"schemas/{name}.3.1-beta.json"]


def _schema(name: str) -> Pin:
    return lambda document: same(values(document), SCHEMAS[name], name)


PINS: dict[str, Pin] = {
    "maxapi/contract.yaml": contract,
    "maxapi/examples.yaml": held("8fbbbf0e34efb87d560cdb88a4dedfc4cdcfa40417719911b8bc75f300e906a3"),
    "maxapi/openapi.yaml": openapi,
    **{f"maxapi/schemas/{name}.json": _schema(name) for name in SCHEMAS},
}
