from dataclasses import replace
from fractions import Fraction

import pytest

from proofsheet.cases.model import Probe
from proofsheet.cases.requests import base_request
from proofsheet.contract import load_contract
from proofsheet.contract.locations import Location
from proofsheet.contract.requests import ABSENT
from proofsheet.exchange.targets import target_from_mapping
from proofsheet.money.prices import FREE, Cost, cost_of, cost_of_probe, unit_of, usd_rate

ROUTED = "google/gemini-3.1-flash-image-preview-beta"


def first(provider, wanted=""):
    contract = load_contract(provider)
    return contract, next(operation for operation in contract.operations if wanted in operation.key and operation.purpose == "generate")


def asking(provider, wanted="", **values):
    """The cost of the base request with these values at roles, as they stand on the wire."""
    contract, operation = first(provider, wanted)
    request = base_request(operation)
    for name, value in values.items():
        request = request.put(operation.roles[name].at, ABSENT if value is None else value)
    return cost_of(contract, operation, request)


def test_an_image_costs_what_its_size_costs():
    assert asking("threedaistudio", size="2K") == Cost(1, Fraction(20), Fraction(20))
    assert asking("apimaster", size="2K").amount == Fraction(4, 3)
    assert asking("xairouter", size="4K").amount == Fraction("0.151")


def test_several_images_cost_so_many_times_as_much():
    one, four = asking("threedaistudio", size="1K"), asking("threedaistudio", size="1K", count=4)
    assert (one.images, four.images) == (1, 4)
    assert four.amount == four.worst == 4 * one.amount


@pytest.mark.parametrize(("value", "images"), [("2", 2), (2.0, 2), (5, 5), (0, 1), (-3, 1), (None, 1), (True, 1), ("many", 1), ([2], 1), ({}, 1), (1e400, 1), ("9" * 5000, 1)])
def test_a_count_that_must_be_refused_costs_as_much_as_a_server_could_make_of_it(value, images):
    cost = asking("threedaistudio", size="1K", count=value)
    assert cost.images == images
    assert cost.worst == 15 * images


def test_a_value_that_no_price_speaks_of_is_held_to_the_dearest_one():
    assert asking("threedaistudio", size="8K") == Cost(1, None, Fraction(25))
    assert asking("threedaistudio", size="8K", count=3) == Cost(3, None, Fraction(75))


def test_another_model_may_cost_whatever_any_model_costs():
    contract, operation = first("maxapi")
    request = base_request(operation).put(operation.roles["model"].at, "no-such-model")
    cost = cost_of(contract, operation, request)
    assert cost.amount is None
    assert cost.worst == max(rule.amount for rule in contract.prices.rules) * cost.images


def test_looking_at_a_task_costs_nothing():
    contract, operation = first("threedaistudio")
    assert cost_of_probe(contract, Probe("p", operation, base_request(operation), poll_only="some-id")) == FREE
    assert cost_of_probe(contract, Probe("p", operation, base_request(operation))).worst > 0


def test_without_prices_images_are_counted():
    contract, operation = first("threedaistudio")
    bare = replace(contract, prices=None)
    request = base_request(operation).put(operation.roles["count"].at, 3)
    assert (unit_of(contract), unit_of(bare)) == ("credits", "images")
    assert cost_of(bare, operation, request) == Cost(3, None, Fraction(3))


def test_a_price_of_a_call_is_not_multiplied():
    contract, operation = first("threedaistudio")
    by_call = replace(contract, prices=replace(contract.prices, per="call"))
    request = base_request(operation).put(operation.roles["count"].at, 3).put(operation.roles["size"].at, "1K")
    assert cost_of(by_call, operation, request) == Cost(3, Fraction(15), Fraction(15))


def test_the_rate_is_known_only_where_somebody_says_it():
    target = target_from_mapping("t", {"provider": "p", "base_url": "http://127.0.0.1:1"})
    told = replace(target, usd_per_unit=Fraction("0.01"))
    credits, usd = load_contract("threedaistudio"), load_contract("xairouter")
    assert usd_rate(credits, target) is None
    assert usd_rate(credits, told) == Fraction("0.01")
    assert usd_rate(usd, told) == 1
    assert usd_rate(replace(usd, prices=None), told) is None


def test_a_location_that_is_not_sent_takes_its_documented_default():
    contract, operation = first("threedaistudio")
    request = base_request(operation).put(operation.roles["size"].at, ABSENT)
    assert isinstance(operation.roles["size"].at, Location)
    assert cost_of(contract, operation, request).worst == (cost_of(contract, operation, request).amount or 25)
