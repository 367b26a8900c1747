"""One whole run against a miniature, in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from tests.miniatures.servers import KEY, Miniature, served

from proofsheet.results.model import Finding, Results
from proofsheet.session.options import Options
from proofsheet.session.runs import Runs

#: What is lacking where the command line names a target: states, other accounts, a balance, slow documents.
TARGETS = """[targets.{provider}]
provider = "{provider}"
base_url = "{url}"
asset_hosts = ["127.0.0.1"]
unsupported = [{unsupported}]
[targets.{provider}.credentials]
default = "MINIATURE_KEY"
[targets.{provider}.pace]
max_concurrency = {concurrency}
first_poll_after = 0.01
poll_every = 0.01
requests_per_minute = 1000000
"""


@dataclass(frozen=True)
class Outcome:
    """The exit code and what was written."""

    code: int
    results: Results
    directory: Path

    @property
    def findings(self) -> Sequence[Finding]:
        return self.results.findings

    @property
    def conforms(self) -> bool | None:
        return self.results.summary["conforms"]

    def requirements(self, verdict: str) -> set[str]:
        return {entry.id for entry in self.results.requirements if entry.verdict == verdict}

    def verdict(self, requirement: str) -> str:
        [found] = [entry.verdict for entry in self.results.requirements if entry.id == requirement]
        return found

    def verdicts(self, check: str, case: str = "*") -> set[str]:
        return {finding.verdict for finding in self.findings if finding.check == check and fnmatchcase(finding.case, case)}

    def messages(self, check: str, verdict: str) -> set[str]:
        return {finding.message for finding in self.findings if finding.check == check and finding.verdict == verdict}

    @property
    def counts(self) -> Mapping[str, int]:
        return self.results.summary["verdicts"]


def verify(miniature: type[Miniature], provider: str, folder: Path, unsupported: Sequence[str] = (), concurrency: int = 16, only: Sequence[str] = ()) -> Outcome:
    """Verify a miniature as if it were this provider's gateway."""
    with served(miniature) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINIATURE_KEY", KEY)
        names = ", ".join(f'"{name}"' for name in unsupported)
        (folder / "targets.toml").write_text(TARGETS.format(provider=provider, url=url, unsupported=names, concurrency=concurrency), encoding="utf-8")
        runs = Runs(Options(target=provider, targets_file=folder / "targets.toml", report_dir=folder / "report", only=tuple(only)))
        try:
            runs.prepare()
            runs.start()
            [run] = runs.runs
            run.check_gateway()
            for case in run.selected:
                run.verify(case)
            return Outcome(runs.conclude(complete=True), runs.results[0], folder / "report")
        finally:
            runs.stop()
