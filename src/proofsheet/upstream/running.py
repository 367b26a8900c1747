"""The upstream beside a run: a server on loopback, on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path

from proofsheet.contract.relay import shared_root, upstream_key
from proofsheet.exchange.model import UpstreamCall
from proofsheet.loopback import Heard, Said, listening
from proofsheet.upstream.journal import Journal
from proofsheet.upstream.model import Upstream
from proofsheet.upstream.shapes import read_shapes

#: What it calls itself, as the reference gateway does: nothing it says may pass for a vendor's answer.
SERVER = "proofsheet-reference-upstream"


class UpstreamNotStarted(Exception):
    """The upstream cannot listen; the message says what to change."""


class RunningUpstream:
    """Starts the server at once. Raises UpstreamNotStarted, ContractError."""

    def __init__(self, port: int, specs: Path | None = None) -> None:
        self.shapes = read_shapes(shared_root(specs))
        self.journal = Journal()
        self._started: Future[int] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, args=(port,), name="proofsheet-upstream", daemon=True)
        self._thread.start()
        try:
            self.port = self._started.result(timeout=10)
        except OSError as error:
            raise UpstreamNotStarted(f"the upstream cannot listen on 127.0.0.1:{port} ({error.strerror}): name another port with --upstream") from None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        """The key that it takes."""
        return upstream_key(self.port)

    @property
    def told(self) -> str:
        """What a gateway must be configured with, for people."""
        bases = "\n".join(f"  {shape.name:<15} http://{self.address}{shape.base}" for shape in self.shapes)
        return f"upstream: the model behind the target; configure the gateway with one of these base URLs and this key\n{bases}\n  {'key':<15} {self.key}"

    def watch_for(self, secrets: Mapping[str, str], *, passthrough: bool) -> None:
        """Look for these keys of the client's in what comes."""
        self.journal.watch_for(secrets, passthrough=passthrough)

    def position(self) -> int:
        """The number that the next call will have."""
        return self.journal.position()

    def calls(self, token: str, since: int, epoch: float) -> tuple[UpstreamCall, ...]:
        """The calls with this token."""
        return self.journal.calls(token, since, epoch)

    def reached(self) -> bool:
        """Whether any request of this run's has come."""
        return self.journal.reached()

    def stop(self) -> None:
        """Close the server. Safe to call twice."""
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=5)

    def _run(self, port: int) -> None:
        try:
            asyncio.run(self._serve(port))
        except OSError as error:
            if not self._started.done():
                self._started.set_exception(error)

    async def _serve(self, port: int) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()

        async def answer(heard: Heard) -> tuple[Said, Callable[[], None]]:
            return await upstream.answer(heard)

        async with listening(answer, port, SERVER) as bound:
            upstream = Upstream(self.shapes, self.journal, f"127.0.0.1:{bound}", upstream_key(bound))
            self._started.set_result(bound)
            await self._stop.wait()
