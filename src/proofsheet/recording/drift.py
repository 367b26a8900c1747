"""What changed in shape between a recording and a run, request by request and whatever the values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import httpx2

from proofsheet.cases.model import Case
from proofsheet.contract.model import Contract, Endpoint
from proofsheet.exchange.model import Exchange, Sent
from proofsheet.exchange.states import state_of
from proofsheet.recording.bodies import unpack
from proofsheet.recording.cassette import Interaction
from proofsheet.recording.names import cassette_paths
from proofsheet.recording.sets import CassetteSet
from proofsheet.results.shapes import Drift, Shape, drifted, shape_of, together


def drift(contract: Contract, recording: CassetteSet, cases: tuple[Case, ...], base_url: str, performed: Mapping[str, list[Exchange]]) -> list[Drift]:
    """Compare a run's exchanges, by probe, with those that the recording has of the same probes. Raises RecordingError.

    What only one of the two has seen (another status, another request) is no change of shape and is left out.
    """
    files = cassette_paths(cases)
    old: list[Exchange] = []
    new: list[Exchange] = []
    for probe, exchanges in performed.items():
        file = next((file for file in files.get(probe, {}).values() if recording.has(file)), None)
        if file is not None:
            old += (_exchange(interaction, recording) for interaction in recording.cassette(file).interactions if interaction.status is not None)
            new += exchanges
    return drifted(answers(contract, str(recording.about.target["base_url"]), old), answers(contract, base_url, new))


def _exchange(interaction: Interaction, recording: CassetteSet) -> Exchange:
    headers = {name: ", ".join(values) for name, values in interaction.headers.items()}
    is_json = "json" in headers.get("content-type", "")
    body = unpack(interaction.body, recording.store.get) if is_json else b""
    return Exchange("", Sent(interaction.asked.method, interaction.asked.uri, {}), interaction.status, headers, body)


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
