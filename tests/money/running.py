"""Runs with a budget in processes of their own, as a user starts them, so that they can be killed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.miniatures.servers import KEY

#: What no two runs share: a task's id, how long it took, and how often it was seen on its way.
_CHANCE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9.]+ s and [0-9]+ looks|\b([0-9]+ → )+")
_COMMAND = [sys.executable, "-c", "from proofsheet.cli import main; main()"]
TARGETS = """[targets.{name}]
provider = "{provider}"
base_url = "{url}"
paid = {paid}
asset_hosts = ["127.0.0.1"]
unsupported = [{unsupported}]
[targets.{name}.credentials]
default = "COUNTED_KEY"
[targets.{name}.pace]
max_concurrency = {concurrency}
first_poll_after = 0.05
poll_every = 0.05
requests_per_minute = 1000000
"""


@dataclass(frozen=True)
class Place:
    """A folder with a targets file, where runs on one target are made."""

    folder: Path

    @property
    def report(self) -> Path:
        return self.folder / "report"

    def start(self, *more: str) -> subprocess.Popen[str]:
        """Begin a run; it goes on with the one that is there where ``--resume`` is among the options."""
        where = [] if "--resume" in more else ["--report-dir", str(self.report)]
        command = [*_COMMAND, "verify", "counted", "--targets", str(self.folder / "targets.toml"), *where, *more]
        return subprocess.Popen(command, cwd=self.folder, env={**os.environ, "COUNTED_KEY": KEY}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, *more: str, seconds: float = 120) -> tuple[int, str]:
        """A whole run: its exit code and what it said."""
        process = self.start(*more)
        said, _ = process.communicate(timeout=seconds)
        return process.returncode, said

    def results(self) -> dict[str, Any]:
        return json.loads((self.report / "results.json").read_text(encoding="utf-8"))

    def ledger(self) -> list[dict[str, Any]]:
        """The whole lines of the ledger."""
        raw = (self.report / "ledger.ndjson").read_bytes()
        return [json.loads(line) for line in raw[: raw.rfind(b"\n") + 1].splitlines()]


def place(folder: Path, provider: str, url: str, *, paid: bool = True, concurrency: int = 8, unsupported: str = "") -> Place:
    """A folder to run in."""
    folder.mkdir(parents=True, exist_ok=True)
    text = TARGETS.format(name="counted", provider=provider, url=url, paid=str(paid).lower(), concurrency=concurrency, unsupported=unsupported)
    (folder / "targets.toml").write_text(text, encoding="utf-8")
    return Place(folder)


def verdicts(results: dict[str, Any]) -> dict[str, Any]:
    """What a run has found, without what differs between any two runs: ids, times, ports."""
    findings = sorted(tuple(_unmarked(f[name]) for name in ("case", "check", "requirement", "verdict", "message", "expected", "actual")) for f in results["findings"])
    requirements = sorted((entry["id"], entry["verdict"]) for entry in results["requirements"])
    return {"findings": findings, "requirements": requirements, "verdicts": results["summary"]["verdicts"], "conforms": results["summary"]["conforms"]}


def _unmarked(text: str) -> str:
    return _CHANCE.sub("…", text)
