"""Answers from a recording: a transport that connects to nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2

from proofsheet.exchange.clock import WATCH
from proofsheet.exchange.transfer import NotRecorded
from proofsheet.recording.blobs import BlobStore
from proofsheet.recording.bodies import digest_only, unpack
from proofsheet.recording.cassette import Interaction
from proofsheet.recording.secrets import Secrets
from proofsheet.recording.tape import TAPE
from proofsheet.recording.wire_record import asked, encoded

#: What an exception of a recording is called here, where its name is not one of the HTTP library's.
_FAILURES: Mapping[str, type[Exception]] = {"Timeout": TimeoutError, "OSError": OSError, "ValueError": ValueError}


class _RecordedPeer:
    """The address that a recorded connection was made to."""

    def __init__(self, address: str) -> None:
        self._address = address

    def get_extra_info(self, name: str) -> tuple[str, int] | None:
        return (self._address, 0) if name == "server_addr" else None


class _Body(httpx2.AsyncByteStream):
    def __init__(self, content: bytes, error: Exception | None) -> None:
        self._content, self._error = content, error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._content:
            yield self._content
        if self._error is not None:
            raise self._error


class ReplayingTransport(httpx2.AsyncBaseTransport):
    """Answers from the tape of the current task."""

    def __init__(self, store: BlobStore, secrets: Secrets) -> None:
        self._store, self._secrets = store, secrets

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The recorded answer, or the recorded failure. Raises NotRecorded."""
        tape = TAPE.get()
        if tape is None:
            raise NotRecorded("nothing is replayed outside a probe")
        interaction = tape.play(asked(request, self._secrets, digest_only))
        watch = WATCH.get()
        if watch is not None:
            watch.set(interaction.at, interaction.seconds)
        error = _error(interaction)
        if interaction.status is None:
            raise error or httpx2.ReadError("the recorded exchange broke off")
        body = unpack(interaction.body, self._store.get)
        headers = [(name.encode(), value.encode()) for name, values in interaction.headers.items() for value in values]
        if interaction.encoding is not None:
            body = encoded(body, interaction.encoding)
            headers.append((b"content-encoding", interaction.encoding.encode()))
        extensions: dict[str, Any] = {"reason_phrase": interaction.reason.encode("ascii", "replace")}
        if interaction.peer is not None:
            extensions["network_stream"] = _RecordedPeer(interaction.peer)
        return httpx2.Response(interaction.status, headers=headers, stream=_Body(body, error), extensions=extensions)


def _error(interaction: Interaction) -> Exception | None:
    """The exception that a recorded failure was. A body that nobody wanted to the end had none."""
    failure = interaction.failure
    if failure is None or (failure.kind == "Closed" and interaction.status is not None):
        return None
    kind = _FAILURES.get(failure.kind) or getattr(httpx2, failure.kind, None)
    known = isinstance(kind, type) and issubclass(kind, Exception)
    return kind(failure.detail) if known else httpx2.ReadError(failure.detail)  # type: ignore[misc]
