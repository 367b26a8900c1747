"""The wire of a recording run: sends as ever and writes a set of cassettes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from proofsheet import __version__
from proofsheet.cases.model import Case, Probe
from proofsheet.cases.surroundings import Pictures
from proofsheet.contract.model import Contract
from proofsheet.exchange.assets import resolve
from proofsheet.exchange.inspection import Facts, Inspector
from proofsheet.exchange.origins import UnusableURL, http_url
from proofsheet.exchange.targets import Target
from proofsheet.exchange.wire import Wire
from proofsheet.recording.about import About, described
from proofsheet.recording.blobs import FOLDER, BlobStore
from proofsheet.recording.cassette import Cassette, to_text
from proofsheet.recording.errors import RecordingError
from proofsheet.recording.folders import Workplace
from proofsheet.recording.names import cassette_paths
from proofsheet.recording.secrets import Secrets
from proofsheet.recording.sets import seal
from proofsheet.recording.wire_record import TAKES, RecordingTransport, Take, interaction

#: What the reference gateway calls itself in a header; a gateway in between may carry it on under another name.
_REFERENCE = "proofsheet-reference"


class _Noting(Inspector):
    """Remembers the facts of every picture that a run looks at."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: dict[str, Facts] = {}

    def inspect(self, content: bytes) -> Facts:
        facts = super().inspect(content)
        self.facts[facts.digest] = facts
        return facts


class Recorder(Wire):
    """Records one run against one target. Raises RecordingError where its folder cannot be written or another run records there.

    A run that cannot be recorded any more goes on: its verdicts are good, and ``gaps`` says that no recording was kept.
    """

    mode = "record"

    def __init__(self, root: Path, contract: Contract, target: Target, cases: tuple[Case, ...], pictures: Pictures, epoch: float, *, heads_only: bool = False,
                 selection: Mapping[str, Any] | None = None) -> None:  # fmt: skip
        super().__init__()
        self._selection = selection or {}
        self._contract, self._target, self._pictures, self._epoch = contract, target, pictures, epoch
        self._files = {probe: next(iter(files.items())) for probe, files in cassette_paths(cases).items()}
        self._secrets = Secrets(target, contract.security_schemes)
        self.inspector: _Noting = _Noting()
        self._hosts: dict[str, Any] = {}
        self._requests = 0
        self._reference = False
        self._recorded_at = datetime.now(UTC)
        self._problem: str | None = None
        self._about: About | None = None
        self._kept = root / target.name
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="proofsheet-recorder")
        self._place = Workplace(root, target.name)
        self._store = BlobStore(self._place.folder / FOLDER, heads_only)

    @property
    def resolver(self) -> Callable[[str], Awaitable[tuple[str, ...]]]:
        """Finds the addresses of a host and keeps them: a replay must refuse the same ones."""
        return self._resolve

    async def _resolve(self, host: str) -> tuple[str, ...]:
        try:
            addresses = await resolve(host)
        except (OSError, UnicodeError) as error:
            self._hosts[host] = {"error": str(error)}
            raise
        self._hosts[host] = {"addresses": sorted(addresses)}
        return addresses

    def transport(self, keep: int) -> httpx2.AsyncBaseTransport:
        """Real connections that are listened to."""
        return RecordingTransport(super().transport(keep), lambda: time.monotonic() - self._epoch)

    @asynccontextmanager
    async def probing(self, probe: Probe) -> AsyncIterator[None]:
        """Collect what one probe sends, and write it when the probe has ended: beside the loop, which has other requests to time."""
        takes: list[Take] = []
        token = TAKES.set(takes)
        try:
            yield
        finally:
            TAKES.reset(token)
        if takes and self._problem is None:
            try:
                await asyncio.get_running_loop().run_in_executor(self._writer, self._write, probe, takes)
            except OSError as error:
                self._problem = f"nothing more could be written to {self._place.folder} ({error.strerror or error})"

    def _write(self, probe: Probe, takes: list[Take]) -> None:
        case, file = self._files[probe.id]
        interactions = tuple(interaction(take, self._secrets, self._store) for take in takes)
        path = self._place.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_text(Cassette(case, interactions)), encoding="utf-8", newline="\n")
        self._requests += len(takes)
        self._reference = self._reference or any(value.startswith(_REFERENCE) for one in interactions for values in one.headers.values() for value in values)

    def finish(self, complete: bool) -> None:
        """Put the set in place where the run came to its end, else aside."""
        self._writer.shutdown()
        if self._about is not None or not self._place.folder.exists():
            return
        if self._problem is not None or self._requests == 0:
            self._place.give_up()
            return
        try:
            self._about = seal(self._place.folder, self._described(complete), self.inspector.facts)
            self._kept = self._place.keep() if complete else self._place.set_aside()
        except OSError as error:
            self._place.give_up()
            self._problem, self._about = f"it could not be put into {self._place.place} ({error.strerror or error})", None

    def _described(self, complete: bool) -> About:
        return About(
            **self._secrets_out(described(self._target, self._pictures)),
            provenance="reference" if self._simulated() else "vendor" if self._documented() else "gateway",
            recorded_at=self._recorded_at.isoformat(timespec="seconds"),
            tool_version=__version__,
            specs_sha256=self._contract.sha256,
            complete=complete,
            heads_only=self._store.heads_only,
            requests=self._requests,
            hosts=self._hosts,
            selection=self._selection,
        )

    def _secrets_out(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        def out(value: Any) -> Any:
            if isinstance(value, Mapping):
                return {name: out(inner) for name, inner in value.items()}
            return [out(inner) for inner in value] if isinstance(value, list) else self._secrets.text(value) if isinstance(value, str) else value

        cleaned: dict[str, Any] = out(raw)
        return cleaned

    def _simulated(self) -> bool:
        """Whether our own gateway answered, by its header or by the mark in its pictures."""
        return self._reference or any(facts.simulated for facts in self.inspector.facts.values())

    def _documented(self) -> bool:
        """Whether the target is at the host that the provider's document names."""
        try:
            return http_url(self._contract.base_url).host == self._target.origin.host
        except UnusableURL:
            return False

    def abandon(self) -> None:
        """Take away what was written: the run did not get as far as a result."""
        self._writer.shutdown()
        if self._about is None:
            self._place.give_up()

    @property
    def gaps(self) -> tuple[str, ...]:
        """That there is no recording, where there is none."""
        return () if self._problem is None else (f"the recording was not kept: {self._problem}; what was recorded before is untouched",)

    @property
    def notes(self) -> tuple[str, ...]:
        """Where the recording is."""
        if self._about is None:
            return ()
        heads = ", of pictures only the heads" if self._about.heads_only else ""
        unfinished = "" if self._about.complete else " (unfinished: the set that was there before is untouched)"
        return (f"recorded {self._requests} requests in {self._kept}{heads}{unfinished}",)

    @property
    def facts(self) -> Mapping[str, Any] | None:
        """The set, as results.json names it."""
        return None if self._about is None else set_facts(self._kept, self._about)


def set_facts(folder: Path, about: About) -> dict[str, Any]:
    """What results.json says about a set."""
    return {
        "path": str(folder), "digest": about.digest, "recorded_at": about.recorded_at, "tool_version": about.tool_version,
        "specs_sha256": about.specs_sha256, "provenance": about.provenance, "heads_only": about.heads_only,
    }  # fmt: skip


__all__ = ["Recorder", "RecordingError", "set_facts"]
