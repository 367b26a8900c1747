"""Sends and judges every case of the invented provider and writes no report: our side of peer.py.

python benchmarks/judge_only.py TARGETS SPECS FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from proofsheet.session.collector import calm
from proofsheet.session.options import Options
from proofsheet.session.runs import Runs


@calm()
def main(targets: Path, specs: Path, folder: Path) -> int:
    """The number of findings that fail."""
    runs = Runs(Options(target="measured", targets_file=targets, specs=specs, report_dir=folder), eager=True)
    try:
        runs.prepare()
        return sum(finding.verdict in ("fail", "error") for run in runs.runs for case in run.selected for finding in run.verify(case))
    finally:
        runs.stop()


if __name__ == "__main__":
    sys.exit(1 if main(*map(Path, sys.argv[1:4])) else 0)
