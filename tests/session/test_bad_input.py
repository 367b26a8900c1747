"""Bad input: one clear line with the mend, the documented exit code, no traceback."""

from __future__ import annotations

import json
import re
import shutil
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from proofsheet.cli import main
from proofsheet.reference import ReferenceProcess
from session.command import COMMAND, ROOT, Outcome, run, suites, targets_file, verify
from session.servers import Website, serving

USAGE, INCOMPLETE = 4, 2
GOOD = """
[targets.candidate]
provider = "xairouter"
base_url = "http://127.0.0.1:9"
[targets.candidate.credentials]
default = "CANDIDATE_KEY"
"""


def read(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def told(outcome: Outcome, code: int, *words: str) -> None:
    """One line that says these words, and this exit code."""
    assert "Traceback" not in outcome.said
    assert outcome.code == code, outcome.said
    assert len(outcome.lines) == 1, outcome.err
    assert outcome.lines[0].startswith("proofsheet: ")
    for word in words:
        assert word in outcome.lines[0]
    assert outcome.out == ""
    assert not any(results["summary"]["conforms"] for results in map(read, outcome.folder.glob("reports/*/results.json")))


def candidate(folder: Path, text: str = GOOD, key: str | None = "sk-canary-of-the-tests") -> Outcome:
    (folder / "targets.toml").write_text(text, encoding="utf-8")
    return verify(folder, "candidate", environ={} if key is None else {"CANDIDATE_KEY": key})


def test_no_targets_file(tmp_path):
    told(verify(tmp_path, "candidate"), USAGE, "targets.toml", "there is no such file", "--targets")


def test_an_unknown_target(tmp_path):
    (tmp_path / "targets.toml").write_text(GOOD, encoding="utf-8")
    told(verify(tmp_path, "candidat"), USAGE, "there is no target 'candidat'", "did you mean 'candidate'")


def test_a_typo_in_the_targets_file(tmp_path):
    told(candidate(tmp_path, GOOD.replace("base_url", "base_ulr")), USAGE, "unknown key 'base_ulr'", "did you mean 'base_url'")


def test_a_targets_file_that_is_no_toml(tmp_path):
    told(candidate(tmp_path, "[targets"), USAGE, "targets.toml", "not valid TOML")


def test_a_key_in_the_targets_file(tmp_path):
    key = "sk-4f9aZbcQ7hT2mX8vL1pR6wKd"
    outcome = candidate(tmp_path, GOOD.replace("CANDIDATE_KEY", key))
    told(outcome, USAGE, "looks like a key", "environment variable")
    assert key not in outcome.said


def test_a_key_in_a_header_of_the_targets_file(tmp_path):
    outcome = candidate(tmp_path, GOOD + '[targets.candidate.headers]\nAuthorization = "Bearer sk-hidden"\n')
    told(outcome, USAGE, "credentials")
    assert "sk-hidden" not in outcome.said


def test_an_unset_variable(tmp_path):
    told(candidate(tmp_path, key=None), USAGE, "CANDIDATE_KEY is not set")


def test_an_unknown_provider_of_a_target(tmp_path):
    told(candidate(tmp_path, GOOD.replace("xairouter", "xairuoter")), USAGE, "xairuoter")


def test_an_unknown_provider_on_the_reference_gateway(tmp_path):
    told(verify(tmp_path, "--provider", "nobody"), USAGE, "nobody", "xairouter")


def test_another_provider_than_the_targets(tmp_path):
    (tmp_path / "targets.toml").write_text(GOOD, encoding="utf-8")
    told(verify(tmp_path, "candidate", "--provider", "maxapi", environ={"CANDIDATE_KEY": "k" * 20}), USAGE, "--provider", "xairouter")


def test_a_feature_that_nobody_has(tmp_path):
    told(candidate(tmp_path, GOOD.replace("[targets.candidate.cred", 'unsupported = ["asinc"]\n[targets.candidate.cred')), USAGE, "'asinc'", "no such feature")


def test_a_paid_target(tmp_path):
    outcome = candidate(tmp_path, GOOD.replace("http://127.0.0.1:9", "https://gateway.example"))
    told(outcome, USAGE, "paid", "--max-spend")


def test_a_port_where_nothing_listens(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        told(candidate(tmp_path, GOOD.replace("http://127.0.0.1:9", url)), INCOMPLETE, "nothing listens at", url, "base_url")
        assert not list(tmp_path.glob("reports/*/results.json"))


def test_a_server_that_is_no_gateway(tmp_path):
    with serving(Website) as (url, asked):
        outcome = candidate(tmp_path, GOOD.replace("http://127.0.0.1:9", url))
        told(outcome, INCOMPLETE, "serves HTML (200)", "no gateway", "base_url")
        assert asked


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "specs", tmp_path / "specs", ignore=shutil.ignore_patterns("maxapi", "apimaster", "threedaistudio")))


@pytest.mark.parametrize(("file", "before", "after", "said"), [
    ("contract.yaml", "purpose: generate", "purpose: generat", "purpose"),
    ("contract.yaml", "provider: xairouter", "provider: [xairouter", "contract.yaml"),
    ("requirements.yaml", "level: must", "level: might", "level"),
    ("schemas/error.json", "{", "{,", "error.json"),
])
def test_specs_that_do_not_validate(tmp_path, specs, file, before, after, said):
    broken = specs / "xairouter" / file
    text = broken.read_text(encoding="utf-8")
    assert before in text
    broken.write_text(text.replace(before, after, 1), encoding="utf-8")
    told(verify(tmp_path, "--provider", "xairouter", "--specs", str(specs)), USAGE, "xairouter/", said)


def test_specs_of_a_target_that_do_not_validate(tmp_path, specs):
    (specs / "xairouter" / "contract.yaml").write_text("provider: xairouter\n", encoding="utf-8")
    (tmp_path / "targets.toml").write_text(GOOD, encoding="utf-8")
    told(verify(tmp_path, "candidate", "--specs", str(specs), environ={"CANDIDATE_KEY": "k" * 20}), USAGE, "xairouter/contract.yaml")


@pytest.mark.parametrize("where", ["file/report", "/proc/report"])
def test_a_report_directory_that_cannot_be_written(tmp_path, gateway: ReferenceProcess, where):
    (tmp_path / "file").write_text("", encoding="utf-8")
    environ = targets_file(tmp_path, gateway, "xairouter")
    told(verify(tmp_path, "candidate", "--report-dir", where, environ=environ), USAGE, where.rpartition("/")[0] or where, "--report-dir")


def test_no_case_left(tmp_path, gateway: ReferenceProcess):
    environ = targets_file(tmp_path, gateway, "xairouter")
    told(verify(tmp_path, "candidate", "--only", "pixels", environ=environ), USAGE, "no case is left", "--only", "whole case ids")


@pytest.mark.parametrize(("words", "said"), [
    (["--base-url", "http://127.0.0.1:9"], "--base-url needs --provider"),
    (["--base-url", "not a url", "--provider", "xairouter"], "base_url cannot be used"),
    (["--base-url", "http://127.0.0.1:9", "--provider", "xairouter", "--credential", "default"], "NAME=ENVVAR"),
    (["--base-url", "http://127.0.0.1:9", "--provider", "xairouter", "--credential", "default=PROOFSHEET_NOT_SET"], "PROOFSHEET_NOT_SET is not set"),
])
def test_options_that_describe_no_target(tmp_path, words, said):
    told(verify(tmp_path, *words), USAGE, said)


@pytest.mark.parametrize(("words", "said"), [
    (["verify", "--nope"], "--nope"),
    (["verify", "--max-time", "0"], "--max-time"),
    (["verify", "--max-time", "soon"], "--max-time"),
    (["verify", "a", "b"], "b"),
    (["verify", "a", "--base-url", "http://127.0.0.1:9"], "not both"),
    (["verify", "a", "--credential", "default=KEY"], "--credential goes with --base-url"),
    (["verify", "--specs", "nowhere"], "nowhere"),
    (["verify", "--mode", "dream"], "dream"),
    (["verify", "--keep-heads"], "--mode record"),
    (["verify", "--max-age", "1"], "--mode replay"),
    (["verify", "--mode", "replay", "--base-url", "http://127.0.0.1:9"], "--base-url does not go"),
    (["serve"], "--provider"),
    (["serve", "--provider", "xairouter", "--port", "70000"], "--port"),
    (["nothing"], "nothing"),
])
def test_wrong_words(tmp_path, monkeypatch, words, said):
    """These are told by click alone, so a process of its own for each would show nothing more."""
    monkeypatch.chdir(tmp_path)
    outcome = CliRunner().invoke(main, words)
    assert outcome.exit_code == USAGE, outcome.output
    assert outcome.stdout == ""
    last = outcome.stderr.strip().splitlines()[-1]
    assert said in last
    assert last.startswith("Error: ")


def test_wrong_words_leave_with_the_documented_code(tmp_path):
    outcome = run(tmp_path, [*COMMAND, "verify", "--nope"])
    assert outcome.code == USAGE, outcome.said
    assert "Traceback" not in outcome.said
    assert outcome.lines[-1].startswith("Error: ")


@pytest.mark.parametrize(("words", "said"), [
    (["serve", "--provider", "nobody"], "nobody"),
    (["serve", "--provider", "xairouter", "--fault", "nothing-wrong"], "nothing-wrong"),
    (["faults", "--provider", "nobody"], "nobody"),
])
def test_wrong_words_of_other_commands(tmp_path, words, said):
    told(run(tmp_path, [*COMMAND, *words]), USAGE, said)


def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told(run(tmp_path, [*COMMAND, "serve", "--provider", "xairouter", "--port", port]), USAGE, port, "--port")


@pytest.mark.parametrize(("words", "code", "said"), [
    (["--target", "candidate"], USAGE, "there is no such file"),
    (["--target", "reference", "--provider", "nobody"], USAGE, "nobody"),
    (["--provider", "xairouter", "--base-url", "http://127.0.0.1:9"], INCOMPLETE, "nothing listens"),
])
def test_the_suites_say_the_same(tmp_path, words, code, said):
    outcome = suites(tmp_path, *words, "-q")
    assert outcome.code == code, outcome.said
    assert said in outcome.said
    assert not re.search(r"Traceback|INTERNALERROR", outcome.said)


def test_no_command_is_help_and_no_fault_of_the_harness(tmp_path):
    outcome = run(tmp_path, COMMAND)
    assert "Traceback" not in outcome.said
    assert "verify" in outcome.said
    assert CliRunner().invoke(main, ["--version"]).output.startswith("proofsheet, version ")
    assert CliRunner().invoke(main, ["verify", "--help"]).exit_code == 0
