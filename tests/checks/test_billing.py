"""Checks of the money: for each guard a subject that passes and one that it catches."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from checks.subjects import TABLE, at, broken, contract, exchange, held, operation, role, roles, row, subject, unshown
from proofsheet.checks import Bounds, billing
from proofsheet.contract.model import Model, Pixels, PriceRule, Prices

BALANCE = at("json:$.left")
BOUNDS = Bounds(balance=BALANCE)
RULES = (PriceRule(Fraction(5), {"size": "1K"}), PriceRule(Fraction(8), {"size": "2K"}, operations=("draw",)), PriceRule(Fraction(3), {"size": "2K"}))
PRICED = contract(prices=Prices("credits", "image", RULES, also_called=("points",)))
PER_CALL = contract(prices=Prices("credits", "call", RULES))
USD = contract(prices=Prices("credits", "image", RULES, usd_per_unit=Fraction(1, 100)))
MULTIPLES = contract(prices=Prices("times", "image", (PriceRule(Fraction(4, 3), {"size": "1K"}),), relative=True))


def money(before, after):
    found = {"balance:before": before, "balance:after": after}
    return {name: exchange(body={"left": value}, id=name) for name, value in found.items() if value is not None}


def paid(before=100, after=95, asks=None, *, kind="price", bounds=BOUNDS, held_to=PRICED, **more):
    return subject(kind=kind, area="billing", asks={"size": "1K"} if asks is None else asks, others=money(before, after), bounds=bounds, held_to=held_to, **more)


def right(expected, actual):
    return held("billing.price", "charged as documented", expected, actual)


def wrong(expected, actual):
    return broken("billing.price", "another amount was charged", expected, actual)


UNREAD = unshown("billing.price", "the balance could not be read")
UNSAID = "the balance is in {} and prices in {}: say how much one is of the other (price.usd_per_unit)"
IN_USD = Bounds(balance=BALANCE, balance_unit="USD")


def at_base(of, before, after):
    """The same with what the base request took from the balance."""
    return replace(of, base=replace(of.performance, others=money(before, after)))


PRICE = [
    row("as documented", billing.price, paid(), right("5 credits", "5 credits")),
    row("as text", billing.price, paid("100.5", " 95.5 "), right("5 credits", "5 credits")),
    row("1 % more", billing.price, paid("100", "94.95"), right("5 credits", "5.05 credits")),
    row("over 1 % more", billing.price, paid("100", "94.949"), wrong("5 credits", "5.051 credits")),
    row("just over 1 % more", billing.price, paid("100", "94.9499"), wrong("5 credits", "5.0501 credits")),
    row("1 % less", billing.price, paid("100", "95.05"), right("5 credits", "4.95 credits")),
    row("over 1 % less", billing.price, paid("100", "95.051"), wrong("5 credits", "4.949 credits")),
    row("nothing", billing.price, paid(100, 100), wrong("5 credits", "0 credits")),
    row("paid back", billing.price, paid(95, 100), wrong("5 credits", "-5 credits")),
    row("free as documented", billing.price,
        paid(100, 100, held_to=contract(prices=Prices("credits", "image", (PriceRule(Fraction(0)),)))), right("0 credits", "0 credits")),
    row("not free as documented", billing.price,
        paid(100, 99, held_to=contract(prices=Prices("credits", "image", (PriceRule(Fraction(0)),)))), wrong("0 credits", "1 credits")),
    row("the first rule that fits", billing.price, paid(100, 92, {"size": "2K"}), right("8 credits", "8 credits")),
    row("a later rule", billing.price, paid(100, 97, {"size": "2K"}), wrong("8 credits", "3 credits")),
    row("for each image", billing.price, paid(100, 90, {"size": "1K", "count": 2}), right("10 credits", "10 credits")),
    row("once for two images", billing.price, paid(100, 95, {"size": "1K", "count": 2}), wrong("10 credits", "5 credits")),
    row("for each call", billing.price, paid(100, 95, {"size": "1K", "count": 2}, held_to=PER_CALL), right("5 credits", "5 credits")),
    row("no price for it", billing.price, paid(asks={"size": "4K"}), unshown("billing.price", "no price speaks of this request")),
    row("no prices", billing.price, paid(held_to=contract()), unshown("billing.price", "no price speaks of this request")),
    row("nothing before", billing.price, paid(None, 95), UNREAD),
    row("nothing after", billing.price, paid(100, None), UNREAD),
    row("no place for it", billing.price, paid(bounds=Bounds()), UNREAD),
    row("no number", billing.price, paid("many", 95), UNREAD),
    row("no number at all", billing.price, paid("1/0", 95), UNREAD),
    row("a number that nobody can hold", billing.price, paid("1e999999999", 95), UNREAD),
    row("not served", billing.price, paid(outcome="refused"), unshown("billing.price", "the request was not served, so nothing was to be charged")),
    row("of another kind", billing.price, paid(kind="valid")),
    row("a balance in the unit", billing.price, paid(bounds=Bounds(balance=BALANCE, balance_unit="Credits")), right("5 Credits", "5 Credits")),
    row("a balance in another name of the unit", billing.price, paid(bounds=Bounds(balance=BALANCE, balance_unit="POINTS")), right("5 POINTS", "5 POINTS")),
    row("a balance in dollars", billing.price, paid("1", "0.95", bounds=IN_USD, held_to=USD), right("0.05 USD", "0.05 USD")),
    row("a balance in dollars, another amount", billing.price, paid("6", "1", bounds=IN_USD, held_to=USD), wrong("0.05 USD", "5 USD")),
    row("the target's own dollars", billing.price, paid("2", "1", bounds=replace(IN_USD, usd_per_unit=Fraction(1, 5)), held_to=USD), right("1 USD", "1 USD")),
    row("dollars and no rate", billing.price, paid(bounds=IN_USD), unshown("billing.price", UNSAID.format("USD", "credits"))),
    row("another unit", billing.price, paid(bounds=Bounds(balance=BALANCE, balance_unit="shells"), held_to=USD),
        unshown("billing.price", UNSAID.format("shells", "credits"))),
    row("another unit, and what the base took", billing.price, at_base(paid(bounds=Bounds(balance=BALANCE, balance_unit="shells"), held_to=USD), 10, 7),
        unshown("billing.price", UNSAID.format("shells", "credits"))),
    row("multiples of what the base took", billing.price,
        at_base(paid(100, 96, bounds=Bounds(balance=BALANCE, balance_unit="cents"), held_to=MULTIPLES), 10, 7), right("4 cents", "4 cents")),
    row("another multiple", billing.price,
        at_base(paid(100, 95, bounds=Bounds(balance=BALANCE, balance_unit="cents"), held_to=MULTIPLES), 10, 7), wrong("4 cents", "5 cents")),
    row("multiples of nothing", billing.price,
        at_base(paid(100, 96, bounds=Bounds(balance=BALANCE, balance_unit="cents"), held_to=MULTIPLES), 10, 10),
        unshown("billing.price", UNSAID.format("cents", "times"))),
    row("multiples of a base that was not read", billing.price, paid(100, 96, bounds=Bounds(balance=BALANCE, balance_unit="cents"), held_to=MULTIPLES),
        unshown("billing.price", UNSAID.format("cents", "times"))),
]  # fmt: skip


def refused(before=100, after=100, **more):
    return paid(before, after, **{"kind": "free", "outcome": "refused", "expect": "refuse", "grounded": True, **more})


FREE = [
    row("free", billing.free, refused(), held("billing.free", "nothing was charged", "0 credits", "0 credits")),
    row("charged", billing.free, refused(100, "99.9"), broken("billing.free", "a request that was not served was charged", "0 credits", "0.1 credits")),
    row("paid for failing", billing.free, refused(100, 101), broken("billing.free", "a request that was not served was charged", "0 credits", "-1 credits")),
    row("failed", billing.free, refused(outcome="failed"), held("billing.free", "nothing was charged", "0 credits", "0 credits")),
    row("without prices", billing.free, refused(held_to=contract()), held("billing.free", "nothing was charged", "0", "0")),
    row("served", billing.free, refused(outcome="served"),
        unshown("billing.free", "the request was served, so it was not free", "refused or failed", "served")),
    row("on no ground", billing.free, refused(100, 95, grounded=False), unshown("billing.free", "the base request was not served, so a refusal proves nothing")),
    row("unread", billing.free, refused(None, 100), unshown("billing.free", "the balance could not be read")),
    row("of another kind", billing.free, refused(kind="price", outcome="failed")),
]  # fmt: skip

TABLES = [*PRICE, *FREE]


@pytest.mark.parametrize(("check", "of", "said"), TABLES)
def test_a_check_of_the_billing_says(check, of, said):
    assert list(check(of)) == said


def test_what_a_request_costs():
    by_default = contract(prices=Prices("credits", "image", (PriceRule(Fraction(7), {"size": "1K"}), PriceRule(Fraction(9)))))
    from_pixels = operation(pixels=Pixels(TABLE, {"size": "1K"}), roles=roles(role("size", default="2K")))
    from_role = operation(pixels=Pixels(TABLE), roles=roles(role("size", default="1K")))
    without_table = operation(pixels=None, roles=roles(role("size", default="1K")))
    said = [billing.documented(subject(op=op, held_to=by_default)) for op in (from_pixels, from_role, without_table, operation())]
    assert said == [7, 7, 7, 9]
    assert billing.documented(subject(op=from_pixels, asks={"size": "2K"}, held_to=by_default)) == 9
    assert billing.documented(subject()) is None


@pytest.mark.parametrize(("rule", "applies"), [
    (PriceRule(Fraction(1)), True), (PriceRule(Fraction(1), operations=("other",)), False), (PriceRule(Fraction(1), operations=("dr*",)), True),
    (PriceRule(Fraction(1), operations=("draw/p1",)), True), (PriceRule(Fraction(1), models=("painter-1",)), True),
    (PriceRule(Fraction(1), models=("painter-2",)), False), (PriceRule(Fraction(1), {"speed": "fast"}), False), (PriceRule(Fraction(1), {"size": "1K"}), True),
])
def test_which_requests_a_price_speaks_of(rule, applies):
    op = operation(key="draw/p1", model=Model("painter-1", "p1"))
    priced = contract(prices=Prices("credits", "image", (rule,)))
    assert (billing.documented(subject(op=op, asks={"size": "1K"}, held_to=priced)) == 1) is applies


def test_a_price_for_any_model_speaks_of_requests_without_one():
    op = operation(model=None)
    assert billing.documented(subject(op=op, held_to=contract(prices=Prices("credits", "image", (PriceRule(Fraction(1)),))))) == 1
    assert billing.documented(subject(op=op, held_to=contract(prices=Prices("credits", "image", (PriceRule(Fraction(1), models=("m",)),))))) is None
