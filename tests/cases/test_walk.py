"""The boundary walk: every keyword once, valid values that validate, invalid ones that do not."""

from __future__ import annotations

import itertools

import pytest

from proofsheet.cases.validity import explain, is_valid, violation
from proofsheet.cases.walk import dotted, json_type, leaf_schema, walk

SCHEMA = {
    "type": "object",
    "required": ["prompt"],
    "additionalProperties": False,
    "properties": {
        "prompt": {"type": "string", "minLength": 1, "maxLength": 10},
        "ratio": {"type": "string", "enum": ["1:1", "16:9"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 4},
        "speed": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 2, "multipleOf": 0.5},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2},
        "word": {"type": "string", "pattern": "^[a-z]+$"},
        "link": {"type": "string", "format": "uri"},
        "fast": {"const": True},
        "wide": {"type": "boolean"},
        "config": {"type": "object", "required": ["size"], "properties": {"size": {"type": "string", "enum": ["1K", "2K"]}}},
    },
    "if": {"required": ["fast"]},
    "then": {"required": ["speed"]},
}
BASE = {"prompt": "a fox"}
STEPS = walk(SCHEMA, BASE)
TYPES = {"string", "number", "boolean", "null", "array", "object"}


def scenarios(parameter):
    return {step.scenario for step in STEPS if step.parameter == parameter and not step.valid}


def values(parameter):
    return [step.value for step in STEPS if step.parameter == parameter and step.valid]


def types_but(*right):
    return {f"type-{name}" for name in TYPES - set(right)}


@pytest.mark.parametrize(("parameter", "expected"), [
    ("prompt", {"missing", "too-short", "too-long", *types_but("string")}),
    ("ratio", {"enum", *types_but("string")}),
    ("count", {"below-minimum", "above-maximum", *types_but()}),
    ("speed", {"below-minimum", "above-maximum", "multiple", "missing", *types_but("number")}),
    # A wrong type of an entry is shown as a list of one: the list itself is wrong as a text or a number of entries.
    ("tags", {"too-few", "too-many", *types_but()}),
    ("word", {"pattern", *types_but("string")}),
    ("link", {"format", *types_but("string")}),
    ("fast", {"enum", *types_but("boolean", "string")}),
    ("wide", types_but("boolean")),
    ("config", types_but("object")),
    ("config.size", {"missing", "enum", *types_but("string")}),
    ("body", {"rule", *types_but("object")}),
])
def test_every_keyword_of_a_parameter_is_broken_once(parameter, expected):
    assert scenarios(parameter) == expected


def test_nothing_else_is_walked():
    assert {step.parameter for step in STEPS} == {"prompt", "ratio", "count", "speed", "tags", "word", "link", "fast", "wide", "config", "config.size", "body"}


@pytest.mark.parametrize(("parameter", "expected"), [
    ("ratio", {"1:1", "16:9"}), ("config.size", {"1K", "2K"}), ("count", {1, 2, 3, 4}), ("fast", set()), ("wide", {True, False}),
])
def test_every_listed_value_and_both_ends_are_sent(parameter, expected):
    assert set(values(parameter)) == expected
    assert len(values(parameter)) == len(expected)


def test_lengths_are_walked_at_their_ends():
    assert {len(value) for value in values("prompt")} == {1, 2, 9, 10}
    assert [len(step.value) for step in STEPS if (step.parameter, step.scenario) in {("prompt", "too-long"), ("prompt", "too-short")}] in ([11, 0], [0, 11])
    beyond = {step.scenario: step.value for step in STEPS if step.parameter == "count" and step.scenario in ("below-minimum", "above-maximum")}
    assert beyond == {"below-minimum": 0, "above-maximum": 5}


def test_a_text_that_nothing_vouches_for_is_not_sent():
    assert values("link") == []
    assert values("tags") == []


def test_valid_steps_validate_and_invalid_ones_do_not():
    assert {step.valid for step in STEPS} == {True, False}
    assert [step for step in STEPS if is_valid(SCHEMA, step.body) is not step.valid] == []


def test_a_step_changes_one_value_of_the_base():
    for step in STEPS:
        if step.parameter == "body" or step.scenario == "missing":
            continue
        top = step.pointer.split("/")[1].replace("~1", "/")
        assert {name: value for name, value in step.body.items() if name != top} == {name: value for name, value in BASE.items() if name != top}


def test_what_is_missing_is_missing():
    missing = {step.parameter: step.body for step in STEPS if step.scenario == "missing"}
    assert missing["prompt"] == {}
    assert missing["config.size"] == {"prompt": "a fox", "config": {}}
    assert "fast" in missing["speed"]
    assert "speed" not in missing["speed"]
    assert walk(SCHEMA, {"prompt": "a", "config": {"size": "1K"}}) != STEPS
    held = next(step for step in walk(SCHEMA, {"prompt": "a", "config": {"size": "1K"}}) if (step.parameter, step.scenario) == ("config.size", "missing"))
    assert held.body == {"prompt": "a", "config": {}}


def test_a_rule_about_other_values_does_not_rename_a_wrong_value():
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^x$"}, "b": {"type": "string"}}, "dependentRequired": {"a": ["b"]}}
    found = {(step.parameter, step.scenario): step.value for step in walk(schema, {}) if step.parameter == "a" and not step.valid}
    assert set(found) == {("a", "pattern"), *(("a", f"type-{name}") for name in TYPES - {"string"})}
    assert all(scenario in ("pattern", f"type-{json_type(value)}") for (_, scenario), value in found.items())


def test_steps_are_distinct_and_the_same_each_time():
    assert len({(step.parameter, step.scenario, str(step.value) if step.valid else "") for step in STEPS}) == len(STEPS)
    assert walk(SCHEMA, BASE) == STEPS


@pytest.mark.parametrize("skip", ["/config", "/config/size", "/ratio", "/co"])
def test_skipped_places_have_no_valid_values_and_all_invalid_ones(skip):
    steps = walk(SCHEMA, BASE, (skip,))
    gone = {step.pointer for step in STEPS} - {step.pointer for step in steps if step.valid}
    assert [step for step in steps if not step.valid] == [step for step in STEPS if not step.valid]
    expected = {pointer for pointer in {step.pointer for step in STEPS if step.valid} if pointer == skip or pointer.startswith(skip + "/")}
    assert gone & {step.pointer for step in STEPS if step.valid} == expected


@pytest.mark.parametrize(("base", "scenario"), [({"prompt": "a fox", "count": 2}, "below-minimum"), ({"prompt": "a fox", "ratio": "1:1"}, "below-minimum")])
def test_the_base_stays_as_it_is(base, scenario):
    before = dict(base)
    step = next(step for step in walk(SCHEMA, base) if (step.parameter, step.scenario) == ("count", scenario))
    assert step.body == {**base, "count": 0}
    assert base == before


def test_combined_schemas_are_walked():
    schema = {"allOf": [{"type": "object", "properties": {"size": {"enum": ["1K"]}}}, {"properties": {"n": {"type": "integer", "minimum": 2}}, "required": ["n"]}]}
    found = {(step.parameter, step.scenario) for step in walk(schema, {"n": 2}) if not step.valid}
    assert {("size", "enum"), ("n", "below-minimum"), ("n", "missing"), ("n", "type-string")} <= found


def test_a_form_of_a_leaf_is_found_through_combinations_and_on_demand_through_lists():
    schema = {"properties": {"a": {"anyOf": [{"properties": {"b": {"enum": [1]}}}, {"properties": {"b": {"type": "integer"}}}]},
                             "l": {"type": "array", "items": {"required": ["c"], "properties": {"c": {"minLength": 2}}}}}}  # fmt: skip
    assert leaf_schema(schema, "/a/b") == {"enum": [1], "type": "integer"}
    assert leaf_schema(schema, "/a/x") is None
    assert leaf_schema(schema, "/l/c") is None
    assert leaf_schema(schema, "/l/c", items=True) == {"minLength": 2}
    assert leaf_schema(schema, "/l", items=True)["required"] == ["c"]
    assert leaf_schema({"properties": {"a/b": {"const": 1}}}, "/a~1b") == {"const": 1}
    assert leaf_schema(True, "/a") is None


def test_names_and_types():
    assert dotted("/a/b") == "a.b"
    assert dotted("/a~1b") == "a/b"
    assert [json_type(value) for value in (None, True, 0, 1.5, "x", [], {})] == ["null", "boolean", "number", "number", "string", "array", "object"]


@pytest.mark.parametrize(("body", "line"), [
    ({"prompt": ""}, "prompt: '' should be non-empty"),
    ({}, "the body: 'prompt' is a required property"),
    ({"prompt": "a", "count": "x"}, "count: 'x' is not of type 'integer'"),
])
def test_a_violation_in_one_line(body, line):
    error = violation(SCHEMA, body)
    assert error is not None
    assert explain(error) == line
    assert violation(SCHEMA, BASE) is None


def test_a_violation_is_cut():
    error = violation({"maxLength": 1}, "x" * 5000)
    assert error is not None
    assert explain(error, 50) == "the body: '" + "x" * 49 + "…"
    assert len(explain(error)) == len("the body: ") + 201


@pytest.mark.parametrize(("schema", "good", "bad"), [
    ({"format": "date-time"}, "2026-11-20T10:00:00Z", "yesterday"),
    ({"format": "uri"}, "https://acme.example/a", "no uri"),
    ({"prefixItems": [{"type": "integer"}], "items": False}, [1], [1, 2]),
])
def test_formats_and_the_newest_draft_count(schema, good, bad):
    assert is_valid(schema, good)
    assert not is_valid(schema, bad)


def test_neighbouring_steps_share_nothing():
    for one, other in itertools.pairwise(STEPS):
        if isinstance(one.body, dict) and isinstance(other.body, dict):
            assert one.body is not other.body
