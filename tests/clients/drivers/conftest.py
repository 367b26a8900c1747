"""The server that the SDKs talk to, and the npm packages, installed once for all processes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.clients.drivers.driving import Drive
from tests.clients.drivers.server import Server, serving

PACKAGES = ("openai@6", "@google/genai@2", "ai@6", "@ai-sdk/openai@3")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def node_folder() -> Callable[[], Path]:
    """A folder with the npm packages: PROOFSHEET_NODE, or one of these tests' own."""

    def found() -> Path:
        given = os.environ.get("PROOFSHEET_NODE")
        if given:
            return Path(given)
        name = f"proofsheet-npm-{os.getuid()}-{hashlib.sha256(' '.join(PACKAGES).encode()).hexdigest()[:12]}"
        folder = Path(tempfile.gettempdir()) / name
        folder.mkdir(mode=0o700, exist_ok=True)
        with (folder / "lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "installed").exists():
                (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
                command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
                run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
                assert run.returncode == 0, run.stderr
                (folder / "installed").touch()
        return folder

    return found


@pytest.fixture
def drive(node_folder: Callable[[], Path]) -> Drive:
    return Drive(node_folder)
