"""An invented provider of any size: operations that differ in their names alone, so that cases grow in step with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PROVIDER = "loom"
KEY = "benchmark-key-0123456789"
RATIOS = ("1:1", "16:9", "9:16", "4:3")
SIZES = ("S", "L")
#: Pixels by size: small ones, so that drawing them is not what is measured.
_SIDE = {"S": 96, "L": 192}
_CHECKS = {
    "parameters.served": "A documented request is served.", "parameters.refused": "What the document forbids is refused.", "parameters.honoured": "Values are never replaced.",
    "parameters.answer": "Answers keep their schema.", "pixels.exact": "A picture has its cell's pixels.", "pixels.complete": "Pictures are whole.",
    "pixels.count": "There are as many pictures as asked for.", "errors.message": "An error says what is wrong.", "errors.status": "An error has its documented status.",
}  # fmt: skip


def write_specs(folder: Path, operations: int, *, task_seconds: float | None = None, pixels: dict[str, tuple[int, int]] | None = None) -> Path:
    """Write the provider's specs below ``folder`` and return that. With ``task_seconds`` its operations submit tasks that take so long.

    ``pixels`` are the pixels of every cell by its size, where they aren't to be small.
    """
    own = folder / PROVIDER
    (own / "schemas").mkdir(parents=True)
    (own / "presets").mkdir()
    names = [f"weave{number:04d}" for number in range(operations)]
    _put(own / "openapi.yaml", _openapi(names, asynchronous=task_seconds is not None))
    _put(own / "contract.yaml", _contract(names, asynchronous=task_seconds is not None))
    _put(own / "reference.yaml", _reference(task_seconds))
    _put(own / "requirements.yaml", _requirements(names))
    _put(own / "presets" / "cloths.yaml", _table(pixels))
    _put(own / "schemas" / "cloth.json", BODY)
    return folder


BODY = {
    "type": "object", "additionalProperties": False, "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "minLength": 1, "maxLength": 400}, "ratio": {"type": "string", "enum": list(RATIOS)}, "size": {"type": "string", "enum": list(SIZES)},
        "count": {"type": "integer", "minimum": 1, "maximum": 2}, "tight": {"type": "boolean"}, "colours": {"type": "integer", "minimum": 2, "maximum": 64},
    },
}  # fmt: skip
_SERVED = {"type": "object", "required": ["images"], "properties": {"images": {"type": "array", "items": {"type": "string"}}}}


def _openapi(names: list[str], *, asynchronous: bool) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "schemas/cloth.json"}}}}
    task = {"type": "object", "required": ["task"], "properties": {"task": {"type": "string"}, "state": {"type": "string"}}}
    answer = {"200": {"description": "the cloth", "content": {"application/json": {"schema": task if asynchronous else _SERVED}}}}
    paths: dict[str, Any] = {f"/{name}": {"post": {"operationId": name, "requestBody": body, "responses": answer}} for name in names}
    if asynchronous:
        place = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        paths["/tasks/{id}"] = {"get": {"operationId": "look", "parameters": [place], "responses": {"200": {"description": "how it stands"}}}}
    schemes = {"key": {"type": "http", "scheme": "bearer"}}
    return {"openapi": "3.1.0", "info": {"title": "Loom", "version": "1"}, "servers": [{"url": "https://loom.example"}], "security": [{"key": []}],
            "paths": paths, "components": {"securitySchemes": schemes}}  # fmt: skip


def _contract(names: list[str], *, asynchronous: bool) -> dict[str, Any]:
    roles = {"prompt": "json:/prompt", "ratio": {"at": "json:/ratio", "default": "1:1"}, "size": {"at": "json:/size", "default": "S"}, "count": {"at": "json:/count", "default": 1}}
    leads = {"lifecycle": "task"} if asynchronous else {"answer": "cloths"}
    lifecycle = {
        "id": "json:$.task", "unknown_id": "t0", "poll": {"operation": "look", "path": {"id": "${id}"}}, "answer": "cloths",
        "status": {"at": "json:$.state", "submitted": ["queued"], "running": ["weaving"], "succeeded": ["done"], "failed": ["torn"]}, "reason": "json:$.why",
    }  # fmt: skip
    return {
        "provider": PROVIDER, "title": "Loom, an invented provider", "base_url": "https://loom.example",
        "documents": [{"id": "sheet", "title": "One line that promises all of this"}],
        "answers": {"cloths": {"images": [{"each": "$.images[*]", "base64": "$"}]}},
        **({"lifecycles": {"task": lifecycle}} if asynchronous else {}),
        "operations": {
            name: {"operation": name, "purpose": "generate", "request": {"json": {"prompt": "a plain cloth"}}, "roles": roles, **leads,
                   "pixels": {"table": "cloths", "default": {"ratio": "1:1", "size": "S"}, "formats": ["png"]}}
            for name in names
        },
        "errors": {"message": ["json:$.error"], "catalogue": [{"id": "no-key", "provoke": "no_key", "status": [401]}, {"id": "invalid", "provoke": "invalid", "status": [400]}]},
        "assets": {"hosts": ["loom.example"]},
        "prices": {"unit": "USD", "per": "image", "rules": [{"amount": "0.01"}]},
    }  # fmt: skip


def _reference(task_seconds: float | None) -> dict[str, Any]:
    cloths = {"images": {"$each": "images", "as": "${image.base64}"}}
    task = {"task": "${id}", "state": "${word}", "why": "${reason}"}
    wording = {
        "id": "t${number}", "submit": {"status": 200, "json": {"task": "${id}", "state": "queued"}}, "steps": [{"word": "weaving", "seconds": task_seconds}],
        "running": {"json": task}, "succeeded": {"word": "done", "json": {**task, **cloths}}, "failed": {"word": "torn", "json": task},
    }  # fmt: skip
    leads = {"answers": [{"on": ["**"], "json": cloths}]} if task_seconds is None else {"lifecycles": {"task": wording}}
    return {"provider": PROVIDER, **leads, "errors": [{"on": ["**"], "json": {"error": "${message}"}}]}


def _requirements(names: list[str]) -> dict[str, Any]:
    source = {"document": "sheet", "lines": "1"}
    return {"provider": PROVIDER, "requirements": [
        {"id": f"{PROVIDER}.{name}.{check}", "level": "must", "statement": statement, "source": source, "checks": {check: [f"{PROVIDER}/{name}/**"]}}
        for name in names for check, statement in _CHECKS.items()
    ]}  # fmt: skip


def _table(pixels: dict[str, tuple[int, int]] | None) -> dict[str, Any]:
    cells = []
    for ratio in RATIOS:
        across, down = (int(part) for part in ratio.split(":"))
        for size in SIZES:
            side = _SIDE[size]
            width, height = (pixels or {}).get(size, (round(side * (across / down) ** 0.5), round(side * (down / across) ** 0.5)))
            cells.append({"at": [ratio, size], "width": width, "height": height})
    return {"table": "cloths", "source": {"page": "the document of Loom"}, "axes": ["ratio", "size"], "cells": cells}


def _put(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
