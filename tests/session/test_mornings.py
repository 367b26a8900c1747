"""The commands of the morning after: compare, known add, history; and the flags of the night before."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from proofsheet.cli import main
from proofsheet.contract.files import shipped_validator
from proofsheet.reference import start_reference
from proofsheet.results.documents import to_document
from proofsheet.results.known import read_known
from proofsheet.results.reading import INDEX_FILE
from results.samples import finding, results
from session.command import Outcome, suites, targets_file, verify

LISTED = ("--reason", "a reason", "--link", "https://tracker.example/1", "--expires", "2999-12-31")
ONLY = ("--only", "*/*/parameters/base", "--only", "*/*/pixels/1:1@2K")


def proofsheet(folder: Path, *words: str) -> Outcome:
    """A command that sends nothing, in this process."""
    with contextlib.chdir(folder):
        done = CliRunner(env={"COLUMNS": "200"}).invoke(main, words)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return Outcome(done.exit_code, done.stdout, done.stderr, folder)


def report(folder: Path, name: str, verdict: str = "pass", **changes: object) -> Path:
    made = to_document(results((finding(verdict=verdict),), cells=(), lifecycles=(), exchanges=()))
    made["run"].update({"id": name, **changes})
    (folder / name).mkdir(parents=True)
    (folder / name / "results.json").write_text(json.dumps(made), encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(("old", "new", "code"), [("pass", "fail", 1), ("fail", "pass", 0), ("fail", "fail", 0), ("pass", "pass", 0)])
def test_compare_leaves_with_1_only_where_something_got_worse(tmp_path, old, new, code):
    report(tmp_path, "old", old)
    report(tmp_path, "new", new)
    outcome = proofsheet(tmp_path, "compare", "old", "new/results.json", "--markdown", "c.md", "--json", "c.json")
    assert outcome.code == code, outcome.said
    written = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    shipped_validator("compare.schema.json").validate(written)
    assert written["worse"] is (code == 1)
    assert ("got worse" in (tmp_path / "c.md").read_text(encoding="utf-8").splitlines()[0]) is True
    assert outcome.err == ""


def test_compare_writes_markdown_or_json_alone_to_stdout(tmp_path):
    report(tmp_path, "old")
    report(tmp_path, "new", "fail")
    assert proofsheet(tmp_path, "compare", "old", "new", "--markdown", "-").out.startswith("## candidate: got worse\n")
    assert json.loads(proofsheet(tmp_path, "compare", "old", "new", "--json", "-").out)["worse"] is True
    assert proofsheet(tmp_path, "compare", "old", "new", "--json", "-", "--markdown", "-").code == 4


def test_compare_of_several_targets_goes_target_by_target(tmp_path):
    for night, verdict in (("old", "pass"), ("new", "fail")):
        rows = []
        for name in ("a", "b"):
            target = {"name": name, "provider": "acme", "base_url": "http://127.0.0.1:1"}
            report(tmp_path / night, name, verdict if name == "b" else "pass", target=target)
            rows.append({"directory": name, "target": name, "provider": "acme", "provenance": "live", "complete": True, "conforms": True, "why": [], "verdicts": {},
                         "requirements": {}, "requests": 1, "paid_images": 0, "files": {}})  # fmt: skip
        (tmp_path / night / INDEX_FILE).write_text(json.dumps({"schema_version": "1.0", "targets": rows}), encoding="utf-8")
    outcome = proofsheet(tmp_path, "compare", "old", "new", "--json", "c.json")
    assert outcome.code == 1, outcome.said
    assert {one["target"]: one["worse"] for one in json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["targets"]} == {"a": False, "b": True}
    assert proofsheet(tmp_path, "compare", "old/b", "new").code == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "is missing"),
        ("", "is not valid JSON"),
        ('{"schema_version": "1.0", "run": {', "is not valid JSON"),
        ("[]", "does not fit results.schema.json"),
        ('{"schema_version": "9.0"}', "schema version 9.0"),
    ],
)
def test_compare_of_what_is_no_result_is_one_clear_line(tmp_path, content, complaint):
    old, new = report(tmp_path, "old"), report(tmp_path, "new")
    if content is None:
        (new / "results.json").unlink()
    else:
        (new / "results.json").write_text(content, encoding="utf-8")
    for words in (("old", "new"), ("new", "old")):
        outcome = proofsheet(tmp_path, "compare", *words)
        assert outcome.code == 4
        assert len(outcome.lines) == 1
        assert complaint in outcome.lines[0]
        assert outcome.out == ""
    assert old.is_dir()


@pytest.mark.parametrize(("directory", "complaint"), [("../old", "does not lie beside it"), ("gone", "is missing")])
def test_an_index_that_leads_nowhere_is_one_clear_line(tmp_path, directory, complaint):
    report(tmp_path, "old")
    row = {"directory": directory, "target": "a", "provider": "acme", "provenance": "live", "complete": True, "conforms": True, "why": [], "verdicts": {}, "requirements": {},
           "requests": 1, "paid_images": 0, "files": {}}  # fmt: skip
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / INDEX_FILE).write_text(json.dumps({"schema_version": "1.0", "targets": [row]}), encoding="utf-8")
    outcome = proofsheet(tmp_path, "compare", "old", "new")
    assert (outcome.code, len(outcome.lines)) == (4, 1)
    assert complaint in outcome.err


def test_compare_of_other_providers_or_into_a_place_that_is_none_is_one_clear_line(tmp_path):
    report(tmp_path, "old")
    report(tmp_path, "new", target={"name": "candidate", "provider": "other", "base_url": "http://127.0.0.1:1"})
    outcome = proofsheet(tmp_path, "compare", "old", "new")
    assert (outcome.code, outcome.lines) == (4, ["proofsheet: the old run is about acme and the new one about other: only runs against one provider's contract can be compared"])
    outcome = proofsheet(tmp_path, "compare", "old", "old", "--json", "none/c.json")
    assert outcome.code == 4
    assert "--report-dir" not in outcome.err


def test_known_add_writes_what_fails_once(tmp_path):
    report(tmp_path, "run", "fail")
    first = proofsheet(tmp_path, "known", "add", "run", *LISTED)
    assert first.code == 0, first.said
    [entry] = read_known(tmp_path / "known.yaml").entries
    assert (entry.id, entry.requirement, entry.reason) == ("acme/draw/parameters/base", "acme.served", "a reason")
    again = proofsheet(tmp_path, "known", "add", "run", *LISTED)
    assert again.code == 4
    assert "known.yaml:3" in again.err
    assert "nothing to add" in again.err
    wide = proofsheet(tmp_path, "known", "add", "run", "--file", "wide.yaml", "--by-requirement", *LISTED)
    assert wide.code == 0
    assert [entry.id for entry in read_known(tmp_path / "wide.yaml").entries] == ["acme.served"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--reason", "r", "--link", "https://t.example"), "--expires"),
        (("--reason", "r", "--expires", "2999-12-31"), "--link"),
        (("--link", "https://t.example", "--expires", "2999-12-31"), "--reason"),
        (("--reason", " ", "--link", "https://t.example", "--expires", "2999-12-31"), "reason"),
        (("--reason", "r", "--link", "ticket 7", "--expires", "2999-12-31"), "http"),
        (("--reason", "r", "--link", "https://t.example", "--expires", "soon"), "such as 2027-01-31"),
        (("--reason", "r", "--link", "https://t.example", "--expires", "2020-01-31"), "is over"),
        ((*LISTED, "--only", "other/**"), "no failure there fits --only"),
    ],
)
def test_known_add_refuses_what_is_not_whole(tmp_path, words, complaint):
    report(tmp_path, "run", "fail")
    outcome = proofsheet(tmp_path, "known", "add", "run", *words)
    assert outcome.code == 4
    assert complaint in outcome.err
    assert "Traceback" not in outcome.err
    assert not (tmp_path / "known.yaml").exists()


def test_known_add_says_where_nothing_fails(tmp_path):
    report(tmp_path, "run")
    assert "nothing fails there" in proofsheet(tmp_path, "known", "add", "run", *LISTED).err


def test_a_list_that_cannot_be_used_is_told_before_anything_is_sent(tmp_path):
    (tmp_path / "known.yaml").write_text("known:\n  - {id: a}\n", encoding="utf-8")
    outcome = verify(tmp_path, "--provider", "xairouter", "--known", "known.yaml", "--report-dir", "report")
    assert outcome.code == 4
    assert len(outcome.lines) == 1
    assert "known.yaml" in outcome.lines[0]
    assert not (tmp_path / "report").exists()


def test_history_says_what_it_lacks(tmp_path):
    assert "there is no history here" in proofsheet(tmp_path, "history").err
    (tmp_path / "h.sqlite").write_text("no database" * 100, encoding="utf-8")
    outcome = proofsheet(tmp_path, "history", "--file", "h.sqlite")
    assert outcome.code == 4
    assert "move it away" in outcome.err


def test_two_nights_and_their_mornings(tmp_path):
    """Nights as a user has them: default report directories, the history beside them, a list, a flake told apart."""
    for faults in ((), ("other-cell:native:1:1@2K",)):
        with start_reference(["xairouter"], faults=faults) as gateway:
            environ = targets_file(tmp_path, gateway, "xairouter")
            night = verify(tmp_path, "candidate", *ONLY, "--repeat", "2", environ=environ)
            assert night.code == (1 if faults else 0), night.said
            if faults:
                assert "1 fail always, 0 sometimes, 0 failed only the first time" in night.out
                last = max(path for path in (tmp_path / "reports").iterdir() if path.is_dir())
                assert proofsheet(tmp_path, "known", "add", str(last), *LISTED).code == 0
                listed = verify(tmp_path, "candidate", *ONLY, "--known", "known.yaml", environ=environ)
                assert listed.code == 0, listed.said
                (tmp_path / "known.yaml").write_text((tmp_path / "known.yaml").read_text(encoding="utf-8").replace("1:1@2K", "1:1@*"), encoding="utf-8")
                with (tmp_path / "known.yaml").open("a", encoding="utf-8") as file:
                    file.write("  - {id: xairouter/native/parameters/base, reason: r, link: 'https://tracker.example/2', expires: 2999-12-31}\n")
                stale = verify(tmp_path, "candidate", *ONLY, "--known", "known.yaml", "--report-dir", "stale", environ=environ)
                assert stale.code == 1
                assert "known.yaml:6" in stale.out
                assert "passes" in stale.out
                suite = ElementTree.parse(tmp_path / "stale" / "junit.xml").getroot()
                assert [case.get("name", "").partition(":")[0] for case in suite.iter("testcase") if case.find("failure") is not None] == ["known.yaml"]
                assert "must go" in (tmp_path / "stale" / "summary.md").read_text(encoding="utf-8")
    history = proofsheet(tmp_path, "history", "--target", "candidate", "--json")
    assert history.code == 0, history.said
    written = json.loads(history.out)
    shipped_validator("history.schema.json").validate(written)
    assert [run["conforms"] for run in written["series"][0]["runs"]] == [True, False, True]
    size = next(entry for entry in written["series"][0]["requirements"] if entry["id"] == "xairouter.size.2K")
    assert size["verdicts"] == ["passed", "failed", "known_failure"]
    assert ".Fk  xairouter.size.2K" in proofsheet(tmp_path, "history").out
    nights = sorted(path for path in (tmp_path / "reports").iterdir() if path.is_dir())
    assert proofsheet(tmp_path, "compare", str(nights[0]), str(nights[1])).code == 1


def test_a_history_that_cannot_be_written_never_costs_a_run(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "xairouter")
    (tmp_path / "h.sqlite").write_bytes(b"damaged" * 1000)
    outcome = verify(tmp_path, "candidate", "--only", "*/*/parameters/base", "--report-dir", "report", "--history", "h.sqlite", environ=environ)
    assert outcome.code == 0
    assert outcome.results()["summary"]["conforms"] is True
    [warning] = outcome.lines
    assert "warning: this run is not in the history" in warning
    assert (tmp_path / "h.sqlite").read_bytes() == b"damaged" * 1000


def test_nothing_is_kept_beside_a_report_directory_of_ones_own_unless_a_history_is_there(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "xairouter")
    words = ("candidate", "--only", "*/*/parameters/base", "--report-dir")
    verify(tmp_path, *words, "one", environ=environ)
    assert not list(tmp_path.rglob("*.sqlite"))
    verify(tmp_path, *words, "two", "--history", "history.sqlite", environ=environ)
    verify(tmp_path, *words, "three", environ=environ)
    base = sqlite3.connect(tmp_path / "history.sqlite")
    assert base.execute("SELECT count(*) FROM runs").fetchone() == (2,)
    base.close()


def test_known_failures_are_expected_failures_of_pytest(tmp_path):
    with start_reference(["xairouter"], faults=("other-cell:native:1:1@2K",)) as gateway:
        environ = targets_file(tmp_path, gateway, "xairouter")
        (tmp_path / "known.yaml").write_text("known:\n  - {id: '*/*/pixels/1:1@2K', reason: r, link: 'https://tracker.example', expires: 2999-12-31}\n", encoding="utf-8")
        done = suites(tmp_path, "--target", "candidate", *ONLY, "--known", "known.yaml", "--report-dir", "r", environ=environ)
    assert done.code == 0, done.said
    assert "1 passed, 1 xfailed" in done.out
