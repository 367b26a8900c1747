"""Profiles on real runs: a feature is proven, declared missing, or the run is incomplete."""

from __future__ import annotations

import shutil

from proofsheet.contract.files import specs_root
from proofsheet.reference import start_reference
from session.command import targets_file, verify

SELECTED = ("--only", "*/*/pixels/1:1@1K", "--only", "*/*/parameters/base", "--report-dir", "report")


def features(outcome) -> dict[str, str]:
    return {entry["id"]: entry["verdict"] for entry in outcome.results()["summary"]["features"]}


def test_a_whole_run_proves_every_feature(tmp_path, gateway):
    outcome = verify(tmp_path, "candidate", "--report-dir", "report", environ=targets_file(tmp_path, gateway, "xairouter"))
    assert outcome.code == 0, outcome.said
    assert set(features(outcome).values()) == {"proven"}
    assert "profile: proven: base, references" in outcome.out


def test_a_declared_gap_is_shown_and_the_run_conforms(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "xairouter", unsupported=["references"])
    outcome = verify(tmp_path, "candidate", "--report-dir", "report", environ=environ)
    assert outcome.code == 0, outcome.said
    assert features(outcome)["references"] == "not_supported"
    assert "not supported: references" in outcome.out
    assert outcome.results()["summary"]["verdicts"]["not_supported"] > 0
    assert "without references" in (tmp_path / "report" / "badge.json").read_text(encoding="utf-8")


def test_a_narrowed_run_is_not_asked_for_the_rest(tmp_path, gateway):
    outcome = verify(tmp_path, "candidate", *SELECTED, environ=targets_file(tmp_path, gateway, "xairouter"))
    assert outcome.code == 0, outcome.said
    assert {name: verdict for name, verdict in features(outcome).items() if verdict != "not_selected"} == {"base": "proven"}
    assert (tmp_path / "report" / "badge.json").read_text(encoding="utf-8").count("a selection") == 1


def test_a_feature_that_no_case_shows_leaves_the_run_incomplete(tmp_path):
    shutil.copytree(specs_root(), tmp_path / "specs")
    contract = tmp_path / "specs" / "xairouter" / "contract.yaml"
    more = '\nfeatures:\n  video:\n    title: Moving pictures\n    cases: ["xairouter/native/parameters/video/**"]\n'
    contract.write_text(contract.read_text(encoding="utf-8").replace("\nfeatures:\n", more), encoding="utf-8")
    with start_reference(["xairouter"], tmp_path / "specs") as gateway:
        environ = targets_file(tmp_path, gateway, "xairouter")
        outcome = verify(tmp_path, "candidate", "--specs", "specs", "--report-dir", "report", environ=environ)
    assert outcome.code == 2, outcome.said
    assert features(outcome)["video"] == "unproven"
    assert "neither declared missing nor proven: video (none of its cases were sent)" in outcome.results()["summary"]["why"]
