"""The recordings that ship: of the installed specs, small, marked as simulated, without a key, and pinned."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from proofsheet.contract import load_contract, provider_names
from proofsheet.recording.pin import pin
from proofsheet.recording.sets import CassetteSet, files_of, find_sets

CASSETTES = Path(__file__).parents[2] / "cassettes"
SETS = {folder.name: folder for folder in find_sets(CASSETTES, "reference-")}


def test_every_provider_has_one() -> None:
    assert set(SETS) == {f"reference-{name}" for name in provider_names(None)}


def test_all_of_them_are_small() -> None:
    assert sum((folder / name).stat().st_size for folder in SETS.values() for name in files_of(folder)) < 10_000_000


@pytest.mark.parametrize("name", SETS)
def test_it_is_whole_simulated_and_of_the_installed_specs(name: str) -> None:
    about = CassetteSet.open(SETS[name]).about
    again = "run tools/record_reference.sh"
    assert about.specs_sha256 == load_contract(str(about.target["provider"]), None).sha256, again
    assert (about.provenance, about.complete, about.heads_only) == ("reference", True, False)


@pytest.mark.parametrize("name", SETS)
def test_every_corruption_of_a_request_is_noticed(name: str) -> None:
    found = [pin(cassette) for cassette in CassetteSet.open(SETS[name]).cassettes()]
    assert sum(one.corruptions for one in found) > 1000
    assert [place for one in found for place in one.unnoticed] == []


@pytest.mark.parametrize("name", SETS)
def test_no_key_of_the_reference_gateway_is_in_it(name: str) -> None:
    key = re.compile(rb"psk-[A-Za-z0-9_-]{24}(?![A-Za-z0-9_-])")  # the unknown key, which nobody has, is longer
    found = [path for path in files_of(SETS[name]) if key.search((SETS[name] / path).read_bytes())]
    assert found == []
