"""Runs the harness as a user would, in a process of its own, on providers that are folders of data only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofsheet.reference.process import start_reference

SPECS = Path(__file__).parent / "specs"
_COMMAND = [sys.executable, "-c", "from proofsheet.cli import main; main()"]


@dataclass(frozen=True)
class Outcome:
    """What a run said and wrote."""

    code: int
    said: str
    results: dict[str, Any]

    def requirements(self, *verdicts: str) -> set[str]:
        """The ids of the requirements with one of these verdicts."""
        return {entry["id"] for entry in self.results["requirements"] if entry["verdict"] in verdicts}

    def verdicts(self, check: str, case: str) -> list[str]:
        """The verdicts of a check on a case."""
        return [finding["verdict"] for finding in self.results["findings"] if finding["check"] == check and finding["case"] == case]


def verify(provider: str, folder: Path, *more: str, environ: dict[str, str] | None = None, specs: Path = SPECS) -> Outcome:
    """``proofsheet verify`` with the reports in ``folder``; without more, on the embedded reference gateway."""
    where = more or ("--provider", provider)
    command = [*_COMMAND, "verify", *where, "--specs", str(specs), "--report-dir", str(folder / "report")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env={**os.environ, **(environ or {})}, timeout=120, check=False)
    written = folder / "report" / "results.json"
    assert written.is_file(), done.stdout + done.stderr
    return Outcome(done.returncode, done.stdout + done.stderr, json.loads(written.read_text(encoding="utf-8")))


def verify_faulty(provider: str, fault: str, folder: Path, *only: str) -> Outcome:
    """The same against a gateway with one declared fault, as a target of a targets file."""
    with start_reference([provider], SPECS, [fault]) as process:
        target = dict(process.providers[provider].target)
        keys = target.pop("credentials")
        variables = {name: f"INVENTED_{name.upper()}" for name in keys}
        document = "".join(_toml(["targets", "faulty"], {**target, "credentials": variables}))
        (folder / "targets.toml").write_text(document, encoding="utf-8")
        chosen = [word for pattern in only for word in ("--only", pattern)]
        environ = {variables[name]: key for name, key in keys.items()}
        return verify(provider, folder, "faulty", "--targets", str(folder / "targets.toml"), *chosen, environ=environ)


def _toml(path: list[str], table: dict[str, Any]) -> list[str]:
    lines = [f"[{'.'.join(path)}]\n"]
    lines += [f"{json.dumps(name)} = {json.dumps(value)}\n" for name, value in table.items() if not isinstance(value, dict)]
    for name, value in table.items():
        if isinstance(value, dict):
            lines += _toml([*path, name], value)
    return lines
