"""A folder of specs with the least in it, and whatever a test lays over that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from proofsheet.contract import Contract, load_contract
from proofsheet.contract.loading import merged

PROVIDER = "plain"
BODY = {"type": "object", "properties": {"prompt": {"type": "string"}, "shape": {"enum": ["square", "wide"]}, "count": {"type": "integer"}}, "required": ["prompt"]}
CONTRACT = {
    "provider": PROVIDER,
    "title": "Plain",
    "base_url": "https://plain.example",
    "answers": {"picture": {"images": [{"body": True}]}},
    "operations": {"draw": {"operation": "draw", "purpose": "generate", "request": {"json": {"prompt": "a boat"}}, "roles": {"prompt": "json:/prompt"}, "answer": "picture"}},
}
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Plain", "version": "1"},
    "paths": {
        "/draw": {"post": {"operationId": "draw", "requestBody": {"content": {"application/json": {"schema": BODY}}}, "responses": {"200": {"description": "a picture"}}}},
        "/jobs/{id}": {"get": {"operationId": "look", "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]}},
    },
}
MATRIX = {"provider": PROVIDER, "requirements": []}
TABLE = {"table": "shapes", "source": {"page": "a page"}, "axes": ["ratio"], "cells": [{"at": ["square"], "width": 8, "height": 8}, {"at": ["wide"], "width": 16, "height": 8}]}
JOB = {"id": "json:$.id", "poll": {"operation": "look", "path": {"id": "${id}"}}, "status": {"at": "json:$.state", "succeeded": ["done"]}, "answer": "picture"}


def written(root: Path, contract: Any = None, openapi: Any = None, matrix: Any = None, files: dict[str, Any] | None = None) -> Path:
    """The folder, with these changes laid over its files (null takes a key out)."""
    folder = root / PROVIDER
    texts = {"contract.yaml": merged(CONTRACT, contract or {}), "openapi.yaml": merged(OPENAPI, openapi or {}), "requirements.yaml": merged(MATRIX, matrix or {}), **(files or {})}
    for name, document in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
    return folder


def loaded(root: Path, contract: Any = None, openapi: Any = None, matrix: Any = None, files: dict[str, Any] | None = None) -> Contract:
    """The same, loaded."""
    return load_contract(written(root, contract, openapi, matrix, files).name, root)
