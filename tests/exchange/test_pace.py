"""How fast: whose figures count, how many at once, how many a minute, how long a pause."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from checks.subjects import contract
from proofsheet.contract.model import Pace as Published
from proofsheet.contract.model import Times
from proofsheet.exchange.clock import Clock
from proofsheet.exchange.pace import DEFAULT_CONCURRENCY, DEFAULT_POLL, LONGEST_PAUSE, MOST_HELD, Gate, Pace, pause_of
from proofsheet.exchange.targets import Target, TargetPace

LOCAL = Target("t", "acme", "http://127.0.0.1:1", paid=False)
REMOTE = replace(LOCAL, base_url="https://api.acme.example")
SAID = contract(pace=Published(3, 30, 4.0, 5.0), times=Times(request_timeout=60, lifecycle_timeout=70))
SILENT = contract()


def test_where_nobody_says_anything():
    assert Pace.of(SILENT, LOCAL) == Pace(DEFAULT_CONCURRENCY, None, DEFAULT_POLL, DEFAULT_POLL, Times().lifecycle_timeout, Times().request_timeout)


def test_what_the_provider_publishes_counts():
    assert Pace.of(SAID, REMOTE) == Pace(3, 30, 4.0, 5.0, 70, 60, polls_count=False)


def test_a_published_rate_is_no_limit_of_a_gateway_of_ones_own():
    assert Pace.of(SAID, LOCAL) == Pace(3, None, 4.0, 5.0, 70, 60)


def test_the_targets_own_figures_come_first():
    own = replace(LOCAL, pace=TargetPace(2, 10, 0.0, 0.1, 20), request_timeout=9)
    assert Pace.of(SAID, own) == Pace(2, 10, 0.0, 0.1, 20, 9)
    assert Pace.of(SILENT, own) == Pace(2, 10, 0.0, 0.1, 20, 9)
    assert Pace.of(SAID, replace(own, base_url="https://api.acme.example")) == Pace(2, 10, 0.0, 0.1, 20, 9)


class Still(Clock):
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.t = 0.0

    def now(self) -> float:
        return self.t

    async def sleep(self, seconds: float) -> None:
        self.t = max(self.t, self.t + seconds)
        await asyncio.sleep(0)


async def most_at_once(gate: Gate, kinds: list[str]) -> int:
    inside, most = 0, 0

    async def one(kind: str) -> None:
        nonlocal inside, most
        async with gate.begin() if kind == "begin" else gate.go_on():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(one(kind) for kind in kinds))
    return most


@pytest.mark.parametrize("kinds", [["begin"] * 6, ["go_on"] * 6, ["begin", "go_on"] * 4])
def test_no_more_at_once_than_there_are_slots(kinds):
    async def go() -> int:
        return await most_at_once(Gate(Pace(2, None, 0, 0, 1, 1)), kinds)

    assert asyncio.run(go()) == 2


def test_a_poll_waits_for_a_slot_and_not_for_the_plan():
    async def go() -> list[str]:
        gate, order, inside, asked = Gate(Pace(1, None, 0, 0, 1, 1)), [], asyncio.Event(), asyncio.Event()

        async def one(name: str, *, begins: bool) -> None:
            async with gate.begin() if begins else gate.go_on():
                order.append(name)
                inside.set()
                await asked.wait()

        started = [asyncio.ensure_future(one(f"new{n}", begins=True)) for n in range(5)]
        await inside.wait()
        poll = asyncio.ensure_future(one("poll", begins=False))
        await asyncio.sleep(0)
        asked.set()
        await asyncio.gather(*started, poll)
        return order

    assert asyncio.run(go()).index("poll") == 1


def test_so_many_a_minute():
    async def go() -> float:
        gate, started = Gate(Pace(9, 1200, 0, 0, 1, 1)), time.monotonic()

        async def one() -> None:
            async with gate.go_on():
                return

        await asyncio.gather(*(one() for _ in range(5)))
        return time.monotonic() - started

    # Five requests at 1200 a minute: four gaps of a twentieth of a second.
    assert 0.2 <= asyncio.run(go()) < 5


def moments(clock: Still, gate: Gate, kinds: str) -> list[float]:
    """When each of some requests leaves, one after another: b begins something, p is a poll, r a poll that is refused."""

    async def go() -> list[float]:
        found = []
        for kind in kinds:
            async with gate.begin() if kind == "b" else gate.go_on():
                found.append(clock.now())
            if kind == "r":
                gate.refused_poll()
        return found

    return asyncio.run(go())


def test_the_gate_keeps_the_wires_time():
    clock = Still()
    assert moments(clock, Gate(Pace(9, 3, 0, 0, 1, 1), clock), "bbb") == [0.0, 20.0, 40.0]


def test_polls_take_no_turn_where_the_limit_is_a_published_one():
    clock = Still()
    assert moments(clock, Gate(Pace(9, 3, 0, 0, 1, 1, polls_count=False), clock), "bpppbp") == [0.0, 0.0, 0.0, 0.0, 20.0, 20.0]


def test_they_do_once_one_was_refused():
    clock = Still()
    assert moments(clock, Gate(Pace(9, 3, 0, 0, 1, 1, polls_count=False), clock), "bprpp") == [0.0, 0.0, 0.0, 20.0, 40.0]


def test_a_pause_holds_what_begins_and_not_what_goes_on():
    clock = Still()
    gate = Gate(Pace(9, None, 0, 0, 1, 1), clock)
    gate.pause(7.0)
    gate.pause(5.0)
    assert moments(clock, gate, "ppbb") == [0.0, 0.0, 7.0, 7.0]


def test_a_pause_ends_on_a_clock_that_stands():
    class Standing(Still):
        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(0)

    clock = Standing()
    gate = Gate(Pace(9, None, 0, 0, 1, 1), clock)
    gate.pause(7.0)
    assert moments(clock, gate, "b") == [0.0]


@pytest.mark.parametrize(("said", "seconds"), [
    (None, 1.0), ("0", 0.0), ("7", 7.0), (" 30 ", 30.0), ("119", 119.0), ("120", LONGEST_PAUSE), ("99999", LONGEST_PAUSE), ("soon", 1.0), ("-5", 1.0), ("", 1.0),
    ("\u00b2", 1.0), ("1e400", 1.0), ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", 1.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ("Fri, 31 Dec 2099 23:59:59 GMT", LONGEST_PAUSE),
])
def test_a_pause_that_a_target_asks_for(said, seconds):
    assert pause_of(said) == seconds


def test_a_pause_until_a_date():
    assert 20 < pause_of(format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)) <= 30


def test_nothing_new_begins_while_too_much_waits_to_be_looked_at():
    async def go() -> list[str]:
        gate, order = Gate(Pace(4, None, 0, 0, 1, 1)), []

        async def begin() -> None:
            async with gate.begin():
                order.append("begun")

        with gate.holding(MOST_HELD), gate.holding(1):
            waiting = asyncio.ensure_future(begin())
            async with gate.go_on():
                order.append("poll")
            await asyncio.sleep(0.01)
            order.append("looked at")
        await waiting
        return order

    assert asyncio.run(go()) == ["poll", "looked at", "begun"]


def test_as_much_as_is_allowed_holds_up_nobody():
    async def go() -> None:
        gate = Gate(Pace(4, None, 0, 0, 1, 1))
        with gate.holding(MOST_HELD):
            async with asyncio.timeout(5), gate.begin():
                return

    asyncio.run(go())
