"""Guards of the contract that no folder of specs here comes to: each by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.invented.running import SPECS

from proofsheet.contract import ContractError, load_contract
from proofsheet.contract.complaints import _LONGEST, _shown
from proofsheet.contract.consistency import check_consistency
from proofsheet.contract.errors import LocationError
from proofsheet.contract.loading import merged
from proofsheet.contract.locations import Location, Locator
from proofsheet.contract.model import Matrix, Role, StateRule, StatusRule
from proofsheet.contract.requests import ABSENT, Request, Upload
from proofsheet.contract.requirements import _check_implications, _requirement
from proofsheet.contract.trace import _coverage, ranges


def test_a_redirect_that_a_rule_reads_is_not_followed() -> None:
    lifecycle = load_contract("tessera", SPECS).operation("mosaic/grand").lifecycle
    assert lifecycle is not None
    for at, value, reads in [("status:", "303", True), ("status:", "200", False), ("json:$.code", "303", False)]:
        rules = (StateRule("succeeded", equals=(Locator.parse(at), value)), StateRule("running", present=Locator.parse("json:$.id")))
        assert replace(lifecycle, result=None, status=StatusRule(rules=rules)).reads_redirects is reads


def test_a_request_schema_that_is_none_is_told_wherever_it_came_from() -> None:
    contract = load_contract("inkwell", SPECS)
    spoilt = replace(contract.operations[0], schema={"type": "object", "properties": {name: {} for name in ("prompt", "canvas", "sheets", "ink")}, "minProperties": "1"})
    with pytest.raises(ContractError, match="the request schema is no JSON Schema: at minProperties"):
        check_consistency(replace(contract, operations=(replace(spoilt, roles={}, pixels=None),)))


def test_the_files_of_a_request_are_told_apart_by_their_names() -> None:
    a, b = Upload("a.png", "image/png", b"a"), Upload("b.png", "image/png", b"b")
    request = Request("POST", "/edit", files=(("image", a), ("mask", b)))
    image, mask = Location.parse("file:image"), Location.parse("file:mask")
    assert (request.get(image), request.get(mask), request.get(Location.parse("file:none"), "no")) == ([a], [b], "no")
    assert request.put(image, [b, a]).files == (("mask", b), ("image", b), ("image", a))
    assert request.put(mask, a).files == (("image", a), ("mask", a))
    assert request.put(image, ABSENT).files == (("mask", b),)


def test_implications_that_go_in_a_circle_are_told_from_where_it_begins() -> None:
    raw = {"level": "must", "statement": "s", "source": {"document": "d", "lines": "1"}}
    entries = [_requirement({**raw, "id": name, "implies": implied}) for name, implied in {"a": ["b"], "b": ["c"], "c": ["b"], "d": []}.items()]
    with pytest.raises(ContractError, match=r"in a circle: b → c → b$"):
        _check_implications(Path("r.yaml"), entries)
    with pytest.raises(ContractError, match="a implies b, which is not there"):
        _check_implications(Path("r.yaml"), entries[:1])
    _check_implications(Path("r.yaml"), [_requirement({**raw, "id": "a", "implies": ["d"]}), entries[3]])


@pytest.mark.parametrize(("pattern", "found"), [(None, ["job 17 of 20"]), (r"\d+", ["17"]), (r"of (\d+)", ["20"]), ("none", [])])
def test_a_pattern_gives_its_first_group_or_else_all_of_it(pattern: str | None, found: list[str]) -> None:
    assert Locator.parse({"at": "text:", "pattern": pattern}).find(200, {}, None, "job 17 of 20") == found


@pytest.mark.parametrize("over", [-1, 0, 1, 500])
def test_what_is_shown_of_a_long_value_is_cut(over: int) -> None:
    shown = _shown("x" * (_LONGEST - 2 + over))
    assert shown == ("'" + "x" * (_LONGEST - 2 + over) + "'" if over <= 0 else "'" + "x" * (_LONGEST - 2) + "…")
    assert len(shown) <= _LONGEST


@pytest.mark.parametrize(("place", "name"), [("json:/picture/shape/ratio", "ratio"), ("json:/ratio", "ratio"), ("json:/list/-/", "-"), ("query:ratio", "ratio"), ("json:/", "/")])
def test_a_place_is_called_by_its_last_step(place: str, name: str) -> None:
    assert Location.parse(place).name == name


def test_only_a_place_in_json_is_a_path() -> None:
    assert Locator.parse("header:!x[").place == "!x["
    with pytest.raises(LocationError, match="is no JSONPath"):
        Locator.parse("json:!x[")


def test_lines_count_for_the_document_that_is_cited_and_no_other() -> None:
    sources = [{"document": "a", "lines": "1-2"}, {"document": "b", "lines": "3"}]
    matrix = Matrix((_requirement({"id": "r", "level": "must", "statement": "s", "source": sources}),))
    assert [_coverage(name, "0", 3, matrix).by_class["requirement"] for name in "abc"] == [(1, 2), (3,), ()]
    assert _coverage("b", "0", 2, matrix).problems == ("nothing accounts for the lines 1-2", "there is no line 3; the document ends at 2")


@pytest.mark.parametrize("text", ["sheets", "cookie:sheets", "query:", "json:sheets"])
def test_a_place_in_a_request_has_a_kind_and_a_name(text: str) -> None:
    with pytest.raises(LocationError, match=f"'{text}'"):
        Location.parse(text)


@pytest.mark.parametrize(("letter_case", "wire", "own"), [("insensitive", "LARGE", "2K"), ("insensitive", "small", "1K"), ("insensitive", "odd", "odd"), (None, "LARGE", "LARGE")])
def test_letter_case_counts_unless_the_document_says_otherwise(letter_case: str | None, wire: str, own: str) -> None:
    role = Role("size", Location.parse("json:/size"), values={"1K": "Small", "2K": "Large"}, letter_case=letter_case)
    assert role.own(wire) == own
    assert not role.ignored


def test_a_lone_pattern_is_a_list_of_one() -> None:
    raw = {"id": "r", "level": "must", "statement": "s", "source": {"document": "d", "lines": "1"}, "checks": {"errors.status": "a/**", "errors.code": ["b", "c"]}}
    assert _requirement(raw).checks == {"errors.status": ("a/**",), "errors.code": ("b", "c")}


def test_null_takes_out_what_is_merged_over() -> None:
    assert merged({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": None, "e": 4}}) == {"b": {"d": 3, "e": 4}}


def test_line_numbers_are_written_as_ranges() -> None:
    assert ranges([7, 1, 2, 3, 9, 10]) == "1-3, 7, 9-10"
