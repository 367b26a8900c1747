"""The ready jobs: the workflow, the crontab lines and the image say only what the command understands."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from proofsheet.cli import main
from proofsheet.reference import start_reference
from session.command import PATIENCE, environment, targets_file

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "nightly.yml"
GATE = ROOT / "docs" / "gate.md"


def workflow() -> dict[Any, Any]:
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))


def steps() -> list[dict[str, Any]]:
    return [step for job in workflow()["jobs"].values() for step in job["steps"]]


def scripts() -> dict[str, str]:
    return {step["name"]: step["run"] for step in steps() if "run" in step}


def commands(script: str) -> Iterator[list[str]]:
    """The words after each ``proofsheet`` of a script, with what ``set --`` has collected in the place of "$@"."""
    collected: list[str] = []
    for line in script.replace("\\\n", " ").splitlines():
        for given in re.findall(r'set -- ("\$@" )?(.*?)(?:;|$)', line):
            collected = [*(collected if given[0] else []), *shlex.split(given[1])]
        for said in re.findall(r"(?:^|[;&|{]|\bthen|\bif|run:)\s*proofsheet (.*?)(?=\s*(?:\|\||&&|;|\||[12]?>|$|\s#))", line.strip()):
            words = shlex.split(said)
            yield [word for one in words for word in (collected if one == "$@" else [one])]


def parse(words: list[str]) -> None:
    """Let the command's own parser read the words. Raises click's usage errors."""
    command: click.Command = main
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"there is no command {words[0]}"
        command, words = found, words[1:]
    values, rest, _ = command.make_parser(click.Context(command)).parse_args(args=list(words))
    assert rest == []
    missing = [parameter.name for parameter in command.params if parameter.required and not isinstance(values.get(parameter.name), (str, tuple))]
    assert missing == [], words


def test_the_parser_of_this_test_sees_what_is_wrong():
    script = 'set -- --tier core\nset -- "$@" --known k.yaml\nproofsheet verify x "$@" || code=$?\nif a; then proofsheet recheck y > z; fi\nproofsheet compare a'
    assert list(commands(script)) == [["verify", "x", "--tier", "core", "--known", "k.yaml"], ["recheck", "y"], ["compare", "a"]]
    with pytest.raises(click.NoSuchOption):
        parse(["verify", "--no-such-flag"])
    with pytest.raises(AssertionError):
        parse(["compare", "a"])


def test_every_command_of_the_workflow_is_understood():
    found = [words for script in scripts().values() for words in commands(script)]
    assert [words[0] for words in found] == ["recheck", "verify", "evaluate", "compare"]
    for words in found:
        parse(words)


def test_every_command_of_the_page_about_the_gate_is_understood():
    blocks = re.findall(r"```(?:sh|crontab)\n(.*?)```", GATE.read_text(encoding="utf-8"), re.DOTALL)
    found = [words for block in blocks for words in commands(block)]
    assert {words[0] for words in found} >= {"verify", "merge", "recheck"}
    assert len(found) == sum(len(re.findall(r"(?<![-\w/.~])proofsheet (?=verify|merge|recheck|compare)", block)) for block in blocks if "docker" not in block)
    for words in found:
        parse(words)


def test_the_workflow_is_a_scheduled_one_that_may_only_read():
    found = workflow()
    # YAML 1.1 takes the word "on" for a truth value.
    triggers = found[True]
    assert len(triggers["schedule"]) == 2
    assert all(re.fullmatch(r"\d+ \d+ \* \* \*", one["cron"]) for one in triggers["schedule"])
    assert "pull_request" not in triggers
    assert found["permissions"] == {"contents": "read", "actions": "read"}
    assert found["concurrency"]["group"] == "nightly"
    assert all(job["timeout-minutes"] <= 180 for job in found["jobs"].values())


def test_no_value_of_an_event_is_put_into_a_script():
    assert [name for name, script in scripts().items() if "${{" in script] == []


def test_secrets_come_from_the_environment_alone():
    text = WORKFLOW.read_text(encoding="utf-8")
    assert re.findall(r"^ *(\w+): \$\{\{ secrets\.(\w+) \}\}$", text, re.MULTILINE) == [("CANDIDATE_KEY", "CANDIDATE_KEY")]
    assert text.count("secrets.") == 1


def test_the_second_schedule_is_only_for_the_recheck():
    verify = next(step for step in steps() if step.get("id") == "verify")
    crons = [one["cron"] for one in workflow()[True]["schedule"]]
    assert f"github.event.schedule != '{crons[1]}'" in verify["if"]


def test_what_is_read_the_next_night_is_what_is_kept():
    kept = {step["with"]["name"]: step["with"]["path"].split() for step in steps() if "upload-artifact" in step.get("uses", "")}
    assert {"reports/night/", "reports/night.html"} <= set(kept["${{ steps.verify.outputs.name }}"])
    assert kept["history"] == ["reports/history.sqlite"]
    fetched = re.findall(r"newest (\w+) (\w+)$", scripts()["Fetch the night before"], re.MULTILINE)
    assert fetched == [("night", "before"), ("history", "reports")]
    assert 'echo "name=night" >> "$GITHUB_OUTPUT"' in scripts()["Verify"]


@pytest.mark.curl  # the selection that has bash
@pytest.mark.parametrize("name", scripts())
def test_scripts_are_valid_for_bash(name: str):
    checked = subprocess.run(["bash", "-n", "-e"], input=scripts()[name], text=True, capture_output=True, check=False, timeout=60)
    assert checked.returncode == 0, checked.stderr


def test_the_image_runs_as_nobody_and_holds_only_what_the_wheel_needs():
    said = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^FROM python:3\.\d+-slim$", said, re.MULTILINE)
    assert said.index("\nUSER proofsheet") < said.index("\nENTRYPOINT")
    assert 'ENTRYPOINT ["proofsheet"]' in said
    copied = re.findall(r"^COPY (.+) /source\S*$", said, re.MULTILINE)
    sources = [name for line in copied for name in line.split()]
    assert all((ROOT / name).exists() for name in sources)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert ignored[1] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == set(sources)


@pytest.mark.curl
def test_two_nights_of_the_workflow(tmp_path: Path):
    """The scripts themselves, against a gateway that gets something wrong in the second night."""
    summary = tmp_path / "summary.md"
    for night, faults in enumerate(((), ("wrong-status:no-key",))):
        with start_reference(["xairouter"], None, faults) as gateway:
            keys = targets_file(tmp_path, gateway, "xairouter")
            path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            environ = environment(PATH=path, GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(tmp_path / "output"), TARGET="candidate", MAX_SPEND="500 USD", **keys)
            codes = {
                name: subprocess.run(["bash", "-e", "-c", scripts()[name]], cwd=tmp_path, env=environ, check=False, timeout=PATIENCE).returncode
                for name in ("Are its images still there?", "Verify", "Page", "What got worse?")
            }
        assert codes == {"Are its images still there?": 0, "Verify": 0, "Page": 0, "What got worse?": night}
        if night == 0:
            (tmp_path / "before").mkdir()
            shutil.copytree(tmp_path / "reports" / "night", tmp_path / "before" / "night")
    assert (tmp_path / "reports" / "night.html").is_file()
    assert (tmp_path / "reports" / "history.sqlite").is_file()
    assert set((tmp_path / "output").read_text(encoding="utf-8").split()) == {"name=night"}
    assert "Got worse" in summary.read_text(encoding="utf-8")
