"""Requests that several cases share: nothing is lost, nothing contradicts, and there are few of them."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from tests.cases.test_shipped import cases_of, contract_of

from proofsheet.cases.changes import change_between, overlap
from proofsheet.cases.model import Case
from proofsheet.cases.requests import asked, base_request
from proofsheet.cases.sharing import share
from proofsheet.cases.tiers import in_tier
from proofsheet.cases.validity import is_valid
from proofsheet.contract import provider_names
from proofsheet.contract.locations import Location
from proofsheet.contract.requests import ABSENT, Request
from proofsheet.planning.bound import bound_of, own

PROVIDERS = provider_names()
each = pytest.mark.parametrize("provider", PROVIDERS)
SPELLED = ("prompt", "references")


def shared(provider: str) -> tuple[Case, ...]:
    return share(cases_of(provider), contract_of(provider).matrix)


@each
def test_no_case_is_lost_or_moved(provider):
    assert [case.id for case in shared(provider)] == [case.id for case in cases_of(provider)]
    assert shared(provider) == shared(provider)


@each
def test_what_must_be_refused_shares_nothing(provider):
    before = {case.id: case.probe for case in cases_of(provider)}
    assert all(case.probe == before[case.id] for case in shared(provider) if case.expect in ("refuse", "fail") or case.kind.startswith("read-"))


@each
def test_a_shared_request_asks_for_all_that_each_of_its_cases_asks_for(provider):
    before = {case.id: case.probe for case in cases_of(provider)}
    moved = [case for case in shared(provider) if case.alone is not None]
    assert moved
    for case in moved:
        assert case.alone == before[case.id]
        base = base_request(case.operation)
        plain, alone, together = (asked(case.operation, request) for request in (base, case.alone.request, case.probe.request))
        assert {name: value for name, value in alone.items() if together.get(name) != value and plain.get(name) != value} == {}
        change = change_between(base, case.alone.request)
        added = change_between(case.alone.request, case.probe.request)
        assert change is not None
        assert added is not None
        role_places = {place for role in case.operation.roles.values() if role.letter_case for place in (role.at, *role.also)}
        # What the case changes is changed in the same way; another spelling of the same value is the same.
        assert [place for place in change if place in added and place not in role_places] == []


@each
def test_who_asks_for_a_spelling_sees_that_spelling_sent(provider):
    for case in shared(provider):
        if case.kind == "valid" and case.alone is not None:
            change = change_between(base_request(case.operation), case.alone.request) or {}
            place = [place for place in change if f"/{place.place.lstrip('/').replace('/', '.')}/" in case.id]
            assert all(case.probe.request.get(at) == case.alone.request.get(at) for at in place)


@each
def test_shared_requests_are_valid(provider):
    for case in shared(provider):
        probe, schema = case.probe, case.operation.schema
        if case.alone is not None and schema is not None and probe.request.json is not ABSENT and is_valid(schema, case.alone.request.json):
            assert is_valid(schema, probe.request.json), case.id


@each
def test_the_base_request_carries_nothing_else(provider):
    for case in shared(provider):
        if case.kind in ("base", "default", "lifecycle"):
            assert case.alone is None
        if case.base is not None and not case.base.serial:
            assert case.base.request == base_request(case.base.operation)


@each
@pytest.mark.parametrize("tier", ["smoke", "core", "full"])
def test_there_are_hardly_more_images_than_any_plan_needs(provider, tier):
    cases = share(in_tier(contract_of(provider), cases_of(provider), tier), contract_of(provider).matrix, pairs=tier != "smoke")
    images = 0
    for probe in {case.probe.id: case.probe for case in cases if case.probe is not None and case.expect == "serve"}.values():
        role = probe.operation.roles.get("count")
        images += int(probe.request.get(role.at, 1) or 1) if role is not None else 1
    bound = bound_of(cases)
    assert bound.images <= images <= 1.1 * bound.images
    assert bound.cells == len({own(case).id for case in cases if case.cell is not None})


def test_pairs_of_axis_values_and_other_values_are_all_shown():
    """On the first operation of the provider with a table of 56 cells: each search flag with each ratio and each size."""
    cases = [case for case in shared("apimaster") if case.operation.key == "generate" and case.cell is not None and not case.probe.serial]
    place = Location("json", "/google_search")
    seen = {(axis, value, case.probe.request.get(place, "(none)")) for case in cases for axis, value in zip(("ratio", "size"), case.cell.at, strict=True)}
    table = cases[0].operation.pixels.table
    wanted = {(axis, cell.at[number], value) for cell in table.cells for number, axis in enumerate(table.axes) for value in (True, False)}
    missing = wanted - seen
    # One in twenty cells may be paid twice for a pair, and not more: what has no room is left out.
    assert len(missing) <= len(wanted) * 0.1


def test_a_case_by_itself_is_sent_as_it_is():
    for case in cases_of("apimaster"):
        if case.kind in ("valid", "reference") and case.probe is not None:
            (alone,) = share([case])
            assert alone.probe == case.probe
            assert alone.alone is None


def test_a_smoke_run_shows_every_area_each_ratio_and_size_and_every_feature():
    for provider in PROVIDERS:
        contract, everything = contract_of(provider), cases_of(provider)
        smoke = in_tier(contract, everything, "smoke")
        assert {case.area for case in smoke} == {case.area for case in everything}
        for model in {case.operation.model for case in everything if case.cell is not None}:
            of_model = [case for case in everything if case.cell is not None and case.operation.model == model]
            axes = of_model[0].operation.pixels.table.axes
            for number in range(len(axes)):
                shown = {case.cell.at[number] for case in smoke if case.cell is not None and case.operation.model == model}
                assert shown == {case.cell.at[number] for case in of_model}
        for feature in contract.features:
            showing = [case for case in everything if case.feature == feature.id and case.expect == "serve"]
            assert not showing or any(case.feature == feature.id for case in smoke), feature.id


def test_tiers_grow():
    for provider in PROVIDERS:
        contract, everything = contract_of(provider), cases_of(provider)
        smoke, core, full = (tuple(case.id for case in in_tier(contract, everything, tier)) for tier in ("smoke", "core", "full"))
        assert len(smoke) < len(core) < len(full) == len(everything)
        assert [case for case in core if case in set(smoke)] == [case for case in smoke if case in set(core)]
        assert not any(case.expect == "see" and case.kind in ("quirk", "probe") for case in in_tier(contract, everything, "core"))


def request(**body):
    return Request("POST", "/v1/images", json=body)


def test_a_change_is_what_differs_place_by_place():
    assert change_between(request(a=1), request(a=1, b={"c": 2})) == {Location("json", "/b/c"): 2}
    assert change_between(request(a=1, b=2), request(a=1)) == {Location("json", "/b"): ABSENT}
    assert change_between(request(a=1), request(a=1.0)) == {Location("json", "/a"): 1.0}
    assert change_between(request(a=1), request(a=True)) == {Location("json", "/a"): True}
    assert change_between(request(a=[1]), request(a=[1, 2])) == {Location("json", "/a"): [1, 2]}
    assert change_between(request(), request(a={})) == {Location("json", "/a"): {}}
    assert change_between(request(**{"x/y~": 1}), request(**{"x/y~": 2})) == {Location("json", "/x~1y~0"): 2}
    assert change_between(request(), Request("POST", "/v1/other", json={})) is None
    assert change_between(request(), Request("POST", "/v1/images", raw=b"{}")) is None


def test_changes_overlap_where_they_disagree_about_a_place_or_what_is_in_it():
    at = {name: Location("json", name) for name in ("/a", "/a/b", "/ab", "/c")}
    header = Location("header", "/a")
    assert not overlap({at["/a"]: 1}, {at["/a"]: 1})
    assert overlap({at["/a"]: 1}, {at["/a"]: 1.0})
    assert overlap({at["/a"]: 1}, {at["/a/b"]: 1})
    assert overlap({at["/a/b"]: 1}, {at["/a"]: ABSENT})
    assert not any(overlap({one: 1}, {other: 2}) for one, other in combinations((at["/a"], at["/ab"], at["/c"], header), 2))
    assert not any(overlap({one: 1}, {}) for one, _ in product(at.values(), "x"))
