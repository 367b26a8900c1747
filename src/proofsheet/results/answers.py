"""The shapes of what a target answered, by kind of exchange."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import httpx2

from proofsheet.contract.model import Contract, Endpoint
from proofsheet.exchange.model import Exchange
from proofsheet.exchange.states import state_of
from proofsheet.results.shapes import Shape, shape_of, together


def answers(contract: Contract, base_url: str, exchanges: Iterable[Exchange]) -> dict[str, Shape]:
    """The shapes of answers by method, documented path and status: what a run keeps of them, and what is compared with a recording."""
    prefix = httpx2.URL(base_url).path.rstrip("/")
    paths = [(endpoint, re.compile(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(endpoint.path)))) for endpoint in contract.endpoints.values()]
    found: dict[str, list[Shape]] = {}
    for exchange in exchanges:
        path = httpx2.URL(exchange.sent.url).path.removeprefix(prefix)
        endpoint = next((endpoint for endpoint, pattern in paths if endpoint.method == exchange.sent.method and pattern.fullmatch(path)), None)
        if endpoint is not None and exchange.status is not None:
            words = {"content-type": [exchange.media_type], **dict(_status_words(contract, endpoint, exchange))}
            found.setdefault(f"{endpoint.method} {endpoint.path} {exchange.status}", []).append(shape_of(exchange.json, words))
    return {name: together(shapes) for name, shapes in found.items()}


def _status_words(contract: Contract, endpoint: Endpoint, exchange: Exchange) -> Iterator[tuple[str, list[str]]]:
    """The words that a task's status takes, where this is a look at a task."""
    for operation in contract.operations:
        lifecycle = operation.lifecycle
        if lifecycle is not None and lifecycle.poll.path == endpoint.path and lifecycle.poll.method == endpoint.method:
            word, _ = state_of(lifecycle, exchange)
            if word is not None:
                yield "status", [word]
