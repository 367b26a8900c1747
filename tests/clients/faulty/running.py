"""One run through SDKs against a small gateway, in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.clients.faulty.gateway import OWN_KEY, POOR_KEY, RUSHED_KEY, Gateway, served

from proofsheet.results.model import Finding, Results
from proofsheet.session.options import Options
from proofsheet.session.runs import Runs

KEYS = {"CLIENTS_KEY": OWN_KEY, "CLIENTS_POOR": POOR_KEY, "CLIENTS_RUSHED": RUSHED_KEY}
TARGETS = """[targets.small]
provider = "{provider}"
base_url = "{url}"
asset_hosts = ["127.0.0.1"]
request_timeout = {timeout}
{more}
[targets.small.credentials]
default = "CLIENTS_KEY"
insufficient_balance = "CLIENTS_POOR"
rate_limited = "CLIENTS_RUSHED"
[targets.small.states.upstream_error.headers]
X-State = "upstream_error"
[targets.small.pace]
max_concurrency = 8
requests_per_minute = 1000000
"""
#: Where each kind of request is asked for: whose contract, and whose SDKs.
KINDS: Mapping[str, tuple[str, str, str]] = {
    "native": ("xairouter", "xairouter/native", "google-genai"),
    "slashed": ("maxapi", "maxapi/native/3.1-beta", "google-genai"),
    "generations": ("maxapi", "maxapi/generations/3.1-beta", "openai"),
    "edits": ("maxapi", "maxapi/edits-multipart/3.1-beta", "openai"),
}


@dataclass(frozen=True)
class Outcome:
    """The exit code and what was found."""

    code: int
    results: Results
    directory: Path
    gateway: Gateway

    @property
    def findings(self) -> Sequence[Finding]:
        return self.results.findings

    def broken(self, *verdicts: str) -> set[tuple[str, str]]:
        """Check and the rest of the case's id behind the SDK's name, of all that fails or warns."""
        wanted = verdicts or ("fail", "warn", "error")
        return {(one.check.removeprefix("clients."), one.case.partition("/clients/")[2].partition("/")[2]) for one in self.findings if one.verdict in wanted}

    def of(self, check: str, *verdicts: str) -> list[Finding]:
        return [one for one in self.findings if one.check == f"clients.{check}" and (not verdicts or one.verdict in verdicts)]


def cases(kind: str, *names: str, runtime: str = "python") -> list[str]:
    """Patterns of the cases of a kind's SDK."""
    _, operation, family = KINDS[kind]
    return [f"{operation}/clients/{family}-{runtime}/{name}" for name in names or ("**",)]


def verify(kind: str, folder: Path, gateway: Gateway | None = None, only: Sequence[str] = (), **how: Any) -> Outcome:
    """Verify a gateway by SDKs."""
    gateway = gateway or Gateway()
    with served(gateway) as url:
        return verify_at(url, kind, folder, gateway, only, **how)


def verify_at(url: str, kind: str, folder: Path, gateway: Gateway, only: Sequence[str] = (), more: str = "", timeout: float = 20, **options: Any) -> Outcome:
    """As ``verify``, of a gateway that is being served."""
    with pytest.MonkeyPatch.context() as patch:
        for name, key in KEYS.items():
            patch.setenv(name, key)
        text = TARGETS.format(provider=KINDS[kind][0], url=url, timeout=timeout, more=more)
        (folder / "targets.toml").write_text(text, encoding="utf-8")
        where = {} if "resume" in options else {"report_dir": folder / "report"}
        runs = Runs(Options(target="small", targets_file=folder / "targets.toml", only=tuple(only or cases(kind)), **where, **options))
        try:
            runs.prepare()
            runs.start()
            [run] = runs.runs
            for case in run.selected:
                run.verify(case)
            return Outcome(runs.conclude(complete=True), runs.results[0], folder / "report", gateway)
        finally:
            runs.stop()
