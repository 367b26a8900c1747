"""Words of the contract language that no shipped provider needs, each by itself; tests/invented shows them together."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from tests.invented.running import SPECS

from proofsheet.checks.subject import Subject
from proofsheet.contract import ContractError, load_contract
from proofsheet.contract.files import read_document
from proofsheet.contract.locations import Location, plain_text
from proofsheet.contract.model import Answer, Call, Cell, Endpoint, ImageRule, PresetTable, Role, SecurityScheme
from proofsheet.contract.requests import ABSENT
from proofsheet.exchange.calls import call_request
from proofsheet.exchange.encoding import SecurityUse, key_text
from proofsheet.exchange.model import Exchange, Performance, Sent
from proofsheet.exchange.pictures import extract
from proofsheet.exchange.states import state_of
from proofsheet.exchange.targets import target_from_mapping

LISTED = Cell(("256", "256"), 250, 250)


@pytest.mark.parametrize(
    ("axes", "values", "pixels"),
    [
        (("width", "height"), {"width": "512", "height": "64"}, [(512, 64)]),
        (("width", "height"), {"width": "256", "height": "256"}, [(250, 250)]),  # what is listed counts first
        (("width", "height"), {"width": "512", "height": None}, []),  # half a size is none
        (("width", "height"), {"width": "512", "height": "auto"}, []),
        (("width", "height"), {"width": "0", "height": "64"}, []),
        (("dimensions",), {"dimensions": "640x480"}, [(640, 480)]),
        (("dimensions",), {"dimensions": "640*480"}, [(640, 480)]),
        (("dimensions",), {"dimensions": "large"}, []),
    ],
)
def test_an_open_table_takes_what_is_asked_for(axes: tuple[str, ...], values: dict[str, str | None], pixels: list[tuple[int, int]]) -> None:
    cells = (LISTED,) if len(axes) == 2 else (Cell(("1x1",), 1, 1),)
    assert [(cell.width, cell.height) for cell in PresetTable("t", axes, cells, open=True).find(**values)] == pixels


def test_a_closed_table_has_only_its_cells() -> None:
    assert PresetTable("t", ("width", "height"), (LISTED,)).find(width="512", height="64") == ()


@pytest.mark.parametrize(("value", "text"), [("done", "done"), (2, "2"), (True, "true"), (False, "false"), (None, "null")])
def test_words_are_text_as_json_writes_them(value: Any, text: str) -> None:
    assert plain_text(value) == text


@pytest.mark.parametrize(("state", "expected"), [(0, "running"), (1, "running"), (2, "succeeded"), (9, "failed"), (7, "unknown")])
def test_a_state_may_be_a_number(state: int, expected: str) -> None:
    lifecycle = load_contract("tessera", SPECS).operation("mosaic/grand").lifecycle
    assert lifecycle is not None
    body = f'{{"payload": {{"job": {{"number": 1, "state": {state}}}}}}}'.encode()
    assert state_of(lifecycle, Exchange("x", Sent("POST", "http://h/", {}), 200, {}, body)) == (str(state), expected)


def test_a_call_keeps_the_type_of_an_id_that_stands_alone_in_a_body() -> None:
    endpoint = Endpoint("look", "POST", "/jobs/{kind}", (), {}, {}, ())
    call = Call(endpoint, {"kind": "job-${id}"}, {"m": "${model}"}, {"job": {"number": "${id}", "name": "no ${id}", "deep": [True, "${id}"]}})
    request = call_request(call, 17, "m-1")
    assert (request.target_path, request.query) == ("/jobs/job-17", {"m": "m-1"})
    assert request.json == {"job": {"number": 17, "name": "no 17", "deep": [True, 17]}}


def test_a_call_without_a_body_has_none() -> None:
    assert call_request(Call(Endpoint("look", "GET", "/jobs", (), {}, {}, ())), "a", "").json is ABSENT


def test_basic_sends_the_key_in_base64_and_shows_its_name() -> None:
    target = target_from_mapping("t", {"provider": "p", "base_url": "http://127.0.0.1:1", "credentials": {"default": "user:secret-word"}})
    scheme = SecurityScheme("account", "header", "Authorization", "Basic ", base64=True)
    key = key_text(SecurityUse("default", scheme), target)
    assert key is not None
    assert base64.b64decode(key.sent.removeprefix("Basic ")) == b"user:secret-word"
    assert key.shown == "Basic $PROOFSHEET_DEFAULT_KEY"


@pytest.mark.parametrize(("relative", "url"), [(True, "http://h:1/files/a.png"), (False, "/files/a.png")])
def test_a_relative_link_counts_where_the_document_has_them(relative: bool, url: str) -> None:
    answer = Answer("a", (ImageRule(url="$.link", relative=relative),))
    exchange = Exchange("x", Sent("GET", "http://h:1/v1/things?key=$KEY", {}), 200, {}, b'{"link": "/files/a.png"}')
    assert [found.url for found in extract(answer, exchange)] == [url]


def test_images_may_be_bare_strings_of_a_list() -> None:
    answer = Answer("a", (ImageRule(each="$.tiles[*]", base64="$"),))
    exchange = Exchange("x", Sent("GET", "http://h/", {}), 200, {}, b'{"tiles": ["AAAA", "BBBB"]}')
    assert [found.content for found in extract(answer, exchange)] == [b"\x00\x00\x00", b"\x04\x10A"]


@pytest.mark.parametrize(("place", "wire", "own"), [("query:across", "1.5", "wide"), ("form:across", "1.5", "wide"), ("json:/across", "1.5", "1.5"), ("json:/across", 1.5, "wide")])
def test_numbers_are_text_everywhere_but_in_json(place: str, wire: Any, own: Any) -> None:
    assert Role("ratio", Location.parse(place), values={"wide": 1.5}).own(wire) == own


def test_a_count_in_a_form_is_a_number_all_the_same() -> None:
    contract = load_contract("tessera", SPECS)
    operation = contract.operation("mosaic/grand")
    from proofsheet.cases.build import build_cases
    from proofsheet.cases.surroundings import Surroundings

    case = next(case for case in build_cases(contract, Surroundings()) if case.id == "tessera/mosaic/grand/parameters/batch/valid/3")
    assert case.probe is not None
    assert case.probe.request.form["batch"] == "3"
    performance = Performance(case.probe, "broken", Exchange("x", Sent("POST", "http://h/", {})))
    assert Subject(contract, case, performance).wanted_count == 3
    assert operation.roles["count"].at.kind == "form"


def test_what_is_merged_into_a_mapping_may_be_hidden_by_its_own_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("under: &under {a: 1, b: 2}\nover: {<<: *under, b: 3}\n", encoding="utf-8")
    assert read_document(path) == {"under": {"a": 1, "b": 2}, "over": {"a": 1, "b": 3}}


def test_a_key_of_braces_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: {{b}: 1}\n", encoding="utf-8")
    with pytest.raises(ContractError, match="line 1, column 5: a key must be a word or a number"):
        read_document(path)
