"""Walks that are kept between runs: the same as made anew, and never more than a help."""

import json

import pytest

from proofsheet.cases import remembered as module
from proofsheet.cases.remembered import remembered
from proofsheet.cases.walk import walk
from proofsheet.contract.accepted import VARIABLE

SCHEMA = {"type": "object", "properties": {"size": {"enum": ["1K", "2K"]}, "n": {"type": "integer", "minimum": 1}}, "required": ["n"], "additionalProperties": False}
BASE = {"n": 1}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    place = tmp_path / "cache"
    monkeypatch.setenv(VARIABLE, str(place))
    return place


def test_a_kept_walk_is_the_one_that_was_made(cache, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    fresh = walk(SCHEMA, BASE)
    monkeypatch.setenv(VARIABLE, str(cache))
    first = walk(SCHEMA, BASE)
    monkeypatch.setattr("proofsheet.cases.walk._walk", lambda *_: pytest.fail("it was made again"))
    assert repr(walk(SCHEMA, BASE)) == repr(first) == repr(fresh)
    assert len(fresh) > 5


def test_another_schema_base_or_skip_is_another_walk(cache):
    for schema, base, skip in ((SCHEMA, BASE, ()), ({**SCHEMA, "required": []}, BASE, ()), (SCHEMA, {"n": 2}, ()), (SCHEMA, BASE, ("/size",))):
        assert walk(schema, base, skip)
    assert len(list(cache.iterdir())) == 4


def test_other_code_makes_walks_anew(cache, monkeypatch):
    assert remembered("question", lambda: [["old"]]) == [["old"]]
    monkeypatch.setattr(module, "_makers", lambda: ["other code"])
    assert remembered("question", lambda: [["new"]]) == [["new"]]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"steps": [["forged"]]}'])
def test_a_damaged_file_is_made_anew(cache, damage):
    remembered("question", lambda: [["right"]])
    (path,) = cache.iterdir()
    path.write_text(damage)
    assert remembered("question", lambda: [["right"]]) == [["right"]]
    assert json.loads(path.read_text())["steps"] == [["right"]]


def test_steps_changed_by_hand_are_made_anew(cache):
    remembered("question", lambda: [["right"]])
    (path,) = cache.iterdir()
    path.write_text(path.read_text().replace("right", "wrong"))
    assert remembered("question", lambda: [["right"]]) == [["right"]]


def test_what_json_cannot_say_is_not_kept(cache):
    assert remembered("question", lambda: [[{1: "a number as a key"}]]) == [[{1: "a number as a key"}]]
    assert not cache.exists()


def test_a_folder_that_cannot_be_written_is_as_good_as_none(cache):
    cache.write_text("a file stands there")
    assert remembered("question", lambda: [["made"]]) == [["made"]]
