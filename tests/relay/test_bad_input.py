"""What cannot be watched on both sides is told in one line, with exit code 4."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from tests.relay.gateway import Relay
from tests.relay.running import CLIENTS, KEY, served

from proofsheet.session.options import Options
from proofsheet.session.verify import suites_root, verify
from proofsheet.upstream import upstream_key


@pytest.fixture
def target(monkeypatch):
    monkeypatch.setenv("RELAY_KEY", KEY)
    with served(Relay(CLIENTS["native"](), 1, "none", (KEY,))) as url:
        yield {"provider": "xairouter", "base_url": url, "credentials": ("default=RELAY_KEY",)}


@pytest.mark.parametrize("mode", ["record", "replay"])
def test_a_recording_has_one_side(tmp_path, capsys, target, mode):
    assert verify(Options(**target, upstream=1, mode=mode, report_dir=tmp_path)) == 4
    assert capsys.readouterr().err == f"proofsheet: --upstream does not go with --mode {mode}: the upstream's side is not recorded\n"


def test_a_port_that_is_taken(tmp_path, capsys, target):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert verify(Options(**target, upstream=port, report_dir=tmp_path)) == 4
    said = capsys.readouterr().err
    assert said.startswith(f"proofsheet: the upstream cannot listen on 127.0.0.1:{port}")
    assert said.count("\n") == 1


def test_what_to_configure_is_said_at_the_start(tmp_path, capsys, target):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert verify(Options(**target, upstream=port, only=("**/relay/base",), report_dir=tmp_path)) == 1
    said = capsys.readouterr().out
    assert said.startswith("upstream: the model behind the target")
    assert f"http://127.0.0.1:{port}/v1beta" in said
    assert upstream_key(port) in said


def test_the_suites_say_it_too(tmp_path, target):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pytest", str(suites_root()), "-c", str(suites_root() / "pytest.ini"), "--rootdir", str(suites_root()), "-p", "no:cacheprovider", "-q",
               "--provider", target["provider"], "--base-url", target["base_url"], "--credential", target["credentials"][0], "--upstream", str(port),
               "--only", "**/relay/base", "--report-dir", str(tmp_path / "report")]  # fmt: skip
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path, env=own)
    assert run.returncode == 1, run.stdout + run.stderr
    assert upstream_key(port) in run.stdout + run.stderr
    assert "relay.served" in run.stdout
