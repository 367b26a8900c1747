"""How soon something happens. Prints ratios from one run.

    python benchmarks/start.py [--provider xairouter] [--rounds 3]

`proofsheet --help`, and the time until the first request of `proofsheet verify` arrives at a server, each beside
`python -c "import httpx2"` and beside the time until the first request of `schemathesis run` on the same spec arrives. The
server is a socket in this process that notes when something is sent to it, and hangs up.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from common import BIN, machine, median, ran, written

from proofsheet.contract.files import specs_root


class Doorbell:
    """Listens on a loopback port and notes when the first bytes came. A connection that sends nothing does not count."""

    def __init__(self) -> None:
        self.rung: float | None = None
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._socket.getsockname()[1]
        self._heard = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            if connection.recv(1) and self.rung is None:
                self.rung = time.perf_counter()
                self._heard.set()

    def wait(self) -> float:
        """When it rang. Raises RuntimeError where it did not within a minute."""
        if not self._heard.wait(60) or self.rung is None:
            raise RuntimeError("no request came")
        return self.rung


def first_request(command: Sequence[str], bell: Doorbell, env: dict[str, str]) -> float:
    """Seconds from the start of a command to its first request."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **env}) as process:
        try:
            return bell.wait() - started
        finally:
            process.kill()


def measured(provider: str, folder: Path, number: int, *, cached: bool) -> dict[str, float]:
    """One round of everything."""
    seconds = {
        "import httpx2": ran([str(BIN / "python"), "-c", "import httpx2"]).seconds,
        "proofsheet --help": ran([str(BIN / "proofsheet"), "--help"]).seconds,
    }
    bell = Doorbell()
    place = written({"provider": provider, "base_url": f"http://127.0.0.1:{bell.port}", "paid": False, "credentials": {"default": "benchmark-key-0123"}}, folder)
    keeping = {} if cached else {"PROOFSHEET_CACHE": ""}
    seconds["verify"] = first_request(place.verify(folder / f"report-{cached}-{number}"), bell, {**place.env, **keeping})
    bell = Doorbell()
    spec = specs_root() / provider / "openapi.yaml"
    seconds["schemathesis"] = first_request([str(BIN / "schemathesis"), "run", str(spec), "--url", f"http://127.0.0.1:{bell.port}", "--phases", "coverage"], bell, {})
    return seconds


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--provider", default="xairouter")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(machine())
    for cached in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            if cached:
                measured(given.provider, Path(folder), -1, cached=True)
            rows = [measured(given.provider, Path(folder), number, cached=cached) for number in range(given.rounds)]
        least = {name: median([row[name] for row in rows]) for name in rows[0]}
        print(f"{'with' if cached else 'without'} what an earlier run has kept: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in least.items()))
        for name, said in (("proofsheet --help", "proofsheet --help"), ("verify", "the first request of verify")):
            beside = {other: median([row[name] / row[other] for row in rows]) for other in ("import httpx2", "schemathesis")}
            print(f"  {said}: {beside['import httpx2']:.2f} x of import httpx2, {beside['schemathesis']:.2f} x of the first request of schemathesis")


if __name__ == "__main__":
    main()
