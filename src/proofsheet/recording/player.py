"""The wire of a replay: answers from a set of cassettes, opens no socket, waits for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2

from proofsheet import __version__
from proofsheet.cases.model import Case, Probe
from proofsheet.contract.model import Contract
from proofsheet.exchange.clock import Clock
from proofsheet.exchange.inspection import Facts, Inspector, inspect
from proofsheet.exchange.pace import Pace
from proofsheet.exchange.targets import Target
from proofsheet.exchange.wire import Wire
from proofsheet.recording.blobs import recorded_digest
from proofsheet.recording.bodies import digest_only
from proofsheet.recording.cassette import Interaction
from proofsheet.recording.errors import RecordingError
from proofsheet.recording.matching import fingerprint
from proofsheet.recording.names import cassette_paths
from proofsheet.recording.recorder import set_facts
from proofsheet.recording.secrets import Secrets
from proofsheet.recording.sets import CassetteSet
from proofsheet.recording.tape import TAPE, Tape
from proofsheet.recording.wire_replay import ReplayingTransport


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
        if found is not None and self.prints is not None and found.complete and self.prints.wants(found.digest):
            inspect(content, self.prints)  # for its print alone: of a recording that kept only heads there is none
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
        return ReplayingTransport(self._set.store, self._secrets)

    def pace(self, pace: Pace) -> Pace:
        """No limit of requests a minute: nothing is sent."""
        return replace(pace, requests_per_minute=None)

    @asynccontextmanager
    async def probing(self, probe: Probe) -> AsyncIterator[None]:
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
