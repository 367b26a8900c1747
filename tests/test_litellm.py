"""A gateway that others wrote is found to be as it is known to be: nothing less, and nothing that is ours."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def one_at_a_time() -> Iterator[None]:
    """The examples stand on the same port, and tests run in several processes."""
    with (Path(tempfile.gettempdir()) / "proofsheet-litellm-example.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.gateway
@pytest.mark.usefixtures("one_at_a_time")
@pytest.mark.parametrize("example", ["run.py", "both_sides.py"])
def test_the_example_finds_what_is_known(example):
    run = subprocess.run(
        [sys.executable, f"examples/litellm/{example}", "--expect-findings"], cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False
    )
    assert run.returncode == 0, f"{run.stdout[-4000:]}\n{run.stderr[-4000:]}"
    assert "Traceback" not in run.stderr
