"""Everything that is written beside results.json, from the results alone."""

from __future__ import annotations

from pathlib import Path

from proofsheet.report.badge import write_badge
from proofsheet.report.ctrf import write_ctrf
from proofsheet.report.evidence import write_evidence
from proofsheet.report.junit import write_junit
from proofsheet.report.markdown import write_markdown
from proofsheet.results.model import Results


def write_reports(directory: Path, results: Results) -> None:
    """Write all reports of one target. ``results`` are as they were written: redacted and cut. Raises ReportError."""
    write_junit(directory, results)
    write_markdown(directory, results)
    write_badge(directory, results)
    write_ctrf(directory, results)
    write_evidence(directory, results)
