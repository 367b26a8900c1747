"""``proofsheet faults --kill-matrix`` as a user types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from proofsheet.cli import main


def run(*arguments: str):
    return CliRunner().invoke(main, ["faults", *arguments])


def test_one_operator(tmp_path) -> None:
    file = tmp_path / "matrix.json"
    done = run("--kill-matrix", "--provider", "xairouter", "--operator", "truncate", "--jobs", "1", "--json", str(file))
    assert done.exit_code == 0, done.output
    assert "1 tried in" in done.output
    assert "survivors: 0" in done.output
    assert "idle" not in done.output, "a part of the faults says nothing about idle checks"
    [trial] = json.loads(file.read_text())["trials"]
    assert trial["fault"] == "truncate:native"
    assert trial["sentence"] == "native cuts the pictures off."
    assert list(trial["by"].values()) == [["pixels.complete"]]


def test_a_survivor_is_listed_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proofsheet.killing.trial.judge", lambda subject: [])
    done = run("--kill-matrix", "--provider", "xairouter", "--fault", "truncate:native", "--jobs", "1")
    assert done.exit_code == 1
    assert "must   xairouter truncate:native" in done.output


def test_two_processes_say_what_one_says() -> None:
    said = [run("--kill-matrix", "--provider", "xairouter", "--operator", "neighbour-size", "--jobs", jobs).output for jobs in ("1", "2")]
    assert said[0].count("100.0 %") >= 3
    assert [line for line in said[0].splitlines() if "tried in" not in line] == [line for line in said[1].splitlines() if "tried in" not in line]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sample", "3"], "go with --kill-matrix"),
        (["--kill-matrix", "--provider", "nobody"], "no provider 'nobody'"),
        (["--kill-matrix", "--provider", "xairouter", "--fault", "no-such"], "there is no fault 'no-such'"),
        (["--kill-matrix", "--provider", "xairouter", "--operator", "no-such"], "no fault fits"),
        (["--kill-matrix", "--provider", "xairouter", "--fault", "wrong-format:native"], "no requirement speaks of wrong-format:native"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 4
    assert said in done.output


def test_a_list_of_one_operator() -> None:
    done = run("--provider", "xairouter", "--operator", "truncate")
    assert done.output == "xairouter truncate:native\n"
