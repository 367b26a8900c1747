"""The cases of the providers that ship: ids, probes and bodies, as the specs make them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from functools import lru_cache

import pytest

from proofsheet.cases.build import build_cases, probes_of
from proofsheet.cases.model import Case
from proofsheet.cases.surroundings import Pictures, Surroundings
from proofsheet.cases.validity import is_valid
from proofsheet.contract import load_contract, provider_names
from proofsheet.contract.model import Contract
from proofsheet.contract.requests import ABSENT
from proofsheet.results.model import AREAS

FULL = Surroundings(
    credentials=frozenset({"default", "second_account", "insufficient_balance", "rate_limited"}),
    states={name: {"headers": {"X-Simulate": name}} for name in ("sync_timeout", "upstream_error", "task_failure")},
    pictures=Pictures(base="http://127.0.0.1:1", unreachable="http://127.0.0.1:2/none"),
    has_balance=True,
)
PROVIDERS = provider_names()


@lru_cache
def contract_of(provider: str) -> Contract:
    return load_contract(provider)


@lru_cache
def cases_of(provider: str) -> tuple[Case, ...]:
    return build_cases(contract_of(provider), FULL)


each = pytest.mark.parametrize("provider", PROVIDERS)


@each
def test_ids_are_distinct_and_plain(provider):
    ids = [case.id for case in cases_of(provider)]
    assert [id for id, count in Counter(ids).items() if count > 1] == []
    assert [id for id in ids if not re.fullmatch(r"[A-Za-z0-9._@:/+(),=-]+", id) or id.isascii() is False or "//" in id] == []
    assert all(case.id.startswith(f"{provider}/{case.operation.key}/{case.area}/") for case in cases_of(provider))
    assert {case.area for case in cases_of(provider)} <= set(AREAS)


@each
def test_with_everything_at_hand_nothing_is_missing(provider):
    assert [case.id for case in cases_of(provider) if case.missing is not None or case.probe is None] == []


@each
def test_every_operation_has_its_base_case_and_every_refusal_leans_on_it(provider):
    contract = contract_of(provider)
    for operation in contract.operations:
        own = [case for case in cases_of(provider) if case.operation is operation]
        bases = [case for case in own if case.kind == "base"]
        assert len(bases) == (0 if operation.purpose == "refuse" else 1)
        for case in own:
            if case.area in ("parameters", "errors") and case.expect == "refuse":
                # An operation that serves nothing leans on another that does: a dead target passes neither.
                others = [other.probe for other in cases_of(provider) if other.kind == "base" and other.operation.purpose != "refuse"]
                assert (case.base in others) if operation.purpose == "refuse" else (case.base is bases[0].probe)


@each
def test_every_walked_case_is_as_its_schema_says(provider):
    """jsonschema's word on what is sent: valid values validate, invalid ones do not."""
    judged = Counter()
    for case in cases_of(provider):
        request, schema = case.probe.request, case.operation.schema
        if case.kind not in ("base", "valid", "invalid", "example", "cell", "default", "format", "count", "key", "ignored") or request.json is ABSENT or schema is None:
            continue
        name = case.id.partition("/parameters/")[2].partition("/")[0]
        if case.kind == "invalid" and (name in {str(raw["name"]) for raw in case.operation.endpoint.parameters} or "letter-case" in case.id):
            continue
        assert is_valid(schema, request.json) is (case.kind != "invalid"), case.id
        judged[case.kind] += 1
    assert judged["valid"] >= 15
    assert judged["invalid"] >= 60
    assert judged["cell"] >= 10


@each
def test_every_cell_is_asked_for_once_where_all_are_and_every_value_once_where_edges_are(provider):
    for operation in contract_of(provider).operations:
        if operation.pixels is None or operation.purpose == "refuse":
            continue
        cells = [case.cell for case in cases_of(provider) if case.operation is operation and case.kind == "cell"]
        table = operation.pixels.table
        assert len({cell.at for cell in cells}) == len(cells)
        if operation.cells == "all":
            assert [cell.at for cell in cells] == [cell.at for cell in table.cells]
        elif operation.cells == "none":
            assert cells == []
        else:
            for axis in range(len(table.axes)):
                assert {cell.at[axis] for cell in cells} == {cell.at[axis] for cell in table.cells}
            assert len(cells) <= sum(len({cell.at[axis] for cell in table.cells}) for axis in range(len(table.axes)))


@each
def test_a_cells_request_asks_for_that_cell(provider):
    for case in cases_of(provider):
        if case.kind == "cell":
            asked = dict(zip(case.operation.pixels.table.axes, case.cell.at, strict=True))
            assert case.asked == asked
            for axis, value in asked.items():
                role = case.operation.roles.get(axis)
                if role is not None:
                    assert role.own(case.probe.request.get(role.at)) == value


@each
def test_probes_are_shared_and_each_is_performed_once(provider):
    cases = cases_of(provider)
    probes = probes_of(cases)
    assert len({probe.id for probe in probes}) == len(probes) < len(cases)
    needed = {case.probe.id for case in cases} | {case.base.id for case in cases if case.base is not None}
    assert {probe.id for probe in probes} == needed
    bases = {case.base.id for case in cases if case.base is not None}
    assert {probe.id for probe in probes[: len(bases)]} == bases


@each
def test_accepted_values_of_an_axis_ride_on_the_images_of_cells(provider):
    cells = {case.probe.id for case in cases_of(provider) if case.kind == "cell"}
    rides = 0
    for case in cases_of(provider):
        if case.kind == "valid" and case.operation.pixels is not None:
            axes = [case.operation.roles[name].at.place for name in case.operation.pixels.table.axes if name in case.operation.roles]
            pointer = "/" + case.id.partition("/parameters/")[2].partition("/valid/")[0].replace(".", "/")
            if pointer in axes and case.operation.cells != "none":
                rides += case.probe.id in cells
    assert rides >= 10


@each
def test_requests_that_differ_have_probes_that_differ(provider):
    by_id = {}
    for probe in probes_of(cases_of(provider)):
        text = (probe.operation.key, probe.request.signature(), probe.credential, probe.scheme, probe.poll_only, probe.state, probe.balance, probe.look_again)
        assert by_id.setdefault(text, probe.id) == probe.id
    assert len(by_id) == len(probes_of(cases_of(provider)))


DIGESTS = """
import hashlib, json, sys
from proofsheet.cases.build import build_cases
from proofsheet.cases.surroundings import Surroundings
from proofsheet.contract import load_contract

for provider in sys.argv[1:]:
    cases = build_cases(load_contract(provider, matrix=False), Surroundings())
    said = [[case.id, case.probe and case.probe.id, case.expect, dict(case.asked)] for case in cases]
    print(hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest())
"""


def test_the_same_specs_give_the_same_cases_in_every_process():
    two = PROVIDERS[::2]
    runs = [
        subprocess.Popen([sys.executable, "-c", DIGESTS, *two], env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, text=True)
        for seed in ("1", "4711")
    ]
    one, other = (run.communicate(timeout=240)[0].split() for run in runs)
    assert one == other
    assert len(set(one)) == len(two)


@each
def test_features_that_a_target_lacks_are_not_performed(provider):
    contract = contract_of(provider)
    assert contract.features
    usual = {case.id for case in build_cases(contract, Surroundings()) if case.probe is not None}
    for feature in contract.features:
        cases = build_cases(contract, Surroundings(unsupported=frozenset({feature.id})))
        lacking = [case for case in cases if case.feature == feature.id]
        assert lacking
        assert all(case.probe is None for case in lacking)
        kept = {case.id for case in cases if case.probe is not None}
        assert kept == usual - {case.id for case in lacking}


@each
def test_no_case_is_lost_without_the_things_that_a_target_may_lack(provider):
    """What cannot be tested is a case all the same, and says why."""
    bare = build_cases(contract_of(provider), Surroundings())
    lost = {case.id for case in cases_of(provider)} - {case.id for case in bare}
    assert lost == set()
    missing = [case for case in bare if case.probe is None]
    assert missing
    assert all(case.missing for case in missing)
