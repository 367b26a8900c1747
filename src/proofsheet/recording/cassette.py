"""One cassette: the exchanges of one probe in the order in which they began, as a file in vcrpy's format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from vcr.persisters.filesystem import CassetteNotFoundError  # type: ignore[import-untyped]
from vcr.request import Request as VcrRequest  # type: ignore[import-untyped]
from vcr.serialize import deserialize, serialize  # type: ignore[import-untyped]
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]

from proofsheet.recording.blobs import FOLDER, BlobStore
from proofsheet.recording.bodies import unpack
from proofsheet.recording.errors import RecordingError

#: Where an answer of a cassette holds what vcrpy has no place for: times, failures, the encoding of the body on the wire.
EXTRA = "recorded"
#: The status that stands in a file where no answer came: vcrpy needs one.
NO_ANSWER = 599


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it is kept: no secret in it, and its body packed."""

    method: str
    uri: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Failure:
    """How an exchange broke off: the name of the exception, ``Timeout``, or ``Closed`` where nobody wanted the rest."""

    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request and what came of it. ``status`` is None where no answer came. Times are seconds since the run began.

    ``encoding`` is the Content-Encoding that the body had on the wire; here it is decoded. ``peer`` is the address that
    was connected to, where the exchange broke off at once.
    """

    asked: Asked
    status: int | None = None
    reason: str = ""
    headers: Mapping[str, list[str]] = field(default_factory=dict)
    body: str = ""
    at: float = 0.0
    seconds: float = 0.0
    failure: Failure | None = None
    encoding: str | None = None
    peer: str | None = None


@dataclass(frozen=True, slots=True)
class Cassette:
    """The exchanges of one probe, and the case it is named after."""

    case: str
    interactions: tuple[Interaction, ...]


class _Compact:
    """vcrpy's own YAML with short things on one line and long ones unbroken: half the size, and lines that diff well."""

    @staticmethod
    def serialize(document: Any) -> str:
        text: str = yaml.dump(document, Dumper=yamlserializer._CassetteDumper, default_flow_style=None, width=1_000_000, sort_keys=False)  # noqa: SLF001
        return text

    @staticmethod
    def deserialize(text: str) -> Any:
        return yamlserializer.deserialize(text)


def to_text(cassette: Cassette) -> str:
    """The content of the file."""
    requests = [VcrRequest(i.asked.method, i.asked.uri, i.asked.body.encode("utf-8"), dict(i.asked.headers)) for i in cassette.interactions]
    responses = [_response(interaction) for interaction in cassette.interactions]
    text: str = serialize({"requests": requests, "responses": responses, "metadata": {"case": cassette.case}}, _Compact)
    return text


def _response(interaction: Interaction) -> dict[str, Any]:
    extra: dict[str, Any] = {"at": round(interaction.at, 4), "seconds": round(interaction.seconds, 4)}
    if interaction.failure is not None:
        extra["failure"] = {"kind": interaction.failure.kind, "detail": interaction.failure.detail}
    extra |= {name: value for name, value in (("encoding", interaction.encoding), ("peer", interaction.peer)) if value is not None}
    status = {"code": NO_ANSWER if interaction.status is None else interaction.status, "message": interaction.reason}
    return {"status": status, "headers": dict(interaction.headers), "body": {"string": interaction.body.encode("utf-8")}, EXTRA: extra}


def from_text(text: str, where: str) -> Cassette:
    """Read a file. Raises RecordingError."""
    try:
        requests, responses, *metadata = deserialize(text, _Compact)
        pairs = zip(requests, responses, strict=True)
        case = metadata[0]["case"] if metadata else ""
        return Cassette(case, tuple(_interaction(request, response) for request, response in pairs))
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        problem = " ".join(str(error).split())[:160]
        raise RecordingError(f"{where}: is no whole cassette ({type(error).__name__}: {problem}): it was cut short or edited; restore it, or record again") from None


def _interaction(request: VcrRequest, response: Mapping[str, Any]) -> Interaction:
    extra = response.get(EXTRA, {})
    failure = extra.get("failure")
    status = response["status"]["code"]
    headers = {name: values[0] if isinstance(values, list) else values for name, values in request.headers.items()}
    return Interaction(
        asked=Asked(request.method, request.uri, headers, (request.body or b"").decode("utf-8")),
        status=None if failure is not None and status == NO_ANSWER else status,
        reason=response["status"]["message"] or "",
        headers={name: [values] if isinstance(values, str) else list(values) for name, values in response["headers"].items()},
        body=(response["body"]["string"] or b"").decode("utf-8"),
        at=extra.get("at", 0.0),
        seconds=extra.get("seconds", 0.0),
        failure=None if failure is None else Failure(failure["kind"], failure["detail"]),
        encoding=extra.get("encoding"),
        peer=extra.get("peer"),
    )


class Persister:
    """For plain vcrpy: ``vcr.register_persister(Persister)`` makes it read cassettes with all bytes in place.

    It finds the store by walking up from the cassette to the folder that has one. It does not write.
    """

    @staticmethod
    def load_cassette(cassette_path: str | Path, serializer: Any) -> Any:
        """Read one cassette as vcrpy's own persister does, with references replaced by what they stand for."""
        path = Path(cassette_path)
        if not path.is_file():
            raise CassetteNotFoundError
        store = next((BlobStore(folder / FOLDER) for folder in path.resolve().parents if (folder / FOLDER).is_dir()), BlobStore(path.parent / FOLDER))
        requests, responses, *metadata = deserialize(path.read_text(encoding="utf-8"), serializer)
        for request in requests:
            request.body = unpack((request.body or b"").decode("utf-8"), store.get)
        for response in responses:
            response["body"]["string"] = unpack((response["body"]["string"] or b"").decode("utf-8"), store.get)
        return (requests, responses, *metadata)

    @staticmethod
    def save_cassette(cassette_path: str | Path, cassette_dict: Any, serializer: Any) -> None:
        """Refused: only a run writes cassettes, for only it knows what must not be kept. Raises RecordingError."""
        del cassette_dict, serializer
        raise RecordingError(f"{cassette_path}: is written by 'proofsheet verify --mode record' alone; use vcrpy's record mode 'none'")
