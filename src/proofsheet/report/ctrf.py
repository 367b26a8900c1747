"""ctrf.json: the Common Test Report Format, one test a case."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from proofsheet.report.text import block, one_line
from proofsheet.results.model import AREAS, Finding, Results
from proofsheet.results.writing import as_json, write_atomically

CTRF_FILE = "ctrf.json"
SPEC_VERSION = "0.0.0"
_STATUSES = ("passed", "failed", "skipped", "pending", "other")
#: Which verdict speaks for a case, and what it is called in this format; the first that occurs counts.
_ORDER = (
    ("fail", "failed"), ("error", "failed"), ("known_failure", "other"), ("flaky", "other"), ("warn", "passed"), ("pass", "passed"), ("info", "other"),
    ("not_run", "pending"), ("not_testable", "skipped"), ("not_supported", "skipped"),
)  # fmt: skip
_NAMESPACE = uuid.UUID("5b5f3c0e-6f0d-5d5e-9a0b-0d3a8a4a9c11")


def write_ctrf(directory: Path, results: Results) -> Path:
    """Write ctrf.json into the report directory. Raises ReportError."""
    path = directory / CTRF_FILE
    write_atomically(path, as_json(ctrf(results)))
    return path


def ctrf(results: Results) -> dict[str, Any]:
    """The document. The same results give the same one."""
    run = results.run
    seconds = {str(one["id"]): one.get("times", {}).get("seconds", 0) for one in results.exchanges}
    cases: dict[tuple[str, str], list[Finding]] = {}
    for finding in results.findings:
        cases.setdefault((finding.case, finding.region), []).append(finding)
    tests = [_test(case, region, findings, run["target"], seconds) for (case, region), findings in cases.items()]
    counts = Counter(test["status"] for test in tests)
    start, stop = _milliseconds(run["started_at"]), _milliseconds(run["finished_at"])
    return {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "reportId": str(uuid.uuid5(_NAMESPACE, f"{run['id']} {run['target']['name']}")),
        "timestamp": run["finished_at"] or run["started_at"],
        "generatedBy": f"proofsheet {run['tool_version']}",
        "results": {
            "tool": {"name": "proofsheet", "version": str(run["tool_version"])},
            "summary": {"tests": len(tests), **{status: counts[status] for status in _STATUSES}, "start": start, "stop": max(start, stop)},
            "tests": tests,
            "extra": {
                "target": dict(run["target"]), "provenance": run["provenance"], "mode": run["mode"], "tier": run["tier"], "complete": run["complete"],
                "conforms": results.summary["conforms"], "why": list(results.summary.get("why", ())), "features": list(results.summary.get("features", ())),
            },
        },
    }  # fmt: skip


def _test(case: str, region: str, findings: Sequence[Finding], target: Mapping[str, Any], seconds: Mapping[str, float]) -> dict[str, Any]:
    verdicts = {finding.verdict for finding in findings}
    raw, status = next(pair for pair in _ORDER if pair[0] in verdicts)
    speaking = [finding for finding in findings if finding.verdict == raw]
    area = next((segment for segment in case.split("/") if segment in AREAS), findings[0].area)
    exchanges = {name for finding in findings for name in finding.exchanges}
    test: dict[str, Any] = {
        "id": str(uuid.uuid5(_NAMESPACE, f"{case} {region}")),
        "name": one_line(case, 500) or "case",
        "status": status,
        "duration": round(1000 * sum(seconds.get(name, 0) for name in exchanges)),
        "suite": [one_line(str(target["provider"])), area, *([one_line(region)] if region else [])],
        "rawStatus": raw,
        "tags": [area],
        "labels": {"requirement": list(dict.fromkeys(finding.requirement for finding in findings))},
    }
    tries = max((finding.attempts for finding in findings), key=len)
    if len(tries) > 1:
        test["retries"] = len(tries) - 1
        # This format's flaky test is one that passed after it had failed: here such a case has failed all the same.
        test["flaky"] = any("pass" in finding.attempts and "fail" in finding.attempts for finding in findings)
    if raw != "pass":
        test["message"] = one_line(f"{speaking[0].check} ({speaking[0].requirement}): {speaking[0].message}", 500)
        test["trace"] = block("\n".join(line for finding in speaking for line in _lines(finding)), 8000)
    if raw in ("fail", "error") and speaking[0].curl:
        test["snippet"] = block(speaking[0].curl, 8000)
    return test


def _lines(finding: Finding) -> list[str]:
    lines = [f"{finding.verdict} {finding.check}, {finding.requirement} ({finding.level}): {finding.message}"]
    return lines + [f"  {label} {text}" for label, text in (("expected", finding.expected), ("actual", finding.actual)) if text]


def _milliseconds(moment: Any) -> int:
    try:
        return round(1000 * datetime.fromisoformat(moment).timestamp())
    except (TypeError, ValueError):
        return 0
