"""The process in which an SDK runs, played by scripts that do what no driver should, and which SDKs are there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from pathlib import Path

import pytest

from proofsheet.clients import availability, driver
from proofsheet.clients.availability import NODE_FOLDER, lacking
from proofsheet.clients.driver import Driver, DriverFailed
from proofsheet.contract.clients import Sdk

SDK = Sdk("acme-sdk", "Acme's SDK", "acme", "python", ("acme",), "pip install acme", ("draw",))
READS = "import json, os, sys, time\nfor line in sys.stdin:\n    job = json.loads(line)\n    "
SAYS = "print(json.dumps({reply}), flush=True)\n"


def says(reply: str) -> str:
    return READS + SAYS.format(reply=reply)


ECHO = says('{"id": job["id"], "version": "1", "job": job, "environment": dict(os.environ), "arguments": sys.argv, "pid": os.getpid()}')


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What a script answers to jobs, asked one after another; and whether its process is gone afterwards."""

    def ask(script: str, *jobs: dict, timeout: float = 10.0, at_once: bool = False):
        file = tmp_path / "driver.py"
        file.write_text(script, encoding="utf-8")
        monkeypatch.setitem(driver._COMMANDS, "python", (sys.executable, str(file)))

        async def run():
            one = Driver(SDK)
            try:
                if at_once:
                    return await asyncio.gather(*(one.ask(job, timeout) for job in jobs), return_exceptions=True)
                said = []
                for job in jobs:
                    try:
                        said.append(await one.ask(job, timeout))
                    except DriverFailed as error:
                        said.append(error)
                return said
            finally:
                await one.stop()
                await one.stop()  # harmless

        return asyncio.run(run())

    return ask


def gone(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    return True


def test_jobs_and_replies(asked):
    first, second = asked(ECHO, {"call": "draw", "text": "für\n"}, {"call": "edit"})
    assert first["job"] == {"call": "draw", "text": "für\n", "id": "1", "sdk": "acme-sdk"}
    assert (second["job"]["id"], second["pid"]) == ("2", first["pid"])
    assert gone(first["pid"])


def test_replies_in_any_order(asked):
    script = "import json, sys\njobs = [json.loads(sys.stdin.readline()) for _ in range(3)]\n"
    script += "for job in reversed(jobs): print(json.dumps({'id': job['id'], 'n': job['n']}), flush=True)\n"
    assert [reply["n"] for reply in asked(script, *({"n": n} for n in range(3)), at_once=True)] == [0, 1, 2]


def test_nothing_of_the_environment_that_could_hold_a_key(asked, monkeypatch):
    for name in ("OPENAI_API_KEY", "GOOGLE_API_KEY", "ACME_KEY", "HTTPS_PROXY", "http_proxy", "OPENAI_BASE_URL", "SSLKEYLOGFILE", "NODE_OPTIONS", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "a-real-secret")
    [reply] = asked(ECHO, {})
    assert "a-real-secret" not in json.dumps(reply["environment"])
    assert set(reply["environment"]) <= {*driver._KEPT, NODE_FOLDER, "NO_PROXY", "LC_CTYPE"}
    assert reply["environment"]["NO_PROXY"] == "*"
    assert len(reply["arguments"]) == 1


CRASH = READS + "if job.get('bad'): sys.exit(3)\n    " + SAYS.format(reply='{"id": job["id"], "pid": os.getpid()}')


def test_a_crash_fails_those_who_wait_and_not_those_who_come(asked):
    began = time.monotonic()
    before, crashed, after = asked(CRASH, {}, {"bad": True}, {})
    assert "the process of Acme's SDK has ended" in str(crashed)
    assert before["pid"] != after["pid"]
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("line", ["no json", "[1]", "null", "7", '"text"', "[" * 100000, "{"])
def test_what_is_no_reply_fails_at_once(asked, line):
    began = time.monotonic()
    [failed] = asked(READS + f"print({line!r}, flush=True)\n    time.sleep(30)\n", {}, timeout=20)
    assert isinstance(failed, DriverFailed)
    assert time.monotonic() - began < 8


def test_a_line_longer_than_any_reply(asked, monkeypatch):
    monkeypatch.setattr(driver, "_LONGEST_LINE", 1 << 16)
    [failed] = asked(says('{"id": job["id"], "text": "x" * 1000000}'), {})
    assert isinstance(failed, DriverFailed)


def test_a_reply_to_nobody_and_two_to_one_are_left_alone(asked):
    twice = READS + "for id in ('99', job['id'], job['id']): print(json.dumps({'id': id, 'n': id}), flush=True)\n"
    assert [reply["n"] for reply in asked(twice, {}, {})] == ["1", "2"]


def test_no_reply_in_time(asked):
    first, second = asked(READS + "time.sleep(30)\n", {}, {}, timeout=0.3)
    assert str(first).startswith("Acme's SDK gave no answer within 0.3 s")
    assert isinstance(second, DriverFailed)


def test_one_who_does_not_even_listen(asked):
    [failed] = asked("import time\ntime.sleep(30)\n", {"text": "x" * (1 << 20)}, timeout=0.5)
    assert isinstance(failed, DriverFailed)


def test_a_problem_is_ours(asked):
    [failed] = asked(says('{"id": job["id"], "problem": "the job is not complete"}'), {})
    assert str(failed) == "Acme's SDK: the job is not complete"


def test_one_that_cannot_be_started(monkeypatch):
    monkeypatch.setitem(driver._COMMANDS, "python", ("/no/such/program",))
    with pytest.raises(DriverFailed, match="Acme's SDK cannot be started: No such file"):
        asyncio.run(Driver(SDK).ask({}, 1))


def test_all_that_it_has_started_ends_with_it(asked, tmp_path):
    script = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n" + says('{"id": job["id"], "child": child.pid}')
    [reply] = asked(script, {})
    deadline = time.monotonic() + 5
    while not gone(reply["child"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(reply["child"])


def test_one_that_was_never_asked_can_be_stopped():
    asyncio.run(Driver(SDK).stop())


# -- which are there ----------------------------------------------------------------------------------------------


def sdk(runtime: str, *packages: str) -> Sdk:
    return Sdk("acme-sdk", "Acme's SDK", "acme", runtime, packages, "install acme", ("draw",))


def test_what_is_there_lacks_nothing():
    assert lacking([sdk("python", "pytest"), sdk("python", "json")]) == {}


def test_what_python_lacks():
    assert lacking([sdk("python", "pytest", "no-such-package-7f3a", "no.such")]) == {"acme-sdk": "no-such-package-7f3a and no.such are not installed: install acme"}


def test_what_node_lacks(monkeypatch, tmp_path):
    monkeypatch.setattr(availability.shutil, "which", lambda name: None)
    assert lacking([sdk("node", "acme")]) == {"acme-sdk": "Acme's SDK needs Node, which is not there"}


def test_packages_of_node_are_those_of_a_folder_or_above_it(monkeypatch, tmp_path):
    monkeypatch.setattr(availability.shutil, "which", lambda name: "/usr/bin/node")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.setenv(NODE_FOLDER, str(below))
    assert lacking([sdk("node", "@acme/sdk")]) == {"acme-sdk": f"@acme/sdk is not installed in {below}: install acme"}
    package = tmp_path / "node_modules" / "@acme" / "sdk"
    package.mkdir(parents=True)
    (package / "package.json").write_text("{}", encoding="utf-8")
    assert lacking([sdk("node", "@acme/sdk")]) == {}
