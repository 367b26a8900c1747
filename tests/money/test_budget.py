import asyncio
import random
from fractions import Fraction

import pytest

from proofsheet.money.budget import Budget, NotAfforded

ZERO, ONE = Fraction(0), Fraction(1)


def spend(limit, requests, dice=None):
    """Let all these requests, ``(reserved, expected, charged)``, ask at once; what was granted, and the most that was held and spent at any time."""
    budget, granted, most = Budget(limit), [], [ZERO]
    dice = dice or random.Random(1)

    async def one(number, reserved, expected, charged):
        try:
            await budget.reserve(reserved, expected)
        except NotAfforded:
            return
        granted.append(number)
        most.append(budget.spent + budget._held)
        for _ in range(dice.randrange(4)):
            await asyncio.sleep(0)
        budget.settle(reserved, charged)

    async def everybody():
        async with asyncio.timeout(10):
            await asyncio.gather(*(one(number, *request) for number, request in enumerate(requests)))

    asyncio.run(everybody())
    assert budget._held == 0
    assert budget.spent == sum((requests[number][2] for number in granted), ZERO)
    return granted, max(most)


@pytest.mark.parametrize("seed", range(30))
def test_no_order_of_requests_passes_the_limit(seed):
    dice = random.Random(seed)
    prices = [Fraction(dice.choice([1, 2, 5, 7]), dice.choice([1, 3, 10])) for _ in range(60)]
    requests = [(price, *dice.choice([(price, price), (ZERO, ZERO), (ZERO, price)])) for price in prices]
    limit = Fraction(dice.randrange(1, 200), 3)
    granted, most = spend(limit, requests, dice)
    assert most <= limit
    left = limit - sum((requests[number][2] for number in granted), ZERO)
    assert all(request[0] > left for number, request in enumerate(requests) if number not in granted), "what fits is not turned away"


def test_what_is_refused_gives_its_reservation_back():
    granted, most = spend(ONE, [(ONE, ZERO, ZERO)] * 50)
    assert len(granted) == 50
    assert most == ONE


def test_the_free_ones_go_before_the_paid_ones_whoever_asks_first():
    paid, free = (ONE, ONE, ONE), (ONE, ZERO, ZERO)
    granted, _ = spend(ONE, [free, paid, free, paid, free])
    assert granted == [0, 2, 4, 1]


def test_without_a_limit_everything_is_granted_and_counted():
    granted, most = spend(None, [(ONE, ONE, ONE)] * 20)
    assert len(granted) == 20
    assert most == 20


def test_what_was_spent_before_counts():
    async def ask():
        await Budget(Fraction(3), spent=Fraction(3)).reserve(ONE, ONE)

    with pytest.raises(NotAfforded):
        asyncio.run(ask())


def test_whoever_is_cancelled_holds_nothing():
    async def play():
        budget = Budget(ONE)
        await budget.reserve(ONE, ONE)
        waiting = [asyncio.ensure_future(budget.reserve(ONE, ONE)) for _ in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        budget.settle(ONE, ZERO)  # the second of them has it now, and is cancelled before it knows
        waiting[1].cancel()
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        await budget.reserve(ONE, ONE)
        return ends, budget._held

    ends, held = asyncio.run(play())
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    assert held == ONE


def test_money_that_comes_back_late_lets_others_in():
    async def play():
        budget = Budget(ONE)
        await budget.reserve(ONE, ONE)
        waiting = asyncio.ensure_future(budget.reserve(ONE, ONE))
        await asyncio.sleep(0)
        assert not waiting.done()
        budget.settle(ONE, ZERO)
        await waiting

    asyncio.run(play())
