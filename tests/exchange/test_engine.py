"""All probes of a run on one loop: together, serial ones last, and an end at any moment."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from checks.subjects import contract, exchange, operation
from proofsheet.cases.model import Probe
from proofsheet.exchange.engine import Engine, NotPerformed
from proofsheet.exchange.model import Performance
from proofsheet.exchange.targets import Target

TARGET = Target("t", "acme", "http://127.0.0.1:1", paid=False)


class Scripted:
    """Performs a probe by a function of its id."""

    def __init__(self, act: Callable[[str], Any]) -> None:
        self.act = act

    async def perform(self, probe: Probe) -> Performance:
        await self.act(probe.id)
        return Performance(probe, "served", exchange())


class Rehearsal(Engine):
    """An engine without a wire."""

    act: Callable[[str], Any]

    @asynccontextmanager
    async def _performer(self) -> AsyncIterator[Any]:
        yield Scripted(self.act)


def engine(act: Callable[[str], Any], *probes: Probe) -> Rehearsal:
    made = Rehearsal(contract(), TARGET, lambda probe, came: None)
    made.act = act
    made.start(probes)
    return made


def probe(id: str, **more: Any) -> Probe:
    return Probe(id, operation(), operation().base, **more)


def test_probes_run_together_and_serial_ones_one_after_another_when_all_others_have_ended():
    events: list[str] = []

    async def act(id: str) -> None:
        events.append(f"+{id}")
        await asyncio.sleep(0.02)
        events.append(f"-{id}")

    probes = [probe("s1", serial=True), probe("a"), probe("b"), probe("s2", serial=True)]
    made = engine(act, *probes)
    assert [made.performance(one).probe.id for one in probes] == ["s1", "a", "b", "s2"]
    made.stop()
    assert events[:2] == ["+a", "+b"]
    assert sorted(events[2:4]) == ["-a", "-b"]
    assert events[4:] == ["+s1", "-s1", "+s2", "-s2"]
    assert (made.done, made.in_flight) == (4, 0)


def test_a_fault_of_the_harness_is_raised_where_it_is_waited_for_and_nowhere_else():
    async def act(id: str) -> None:
        if id == "bad":
            raise RuntimeError("ours")

    made = engine(act, probe("bad"), probe("good"), probe("late", serial=True))
    with pytest.raises(RuntimeError, match="ours"):
        made.performance(probe("bad"))
    assert made.performance(probe("good")).outcome == "served"
    assert made.performance(probe("late")).outcome == "served"
    assert not made.finished(probe("bad"))
    assert made.finished(probe("good"))
    made.stop()


def test_stopping_drops_what_is_in_flight_and_keeps_what_has_ended():
    ended = threading.Event()

    async def act(id: str) -> None:
        if id == "quick":
            ended.set()
            return
        await asyncio.sleep(600)

    made = engine(act, probe("quick"), probe("slow"), probe("serial", serial=True))
    assert ended.wait(30)
    assert made.performance(probe("quick")).outcome == "served"
    assert made.in_flight == 2
    made.stop()
    assert made._thread is not None and not made._thread.is_alive()
    for id in ("slow", "serial"):
        with pytest.raises(NotPerformed):
            made.performance(probe(id))
    assert made.performance(probe("quick")).outcome == "served"
    assert made.in_flight == 0
    made.stop()


def test_whoever_waits_is_woken_by_the_end():
    async def act(id: str) -> None:
        await asyncio.sleep(600)

    made = engine(act, probe("slow"))
    woken: list[str] = []

    def wait() -> None:
        try:
            made.performance(probe("slow"))
        except NotPerformed:
            woken.append("slow")

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.05)
    made.stop()
    thread.join(timeout=10)
    assert woken == ["slow"]


def test_a_probe_that_was_never_planned_is_not_performed():
    async def act(id: str) -> None:
        await asyncio.sleep(0)

    made = engine(act, probe("a"))
    with pytest.raises(NotPerformed):
        made.performance(probe("b"))
    assert not made.finished(probe("b"))
    made.stop()


def test_an_engine_that_cannot_even_begin_says_so_to_all():
    class Broken(Engine):
        @asynccontextmanager
        async def _performer(self) -> AsyncIterator[Any]:
            raise RuntimeError("no loop")
            yield

    made = Broken(contract(), TARGET, lambda probe, came: None)
    made.start((probe("a"), probe("b")))
    for id in ("a", "b"):
        with pytest.raises(RuntimeError, match="no loop"):
            made.performance(probe(id))
    made.stop()


def test_one_that_is_stopped_before_its_loop_runs_performs_nothing():
    class Late(Rehearsal):
        go = threading.Event()

        def _run(self, probes: tuple[Probe, ...]) -> None:
            self.go.wait()
            super()._run(probes)

        def end(self) -> None:
            super().end()
            self.go.set()

    async def act(id: str) -> None:
        pytest.fail("it was stopped before")

    late = Late(contract(), TARGET, lambda probe, came: None)
    late.act = act
    late.start([probe("one")])
    late.stop()
    with pytest.raises(NotPerformed):
        late.performance(probe("one"))


def test_an_engine_that_was_never_started_can_be_stopped():
    made = Engine(contract(), TARGET, lambda probe, came: None)
    made.stop()
    assert (made.done, made.in_flight) == (0, 0)


def lingering(act: Callable[[str], Any], *probes: Probe) -> Rehearsal:
    made = Rehearsal(contract(), TARGET, lambda probe, came: None, lingers=True)
    made.act = act
    made.start(probes)
    return made


def test_a_probe_is_performed_again_when_all_others_have_ended_and_one_at_a_time():
    events: list[str] = []

    async def act(id: str) -> None:
        events.append(f"+{id}")
        await asyncio.sleep(0.02)
        events.append(f"-{id}")

    first, second = probe("a"), probe("b", serial=True)
    made = lingering(act, first, second)
    try:
        with ThreadPoolExecutor(2) as pool:
            again = list(pool.map(made.perform_again, [replace(first, attempt=2), replace(first, attempt=3)]))
        assert [performance.probe.attempt for performance in again] == [2, 3]
        assert events == ["+a", "-a", "+b", "-b", "+a", "-a", "+a", "-a"]
        assert made.performance(first).probe.attempt == 1
    finally:
        made.stop()


def test_nothing_is_performed_again_when_the_run_was_stopped():
    async def act(id: str) -> None:
        if len(begun) > 0:
            await asyncio.sleep(60)
        begun.append(id)

    begun: list[str] = []
    only = probe("a")
    made = lingering(act, only)
    made.performance(only)
    threading.Timer(0.1, made.stop).start()
    with pytest.raises(NotPerformed):
        made.perform_again(only)
    with pytest.raises(NotPerformed):
        made.perform_again(only)
    assert begun == ["a"]


def test_nothing_is_performed_again_by_an_engine_that_does_not_linger():
    async def act(id: str) -> None:
        await asyncio.sleep(0)

    only = probe("a")
    made = engine(act, only)
    with pytest.raises(NotPerformed):
        made.perform_again(only)
    made.stop()
    assert made.performance(only).outcome == "served"


def test_what_breaks_while_it_is_performed_again_is_raised():
    async def act(id: str) -> None:
        begun.append(id)
        if len(begun) > 1:
            raise RuntimeError("a fault of ours")

    begun: list[str] = []
    only = probe("a")
    made = lingering(act, only)
    try:
        with pytest.raises(RuntimeError, match="a fault of ours"):
            made.perform_again(only)
    finally:
        made.stop()
