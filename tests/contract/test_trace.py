"""The trace of documents: what it prints, keeps and ends with. tests/specs/test_traceability.py holds the shipped specs to it."""

from __future__ import annotations

import hashlib
import json
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.contract.folders import written

from proofsheet.contract import trace as tracing
from proofsheet.contract.files import specs_root
from proofsheet.contract.loading import merged

GUIDE, NOTES = b"a\nb\nc\nd\ne\n", b"one\ntwo"


def specs(root: Path, **changes: Any) -> Path:
    """A folder with a provider whose guide has five lines and whose notes have two."""
    documents = [
        merged({"id": name, "title": name, "sha256": hashlib.sha256(text).hexdigest(), "lines": lines}, changes.get(name, {}))
        for name, text, lines in (("guide", GUIDE, 5), ("notes", NOTES, 2))
    ]
    requirement = {"id": "plain.it", "level": "must", "statement": "It draws boats.", "excluded": "a sample"}
    sources = changes.get("sources") or [{"document": "guide", "lines": "1-2"}, {"document": "notes", "lines": "1-2"}]
    dispute = {"id": "q", "statement": "Odd.", "readings": ["a"], "judged": "not", "sources": [{"document": "guide", "lines": "2-3"}]}
    matrix = {"requirements": [requirement | {"source": sources}], "disputes": [dispute], "silent": [{"document": "guide", "lines": ["1", "4-5"], "why": "a title"}]}
    written(root / "specs", {"documents": documents}, matrix=matrix)
    return root / "specs"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "a-folder").mkdir(parents=True)
    (folder / "x.txt").write_bytes(GUIDE)
    (folder / "y").write_bytes(NOTES)
    return folder


def run(*arguments: object) -> int:
    return tracing.main([str(argument) for argument in arguments])


def test_what_is_kept_is_what_accounts_for_each_line(tmp_path: Path, documents: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = specs(tmp_path)
    assert run(documents, "--write", "--specs", root) == 0
    kept = (root / "traceability.json").read_text(encoding="utf-8")
    matrix = hashlib.sha256((root / "plain" / "requirements.yaml").read_bytes()).hexdigest()
    guide = {"sha256": hashlib.sha256(GUIDE).hexdigest(), "lines": 5, "requirement": "1-2", "dispute": "3", "silent": "4-5"}
    notes = {"sha256": hashlib.sha256(NOTES).hexdigest(), "lines": 2, "requirement": "1-2", "dispute": "", "silent": ""}
    about = "Which lines of which document are accounted for by what; written by python -m proofsheet.contract.trace DOCUMENTS --write"
    assert json.loads(kept) == {"about": about, "providers": {"plain": {"requirements_sha256": matrix, "documents": {"guide": guide, "notes": notes}}}}
    assert kept.startswith('{\n "about"')
    assert kept.endswith("\n}\n")
    assert capsys.readouterr().out.splitlines() == [
        "provider          document   lines  requirement      dispute       silent   left",
        "plain             guide          5            2            1            2      0",
        "plain             notes          2            2            0            0      0",
    ]


def test_nothing_is_kept_unless_that_is_asked_for(tmp_path: Path, documents: Path) -> None:
    root = specs(tmp_path)
    assert run(documents, "--specs", root) == 0
    assert not (root / "traceability.json").exists()


def test_a_line_that_nothing_accounts_for_is_left(tmp_path: Path, documents: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = specs(tmp_path, sources=[{"document": "notes", "lines": "2"}])
    assert run(documents, "--write", "--specs", root) == 1
    told = capsys.readouterr()
    assert told.err.splitlines() == ["plain, document notes: nothing accounts for the lines 1"]
    assert [line.split()[-1] for line in told.out.splitlines()] == ["left", "0", "1"]
    assert not (root / "traceability.json").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sources": [{"document": "zebra", "lines": "1"}, {"document": "apple", "lines": "1"}, {"document": "notes", "lines": "1-2"}]},
         ["plain: the matrix cites the document apple, which contract.yaml does not list", "plain: the matrix cites the document zebra, which contract.yaml does not list"]),
        ({"guide": {"sha256": None}}, ["guide: contract.yaml must give its sha256 and its number of lines"]),
        ({"guide": {"lines": None}}, ["guide: contract.yaml must give its sha256 and its number of lines"]),
        ({"guide": {"lines": 6}}, ["guide: nothing accounts for the lines 6"]),
        ({"notes": {"lines": 1}}, ["notes: there is no line 2; the document ends at 1"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_its_document(changes: dict[str, Any], said: list[str], tmp_path: Path) -> None:
    root = specs(tmp_path, **changes)
    found = tracing.trace("plain", root).all_problems
    assert [line.removeprefix("plain, document ") for line in found] == said


def test_documents_are_known_by_their_bytes(tmp_path: Path, documents: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = specs(tmp_path)
    (documents / "x.txt").rename(documents / "another-name")
    assert run(documents, "--specs", root) == 0
    (documents / "y").write_bytes(NOTES + b"\n")
    capsys.readouterr()
    assert run(documents, "--specs", root) == 1
    assert capsys.readouterr().err.splitlines() == [f"plain, document notes: no file in {documents} has the digest that contract.yaml names"]


def test_the_length_of_a_document_is_compared(tmp_path: Path, documents: Path) -> None:
    root = specs(tmp_path, notes={"lines": 3}, sources=[{"document": "guide", "lines": "1-2"}, {"document": "notes", "lines": "1-3"}])
    found = tracing.trace("plain", root)
    assert found.all_problems == ()
    assert tracing.against_documents(found, documents) == ["plain, document notes: contract.yaml says 3 lines, the document has 2"]


def test_what_is_kept_must_agree(tmp_path: Path) -> None:
    found = tracing.trace("plain", specs(tmp_path))
    kept = tmp_path / "traceability.json"
    again = "traceability.json and the specs say different things; prove the documents again and write it anew"
    for providers, said in [({"plain": found.kept()}, []), ({}, ["plain"]), ({"plain": {}}, ["plain"]), ({"plain": found.kept(), "older": {}}, ["older"])]:
        kept.write_text(json.dumps({"providers": providers}), encoding="utf-8")
        assert tracing.against_kept([found], kept) == [f"{name}: {again}" for name in said]
    kept.write_text("{}", encoding="utf-8")
    assert tracing.against_kept([], kept) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--write"], "--write keeps a proof, and a proof needs the documents"), (["nowhere"], "nowhere is no folder"), (["--wrong"], "unrecognized arguments: --wrong")],
)
def test_wrong_arguments_are_told(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        tracing.main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_without_a_folder_of_specs_the_shipped_ones_are_traced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shipped = shutil.copytree(specs_root(), tmp_path / "shipped")
    assert run("--specs", shipped) == 0
    assert capsys.readouterr().out.count("\n") > 4


@pytest.mark.parametrize(("kept", "code"), [(True, 0), (False, 4)])
def test_the_command_ends_with_its_code(kept: bool, code: int, tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    root = specs(tmp_path)
    if kept:
        run(documents, "--write", "--specs", root)
    monkeypatch.setattr(sys, "argv", ["trace", "--specs", str(root)])
    monkeypatch.delitem(sys.modules, "proofsheet.contract.trace")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("proofsheet.contract.trace", run_name="__main__")
    assert ended.value.code == code
    assert ("this file is missing" in capsys.readouterr().err) is not kept
