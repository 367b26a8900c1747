"""Calls that are made with a task's id, as requests: looking at it, fetching its result. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofsheet.contract.model import Call
from proofsheet.contract.requests import ABSENT, Request


def call_request(call: Call, task: Any, model: str) -> Request:
    """The request with the id and the model's name in their places. One that stands alone in a body keeps its JSON type."""
    texts = {"id": str(task), "model": model}
    return Request(
        method=call.endpoint.method,
        path=call.endpoint.path,
        path_params={name: _filled(text, texts) for name, text in call.path.items()},
        query={name: _filled(text, texts) for name, text in call.query.items()},
        json=ABSENT if call.json is None else _filled_body(call.json, {"id": task, "model": model}),
    )


def _filled(text: str, values: Mapping[str, Any]) -> str:
    for name, value in values.items():
        text = text.replace("${" + name + "}", str(value))
    return text


def _filled_body(node: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(node, Mapping):
        return {key: _filled_body(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled_body(item, values) for item in node]
    if not isinstance(node, str):
        return node
    alone = next((value for name, value in values.items() if node == "${" + name + "}"), None)
    return _filled(node, values) if alone is None else alone
