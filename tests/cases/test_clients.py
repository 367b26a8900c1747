"""The cases of SDKs: which there are for each provider, what they send, and what keeps one from being performed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache

import pytest

from proofsheet.cases.build import build_cases, probes_of
from proofsheet.cases.clients import NO_VALUE
from proofsheet.cases.model import UNKNOWN_KEY
from proofsheet.cases.surroundings import Surroundings
from proofsheet.cases.tiers import in_tier
from proofsheet.contract import load_contract, provider_names
from proofsheet.contract.clients import client_requirements, clients_root, with_clients
from proofsheet.contract.patterns import matches_any

ACCOUNTS = frozenset({"default", "insufficient_balance", "rate_limited"})
STATES = {name: {"headers": {"X-Simulate": name}, "json": {"marked": True}} for name in ("sync_timeout", "upstream_error")}
FULL = Surroundings(ACCOUNTS, STATES)
WEIGHT = {"info": 0, "should": 1, "must": 2}
OPENAI, GOOGLE = ["ai-node", "openai-node", "openai-python"], ["google-genai-node", "google-genai-python"]
SDKS = {
    "maxapi": {"generations/3.1-beta": OPENAI, "generations/2.5": OPENAI, "edits-multipart/3.1-beta": OPENAI, "edits-multipart/2.5": OPENAI,
               "native/3.1-beta": GOOGLE, "native/2.5": GOOGLE},
    "xairouter": {"native": GOOGLE},
    "apimaster": {"generate": OPENAI},
    "threedaistudio": {},
}  # fmt: skip
#: What each SDK does on each operation: everything, but for what an operation has no place for.
ALWAYS = {
    "call", "cell", "error/invalid-value", "error/unknown-key", "error/unknown-model", "error/insufficient-balance", "error/rate-limited", "error/sync-timeout",
    "error/upstream-error", "retries/rate-limited", "retries/sync-timeout", "retries/upstream-error",
}  # fmt: skip
BESIDE = {
    "maxapi/edits-multipart/3.1-beta": ({"references/3"}, {"error/sync-timeout", "error/upstream-error", "retries/sync-timeout", "retries/upstream-error"}),
    "maxapi/edits-multipart/2.5": ({"references/3"}, {"error/sync-timeout", "error/upstream-error", "retries/sync-timeout", "retries/upstream-error"}),
    "maxapi/native/3.1-beta": ({"references/1", "references/3", "default-version", "queued"}, set()),
    "maxapi/native/2.5": ({"references/1", "references/3", "default-version", "queued"}, set()),
    "xairouter/native": ({"references/1", "references/3", "default-version"}, set()),
}  # fmt: skip


@lru_cache
def contract_of(provider):
    return with_clients(load_contract(provider))


@lru_cache
def full(provider):
    return made(provider, FULL)


def cases_of(provider, around=FULL):
    """The cases of SDKs, by their ids."""
    return full(provider) if around is FULL else made(provider, around)


def made(provider, around):
    return {case.id: case for case in build_cases(contract_of(provider), around, generated=False) if case.area == "clients" and "/clients/example/" not in case.id}


def of(provider, sdk, name, around=FULL, operation="native"):
    return cases_of(provider, around)[f"{provider}/{operation}/clients/{sdk}/{name}"]


def split(case):
    operation, _, rest = case.id.partition("/clients/")
    sdk, _, name = rest.partition("/")
    return operation, sdk, name


each = pytest.mark.parametrize("provider", provider_names())


def test_a_run_without_sdks_has_none():
    assert not any(case.area == "clients" for provider in SDKS for case in build_cases(load_contract(provider), FULL, generated=False))


@each
def test_which_sdk_calls_what(provider):
    found: dict[str, set[str]] = {}
    for case in cases_of(provider).values():
        operation, sdk, _ = split(case)
        found.setdefault(operation.removeprefix(f"{provider}/"), set()).add(sdk)
    assert {operation: sorted(sdks) for operation, sdks in found.items()} == SDKS[provider]


@each
def test_what_each_sdk_does(provider):
    found: dict[tuple[str, str], set[str]] = {}
    for case in cases_of(provider).values():
        operation, sdk, name = split(case)
        found.setdefault((operation, sdk), set()).add("cell" if name.startswith("cell/") else name)
    for (operation, _), names in found.items():
        more, less = BESIDE.get(operation, (set(), set()))
        assert names == (ALWAYS | more) - less, operation


@each
def test_ids_are_plain_and_probes_are_their_own(provider):
    cases = cases_of(provider).values()
    assert [case.id for case in cases if not re.fullmatch(r"[A-Za-z0-9._@:/-]+", case.id)] == []
    probes = Counter(probe.id for probe in probes_of(tuple(cases)) if probe.client is not None)
    assert set(probes.values()) <= {1}
    assert len(probes) == len(cases)
    without = {probe.id for probe in probes_of(build_cases(load_contract(provider), FULL, generated=False))}
    assert not without & set(probes)
    assert [(case.id, case.probe.id) for case in cases] == [(case.id, case.probe.id) for case in made(provider, FULL).values()]


@each
def test_every_case_is_owed_and_every_requirement_of_sdks_has_its_cases_somewhere(provider):
    requirements = [one for one in contract_of(provider).matrix.requirements if one.id.startswith("clients.") and not one.id.startswith("clients.example")]
    for case in cases_of(provider):
        assert any(matches_any(patterns, case) for one in requirements for patterns in one.checks.values()), case


def test_each_pattern_of_the_requirements_fits_some_case():
    every = {case for provider in SDKS for case in cases_of(provider)}
    for one in client_requirements(clients_root(None)):
        for patterns in one.checks.values() if not one.id.startswith("clients.example") else ():
            assert [pattern for pattern in patterns if not any(matches_any((pattern,), case) for case in every)] == [], one.id


@each
def test_nothing_weighs_more_than_the_document_makes_of_it(provider):
    contract = contract_of(provider)
    levels = {(operation, sdk.id): use.level_of(sdk) for each in contract.operations for operation in [each.key] for sdk, use in contract.clients.of(each)}
    for case in cases_of(provider).values():
        operation, sdk, _ = split(case)
        assert WEIGHT[case.probe.client.level] <= WEIGHT[levels[operation.removeprefix(f"{provider}/"), sdk]], case.id
    most = max((WEIGHT[level] for level in levels.values()), default=0)
    assert all(WEIGHT[one.level] <= most for one in contract.matrix.requirements if one.id.startswith("clients.") and not one.id.startswith("clients.example"))


def test_levels_by_sdk_by_document_and_by_the_same_request_without_an_sdk():
    assert of("maxapi", "openai-python", "call", operation="generations/2.5").probe.client.level == "must"
    assert of("maxapi", "ai-node", "call", operation="generations/2.5").probe.client.level == "info"
    assert of("maxapi", "openai-node", "call", operation="edits-multipart/2.5").probe.client.level == "should"
    assert of("apimaster", "openai-python", "call", operation="generate").probe.client.level == "info"
    assert of("xairouter", "google-genai-python", "error/insufficient-balance").probe.client.level == "info"


def test_what_an_sdk_is_told():
    call, cell, again = (of("xairouter", "google-genai-python", name).probe.client for name in ("call", "cell/2:3@4K", "retries/rate-limited"))
    assert (call.call, call.api_version, call.retries, cell.retries, again.retries) == ("generate_content", "v1beta", None, 0, None)
    assert of("xairouter", "google-genai-node", "default-version").probe.client.api_version is None
    assert re.search(call.model, of("maxapi", "google-genai-node", "call", operation="native/2.5").probe.request.target_path)[1] == "google/gemini-2.5-flash-image"
    assert of("maxapi", "openai-python", "call", operation="generations/2.5").probe.client.base == "/v1"
    assert of("maxapi", "google-genai-python", "queued", operation="native/2.5").probe.request.headers == {"X-MaxAPI-Async": "true"}


def test_how_errors_come_about():
    names = ("unknown-key", "insufficient-balance", "rate-limited", "unknown-model", "invalid-value")
    unknown, poor, hurried, model, value = (of("maxapi", "openai-python", f"error/{name}", operation="generations/2.5") for name in names)
    assert [case.probe.credential for case in (unknown, poor, hurried, model, value)] == [UNKNOWN_KEY, "insufficient_balance", "rate_limited", "default", "default"]
    assert value.probe.request.json["aspect_ratio"] == NO_VALUE
    assert {case.expect for case in (unknown, poor, hurried, model, value)} == {"refuse"}
    assert of("maxapi", "openai-python", "error/invalid-value", operation="generations/3.1-beta").probe.request.json["resolution"] == NO_VALUE


def test_a_state_is_laid_on_what_an_sdk_sends():
    case = of("maxapi", "openai-python", "error/upstream-error", operation="generations/2.5")
    assert (case.probe.state, case.probe.request.headers["X-Simulate"], case.probe.request.json["marked"]) == ("upstream_error", "upstream_error", True)


def test_an_sdk_that_is_not_there_says_how_to_get_it_and_the_others_go_on():
    around = replace(FULL, lacking={"openai-node": "openai is not installed in /x: npm install openai@6"})
    cases = cases_of("maxapi", around)
    assert cases.keys() == cases_of("maxapi").keys()
    lacks = {case.missing for case in cases.values() if "/openai-node/" in case.id}
    assert lacks == {"openai is not installed in /x: npm install openai@6"}
    assert all((case.probe is None) == ("/openai-node/" in case.id) for case in cases.values())


def test_what_the_target_gives_no_way_to_is_missing_with_the_reason():
    cases = cases_of("maxapi", Surroundings())
    missing = {split(case)[2]: case.missing for case in cases.values() if case.missing is not None}
    assert missing.keys() == {f"{kind}/{name}" for kind in ("error", "retries") for name in ("rate-limited", "sync-timeout", "upstream-error")} | {"error/insufficient-balance"}
    assert missing["error/insufficient-balance"] == "no key and no way to bring this state about (credentials.insufficient_balance or states.insufficient_balance)"
    assert missing["retries/sync-timeout"] == "the target gives no way to bring this about (states.sync_timeout)"
    assert all((case.probe is None) == (case.missing is not None) for case in cases.values())


@pytest.mark.parametrize(("provider", "feature", "lost"), [
    ("maxapi", "extreme-ratios", r".*/3\.1-beta/.*/cell/(1:4|1:8|4:1|8:1)@.*"),
    ("maxapi", "edits-multipart", r"maxapi/edits-multipart/.*"),
    ("maxapi", "native", r"maxapi/native/.*"),
    ("xairouter", "references", r".*/references/.*"),
    ("xairouter", "extreme-ratios", r".*/cell/(1:4|1:8|4:1|8:1)@.*"),
])  # fmt: skip
def test_what_a_target_lacks_it_lacks_for_sdks_too(provider, feature, lost):
    cases = cases_of(provider, replace(FULL, unsupported=frozenset({feature})))
    without = {case.id for case in cases.values() if case.probe is None or case.feature == feature}
    assert without
    assert without == {case for case in cases if re.fullmatch(lost, case)}


def test_tiers():
    built = build_cases(contract_of("xairouter"), FULL, generated=False)
    smoke, core, full = ({split(case)[2] for case in in_tier(contract_of("xairouter"), built, tier) if case.area == "clients"} for tier in ("smoke", "core", "full"))
    assert "call" in smoke
    assert not any(name.startswith(("retries", "error", "references")) for name in smoke)
    assert core == full > smoke
