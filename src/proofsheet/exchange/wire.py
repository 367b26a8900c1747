"""What an engine sends through. This one is the network; recording and replaying put another in its place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from proofsheet.cases.model import Probe
from proofsheet.exchange.assets import resolve
from proofsheet.exchange.clock import Clock
from proofsheet.exchange.inspection import Inspector
from proofsheet.exchange.pace import Pace
from proofsheet.exchange.performer import Agency
from proofsheet.exchange.transfer import FreshTransport
from proofsheet.exchange.witness import Upstream


class Wire:
    """The network itself. ``sends`` says whether anything leaves this process."""

    mode = "live"
    sends = True
    #: The model behind the target, where the harness plays it.
    upstream: Upstream | None = None
    #: Who makes requests through other people's clients.
    agency: Agency | None = None

    def __init__(self) -> None:
        self.clock = Clock()
        self.inspector = Inspector()

    @property
    def resolver(self) -> Callable[[str], Awaitable[tuple[str, ...]]]:
        """Finds the addresses of a host."""
        return resolve

    def transport(self, keep: int) -> httpx2.AsyncBaseTransport:
        """Connections, of which ``keep`` idle ones are kept."""
        return FreshTransport(keep)

    def pace(self, pace: Pace) -> Pace:
        """The pace at which this wire can be used."""
        return pace

    @asynccontextmanager
    async def probing(self, probe: Probe) -> AsyncIterator[None]:
        """Around everything that one probe sends."""
        yield

    def lacks(self, probe: Probe) -> str | None:
        """Why a probe could not be performed to its end; None where it could."""
        return None

    def finish(self, complete: bool) -> None:
        """The run has ended. ``complete`` says whether it came to its own end."""

    def abandon(self) -> None:
        """The run ended without a result: nothing unfinished may stay. Safe to call at any time."""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What makes the run incomplete, in sentences."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the results must know, in sentences."""
        return ()

    @property
    def facts(self) -> Mapping[str, Any] | None:
        """What results.json says about the recording; None where there is none."""
        return None
