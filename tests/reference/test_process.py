"""The gateway as a process: how it starts, what it says when it can't, and that it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from proofsheet.reference import NotStartedError, start_reference

INVENTED = Path(__file__).parent / "specs"


def test_it_stops() -> None:
    process = start_reference(["atelier"], INVENTED)
    url = process.providers["atelier"].target["base_url"] + "/_reference/stats"
    assert httpx2.get(url).json() == {"requests": 0, "images": 0}
    process.stop()
    assert process.process.returncode is not None
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)


def test_faults_and_port_are_handed_on() -> None:
    with start_reference(["atelier"], INVENTED, faults=["accept-no-key"]) as first:
        taken = first.providers["atelier"].port
        answer = httpx2.put(f"http://127.0.0.1:{taken}/renders/x", json={"brief": "x"})
        assert answer.status_code == 202
        assert answer.headers["server"] == "proofsheet-reference"
        with pytest.raises(NotStartedError, match="--port"):
            start_reference(["atelier"], INVENTED, port=taken)


@pytest.mark.parametrize(
    ("provider", "faults", "says"),
    [("nobody", [], "no provider 'nobody'"), ("atelier", ["tired"], "no fault 'tired'"), ("atelier", ["hang:nap"], "lacks")],
)
def test_what_is_wrong_is_said(provider: str, faults: list[str], says: str) -> None:
    with pytest.raises(NotStartedError, match=says):
        start_reference([provider], INVENTED, faults=faults)


def test_it_ends_with_its_parent() -> None:
    code = (
        "import time\nfrom pathlib import Path\nfrom proofsheet.reference import start_reference\n"
        f"r = start_reference(['atelier'], Path({str(INVENTED)!r}))\nprint(r.providers['atelier'].port, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    port = int(parent.stdout.readline())
    assert httpx2.get(f"http://127.0.0.1:{port}/_reference/stats").status_code == 200
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx2.get(f"http://127.0.0.1:{port}/_reference/stats")
        except httpx2.TransportError:
            return
        time.sleep(0.05)
    pytest.fail("the gateway outlived its parent")


def test_the_list_of_faults() -> None:
    command = [sys.executable, "-m", "proofsheet.reference", "--provider", "atelier", "--specs", str(INVENTED), "--list-faults"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert {"accept-any-key", "swap-dimensions:instant", "wrong-status:poor", "drop-field:instant-link:cost"} <= set(listed)
