"""Spec files are read as JSON means them, and what cannot be read is told in one line."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from proofsheet.contract import files
from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import _yaml_problem, checked, folder_digest, read_document, specs_root, validated


def read(folder: Path, text: str, name: str = "a.yaml") -> Any:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_document(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-20", "2026-11-20"),
        ("2026-11-20 10:00:00", "2026-11-20 10:00:00"),
        ("on", "on"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("true", True),
        ("False", False),
        ("truely", "truely"),
        ("12", 12),
        ("1.5", 1.5),
        ("null", None),
        ("16:9", "16:9"),
        ("-3", -3),
        ("0", 0),
        ("-0.25", -0.25),
        ("1.5e-3", 0.0015),
        ("2E3", 2000.0),
        ("010", "010"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("1.", "1."),
        ("{1: a, b: 2}", {1: "a", "b": 2}),
        ("[{a: {b: [1]}}]", [{"a": {"b": [1]}}]),
        ("a: &x {p: 1}\nb: *x", {"a": {"p": 1}, "b": {"p": 1}}),
        ("{<<: {a: 1, b: 2}, b: 3}", {"a": 1, "b": 3}),
    ],
)
def test_a_value_is_what_json_would_have(text: str, value: Any, tmp_path: Path) -> None:
    found = read(tmp_path, text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "is not valid YAML: line 3, column 1: the key 'a' stands twice"),
        ("a: {b: 1, b: 2}\n", "line 1, column 11: the key 'b' stands twice"),
        ("<<: {a: 1}\na: 2\na: 3\n", "the key 'a' stands twice"),
        ("[1]: 2\n", "line 1, column 1: a key must be a word or a number; put text with braces or brackets in quotes"),
        ("{a: 1}: 2\n", "a key must be a word or a number"),
        ("\ta: 1\n", "(indent with spaces, never with tabs; put text that begins with @, ` or % in quotes)"),
        ("a: @b\n", "line 1, column 4: while scanning for the next token found character that cannot start any token (indent"),
        ("a:\n  b: 1\n\tc: 2\n", "(indent with spaces, never with tabs"),
        ("a: b: c\n", "line 1, column 5: mapping values are not allowed in this context (put text that holds a colon in quotes)"),
        ("[a, b\n", "did not find expected ',' or ']' (put text that holds braces, brackets or commas in quotes)"),
        ("a: &x [*x]\n", "line 1, column 4: found unconstructable recursive node"),
        ("a: *nowhere\n", "line 1, column 4: found undefined alias"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_place_and_mend(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as told:
        read(tmp_path, text)
    assert said in str(told.value)
    assert "\n" not in str(told.value)
    assert str(told.value).startswith(str(tmp_path / "a.yaml"))


def test_merging_the_same_mapping_twice_is_no_key_that_stands_twice(tmp_path: Path) -> None:
    assert read(tmp_path, "x: &x {a: 1}\ny: {<<: *x}\nz: {<<: *x}\n") == {"x": {"a": 1}, "y": {"a": 1}, "z": {"a": 1}}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (yaml.YAMLError("two\n  lines"), "two lines"),
        (yaml.MarkedYAMLError(None, None, None, None), "it cannot be read"),
        (yaml.MarkedYAMLError("while reading", None, "it broke", None), "while reading it broke"),
        (yaml.MarkedYAMLError("while reading", yaml.Mark("f", 0, 4, 6, None, 0), "it broke", None), "line 5, column 7: while reading it broke"),
        (yaml.MarkedYAMLError("c", yaml.Mark("f", 0, 4, 6, None, 0), "p", yaml.Mark("f", 0, 0, 1, None, 0)), "line 1, column 2: c p"),
    ],
)
def test_a_message_of_the_reader_becomes_one_line(error: yaml.YAMLError, said: str) -> None:
    assert _yaml_problem(error) == said


def test_json_is_read_as_json(tmp_path: Path) -> None:
    assert read(tmp_path, '{"a": 1, "a": 2}', "a.json") == {"a": 2}
    with pytest.raises(ContractError, match=r"a\.json: is not valid JSON: Expecting"):
        read(tmp_path, "a: 1", "a.json")


def test_what_cannot_be_read_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"none\.yaml: this file is missing"):
        read_document(tmp_path / "none.yaml")
    with pytest.raises(ContractError, match=r"cannot be read: .*directory"):
        read_document(tmp_path)
    (tmp_path / "b.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ContractError, match="cannot be read: 'utf-8' codec"):
        read_document(tmp_path / "b.yaml")


def test_the_specs_are_inside_the_package_or_at_the_top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (specs_root() / "schemas" / "contract.schema.json").is_file()
    package = tmp_path / "top" / "src" / "proofsheet"
    (package / "contract").mkdir(parents=True)
    monkeypatch.setattr(files, "__file__", str(package / "contract" / "files.py"))
    assert specs_root() == tmp_path / "top" / "specs"
    (package / "specs").mkdir()
    assert specs_root() == package / "specs"


def test_a_document_is_held_against_a_shipped_schema(tmp_path: Path) -> None:
    table = {"table": "t", "source": {"page": "p"}, "axes": ["a"], "cells": [{"at": ["1"], "width": 1, "height": 1}]}
    assert checked(table, "preset.schema.json", "here") is table
    with pytest.raises(ContractError, match=r"^here: at the top: 'cells' is missing"):
        checked({key: value for key, value in table.items() if key != "cells"}, "preset.schema.json", "here")
    (tmp_path / "a.yaml").write_text("table: t\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"a\.yaml: at the top: 'source' is missing"):
        validated(tmp_path / "a.yaml", "preset.schema.json")


def test_the_digest_of_a_folder_is_that_of_its_names_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"2")
    (tmp_path / "a").write_bytes(b"1")
    assert folder_digest(tmp_path) == hashlib.sha256(b"a\x001\x00b/c\x002\x00").hexdigest()
