"""Places in requests and answers: how they are written, read, set and taken out."""

from __future__ import annotations

from typing import Any

import pytest

from proofsheet.contract.errors import LocationError
from proofsheet.contract.locations import Location, Locator, compiled_path, drop_pointer, get_pointer, pointer_steps, select, set_pointer

BODY = {"a": {"b": [10, {"c": "deep"}, None]}, "": "empty", "x/y": 1, "~": 2, "text": "abc", "none": None}


@pytest.mark.parametrize("kind", ["header", "query", "path", "form", "file"])
def test_a_place_is_a_kind_and_a_name(kind: str) -> None:
    place = Location.parse(f"{kind}:some:name")
    assert (place.kind, place.place, str(place)) == (kind, "some:name", f"{kind}:some:name")


@pytest.mark.parametrize(
    ("text", "said"), [("status:", "write one of file, form, header, json, path, query"), ("query", "colon"), ("json:a", "starts with '/'"), ("json:", "no place")]
)
def test_what_is_no_place_in_a_request_is_told(text: str, said: str) -> None:
    with pytest.raises(LocationError, match=said):
        Location.parse(text)


@pytest.mark.parametrize("text", ["query:a", "status", "header", "", "texts:"])
def test_what_is_no_place_in_an_answer_is_told(text: str) -> None:
    with pytest.raises(LocationError, match="is no place in an answer; write one of header, json, status, text"):
        Locator.parse(text)


@pytest.mark.parametrize(
    ("spec", "locator"),
    [
        ("status:", Locator("status", "")),
        ("header:X-A", Locator("header", "X-A")),
        ("json:$.a", Locator("json", "$.a")),
        ({"at": "text:"}, Locator("text", "")),
        ({"at": "header:Location", "pattern": "/(\\d+)$"}, Locator("header", "Location", "/(\\d+)$")),
    ],
)
def test_a_place_in_an_answer_may_have_a_pattern(spec: Any, locator: Locator) -> None:
    assert Locator.parse(spec) == locator


@pytest.mark.parametrize(("spec", "said"), [({"at": "text:", "pattern": "("}, r"'\(' is no regular expression: .+"), ("json:$[", r"'\$\[' is no JSONPath: \S.+")])
def test_what_cannot_be_compiled_is_told(spec: Any, said: str) -> None:
    with pytest.raises(LocationError, match=said) as told:
        Locator.parse(spec)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("status:", ["202"]),
        ("header:X-Job", ["job-17"]),
        ("header:x-job", ["job-17"]),
        ("header:X-Empty", [""]),
        ("header:X-None", []),
        ("text:", ["plain"]),
        ("json:$.a.b[*]", [10, {"c": "deep"}, None]),
        ("json:$.none", [None]),
        ("json:$.nowhere", []),
        ({"at": "header:X-Job", "pattern": r"\d+"}, ["17"]),
        ({"at": "header:X-Job", "pattern": r"(job)-(\d+)"}, ["job"]),
        ({"at": "header:X-Job", "pattern": r"\d{5}"}, []),
        ({"at": "header:X-None", "pattern": ""}, []),
        ({"at": "json:$.a.b[*]", "pattern": "."}, []),  # what is no text has no part
        ({"at": "status:", "pattern": "^2"}, ["2"]),
    ],
)
def test_what_stands_at_a_place_in_an_answer(spec: Any, found: list[Any]) -> None:
    assert Locator.parse(spec).find(202, {"x-job": "job-17", "x-empty": ""}, BODY, "plain") == found


def test_an_empty_answer_has_no_text() -> None:
    assert Locator.parse("text:").find(200, {}, None, "") == []


@pytest.mark.parametrize(
    ("path", "document", "found"),
    [("$", "word", ["word"]), ("$", 0, [0]), ("$", None, []), ("$.a", "word", []), ("$", {"a": 1}, [{"a": 1}]), ("$[0]", [5], [5]), ("$.a", {"a": 1}, [1]), ("$", [], [[]])],
)
def test_only_objects_and_arrays_have_parts(path: str, document: Any, found: list[Any]) -> None:
    assert select(path, document) == found


def test_a_path_is_compiled_once() -> None:
    assert compiled_path("$.once") is compiled_path("$.once")


@pytest.mark.parametrize(("pointer", "steps"), [("", []), ("/", [""]), ("/a/b", ["a", "b"]), ("/a/", ["a", ""]), ("/x~1y", ["x/y"]), ("/~0", ["~"]), ("/~01", ["~1"])])
def test_steps_of_a_pointer(pointer: str, steps: list[str]) -> None:
    assert pointer_steps(pointer) == steps


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", BODY),
        ("/a/b/0", 10),
        ("/a/b/1/c", "deep"),
        ("/a/b/2", None),
        ("/", "empty"),
        ("/x~1y", 1),
        ("/~0", 2),
        ("/none", None),
        ("/a/b/3", "nothing"),
        ("/a/b/-1", "nothing"),
        ("/a/b/x", "nothing"),
        ("/a/c", "nothing"),
        ("/text/0", "nothing"),  # text is no array
        ("/none/x", "nothing"),
        ("/a/b/0/x", "nothing"),
    ],
)
def test_what_a_pointer_points_at(pointer: str, value: Any) -> None:
    assert get_pointer(BODY, pointer, "nothing") == value


def test_where_nothing_is_pointed_at_is_none() -> None:
    assert get_pointer({}, "/a") is None


@pytest.mark.parametrize(
    ("document", "pointer", "result"),
    [
        ({"a": 1}, "", "new"),
        (None, "/a", {"a": "new"}),
        ({}, "/a/b/c", {"a": {"b": {"c": "new"}}}),
        ({"a": 1, "b": 2}, "/a", {"a": "new", "b": 2}),
        ({"a": [1, 2]}, "/a/1", {"a": [1, "new"]}),
        ({"a": [1, 2]}, "/a/0", {"a": ["new", 2]}),
        ({"a": [1, 2]}, "/a/-", {"a": [1, 2, "new"]}),
        ({}, "/a/-", {"a": ["new"]}),
        ({"a": [{"b": 1}, {"b": 2}]}, "/a/1/b", {"a": [{"b": 1}, {"b": "new"}]}),
        ([1], "/0", ["new"]),
        ({}, "/-", {"-": "new"}),
        ({"a": []}, "/a", {"a": "new"}),
        ([], "/-", ["new"]),
    ],
)
def test_what_is_set_at_a_pointer(document: Any, pointer: str, result: Any) -> None:
    before = repr(document)
    assert set_pointer(document, pointer, "new") == result
    assert repr(document) == before


def test_what_is_set_is_a_copy() -> None:
    value: dict[str, list[int]] = {"inner": []}
    for document, pointer in [({}, ""), ({}, "/a"), ({"a": []}, "/a/-"), ({"a": [0]}, "/a/0")]:
        made = set_pointer(document, pointer, value)
        value["inner"].append(1)
        assert "1" not in repr(made)
        value["inner"].clear()


@pytest.mark.parametrize(
    ("document", "pointer", "result"),
    [
        ({"a": 1, "b": 2}, "/a", {"b": 2}),
        ({"a": 1}, "/b", {"a": 1}),
        ({"a": {"b": 1, "c": 2}}, "/a/b", {"a": {"c": 2}}),
        ({"a": {"b": 1}}, "/x/b", {"a": {"b": 1}}),
        ({"a": [1, 2, 3]}, "/a/1", {"a": [1, 3]}),
        ({"a": [1, 2, 3]}, "/a/0", {"a": [2, 3]}),
        ({"a": [1, 2]}, "/a/2", {"a": [1, 2]}),
        ({"a": [1, 2]}, "/a/1", {"a": [1]}),
        ({"a": [1, 2]}, "/a/x", {"a": [1, 2]}),
        ({"a": [{"b": 1, "c": 2}, 5]}, "/a/0/b", {"a": [{"c": 2}, 5]}),
        ({"a": [{"b": 1}]}, "/a/1/b", {"a": [{"b": 1}]}),
        ({"a": [{"b": 1}]}, "/a/x/b", {"a": [{"b": 1}]}),
        ({"x/y": {"~": 1, "z": 2}}, "/x~1y/~0", {"x/y": {"z": 2}}),
        ([1, 2], "/0", [2]),
        ({"a": 1}, "/a/b", {"a": 1}),
        ({"a": 1}, "/a/b/c", {"a": 1}),
        ({"a": None}, "/a/b", {"a": None}),
        ({"a": "xyz"}, "/a/0", {"a": "xyz"}),
        (None, "/a", None),
    ],
)
def test_what_is_left_without_what_stands_at_a_pointer(document: Any, pointer: str, result: Any) -> None:
    before = repr(document)
    assert drop_pointer(document, pointer) == result
    assert repr(document) == before
