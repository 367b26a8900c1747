"""What the documents 000 (3.1 beta) and 002 (2.5) say of requests and answers, typed by hand from them."""

from typing import Any

BETA, FLASH = "google/gemini-3.1-flash-image-preview-beta", "google/gemini-2.5-flash-image"
TEN = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]
FOURTEEN = ["1:1", "1:4", "1:8", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1", "9:16", "16:9", "21:9"]
SIZES = ["512", "1K", "2K", "4K"]
#: Model: route: US dollars.
ROUTES = {BETA: {"official-cheap": "0.07", "mix": "0.045"}, FLASH: {"official": "0.04", "official-cheap": "0.024"}}
REFERENCES = 14

WORD = {"type": "string", "minLength": 1}
PARAMETERS: dict[str, Any] = {
    "model_3_1_beta": {"type": "string", "enum": [BETA]},
    "model_2_5": {"type": "string", "enum": [FLASH]},
    "prompt": WORD,
    "ratio_14": {"type": "string", "enum": FOURTEEN},
    "ratio_10": {"type": "string", "enum": TEN},
    "size": {"type": "string", "enum": SIZES},
    "size_ignored": {"type": "string"},
    "n": {"type": "integer", "minimum": 1, "default": 1},
    "async": {"type": "boolean", "default": False},
    "asset_delivery": {"type": "string", "enum": ["default", "mirror"], "default": "default"},
    "route_3_1_beta": {"type": "string", "enum": list(ROUTES[BETA])},
    "route_2_5": {"type": "string", "enum": list(ROUTES[FLASH])},
    "inline_data": {
        "type": "object",
        "properties": {"mimeType": {"type": "string"}, "data": {"type": "string", "contentEncoding": "base64"}},
        "required": ["data"],
        "anyOf": [{"required": ["mimeType"]}, {"required": ["mime_type"]}],
    },
    "contents": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": {
                "role": {"type": "string", "enum": ["user", "model"]},
                "parts": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "minProperties": 1,
                        "properties": {"text": {"type": "string"}, "inlineData": {"$ref": "#/$defs/inline_data"}},
                    },
                    "contains": {"type": "object", "required": ["inlineData"]},
                    "minContains": 0,
                    "maxContains": REFERENCES,
                },
            },
            "required": ["parts"],
        },
    },
    "modalities": {
        "type": "array",
        "items": {"type": "string", "enum": ["MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO", "Text", "Image", "Audio"]},
    },
}
#: Which of the definitions above belong to which model.
OWN = {
    "3.1-beta": {"model": "model_3_1_beta", "ratio": "ratio_14", "size": "size", "route": "route_3_1_beta"},
    "2.5": {"model": "model_2_5", "ratio": "ratio_10", "size": "size_ignored", "route": "route_2_5"},
}
FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
FILES = {"anyOf": [FILE, {"type": "array", "minItems": 1, "maxItems": REFERENCES, "items": FILE}]}
IMAGES = {
    "type": "array",
    "minItems": 1,
    "maxItems": REFERENCES,
    "items": {"type": "object", "properties": {"image_url": WORD}, "required": ["image_url"]},
}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"parameters.json#/$defs/{name}"}


def _images_request(short: str, required: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    own = OWN[short]
    names = {
        "model": own["model"],
        "prompt": "prompt",
        "aspect_ratio": own["ratio"],
        "resolution": own["size"],
        "n": "n",
        "route_mode": own["route"],
        "async": "async",
        "asset_delivery": "asset_delivery",
    }
    properties = {field: _ref(name) for field, name in names.items()}
    return {"type": "object", "properties": {**properties, **more}, "required": ["model", "prompt", *required]}


def _native_request(short: str) -> dict[str, Any]:
    image = {"type": "object", "properties": {"aspectRatio": _ref(OWN[short]["ratio"]), "imageSize": _ref(OWN[short]["size"])}}
    config = {"type": "object", "properties": {"responseModalities": _ref("modalities"), "imageConfig": image}}
    return {"type": "object", "properties": {"contents": _ref("contents"), "generationConfig": config}, "required": ["contents"]}


COUNT = {"type": "integer", "minimum": 0}
DETAILS = {"type": "array", "items": {"type": "object", "properties": {"modality": {"type": "string"}, "tokenCount": COUNT}}}
TASK = {"properties": {"task_id": WORD, "id": WORD, "poll_url": WORD}, "anyOf": [{"required": [name]} for name in ("task_id", "id", "poll_url")]}
TEXT = {"type": "string"}
MAYBE = {"type": ["string", "null"]}

SCHEMAS: dict[str, Any] = {
    "parameters": {"$defs": PARAMETERS},
    **{f"generations.{short}": _images_request(short) for short in OWN},
    **{f"edits.{short}": _images_request(short, ("images",), images=IMAGES) for short in OWN},
    **{
        f"edits-form.{short}": {
            **_images_request(short, **{"image": FILES, "image[]": FILES}),
            "anyOf": [{"required": ["image"]}, {"required": ["image[]"]}],
        }
        for short in OWN
    },
    **{f"native.{short}": _native_request(short) for short in OWN},
    "images-response": {
        "type": "object",
        "properties": {
            "created": {"type": "integer"},
            "data": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {"url": MAYBE, "b64_json": MAYBE, "revised_prompt": MAYBE},
                    "anyOf": [{"properties": {name: WORD}, "required": [name]} for name in ("url", "b64_json")],
                },
            },
            "size": MAYBE,
            "usage": {"type": ["object", "null"]},
        },
        "required": ["created", "data"],
    },
    "openai-error": {
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "properties": {"message": WORD, "type": MAYBE, "param": MAYBE, "code": {"type": ["string", "integer", "null"]}},
                "required": ["message", "type"],
            }
        },
        "required": ["error"],
    },
    "google-error": {
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "code": {"type": "integer"},
                    "message": WORD,
                    "status": {"type": "string", "pattern": "^[A-Z][A-Z_]*$"},
                    "details": {"type": "array", "items": {"type": "object"}},
                },
                "required": ["code", "message", "status"],
            }
        },
        "required": ["error"],
    },
    "generate-content-response": {
        "type": "object",
        "properties": {
            "candidates": {"type": "array", "items": {"$ref": "#/$defs/candidate"}},
            "promptFeedback": {"type": "object", "properties": {"blockReason": TEXT}},
            "usageMetadata": {
                "type": "object",
                "properties": {
                    **dict.fromkeys(("promptTokenCount", "candidatesTokenCount", "totalTokenCount", "thoughtsTokenCount"), COUNT),
                    "promptTokensDetails": DETAILS,
                    "candidatesTokensDetails": DETAILS,
                },
            },
            "modelVersion": TEXT,
            "responseId": TEXT,
        },
        "anyOf": [{"required": ["candidates"]}, {"required": ["promptFeedback"]}],
        "$defs": {
            "candidate": {
                "type": "object",
                "properties": {
                    "content": {"type": "object", "properties": {"role": TEXT, "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}}}},
                    "finishReason": TEXT,
                    "finishMessage": TEXT,
                    "index": {"type": "integer"},
                },
            },
            "part": {
                "type": "object",
                "properties": {
                    "text": TEXT,
                    "thought": {"type": "boolean"},
                    "thoughtSignature": TEXT,
                    "inlineData": {
                        "type": "object",
                        "required": ["mimeType", "data"],
                        "properties": {**PARAMETERS["inline_data"]["properties"], "data": {"type": "string", "contentEncoding": "base64", "pattern": "^[^:]*$"}},
                    },
                    "fileData": {"type": "object", "properties": {"mimeType": TEXT, "fileUri": TEXT}, "required": ["fileUri"]},
                },
            },
        },
    },
    "task-submitted": {"type": "object", "anyOf": [TASK, {"properties": {"data": {"type": "object", **TASK}}, "required": ["data"]}]},
    "task": {
        "type": "object",
        "properties": {
            **dict.fromkeys(("task_id", "id", "poll_url"), TEXT),
            "status": MAYBE,
            "progress": {"type": ["number", "string", "null"]},
            "data": {"type": ["array", "object", "null"]},
            "error": {"type": ["object", "string", "null"]},
        },
    },
    "operation-submitted": {"type": "object", "anyOf": [{"properties": {"name": WORD}, "required": ["name"]}, {"$ref": "task-submitted.json"}]},
    "operation": {
        "type": "object",
        "properties": {
            "name": WORD,
            "done": {"type": "boolean"},
            "metadata": {"type": ["object", "null"]},
            "error": {
                "type": ["object", "null"],
                "properties": {"code": {"type": "integer"}, "message": TEXT, "status": TEXT, "details": {"type": "array"}},
            },
            "response": {"anyOf": [{"$ref": "generate-content-response.json"}, {"type": "null"}]},
        },
        "not": {"properties": {"error": {"type": "object"}, "response": {"type": "object"}}, "required": ["error", "response"]},
    },
}
