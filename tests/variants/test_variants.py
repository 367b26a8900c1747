"""Other ways to keep a contract are no faults. All variants on all cases: ``python benchmarks/false_alarms.py``."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from tests.variants.quick import cases_of, contract_of, findings, gateway, running

from proofsheet.contract import ContractError, provider_names
from proofsheet.contract.files import specs_root
from proofsheet.reference.__main__ import main as serve
from proofsheet.reference.process import NotStartedError, start_reference
from proofsheet.reference.variants import Variant, VariantError, find_variants, laid_over, variants_of, with_statuses
from proofsheet.reference.variations import OPERATORS

#: A few cases of each kind: served, refused, failed, polled, billed by nobody.
SAMPLE = {
    "maxapi": (
        "maxapi/*-async/3.1-beta/parameters/base", "maxapi/generations-async/3.1-beta/lifecycles/**", "maxapi/native-async/3.1-beta/lifecycles/**",
        "maxapi/generations/3.1-beta/errors/**", "maxapi/native/3.1-beta/errors/**", "maxapi/generations/3.1-beta/parameters/aspect_ratio/invalid/*",
        "maxapi/generations/3.1-beta/pixels/4:3@1K", "maxapi/native/3.1-beta/pixels/4:3@1K", "maxapi/native/3.1-beta/parameters/probe/modalities-text-image",
    ),
    "apimaster": (
        "apimaster/*/parameters/base", "apimaster/*/errors/**", "apimaster/*/lifecycles/**", "apimaster/generate/parameters/size/invalid/*", "apimaster/generate/pixels/4:3@1K",
    ),
    "xairouter": (
        "xairouter/native/parameters/base", "xairouter/native/errors/**", "xairouter/native/parameters/contents/invalid/*", "xairouter/native/pixels/4:3@1K",
        "xairouter/native/parameters/probe/modalities-image-text",
    ),
    "threedaistudio": (
        "threedaistudio/generate/parameters/base", "threedaistudio/*/errors/**", "threedaistudio/*/lifecycles/**",
        "threedaistudio/generate/parameters/num_images/invalid/*", "threedaistudio/generate/pixels/4:3@1K", "threedaistudio/generate/pixels/count-2",
    ),
}  # fmt: skip


def assigned() -> dict[str, list[Variant]]:
    """Each variant with one of the providers it applies to, in turn."""
    shares: dict[str, list[Variant]] = {name: [] for name in provider_names()}
    seen: set[str] = set()
    everything = {variant.id: variant for name in shares for variant in variants_of(name)}
    for variant in everything.values():
        able = [name for name in shares if variant in variants_of(name)]
        shares[min(able, key=lambda name: len(shares[name]))].append(variant)
        seen.add(variant.id)
    assert seen == set(everything)
    return shares


@pytest.mark.parametrize("provider", sorted(SAMPLE))
def test_no_variant_is_found_fault_with(provider: str) -> None:
    variants = assigned()[provider]
    gateways = {"as it is": gateway(provider, []), **{variant.id: gateway(provider, [variant]) for variant in variants}}
    assert len(gateways) > 12
    alarms = []
    with running(list(gateways.values())):
        for name, one in gateways.items():
            found = findings(one, SAMPLE[provider])
            counts = Counter(finding.verdict for finding in found)
            assert counts["pass"] > 60, (name, counts)
            alarms += [(name, finding.verdict, finding.check, finding.case, finding.message, finding.actual) for finding in found if finding.verdict in ("fail", "warn")]
            assert one.stats["requests"] > 20
    assert alarms == []


def test_the_sample_is_of_every_kind() -> None:
    for provider, patterns in SAMPLE.items():
        cases = cases_of(provider, patterns)
        assert {case.expect for case in cases} >= {"serve", "refuse"}
        assert all(any(case.area == area for case in cases) for area in ("parameters", "errors", "pixels"))
        assert provider == "xairouter" or any(case.kind == "failure" and case.probe is not None for case in cases)


def test_each_variant_changes_what_is_seen() -> None:
    """One that a client cannot see would prove nothing: its wording or its answers differ, or its statuses do."""
    for provider in provider_names():
        contract, plain = contract_of(provider), gateway(provider, [])
        for variant in variants_of(provider):
            changed = gateway(provider, [variant])
            statuses = with_statuses(contract, [variant]).errors != contract.errors
            # What a provider's gateway does anyway is no other way: those are shared with providers whose gateway does not.
            assert variant.changes or statuses or changed.wording != plain.wording or variant.id in ("pictures-png", "pictures-jpeg"), (provider, variant.id)


def test_the_schema_lists_the_operators() -> None:
    schema = json.loads((specs_root() / "schemas" / "variants.schema.json").read_text(encoding="utf-8"))
    change = schema["properties"]["variants"]["additionalProperties"]["properties"]["change"]["items"]["properties"]
    assert sorted(change["do"]["enum"]) == sorted(OPERATORS)
    used = {change.do for name in provider_names() for variant in variants_of(name) for change in variant.changes}
    assert used == set(OPERATORS)


def test_laying_over() -> None:
    assert laid_over({"a": {"b": 1, "c": [1]}, "d": 2}, {"a": {"b": None, "c": [2, 3]}, "e": 4}) == {"a": {"b": None, "c": [2, 3]}, "d": 2, "e": 4}
    assert laid_over({"a": {"b": 1, "c": 2}}, {"a": {"b": "(absent)"}}) == {"a": {"c": 2}}
    assert laid_over([1], {"a": 1}) == {"a": 1}


def test_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert [variant.id for variant in find_variants("apimaster", ["gzip", "url-list"])] == ["gzip", "url-list"]
    with pytest.raises(VariantError, match="xairouter has no variant 'url-list'; --list-variants"):
        find_variants("xairouter", ["url-list"])
    assert serve(["--provider", "apimaster", "--list-variants"]) == 0
    listed = capsys.readouterr().out
    assert "apimaster gzip: Every body is compressed with gzip\n" in listed
    assert "poll-url-absent" not in listed
    with pytest.raises(NotStartedError, match="no variant 'nonsense'"):
        start_reference(["xairouter"], variants=["nonsense"])


def test_a_broken_file_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "variants.yaml").write_text("variants: {a: {title: t, free: f, change: [{do: dance}]}}", encoding="utf-8")
    with pytest.raises(ContractError, match="variants"):
        variants_of("anyone", tmp_path)
    assert variants_of("anyone", tmp_path / "nowhere") == ()
