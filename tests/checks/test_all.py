"""Every check has a table, and in it something that holds and something that does not."""

from __future__ import annotations

import inspect

import pytest

from checks import (
    test_assets,
    test_billing,
    test_clients,
    test_clients_examples,
    test_errors,
    test_lifecycles,
    test_parameters,
    test_pixels,
    test_relay,
    test_relay_faults,
    test_usage,
)
from checks.subjects import exchange, picture, subject
from proofsheet.checks import ALL, RELAY, assets, billing, clients, clients_examples, errors, judge, lifecycles, parameters, pixels, relay, relay_faults, relay_pictures, usage

MODULES = (parameters, errors, lifecycles, pixels, assets, usage, billing, relay, relay_pictures, relay_faults, clients, clients_examples)
TABLES = (
    test_parameters, test_errors, test_lifecycles, test_pixels, test_assets, test_usage, test_billing, test_relay, test_relay_faults, test_clients, test_clients_examples,
)  # fmt: skip
ROWS = [row.values for tables in TABLES for row in tables.TABLES]
NAMES = {check: f"{check.__module__.rpartition('.')[2].partition('_')[0]}.{check.__name__.rstrip('_')}" for check in ALL}


@pytest.mark.parametrize("check", ALL, ids=NAMES.values())
def test_every_check_is_shown_to_pass_to_catch_and_to_stay_silent(check):
    said = [judgements for tried, _, judgements in ROWS if tried is check]
    seen = {judgement.held for judgements in said for judgement in judgements}
    assert {True, False} <= seen
    assert [] in said, "no subject shows that the check stays silent where it has nothing to say"
    assert {judgement.check for judgements in said for judgement in judgements} == {NAMES[check]}


def test_all_checks_of_all_modules_are_run():
    written = {
        function
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isgeneratorfunction)
        if not name.startswith("_") and function.__module__ == module.__name__
    }
    assert set(ALL) == written
    assert len(ALL) == len(set(ALL))
    assert len(set(NAMES.values())) == len(ALL)


def test_a_case_is_judged_by_every_check_that_speaks_of_it():
    of = subject(kind="base", asks={"ratio": "1:1", "size": "1K"}, pictures=[picture()], main=exchange(body={"images": [{}]}))
    assert [judgement.check for judgement in judge(of)] == [
        "parameters.served", "parameters.honoured", "parameters.answer", "parameters.origin",
        "pixels.ratio", "pixels.size", "pixels.exact", "pixels.format", "pixels.media_type", "pixels.complete", "pixels.count",
        "assets.reachable", "usage.tokens",
    ]  # fmt: skip
    assert judge(of) == judge(of)


def test_what_is_watched_on_both_sides_is_judged_by_the_checks_of_that_alone():
    assert {NAMES[check].partition(".")[0] for check in RELAY} == {"relay"}
    assert set(RELAY) == {check for check in ALL if NAMES[check].startswith("relay.")}
    of = test_relay.good(kind="relay-base", asks={"ratio": "1:1"}, asked={"ratio": "1:1"})
    assert {judgement.check.partition(".")[0] for judgement in judge(of)} == {"relay"}
