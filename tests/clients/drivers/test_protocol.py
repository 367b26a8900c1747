"""The line protocol of the drivers: every line is answered, whatever it holds, and one job does not wait for another."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.clients.drivers.driving import CONTENT, FOLDER, IMAGES, NODE, PYTHON, Drive, call_of, driven, job
from tests.clients.drivers.server import Server

ALL = [*IMAGES, *CONTENT]
BARE = (PYTHON[0], "-S", PYTHON[1])  # a Python without any package
LINES = ["no JSON", "[1]", '{"id": "1", "sdk": "curl", "call": "version"}', '{"id": "2", "sdk": ["openai-python"]}', "", '{"id": "3"}']


def test_without_the_package_there_is_no_version_and_the_way_to_it():
    lines = [json.dumps({"id": name, "sdk": name, "call": "version"}) for name in ("openai-python", "google-genai-python")]
    replies = driven(BARE, [*lines, json.dumps(job("openai-python", "http://127.0.0.1:1", "job"))])
    assert {id: reply["version"] for id, reply in replies.items()} == {"openai-python": None, "google-genai-python": None, "job": None}
    assert replies["google-genai-python"]["problem"] == "the package google-genai is not installed: pip install google-genai"
    assert replies["job"]["problem"] == replies["openai-python"]["problem"] == "the package openai is not installed: pip install openai"
    assert not replies["job"]["returned"]


def bad_lines_are_answered(command: tuple[str, ...]) -> None:
    replies = driven(command, LINES)
    assert set(replies) == {None, "1", "2", "3"}
    assert "no SDK 'curl' here (there are: " in replies["1"]["problem"]
    assert all(reply["problem"] and reply["raised"] is None for reply in replies.values())


def test_bad_lines_are_answered():
    bad_lines_are_answered(BARE)


@pytest.mark.node
def test_bad_lines_are_answered_by_node():
    bad_lines_are_answered(NODE)


def test_it_starts_without_the_harness():
    script = "import runpy, sys; runpy.run_path(sys.argv[1]); print(sorted(m for m in sys.modules if m.partition('.')[0] in ('proofsheet', 'openai', 'google')))"
    run = subprocess.run([PYTHON[0], "-S", "-c", script, str(FOLDER / "python_sdks.py")], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"


def test_the_programs_of_node_are_in_the_package():
    assert {path.name for path in FOLDER.glob("*.mjs")} == {"driver.mjs", "node_sdks.mjs", "packages.mjs"}


@pytest.mark.node
def test_without_the_npm_package_there_is_no_version_and_the_way_to_it(tmp_path: Path):
    lines = [json.dumps({"id": name, "sdk": name, "call": "version"}) for name in ("openai-node", "google-genai-node", "ai-node")]
    replies = driven(NODE, lines, PROOFSHEET_NODE=str(tmp_path))
    assert [reply["version"] for reply in replies.values()] == [None] * 3
    assert replies["google-genai-node"]["problem"] == f"the package @google/genai is not installed in {tmp_path}: npm install @google/genai"


@pytest.mark.parametrize("sdk", ALL)
def test_the_version_is_told(sdk: str, drive: Drive):
    reply = drive.one({"id": "0", "sdk": sdk, "call": "version"})
    assert (reply["version"][0].isdigit(), reply["problem"]) == (True, None)


@pytest.mark.parametrize("sdk", ALL)
def test_jobs_that_cannot_be_done(sdk: str, server: Server, drive: Drive):
    lacking = {key: value for key, value in job(sdk, "", "lacking").items() if key != "base_url"}
    files = [{"field": "image", "name": "a.png", "media_type": "image/png"}]
    replies = drive(job(sdk, server.base("base64"), "unknown", call="images.vary"), lacking, job(sdk, server.base("base64"), "file", files=files))
    assert replies["unknown"]["problem"].startswith("no call 'images.vary' here (there are: ")
    assert call_of(sdk) in replies["unknown"]["problem"]
    assert "base_url" in replies["lacking"]["problem"]
    assert replies["file"]["problem"]
    assert server.sent == []


@pytest.mark.parametrize("sdk", ALL)
def test_a_slow_job_does_not_hold_up_another(sdk: str, server: Server, drive: Drive):
    """The second is answered while the first still waits, and while stdin is still open."""
    command, folder = (PYTHON, "") if sdk.endswith("python") else (NODE, str(drive.node_folder()))
    rest = "" if sdk.startswith("google") else "/v1"
    answer = "content" if sdk.startswith("google") else "base64"
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PROOFSHEET_NODE": folder}) as process:
        for each in (job(sdk, server.base("hung", rest), "slow", timeout=60), job(sdk, server.base(answer, rest), "quick")):
            process.stdin.write(f"{json.dumps(each)}\n")
        process.stdin.flush()
        first = json.loads(process.stdout.readline())
        server.stopping.set()
        process.stdin.close()
        second = json.loads(process.stdout.readline())
        assert process.wait(30) == 0
    assert (first["id"], first["returned"], second["id"], second["returned"]) == ("quick", True, "slow", False)
    assert second["raised"]["message"]


@pytest.mark.parametrize("sdk", ALL)
def test_messages_are_cut(sdk: str, drive: Drive):
    reply = drive.one(job(sdk, f"http://127.0.0.1:1/{'x' * 3000}", call="x" * 5000))
    assert len(reply["problem"]) == 2000
