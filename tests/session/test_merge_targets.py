"""Joining what several targets, several suites and a list of known failures have part in."""

from __future__ import annotations

import json

import pytest

from proofsheet.reference import start_reference
from proofsheet.session.folders import results_folders
from proofsheet.session.merge import merge
from proofsheet.session.recheck import recheck
from session.command import COMMAND, run, suites, targets_file, verify

BASES = ("--only", "*/*/parameters/base")


def results(folder):
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """Two parts of one run over several providers, each part on an embedded gateway of its own."""
    folder = tmp_path_factory.mktemp("several")
    for index in (1, 2):
        outcome = verify(folder, *BASES, "--shard", f"{index}/2", "--report-dir", f"part-{index}")
        assert outcome.code == 0, outcome.said
    return folder


def test_each_target_is_joined_with_its_own(several, tmp_path):
    assert merge([several / "part-1", several / "part-2"], (), tmp_path / "joined") == 0
    index = json.loads((tmp_path / "joined" / "index.json").read_text(encoding="utf-8"))
    names = [row["directory"] for row in index["targets"]]
    assert len(names) == 3
    assert [folder.name for folder in results_folders([tmp_path / "joined"])] == names
    for name in names:
        joined = results(tmp_path / "joined" / name)
        parts = [results(several / f"part-{number}" / name) for number in (1, 2)]
        assert joined["summary"]["cases"] == sum(part["summary"]["cases"] for part in parts) > 0
        assert joined["run"]["provenance"] == "simulated"


def test_a_recheck_of_several_targets_has_an_index(several, tmp_path):
    assert recheck(several / "part-1", tmp_path / "again") == 2  # their gateway ended with the run
    index = json.loads((tmp_path / "again" / "index.json").read_text(encoding="utf-8"))
    assert len(index["targets"]) == 3
    assert all(row["conforms"] is None for row in index["targets"])


def test_an_index_that_leads_elsewhere_is_refused(several, tmp_path, capsys):
    (tmp_path / "index.json").write_text(json.dumps({"targets": [{"directory": "../part-1"}]}), encoding="utf-8")
    assert merge([tmp_path], (), tmp_path / "joined") == 4
    assert "name one report directory" in capsys.readouterr().err


def test_a_list_of_known_failures_is_weighed_against_the_whole(tmp_path):
    entry = '{id: "xairouter/native/pixels/*@1K", reason: "swapped", link: "https://tracker.example/7", expires: 2099-01-01}'
    (tmp_path / "known.yaml").write_text(f"known:\n  - {entry}\n", encoding="utf-8")
    words = ("candidate", "--only", "*/*/pixels/*@1K", "--only", "*/*/parameters/base", "--known", "known.yaml")
    with start_reference(["xairouter"], None, ["other-cell:native:16:9@1K"]) as gateway:
        environ = targets_file(tmp_path, gateway, "xairouter")
        whole = verify(tmp_path, *words, "--report-dir", "whole", environ=environ)
        codes = [verify(tmp_path, *words, "--shard", f"{index}/3", "--report-dir", f"part-{index}", environ=environ).code for index in (1, 2, 3)]
    assert (whole.code, codes) == (0, [0, 0, 0]), whole.said
    parts = [f"part-{index}" for index in (1, 2, 3)]
    joined = run(tmp_path, [*COMMAND, "merge", *parts, "-o", "joined"])
    assert joined.code == 0, joined.said
    assert joined.results("joined")["summary"]["verdicts"] == whole.results("whole")["summary"]["verdicts"]
    assert joined.results("joined")["summary"]["verdicts"]["known_failure"] > 0
    (tmp_path / "known.yaml").write_text(f"known:\n  - {entry.replace('*@1K', '1:1@1K')}\n", encoding="utf-8")
    again = run(tmp_path, [*COMMAND, "merge", *parts, "-o", "again"])
    assert again.code == 1, again.said
    assert "known.yaml:2" in again.said
    (tmp_path / "known.yaml").unlink()
    missing = run(tmp_path, [*COMMAND, "merge", *parts, "-o", "missing"])
    assert missing.code == 4
    assert missing.lines == ["proofsheet: the parts were run with the known failures of known.yaml, which is not here: name that file with --known"]


def test_the_suites_have_parts_too(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "xairouter")
    words = ["--target", "candidate", "--only", "*/*/pixels/*@2K", "-q", "-n", "2"]
    for index in (1, 2):
        outcome = suites(tmp_path, *words, "--shard", f"{index}/2", "--report-dir", f"part-{index}", environ=environ)
        assert outcome.code == 0, outcome.said
    assert merge([tmp_path / "part-1", tmp_path / "part-2"], (), tmp_path / "joined") == 0
    sizes = [len({finding["case"] for finding in results(tmp_path / f"part-{index}")["findings"]}) for index in (1, 2)]
    assert abs(sizes[0] - sizes[1]) <= 1


def test_what_pytest_deselected_is_missing_in_the_whole(tmp_path, gateway, capsys):
    environ = targets_file(tmp_path, gateway, "xairouter")
    for index in (1, 2):  # one case, which one part has
        words = ["--target", "candidate", "--only", "*/*/pixels/*@2K", "-q", "-k", "not 16:9", "--shard", f"{index}/2", "--report-dir", f"part-{index}"]
        outcome = suites(tmp_path, *words, environ=environ)
        assert outcome.code == 0, outcome.said
    assert merge([tmp_path / "part-1", tmp_path / "part-2"], (), tmp_path / "joined") == 4
    assert "its selection is not that of" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "said"), [
    (["merge", "-o", "x"], "name the RESULTS of all shards"),
    (["merge", ".", "--region", "eu=.", "-o", "x"], "name the RESULTS of all shards"),
    (["merge", "."], "Missing option '-o'"),
    (["merge", ".", "-o", "x"], "results.json: this file is missing"),
    (["recheck", "nowhere"], "does not exist"),
    (["recheck", "."], "results.json: this file is missing"),
    (["recheck", ".", "--report-dir", "/proc/nothing"], "results.json: this file is missing"),
])  # fmt: skip
def test_bad_input_is_one_clear_line(tmp_path, words, said):
    outcome = run(tmp_path, [*COMMAND, *words])
    assert outcome.code == 4
    assert said in outcome.err
    assert "Traceback" not in outcome.said
