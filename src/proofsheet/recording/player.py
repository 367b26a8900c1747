"""The wire of a replay: answers from a set of cassettes, opens no socket, waits for nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2

from proofsheet import __version__
from proofsheet.cases.model import Case, Probe
from proofsheet.contract.model import Contract
from proofsheet.exchange.clock import WATCH, Clock
from proofsheet.exchange.inspection import Facts, Inspector
from proofsheet.exchange.pace import Pace
from proofsheet.exchange.targets import Target
from proofsheet.exchange.transfer import NotRecorded
from proofsheet.exchange.wire import Wire
from proofsheet.recording.blobs import recorded_digest
from proofsheet.recording.bodies import digest_only, unpack
from proofsheet.recording.cassette import Asked, Interaction
from proofsheet.recording.errors import RecordingError
from proofsheet.recording.matching import difference, fingerprint
from proofsheet.recording.names import cassette_paths
from proofsheet.recording.recorder import set_facts
from proofsheet.recording.secrets import Secrets
from proofsheet.recording.sets import CassetteSet
from proofsheet.recording.wire_record import asked, encoded

#: What an exception of a recording is called here, where its name is not one of the HTTP library's.
_FAILURES: Mapping[str, type[Exception]] = {"Timeout": TimeoutError, "OSError": OSError, "ValueError": ValueError}


Find = Callable[[str], tuple[Interaction, ...]]


class Tape:
    """The recorded exchanges of one probe, each played once: the same request again gets the next answer to it.

    ``keys`` are the fingerprints of the recorded requests, where they are known. ``find`` looks for a cassette by the
    fingerprint of its first request, where there is none of the probe's name.
    """

    def __init__(self, interactions: tuple[Interaction, ...], keys: Sequence[str] | None = None, find: Find | None = None) -> None:
        self.lacks: str | None = None
        self._find = find
        self._load(interactions, keys or [fingerprint(interaction.asked) for interaction in interactions])

    def _load(self, interactions: tuple[Interaction, ...], keys: Sequence[str]) -> None:
        self._interactions = interactions
        self._left: dict[str, deque[int]] = {}
        for number, key in enumerate(keys):
            self._left.setdefault(key, deque()).append(number)
        self.now = interactions[0].at if interactions else 0.0

    def play(self, request: Asked, key: str | None = None) -> Interaction:
        """The next answer to this request. Raises NotRecorded, which says what differs."""
        key = key or fingerprint(request)
        if not self._interactions and self._find is not None:
            found = self._find(key)
            self._load(found, [fingerprint(interaction.asked) for interaction in found])
        waiting = self._left.get(key)
        if not waiting:
            self.lacks = self.lacks or self._why(request, known=waiting is not None)
            raise NotRecorded(self.lacks)
        interaction = self._interactions[waiting.popleft()]
        self.now = max(self.now, interaction.at + interaction.seconds)
        return interaction

    @property
    def unused(self) -> int:
        """How many exchanges nobody has asked for."""
        return sum(map(len, self._left.values()))

    def _why(self, request: Asked, *, known: bool) -> str:
        what = f"{request.method} {httpx2.URL(request.uri).path[:80]}"
        if not self._interactions:
            return f"the recording has no cassette for it ({what})"
        if known:
            return f"the recording has {what} less often than it is asked now"
        differences = min((difference(request, interaction.asked) for interaction in self._interactions), key=len)
        return f"the recording lacks {what}: it differs from the nearest recorded request in {', '.join(differences[:4])}"[:300]


#: The tape of the probe that the current task performs.
TAPE: ContextVar[Tape | None] = ContextVar("tape", default=None)


class _RecordedTime(Clock):
    """The time of the recording: it passes when a recorded exchange is played, and never by waiting."""

    def now(self) -> float:
        tape = TAPE.get()
        return super().now() if tape is None else tape.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class _Known(Inspector):
    """Pictures by their recorded facts. ``trusted`` means also those of which all bytes are there."""

    def __init__(self, facts: Mapping[str, Facts], trusted: bool) -> None:
        super().__init__()
        self._facts, self._trusted = facts, trusted

    def inspect(self, content: bytes) -> Facts:
        digest = recorded_digest(content) or (digest_only(content) if self._trusted else None)
        found = self._facts.get(digest) if digest else None
        return super().inspect(content) if found is None else found


class Player(Wire):
    """Replays one set. ``max_age`` is in days; ``other_specs`` allows judging by specs that are not those of the recording."""

    mode = "replay"
    sends = False

    def __init__(self, recording: CassetteSet, contract: Contract, target: Target, cases: tuple[Case, ...], *, max_age: float | None = None, other_specs: bool = False) -> None:
        about = recording.about
        if about.specs_sha256 != contract.sha256 and not other_specs:
            raise RecordingError(
                f"{recording.folder}: was recorded with other specs of {contract.provider} ({about.specs_sha256[:12]}, installed are {contract.sha256[:12]}): record again with "
                f"'proofsheet verify --mode record', or judge it by the installed specs with 'proofsheet judge {recording.folder}'"
            )
        self._set, self._max_age = recording, max_age
        self._paths = _found(recording, cases)
        self._secrets = Secrets(target, contract.security_schemes)
        self._tapes: dict[str, Tape] = {}
        self._index: dict[str, tuple[Interaction, ...]] | None = None
        self._other_specs = about.specs_sha256 != contract.sha256
        self.clock = _RecordedTime()
        self.inspector = _Known(recording.facts(), trusted=about.tool_version == __version__)

    @property
    def resolver(self) -> Callable[[str], Awaitable[tuple[str, ...]]]:
        """The addresses that a host had when it was recorded."""
        return self._resolve

    async def _resolve(self, host: str) -> tuple[str, ...]:
        known = self._set.about.hosts.get(host, {})
        if "error" in known:
            raise OSError(known["error"])
        return tuple(known.get("addresses", ()))

    def transport(self, keep: int) -> httpx2.AsyncBaseTransport:
        """No connections."""
        return ReplayingTransport(self._set, self._secrets)

    def pace(self, pace: Pace) -> Pace:
        """No limit of requests a minute: nothing is sent."""
        return replace(pace, requests_per_minute=None)

    @contextmanager
    def probing(self, probe: Probe) -> Iterator[None]:
        """Put in the cassette of one probe."""
        path = self._paths.get(probe.id)
        tape = Tape(self._set.cassette(path).interactions if path else (), find=self._by_request if self._other_specs else None)
        self._tapes[probe.id] = tape
        token = TAPE.set(tape)
        try:
            yield
        finally:
            TAPE.reset(token)

    def _by_request(self, key: str) -> tuple[Interaction, ...]:
        """The longest cassette that begins with this request: newer specs may have another name for the case."""
        if self._index is None:
            self._index = {}
            for cassette in self._set.cassettes():
                first = fingerprint(cassette.interactions[0].asked)
                self._index[first] = max(self._index.get(first, ()), cassette.interactions, key=len)
        return self._index.get(key, ())

    def lacks(self, probe: Probe) -> str | None:
        """What a probe asked for and the recording has not."""
        tape = self._tapes.get(probe.id)
        return None if tape is None else tape.lacks

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is missing, and a recording that is too old."""
        lacking = [tape.lacks for tape in self._tapes.values() if tape.lacks]
        found = [f"{len(lacking)} request(s) or lifecycle(s) are not in the recording: {lacking[0]}"] if lacking else []
        if not self._set.about.complete:
            found.append("the recording is unfinished: its run was interrupted")
        if self._max_age is not None and self._age > 2 * self._max_age:
            found.append(f"the recording is {self._age:.0f} days old, more than twice the {self._max_age:g} that --max-age allows: record again")
        return tuple(found)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the recording."""
        about = self._set.about
        found = [f"replayed from {self._set.folder}, recorded {about.recorded_at} from {about.target['base_url']} ({about.provenance}); nothing was sent"]
        if self._max_age is not None and self._max_age < self._age <= 2 * self._max_age:
            found.append(f"the recording is {self._age:.0f} days old, and --max-age is {self._max_age:g}: record again")
        if about.heads_only:
            found.append("only the heads of pictures were recorded: what they were was judged then, and is not judged again")
        if self._other_specs:
            found.append("judged by other specs than the recording was made with")
        unused = [tape.unused for tape in self._tapes.values() if tape.unused and not tape.lacks]
        if unused:
            found.append(f"{sum(unused)} recorded exchange(s) of {len(unused)} cassette(s) were not asked for")
        return tuple(found)

    @property
    def facts(self) -> Mapping[str, Any] | None:
        """The set, as results.json names it."""
        return set_facts(self._set.folder, self._set.about)

    @property
    def _age(self) -> float:
        return (datetime.now(UTC) - self._set.about.time).total_seconds() / 86400


def _found(recording: CassetteSet, cases: tuple[Case, ...]) -> dict[str, str]:
    """The cassette of each probe: the first of its possible files that is there."""
    there = {probe: next((file for file in files.values() if recording.has(file)), None) for probe, files in cassette_paths(cases).items()}
    return {probe: file for probe, file in there.items() if file is not None}


class _RecordedPeer:
    """The address that a recorded connection was made to."""

    def __init__(self, address: str) -> None:
        self._address = address

    def get_extra_info(self, name: str) -> tuple[str, int] | None:
        return (self._address, 0) if name == "server_addr" else None


class _Body(httpx2.AsyncByteStream):
    def __init__(self, content: bytes, error: Exception | None) -> None:
        self._content, self._error = content, error

    async def __aiter__(self) -> Any:
        if self._content:
            yield self._content
        if self._error is not None:
            raise self._error


class ReplayingTransport(httpx2.AsyncBaseTransport):
    """Answers from the tape of the current task."""

    def __init__(self, recording: CassetteSet, secrets: Secrets) -> None:
        self._set, self._secrets = recording, secrets

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
        body = unpack(interaction.body, self._set.store.get)
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
