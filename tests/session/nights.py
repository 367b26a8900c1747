"""Nights against the reference gateway within this process, each on a day of its own and with faults of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from proofsheet.cases.surroundings import Pictures
from proofsheet.contract import load_contract
from proofsheet.exchange.inspection import Inspector
from proofsheet.exchange.targets import TargetPace, target_from_mapping
from proofsheet.killing.wire import InProcess
from proofsheet.reference.gateway import Gateway
from proofsheet.reference.pictures import Studio
from proofsheet.reference.targets import target_of
from proofsheet.reference.wording import read_wording
from proofsheet.results.known import read_known
from proofsheet.results.model import Results
from proofsheet.results.summary import exit_code
from proofsheet.session.history import remember
from proofsheet.session.options import Options
from proofsheet.session.outcome import conclude
from proofsheet.session.repeats import Repeats
from proofsheet.session.run import TargetRun

PROVIDER = "xairouter"
#: A port that nothing listens on: the wire ends in this process.
_PORT = 9


@dataclass(frozen=True)
class Night:
    """One run: where its reports are, what it says, how it ended."""

    folder: Path
    results: Results
    code: int

    @property
    def why(self) -> str:
        return "; ".join(self.results.summary["why"])

    def verdicts(self, case: str) -> set[str]:
        return {finding.verdict for finding in self.results.findings if finding.case == f"{PROVIDER}/{case}" and finding.level != "info"}


@dataclass
class Nights:
    """All nights of one folder. ``only`` are the cases that are chosen."""

    folder: Path
    only: tuple[str, ...]
    studio: Studio = field(default_factory=Studio)
    inspector: Inspector = field(default_factory=Inspector)

    @property
    def history(self) -> Path:
        return self.folder / "history.sqlite"

    def night(self, day: int, *faults: str, known: Path | None = None, repeat: int = 1, judged: int | None = None, tier: str = "full") -> Night:
        """One night. When ``judged`` cases are judged its time is over."""
        contract = load_contract(PROVIDER)
        gateway = Gateway(contract, read_wording(contract), faults=faults)
        gateway.port, gateway.studio = _PORT, self.studio.for_another_loop()
        raw = {key: value for key, value in target_of(PROVIDER, _PORT, gateway.accounts.keys, "USD").items() if key != "reference_image_url"}
        target = replace(target_from_mapping("candidate", raw), pace=TargetPace(max_concurrency=1))
        folder = self.folder / f"night-{day:02}"
        options = Options(target="candidate", only=self.only, report_dir=folder, known=known, repeat=repeat, history=self.history)
        run = TargetRun(contract, target, folder, Pictures(), lambda _: InProcess(gateway, self.inspector), sends=False, tier=tier)
        chosen = [case for case in run.cases if options.selects(case.id)]
        run.select(chosen[:judged])
        if known is not None:
            run.known = read_known(known, date(2026, 11, day))
        run.repeats = Repeats(repeat)
        run.started_at = datetime(2026, 11, day, 3, tzinfo=UTC)
        run.start()
        for case in run.selected:
            run.verify(case)
        if judged is not None:
            run.select(chosen)
            run.stop("--max-time 60 was reached")
        results = conclude(run, options, complete=judged is None, run_id=f"night-{day:02}")
        remember(options, folder, [results])
        return Night(folder, results, exit_code(results.summary))
