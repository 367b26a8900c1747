"""What a schema has against a value, in words."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from proofsheet.contract.complaints import complaint, suggestion

NAMES = {"properties": {"colour": {}, "size": {}}, "additionalProperties": False}
DESCRIBED = {"description": "a word of lower-case letters", "pattern": "^[a-z]+$"}


def said(schema: dict[str, Any], document: Any) -> str:
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(document))
    assert error is not None
    return complaint(error, document)


@pytest.mark.parametrize(
    ("word", "known", "text"),
    [
        ("colr", ["size", "colour"], "; did you mean 'colour'?"),
        ("size2", ["sizes", "size"], "; did you mean 'size'?"),
        ("zzz", ["size", "colour"], " (known: size, colour)"),
        ("zzz", [], ""),
        ("colr", {"colour": 1}, "; did you mean 'colour'?"),
    ],
)
def test_a_close_word_is_suggested_and_else_all_are_named(word: str, known: Any, text: str) -> None:
    assert suggestion(word, known) == text


@pytest.mark.parametrize(
    ("schema", "document", "line"),
    [
        (NAMES, {"size": 1, "colr": 2}, "at the top: 'colr' is no key here; did you mean 'colour'?"),
        (NAMES, {"qqq": 2}, "at the top: 'qqq' is no key here (known: colour, size)"),
        ({"additionalProperties": False}, {"qqq": 2}, "at the top: 'qqq' is no key here"),
        ({"additionalProperties": {"properties": {"a": NAMES}}}, {"b": {"a": {"siz": 1}}}, "at b/a: 'siz' is no key here; did you mean 'size'?"),
        ({"propertyNames": {"enum": ["left", "right"]}}, {"rigt": 1}, "at the top: 'rigt' is no key here; did you mean 'right'?"),
        ({"propertyNames": {"pattern": "^[a-z]+$"}}, {"A": 1}, "at the top: 'A' cannot be a key here: 'A' does not match '^[a-z]+$'"),
        ({"required": ["a", "b"]}, {"a": 1}, "at the top: 'b' is missing"),
        ({"required": ["a", "b", "c"]}, {"a": 1}, "at the top: 'b' is missing"),
        ({"enum": ["left", "right"]}, "lef", "at the top: 'lef' is not allowed here; did you mean 'left'?"),
        ({"enum": [1, 2]}, 7, "at the top: 7 is not allowed here (known: 1, 2)"),
        ({"const": True}, False, "at the top: false is not allowed here (known: True)"),
        ({"type": "object"}, None, "at the top: null must be a mapping"),
        ({"type": "array"}, {"a": 1, "b": 2}, "at the top: the mapping of a, b must be a list"),
        ({"type": "array"}, {}, "at the top: the mapping of nothing must be a list"),
        ({"type": "object"}, [1, 2], "at the top: the list of 2 must be a mapping"),
        ({"type": ["integer", "null"]}, "x", "at the top: 'x' must be a whole number or null"),
        ({"type": ["boolean", "number"]}, "2", "at the top: '2' must be true or false or a number"),
        ({"type": "string"}, 2, 'at the top: 2 must be text; write it in quotes: "2"'),
        ({"type": ["null", "string"]}, 1.5, 'at the top: 1.5 must be null or text; write it in quotes: "1.5"'),
        ({"type": "string"}, True, 'at the top: true must be text; write it in quotes: "true"'),
        ({"type": "string"}, [2], "at the top: the list of 1 must be text"),
        ({"type": "string"}, None, "at the top: null must be text"),
        ({"type": "object"}, 2, "at the top: 2 must be a mapping"),
        (DESCRIBED, "A1", "at the top: 'A1' does not fit; here belongs a word of lower-case letters"),
        ({"description": "one or two", "anyOf": [{"const": 1}, {"const": 2}]}, 3, "at the top: 3 does not fit; here belongs one or two"),
        ({"description": "both", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1, "b": 2}, "at the top: the mapping of a, b does not fit; here belongs both"),
        ({"description": "few", "maxItems": 1}, [1, 2], "at the top: [1, 2] is too long"),
        ({"properties": {"a": False}}, {"a": 1}, "at the top: False schema does not allow 1"),
        ({"minimum": 3}, 2, "at the top: 2 is less than the minimum of 3"),
        ({"pattern": "^a"}, "b", "at the top: 'b' does not match '^a'"),
    ],
)
def test_what_is_wrong_is_said_with_its_mend(schema: dict[str, Any], document: Any, line: str) -> None:
    assert said(schema, document) == line


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ({"list": [{"id": "first", "n": 1}, {"id": "second", "n": "x"}]}, "at list/1 (second)/n: 'x' must be a whole number"),
        ({"list": [{"n": "x"}]}, "at list/0/n: 'x' must be a whole number"),
        ({"list": [{"id": 7, "n": "x"}]}, "at list/0/n: 'x' must be a whole number"),
        ({"list": {"only": {"id": "named", "n": "x"}}}, "at list/only/n: 'x' must be a whole number"),
    ],
)
def test_an_element_of_a_list_is_called_by_its_id(document: Any, line: str) -> None:
    each = {"properties": {"n": {"type": "integer"}}}
    assert said({"properties": {"list": {"items": each, "additionalProperties": each}}}, document) == line


def test_a_place_that_is_not_in_the_document_is_named_all_the_same() -> None:
    error = jsonschema.ValidationError("odd", path=["a", 1, "b"])
    assert [complaint(error, document) for document in ({}, {"a": []}, {"a": 1}, None)] == ["at a/1/b: odd"] * 4


@pytest.mark.parametrize(("length", "shown"), [(76, "'" + "x" * 76 + "'"), (78, "'" + "x" * 78 + "'"), (79, "'" + "x" * 78 + "…"), (500, "'" + "x" * 78 + "…")])
def test_what_is_long_is_cut_at_eighty(length: int, shown: str) -> None:
    assert said({"type": "integer"}, "x" * length) == f"at the top: {shown} must be a whole number"
