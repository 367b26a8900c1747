"""Shapes of answers: fields, types and words, never values."""

from __future__ import annotations

import pytest

from proofsheet.results.shapes import Shape, changes, drifted, from_document, other_words, shape_of, to_document, together


def said(old: object, new: object) -> list[str]:
    return [str(change) for change in changes(shape_of(old), shape_of(new))]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 2.5}, []),
        ({"a": "one"}, {"a": "two"}, []),
        ({"a": 1}, {"a": 1, "b": {"c": 1, "d": []}}, ["$.b is new (object)"]),
        ({"a": 1, "b": [{"c": 1}]}, {"a": 1}, ["$.b is gone (array)"]),
        ({"a": 1}, {"a": "1"}, ["$.a was number and is string"]),
        ({"a": None}, {"a": 1}, ["$.a was null and is number"]),
        ({"a": True}, {"a": 1}, ["$.a was boolean and is number"]),
        ({"d": [{"u": "x"}]}, {"d": [{"u": "x"}, {"u": "y", "v": 1}]}, ["$.d[].v is new (number)"]),
        ([], {}, ["$ was array and is object"]),
        ({"ab": {"x": 1}, "a": 1}, {"a": 1}, ["$.ab is gone (object)"]),
    ],
)
def test_changes(old: object, new: object, expected: list[str]) -> None:
    assert said(old, new) == expected


def test_an_optional_field_is_part_of_the_shape_of_many() -> None:
    many = together([shape_of({"a": 1}), shape_of({"a": None, "b": "x"})])
    assert many.types["$.a"] == {"number", "null"}
    assert changes(many, together([shape_of({"a": 1, "b": "y"}), shape_of({"a": None})])) == []


def test_words_grow_and_shrinking_is_no_change() -> None:
    old, new = shape_of(None, {"status": ["queued", "done"]}), shape_of(None, {"status": ["queued", "stuck"]})
    assert [str(change) for change in changes(old, new)] == ["status now also is stuck"]
    assert changes(together([old, new]), old) == []
    assert changes(Shape(), shape_of(None, {"status": ["queued"]}))[0].kind == "new"


def test_no_value_is_in_a_shape() -> None:
    assert "secret" not in repr(shape_of({"a": "secret", "b": ["secret"], "c": {"d": "secret"}}))


def test_depth_is_bounded() -> None:
    nested: object = 1
    for _ in range(5000):
        nested = [nested]
    assert len(shape_of(nested).types) < 100


def test_a_shape_survives_being_written() -> None:
    shape = shape_of({"a": [{"b": None}, {"b": 1}]}, {"status": ["queued", "done"]})
    assert from_document(to_document(shape)) == shape
    assert to_document(shape)["words"] == {"status": ["done", "queued"]}


def test_of_an_answer_with_endless_fields_only_the_first_are_written() -> None:
    assert len(to_document(shape_of({str(number): 1 for number in range(5000)}))["types"]) == 1000


def test_other_words_are_told_whether_they_grew_or_shrank() -> None:
    old, new = shape_of(None, {"status": ["400"], "pixels": ["1x1"], "gone": ["x"]}), shape_of(None, {"status": ["422"], "pixels": ["1x1"]})
    assert [str(change) for change in other_words(old, new)] == ["status was 400 and is 422"]
    assert other_words(old, old) == []


def test_only_answers_of_one_kind_are_compared() -> None:
    old, new = {"GET / 200": shape_of({"a": 1}), "GET / 404": shape_of({})}, {"GET / 200": shape_of({"a": "1"}), "GET / 500": shape_of({"b": 1})}
    assert [(drift.exchange, [str(change) for change in drift.changes]) for drift in drifted(old, new)] == [("GET / 200", ["$.a was number and is string"])]
    assert drifted(old, old) == []
