"""The command as a user runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofsheet.reference import ReferenceProcess

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-m", "proofsheet"]
SUITES = [sys.executable, "-m", "pytest", str(ROOT / "suites"), "-p", "no:cacheprovider", "-p", "no:randomly"]
#: Seconds: generous, for machines that do other things as well.
PATIENCE = 240


@dataclass(frozen=True)
class Outcome:
    """What a command said, and how it ended. ``seconds`` is how long it took, or took to end after a signal."""

    code: int
    out: str
    err: str
    folder: Path
    seconds: float = 0.0

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def lines(self) -> list[str]:
        """What it complained of."""
        return [line for line in self.err.splitlines() if line.strip()]

    def results(self, name: str = "report") -> dict[str, Any]:
        """The results it wrote."""
        return dict(json.loads((self.folder / name / "results.json").read_text(encoding="utf-8")))

    def part(self, part: str) -> Any:
        """A part of the results, wherever it stands."""
        results = self.results()
        beside = results["files"].get(part)
        return json.loads((self.folder / "report" / beside).read_text(encoding="utf-8")) if beside else results[part]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_") and name != "COLUMNS"}
    return {**kept, "COLUMNS": "200", **more}


def verify(folder: Path, *words: str, environ: dict[str, str] | None = None) -> Outcome:
    """``proofsheet verify`` with these words."""
    return run(folder, [*COMMAND, "verify", *words], environ)


def suites(folder: Path, *words: str, environ: dict[str, str] | None = None) -> Outcome:
    """``pytest suites`` with these words."""
    return run(folder, [*SUITES, *words], environ)


def run(folder: Path, command: list[str], environ: dict[str, str] | None = None) -> Outcome:
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env=environment(**(environ or {})), capture_output=True, text=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL
    )
    return Outcome(done.returncode, done.stdout, done.stderr, folder, time.monotonic() - started)


def interrupt(folder: Path, *words: str, when: Any, environ: dict[str, str] | None = None, command: tuple[str, ...] = (*COMMAND, "verify")) -> Outcome:
    """``proofsheet verify``, or another command, and Ctrl-C as soon as ``when()`` is true."""
    process = subprocess.Popen(
        [*command, *words], cwd=folder, env=environment(**(environ or {})), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + PATIENCE
    while not when() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    pressed = time.monotonic()
    # A terminal sends Ctrl-C to all processes of its foreground group.
    os.killpg(process.pid, signal.SIGINT)
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Outcome(process.returncode, out, err, folder, time.monotonic() - pressed)


def targets_file(folder: Path, gateway: ReferenceProcess, provider: str, name: str = "candidate", **changes: Any) -> dict[str, str]:
    """Write a targets.toml that names the gateway; the environment that holds its keys. A change to None takes a key out."""
    target = {**gateway.providers[provider].target, **changes}
    keys = dict(target.pop("credentials"))
    variables = {credential: f"CANDIDATE_{credential.upper()}" for credential in keys}
    raw = {key: value for key, value in {**target, "credentials": variables}.items() if value is not None}
    (folder / "targets.toml").write_text("".join(toml(["targets", name], raw)), encoding="utf-8")
    return {variables[credential]: key for credential, key in keys.items()}


def toml(path: list[str], table: dict[str, Any]) -> list[str]:
    """A table as TOML, line by line."""
    lines = [f"[{'.'.join(path)}]\n"]
    lines += [f"{json.dumps(name)} = {json.dumps(value)}\n" for name, value in table.items() if not isinstance(value, dict)]
    for name, value in table.items():
        if isinstance(value, dict):
            lines += toml([*path, name], value)
    return lines
