"""The relay section, the shared faults and requirements."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.contract.folders import loaded

from proofsheet.contract import ContractError
from proofsheet.contract.files import specs_root
from proofsheet.contract.locations import Location, Locator
from proofsheet.contract.relay import MARKER, Carried, Relay, RelayFault, marker, read_relay, relay_requirements, shape_names, shared_root, with_relay
from proofsheet.contract.requests import ABSENT
from proofsheet.contract.shared import roles_of

SHAPES = ["native", "openai-images"]
FAULTS = {
    "wait": ["header:Retry-After", {"at": "text:", "pattern": "([0-9]+) s"}],
    "faults": [
        {"id": "slow", "title": "it takes its time", "expect": "serve"},
        {"id": "interim", "title": "an interim picture", "expect": "serve"},
        {"id": "rate-limited", "title": "too many requests", "expect": "refuse", "status": [429, "5xx"], "retry_after": 3},
        {"id": "no-image", "title": "no picture came", "expect": "refuse", "status": ["4xx"], "told": True},
    ],
}


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    root = tmp_path / "shared"
    shutil.copytree(specs_root() / "upstreams", root / "upstreams")
    shutil.copytree(specs_root() / "relay", root / "relay")
    (root / "relay" / "faults.yaml").write_text(yaml.safe_dump(FAULTS), encoding="utf-8")
    return root


def test_everything_of_the_section() -> None:
    raw = {
        "shapes": ["native"],
        "operations": ["draw/*"],
        "told": ["json:$.why", "text:"],
        "translate": {"size": {"1K": ["1024", "1K"], "2K": []}},
        "carry": [
            {"id": "seed", "set": {"json:/seed": 7, "json:/n": None}, "role": "seed", "value": 7, "on": ["draw"]},
            {"id": "x", "set": {"query:x": "1"}, "role": "search", "value": True},
        ],
        "statuses": {"slow": [504, "4xx"]},
    }
    assert read_relay(raw) == Relay(
        shapes=("native",),
        operations=("draw/*",),
        told=(Locator.parse("json:$.why"), Locator.parse("text:")),
        translate={"size": {"1K": ("1024", "1K"), "2K": ()}},
        carry=(
            Carried("seed", ((Location.parse("json:/seed"), 7), (Location.parse("json:/n"), ABSENT)), "seed", 7, ("draw",)),
            Carried("x", ((Location.parse("query:x"), "1"),), "search", True, ("**",)),
        ),
        statuses={"slow": (504, "4xx")},
    )


def test_a_fault_that_a_success_may_tell_of_says_so() -> None:
    assert [RelayFault("f", "a fault", "serve").told, RelayFault("f", "a fault", "serve", told=True).told] == [False, True]


@pytest.mark.parametrize("raw", [None, {}])
def test_without_a_section_everything_is_open(raw: Any) -> None:
    assert read_relay(raw) == Relay((), ("**",), (), {}, (), {}, (), ())


@pytest.mark.parametrize(
    ("operations", "purpose", "spoken"),
    [
        (("**",), "generate", True),
        (("**",), "refuse", False),
        (("draw",), "edit", True),
        (("draw/big",), "generate", True),
        (("other",), "generate", False),
        ((), "generate", False),
    ],
)
def test_which_operations_it_speaks_of(operations: tuple[str, ...], purpose: str, spoken: bool, tmp_path: Path) -> None:
    operation = replace(loaded(tmp_path).operation("draw"), key="draw/big", purpose=purpose)
    assert Relay(operations=operations).speaks_of(operation) is spoken


@pytest.mark.parametrize(
    ("role", "own", "terms"), [("size", "1K", ("1024",)), ("size", "2K", None), ("size", "4K", ("4K",)), ("ratio", "1K", ("1K",)), ("count", 2, ("2",)), ("size", 512, ("half",))]
)
def test_what_may_stand_upstream_for_a_term(role: str, own: Any, terms: tuple[str, ...] | None) -> None:
    assert Relay(translate={"size": {"1K": ("1024",), "2K": (), "512": ("half",)}}).upstream_terms(role, own) == terms


@pytest.mark.parametrize(("fault", "text"), [(None, "[ps-0123456789ab]"), ("", "[ps-0123456789ab]"), ("no-image", "[ps-0123456789ab.no-image]")])
def test_a_marker_is_found_in_a_prompt(fault: str | None, text: str) -> None:
    assert marker("0123456789ab", fault) == text
    found = MARKER.search(f"a boat {text} at sea")
    assert found is not None
    assert found.groups() == ("0123456789ab", fault or None)


def test_the_shared_data_is_that_of_the_folder_or_that_which_ships(tmp_path: Path, shared: Path) -> None:
    assert shared_root(None) == specs_root() == shared_root(tmp_path)
    assert shared_root(shared) == shared
    assert shape_names(shared) == SHAPES
    assert shape_names(tmp_path) == []


def relayed(root: Path, shared: Path, **section: Any) -> Any:
    return with_relay(loaded(root, {"relay": section}), shared)


def test_faults_requirements_and_digest_join_the_contract(tmp_path: Path, shared: Path) -> None:
    before = loaded(tmp_path, {"relay": {"statuses": {"no-image": [422]}}})
    after = with_relay(before, shared)
    assert [(f.id, f.title, f.expect, f.status, f.retry_after, f.told, f.shapes) for f in after.relay.faults] == [
        ("slow", "it takes its time", "serve", (), None, False, ("native", "openai-images")),
        ("interim", "an interim picture", "serve", (), None, False, ("native",)),
        ("rate-limited", "too many requests", "refuse", (429, "5xx"), 3, False, ("native", "openai-images")),
        ("no-image", "no picture came", "refuse", (422,), None, True, after.relay.faults[-1].shapes),
    ]
    assert after.relay.wait == (Locator.parse("header:Retry-After"), Locator("text", "", "([0-9]+) s"))
    # Nobody can ask this provider for a search.
    ours = tuple(one for one in relay_requirements(shared) if one.id != "relay.carried.search")
    assert after.matrix.requirements == (*before.matrix.requirements, *ours)
    assert ours == relay_requirements(shared, roles_of(before))
    assert relay_requirements(shared, {"search"}) == relay_requirements(shared)
    assert len({before.sha256, after.sha256}) == 2
    (shared / "upstreams" / "note.txt").write_text("x", encoding="utf-8")
    assert with_relay(before, shared).sha256 != after.sha256
    assert replace(after, relay=before.relay, matrix=before.matrix, sha256=before.sha256) == before


def test_only_the_named_shapes_count(tmp_path: Path, shared: Path) -> None:
    assert [(f.id, f.shapes) for f in relayed(tmp_path, shared, shapes=["openai-images"]).relay.faults][:2] == [("slow", ("openai-images",)), ("rate-limited", ("openai-images",))]
    assert {f.shapes for f in relayed(tmp_path, shared, shapes=["native"]).relay.faults} == {("native",)}


def test_shared_requirements_cite_no_document(shared: Path) -> None:
    found = relay_requirements(shared)
    assert found
    assert {entry.sources for entry in found} == {()}
    assert all(entry.checks and entry.standard and entry.level in ("must", "should", "info") for entry in found)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"shapes": ["native", "natives"]}, "relay/shapes names 'natives'; did you mean 'native'?"),
        ({"statuses": {"slow": [504], "slw": [504]}}, "relay/statuses names the fault 'slw'; did you mean 'slow'?"),
        ({"statuses": {"zzzz": [504]}}, "names the fault 'zzzz' (known: interim, no-image, rate-limited, slow)"),
    ],
)
def test_a_shape_or_fault_that_is_not_there_is_told(section: dict[str, Any], said: str, tmp_path: Path, shared: Path) -> None:
    with pytest.raises(ContractError) as told:
        relayed(tmp_path, shared, **section)
    assert said in str(told.value)
    assert str(told.value).startswith(str(tmp_path / "plain" / "contract.yaml"))
