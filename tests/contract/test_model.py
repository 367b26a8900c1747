"""What the values of a contract know of themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.folders import BODY, loaded
from tests.contract.test_loading import job

from proofsheet.contract import Contract
from proofsheet.contract.locations import Location, Locator
from proofsheet.contract.model import Answer, Envelope, ErrorCase, Errors, ImageRule, Prices, Role, SecurityScheme, StateRule, StatusRule

VALUES = {"1K": "Small", "2": 2, "yes": True}


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    return loaded(tmp_path, {"models": [{"id": "big"}, {"id": "small"}], "operations": {"draw": {"models": {"big": {}, "small": {}}}}})


@pytest.mark.parametrize(("own", "wire"), [("1K", "Small"), ("2", 2), (2, 2), ("yes", True), ("none", "none"), (None, None)])
def test_our_terms_are_spelt_as_the_provider_does(own: Any, wire: Any) -> None:
    assert Role("r", Location.parse("json:/r"), values=VALUES).wire(own) == wire


@pytest.mark.parametrize(
    ("place", "letter_case", "wire", "own"),
    [
        ("json:/r", None, "Small", "1K"),
        ("json:/r", None, "small", "small"),
        ("json:/r", "sensitive", "small", "small"),
        ("json:/r", "insensitive", "sMALL", "1K"),
        ("json:/r", None, 2, "2"),
        ("json:/r", None, "2", "2"),
        ("json:/r", None, True, "yes"),
        ("json:/r", None, "true", "true"),
        ("query:r", None, "true", "yes"),
        ("form:r", None, "2", "2"),
        ("query:r", None, "Small", "1K"),
        ("query:r", None, "small", "small"),
        ("query:r", None, "other", "other"),
        ("query:r", None, 7, 7),
        ("json:/r", "insensitive", 5, 5),
    ],
)
def test_what_stands_on_the_wire_in_our_terms(place: str, letter_case: str | None, wire: Any, own: Any) -> None:
    assert Role("r", Location.parse(place), values=VALUES, letter_case=letter_case).own(wire) == own


def test_numbers_on_the_wire_of_json_are_no_text() -> None:
    role = Role("r", Location.parse("json:/r"), values={"wide": 1.5})
    assert [role.own(wire) for wire in (1.5, "1.5")] == ["wide", "1.5"]
    assert Role("r", Location.parse("query:r"), values={"wide": 1.5}).own("1.5") == "wide"


@pytest.mark.parametrize(
    ("status", "right", "wrong"),
    [((403,), [403], [400, 402, 404, 500]), (("4xx",), [400, 403, 499], [399, 500]), ((404, "5xx"), [404, 500, 599], [403, 400]), ((), [], [400, 500])],
)
def test_which_statuses_an_entry_allows(status: tuple[int | str, ...], right: list[int], wrong: list[int]) -> None:
    entry = ErrorCase("e", "no_key", ("**",), status)
    assert [entry.allows(number) for number in (*right, *wrong)] == [True] * len(right) + [False] * len(wrong)


@pytest.mark.parametrize(
    ("on", "applies"), [(("draw",), [True, True]), (("draw/big",), [True, False]), (("draw/*",), [True, True]), (("other",), [False, False]), ((), [False, False])]
)
def test_what_an_entry_and_an_envelope_speak_of(on: tuple[str, ...], applies: list[bool], contract: Contract) -> None:
    envelope = Envelope(on, {}, "file")
    assert [ErrorCase("e", "no_key", on).applies(operation) for operation in contract.operations] == applies
    found = [Errors(envelopes=(envelope, Envelope(("**",), {}, "rest"))).envelope(operation) for operation in contract.operations]
    assert [entry is envelope for entry in found] == applies
    assert Errors(envelopes=(Envelope(("other",), {}, "f"),)).envelope(contract.operations[0]) is None


def test_an_operation_is_found_by_its_key(contract: Contract) -> None:
    assert contract.operation("draw/small") is contract.operations[1]
    with pytest.raises(KeyError, match="draw"):
        contract.operation("draw")


@pytest.mark.parametrize(
    ("status", "result", "reads"),
    [
        (StatusRule((Locator.parse("status:"),), {"303": "succeeded"}), None, True),
        (StatusRule((Locator.parse("status:"),), {"200": "succeeded", "302": "running"}), None, True),
        (StatusRule((Locator.parse("status:"),), {"200": "succeeded", "403": "failed"}), None, False),
        (StatusRule((Locator.parse("json:$.s"), Locator.parse("status:")), {"303": "succeeded"}), None, True),
        (StatusRule((Locator.parse("json:$.s"),), {"303": "succeeded"}), None, False),
        (StatusRule((), {"303": "succeeded"}), None, False),
        (StatusRule(), Locator.parse("header:Location"), True),
        (StatusRule(rules=(StateRule("succeeded", equals=(Locator.parse("status:"), 303)),)), None, True),
        (StatusRule(rules=(StateRule("succeeded", equals=(Locator.parse("status:"), 403)),)), None, False),
        (StatusRule(rules=(StateRule("succeeded", present=Locator.parse("status:")),)), None, False),
        (StatusRule(), None, False),
    ],
)
def test_when_a_redirect_says_something_itself(status: StatusRule, result: Locator | None, reads: bool, tmp_path: Path) -> None:
    assert replace(job(tmp_path), status=status, result=result).reads_redirects is reads


def test_what_is_not_said_is_off(contract: Contract) -> None:
    answer = Answer("a", (ImageRule(url="$.u"),))
    assert (answer.first, answer.images[0].body, answer.images[0].relative) == (False, False, False)
    assert (SecurityScheme("s", "header", "K").base64, Prices("u", "image", ()).relative) == (False, False)
    assert contract.operations[0].walk_body is True
    assert contract.operations[0].schema == BODY
    assert Role("r", Location.parse("json:/r")) == Role("r", Location.parse("json:/r"), append=False, ignored=False)
