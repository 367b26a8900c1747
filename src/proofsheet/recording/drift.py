"""What changed in shape between a recording and a run, request by request and whatever the values."""

from __future__ import annotations

from collections.abc import Mapping

from proofsheet.cases.model import Case
from proofsheet.contract.model import Contract
from proofsheet.exchange.model import Exchange, Sent
from proofsheet.recording.bodies import unpack
from proofsheet.recording.cassette import Interaction
from proofsheet.recording.names import cassette_paths
from proofsheet.recording.sets import CassetteSet
from proofsheet.results.answers import answers
from proofsheet.results.shapes import Drift, drifted


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
