"""Performs all probes of a run at once, on one event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import CancelledError, Future, wait
from contextlib import asynccontextmanager

from proofsheet.cases.model import Probe
from proofsheet.contract.model import Contract
from proofsheet.exchange.assets import Assets
from proofsheet.exchange.client import Client
from proofsheet.exchange.model import Exchange, Performance
from proofsheet.exchange.pace import Gate, Pace
from proofsheet.exchange.pages import Halt, NotPerformed, Pages
from proofsheet.exchange.performer import Agency, Performer
from proofsheet.exchange.pictures import collect
from proofsheet.exchange.targets import Target
from proofsheet.exchange.wire import Wire
from proofsheet.exchange.witness import Witness

__all__ = ["Engine", "Heard", "NotPerformed"]

# The client loads its event loop's backend at the first request. That would be in the engine's thread, where an import
# hook that parses (pytest's) meets the main thread's: CPython 3.11 does not always survive two parsers at once.
importlib.import_module("anyio._backends._asyncio")

#: Pictures fetched at once.
ASSETS_AT_ONCE = 8

Heard = Callable[[Probe, Exchange], None]
Follow = Callable[[Performance], Sequence[Probe]]


class Engine:
    """Starts probes together and hands out their performances as they end.

    Probes run concurrently at the target's pace; those marked serial run one after another when all others have
    ended, because they read an account's balance. One that ``lingers`` can perform a probe again until it is stopped.
    ``follow`` says what else is to be performed after a performance; it is asked in the engine's thread.
    """

    def __init__(self, contract: Contract, target: Target, on_exchange: Heard, epoch: float | None = None, wire: Wire | None = None, *, lingers: bool = False,
                 pages: Pages | None = None, follow: Follow = lambda performance: ()) -> None:  # fmt: skip
        self.contract, self.target = contract, target
        self._follow = follow
        self.wire = wire or Wire()
        self.pages = pages or Pages()
        #: Why nothing more can be sent, where something has broken.
        self.halted: str | None = None
        self.pace = self.wire.pace(Pace.of(contract, target))
        self.epoch = time.monotonic() if epoch is None else epoch
        self._on_exchange = on_exchange
        self._futures: dict[str, Future[Performance]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._ended = False
        self._lingers = lingers
        self._idle: Future[tuple[Performer, asyncio.Lock]] = Future()

    def start(self, probes: Sequence[Probe]) -> None:
        """Begin. Returns at once."""
        self._futures = {probe.id: Future() for probe in probes}
        self._thread = threading.Thread(target=self._run, args=(tuple(probes),), name="proofsheet-engine", daemon=True)
        self._thread.start()

    def performance(self, probe: Probe) -> Performance:
        """Wait for one probe. Raises NotPerformed when the run was stopped before."""
        future = self._futures.get(probe.id)
        if future is None:
            raise NotPerformed
        try:
            return future.result()
        except CancelledError:
            raise NotPerformed from None

    def perform_again(self, probe: Probe) -> Performance:
        """Perform a probe once more, when all others have ended, and one such at a time: nothing else touches the account meanwhile.

        It goes past the recording of a run, which holds what came first. Raises NotPerformed when the run was stopped before.
        """
        try:
            performer, one_at_a_time = self._idle.result()
        except CancelledError:
            raise NotPerformed from None
        assert self._loop is not None
        again = self._again(performer, one_at_a_time, probe)
        try:
            future = asyncio.run_coroutine_threadsafe(again, self._loop)
        except RuntimeError:  # the loop has been closed
            again.close()
            raise NotPerformed from None
        while not wait([future], timeout=1).done:
            if self._thread is None or not self._thread.is_alive():
                again.close()  # it was handed over in the moment in which the loop was closed, and never begun
                raise NotPerformed
        try:
            return future.result()
        except CancelledError:
            raise NotPerformed from None

    async def _again(self, performer: Performer, one_at_a_time: asyncio.Lock, probe: Probe) -> Performance:
        assert self._stop is not None
        async with one_at_a_time:
            work, stop = asyncio.ensure_future(performer.perform(probe)), asyncio.ensure_future(self._stop.wait())
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            if not work.done():
                work.cancel()
        try:
            return await work
        except Halt as error:
            raise self._halt(error) from None

    def _halt(self, error: Halt) -> NotPerformed:
        """Send nothing more."""
        self.halted = self.halted or str(error)
        if self._stop is not None:
            self._stop.set()
        return NotPerformed(str(error))

    def finished(self, probe: Probe) -> bool:
        """Whether a probe was performed to its end."""
        future = self._futures.get(probe.id)
        return future is not None and future.done() and not future.cancelled() and future.exception() is None

    @property
    def in_flight(self) -> int:
        """How many probes have not ended yet."""
        return sum(not future.done() for future in self._futures.values())

    @property
    def done(self) -> int:
        """How many probes have ended."""
        return len(self._futures) - self.in_flight

    def end(self) -> None:
        """Begin to end: nothing new is sent, what is on the wire is dropped. Takes no lock, so that a signal's handler may call it."""
        self._ended = True
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)

    def stop(self) -> None:
        """End now, and wait for that."""
        self.end()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self, probes: tuple[Probe, ...]) -> None:
        try:
            asyncio.run(self._main(probes))
        except BaseException as error:  # noqa: BLE001 -- whoever waits for a probe must hear of it
            for future in self._futures.values():
                if not future.done():
                    future.set_exception(error)
        finally:
            for future in self._futures.values():
                future.cancel()
            self._idle.cancel()

    async def _main(self, probes: tuple[Probe, ...]) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        if self._ended:  # stopped before there was a loop that could be told
            return
        async with self._performer() as performer:
            work = asyncio.ensure_future(self._work(performer, probes))
            stop = asyncio.ensure_future(self._stop.wait())
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            for task in (work, stop):
                task.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)

    @asynccontextmanager
    async def _performer(self) -> AsyncIterator[Performer]:
        wire, keep = self.wire, self.pace.max_concurrency
        client = Client(self.target, concurrency=keep, epoch=self.epoch, transport=self.pages.transport(wire.transport(keep)), seen=self.pages.seen)
        assets = Assets(
            self.target, self.contract.assets.hosts, epoch=self.epoch, transport=wire.transport(ASSETS_AT_ONCE), resolver=wire.resolver, inspector=wire.inspector,
            concurrency=ASSETS_AT_ONCE, seen=self.pages.seen,
        )  # fmt: skip
        async with client, assets, _stopped(wire.agency):
            yield Performer(
                contract=self.contract,
                target=self.target,
                client=client,
                gate=Gate(self.pace, self.wire.clock),
                pace=self.pace,
                collect=lambda answer, exchange: collect(answer, exchange, assets),
                on_exchange=self._on_exchange,
                clock=self.wire.clock,
                pages=self.pages,
                witness=Witness(wire.upstream, self.epoch) if wire.upstream is not None else None,
                agency=wire.agency,
            )

    async def _work(self, performer: Performer, probes: tuple[Probe, ...]) -> None:
        await self._all(performer, probes)
        if self._lingers and self._stop is not None:
            self._idle.set_result((performer, asyncio.Lock()))
            await self._stop.wait()

    async def _all(self, performer: Performer, probes: tuple[Probe, ...]) -> None:
        # Tasks take their slots in this order: bases come first.
        await asyncio.gather(*(self._one(performer, probe) for probe in probes if not (probe.serial or probe.client or _harms(probe))))
        for probe in probes:
            if probe.serial:
                await self._one(performer, probe)
        # Other people's clients have timeouts of their own: they must not queue behind all else.
        await asyncio.gather(*(self._one(performer, probe) for probe in probes if probe.client))
        # What makes the model behind a gateway fail comes last: a gateway may hold that against everybody for a while.
        await asyncio.gather(*(self._one(performer, probe) for probe in probes if _harms(probe)))

    async def _one(self, performer: Performer, probe: Probe) -> None:
        future = self._futures[probe.id]
        try:
            async with self.wire.probing(probe):
                performance = await performer.perform(probe)
            more = [one for one in self._follow(performance) if one.id not in self._futures]
        except asyncio.CancelledError:
            future.cancel()
            raise
        except Halt as error:
            future.set_exception(self._halt(error))
        except Exception as error:  # noqa: BLE001 -- a fault of the harness: reported as such on the cases that wait for it
            future.set_exception(error)
        else:
            # Who waits for the first must find the others there; a new mapping, because other threads read the old one.
            self._futures = {**self._futures, **{one.id: Future() for one in more}}
            future.set_result(performance)
            await self._all(performer, tuple(more))


@asynccontextmanager
async def _stopped(agency: Agency | None) -> AsyncIterator[None]:
    """Whatever happens, no client is left running."""
    try:
        yield
    finally:
        if agency is not None:
            await agency.stop()


def _harms(probe: Probe) -> bool:
    return probe.relay is not None and probe.relay.fault is not None
