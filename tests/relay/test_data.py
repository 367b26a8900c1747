"""The data of both sides: valid, complete, and mistakes in it told in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from proofsheet.cases.build import build_cases
from proofsheet.cases.surroundings import Surroundings
from proofsheet.checks import RELAY
from proofsheet.contract import ContractError, load_contract, provider_names
from proofsheet.contract.files import read_document, specs_root
from proofsheet.contract.patterns import matches
from proofsheet.contract.relay import MARKER, relay_requirements, shape_names, with_relay
from proofsheet.upstream.shapes import read_shapes

ROOT = specs_root()
PROVIDERS = provider_names()


@pytest.fixture(scope="module")
def all_cases():
    return {name: [case for case in build_cases(with_relay(load_contract(name)), Surroundings()) if case.area == "relay"] for name in PROVIDERS}


def test_every_fault_has_words_and_every_word_is_a_fault():
    faults = {entry["id"] for entry in read_document(ROOT / "relay" / "faults.yaml")["faults"]}
    worded = {fault for shape in read_shapes(ROOT) for fault in shape.faults}
    assert faults == worded
    assert len(faults) >= 25


def test_every_relay_check_proves_a_requirement_and_every_pattern_fits_a_case(all_cases):
    requirements = relay_requirements(ROOT)
    named = {check for requirement in requirements for check in requirement.checks}
    assert named == {f"relay.{check.__name__.rstrip('_')}" for check in RELAY}
    ids = [case.id for cases in all_cases.values() for case in cases]
    unused = [pattern for one in requirements for patterns in one.checks.values() for pattern in patterns if not any(matches(pattern, name) for name in ids)]
    assert unused == []


def test_relay_requirements_cite_no_line_of_a_document():
    assert all(requirement.sources == () and requirement.standard for requirement in relay_requirements(ROOT))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_without_an_upstream_there_are_no_relay_cases(provider):
    contract = load_contract(provider)
    assert [case for case in build_cases(contract, Surroundings()) if case.area == "relay"] == []
    assert not any(requirement.id.startswith("relay.") for requirement in contract.matrix.requirements)
    assert contract.sha256 != with_relay(contract).sha256


def test_each_request_is_known_again_by_a_token_of_its_own(all_cases):
    probes = {one.id: one for cases in all_cases.values() for case in cases if case.probe is not None for one in case.probe.everyone}
    tokens = {one.relay.token for one in probes.values()}
    assert len(tokens) == len(probes)
    for one in probes.values():
        prompt = one.request.get(one.operation.roles["prompt"].at)
        assert MARKER.search(prompt)[1] == one.relay.token


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_long_prompt_has_40000_characters(all_cases, provider):
    long = [case for case in all_cases[provider] if case.kind == "relay-long"]
    assert long
    assert {len(case.probe.request.get(case.operation.roles["prompt"].at)) for case in long} == {40_000}


def test_what_a_target_declares_it_lacks_is_not_sent():
    contract = with_relay(load_contract("apimaster"))
    cases = build_cases(contract, Surroundings(unsupported=frozenset({"references", "async", "search", "extreme-ratios"})))
    lacking = [case for case in cases if case.area == "relay" and case.probe is None and case.feature]
    assert {case.feature for case in lacking} == {"references", "async", "search", "extreme-ratios"}


def spoiled(tmp_path: Path, file: str, old: str, new: str) -> Path:
    for name in ("relay", "upstreams", "presets", "xairouter"):
        shutil.copytree(ROOT / name, tmp_path / name)
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("xairouter/contract.yaml", "shapes: [native]", "shapes: [natve]", "relay/shapes names 'natve'; did you mean 'native'"),
        ("xairouter/contract.yaml", "shapes: [native]", "shapes: [native]\n  statuses: {deadlin: [504]}", "relay/statuses names the fault 'deadlin'; did you mean 'deadline'"),
        ("relay/faults.yaml", "expect: serve", "expect: server", "server"),
        ("relay/requirements.yaml", "level: must", "level: shall", "shall"),
        ("upstreams/native.yaml", "shape: native", "shape: other", "shape is 'other', but the file is 'native'"),
        ("upstreams/native.yaml", "generateContent$", "generateContent$(", "no regular expression"),
        ("upstreams/native.yaml", "table: flash-image-3.1", "table: flash-image-3", "no preset table of this name"),
    ],
)
def test_a_mistake_is_told_in_one_line(tmp_path, file, old, new, said):
    root = spoiled(tmp_path, file, old, new)
    with pytest.raises(ContractError) as error:
        with_relay(load_contract("xairouter", root), root)
        read_shapes(root)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_another_folder_of_specs_may_have_no_shared_data_of_its_own(tmp_path):
    shutil.copytree(ROOT / "xairouter", tmp_path / "xairouter")
    assert with_relay(load_contract("xairouter", tmp_path), tmp_path).relay.faults


def test_results_fit_their_schema_with_relay_findings():
    listed = json.loads((ROOT / "schemas" / "requirements.schema.json").read_text(encoding="utf-8"))["$defs"]["requirement"]["properties"]["checks"]["propertyNames"]["enum"]
    assert {name for name in listed if name.startswith("relay.")} == {f"relay.{check.__name__.rstrip('_')}" for check in RELAY}
    assert shape_names(ROOT) == ["native", "openai-images"]
