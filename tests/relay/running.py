"""One run on both sides of a small gateway, in this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.relay.client_side import Images, Native, Tasks
from tests.relay.gateway import Handler, Relay, Server

from proofsheet.results.model import Finding, Results
from proofsheet.session.options import Options
from proofsheet.session.runs import Runs
from proofsheet.upstream import upstream_key

KEY = "client-key-of-the-first-account"
CLIENTS = {"native": Native, "images": Images, "tasks": Tasks}
TARGETS = """[targets.relay]
provider = "{provider}"
base_url = "{url}"
asset_hosts = ["127.0.0.1"]
unsupported = [{unsupported}]
key_mode = "{key_mode}"
[targets.relay.credentials]
default = "RELAY_KEY"
[targets.relay.pace]
max_concurrency = 24
first_poll_after = 0.05
poll_every = 0.05
requests_per_minute = 1000000
lifecycle_timeout = 6
"""


@dataclass(frozen=True)
class Outcome:
    """The exit code and what was found."""

    code: int
    results: Results
    directory: Path

    @property
    def findings(self) -> Sequence[Finding]:
        return self.results.findings

    def broken(self) -> set[tuple[str, str]]:
        """Check and the rest of the case's id, of all that fails or warns."""
        return {(one.check, one.case.partition("/relay/")[2]) for one in self.findings if one.verdict in ("fail", "warn", "error")}

    def checks(self, *verdicts: str) -> set[str]:
        return {one.check for one in self.findings if one.verdict in verdicts}


@contextmanager
def served(relay: Relay) -> Iterator[str]:
    """Serve a gateway on a free port; its base URL."""
    server = Server(("127.0.0.1", 0), Handler)
    server.relay = relay
    relay.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield relay.base
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def verify(kind: str, folder: Path, made: type[Relay] = Relay, only: Sequence[str] = ("**/relay/**",), key_mode: str = "own", **more: Any) -> Outcome:
    """Verify a gateway of this client's side, with the upstream behind it."""
    client, port = CLIENTS[kind](), free_port()
    relay = made(client, more.pop("upstream_port", port), more.pop("upstream_key", upstream_key(port)), (KEY,))
    with served(relay) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELAY_KEY", KEY)
        names = ", ".join(f'"{name}"' for name in client.unsupported)
        (folder / "targets.toml").write_text(TARGETS.format(provider=client.provider, url=url, unsupported=names, key_mode=key_mode), encoding="utf-8")
        runs = Runs(Options(target="relay", targets_file=folder / "targets.toml", report_dir=folder / "report", only=tuple(only), upstream=port, **more))
        try:
            runs.prepare()
            runs.start()
            [run] = runs.runs
            for case in run.selected:
                run.verify(case)
            return Outcome(runs.conclude(complete=True), runs.results[0], folder / "report")
        finally:
            runs.stop()
