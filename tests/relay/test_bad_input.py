"""What cannot be watched on both sides is told in one line, with exit code 4."""

from __future__ import annotations

import socket

import pytest
from tests.relay.gateway import Relay
from tests.relay.running import CLIENTS, KEY, served

from proofsheet.session.options import Options
from proofsheet.session.verify import verify
from proofsheet.upstream import upstream_key


@pytest.fixture
def target(monkeypatch):
    monkeypatch.setenv("RELAY_KEY", KEY)
    with served(Relay(CLIENTS["native"](), 1, "none", (KEY,))) as url:
        yield {"provider": "xairouter", "base_url": url, "credentials": ("default=RELAY_KEY",)}


def test_the_reference_gateway_has_no_model_behind_it(tmp_path, capsys):
    assert verify(Options(provider="xairouter", upstream=1, report_dir=tmp_path)) == 4
    assert capsys.readouterr().err == "proofsheet: --upstream needs a target: a gateway whose upstream is configured as the run says at its start\n"


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
