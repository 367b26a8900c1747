"""``--against``: what changed in shape since a recording, beside the verdicts and without weight in them."""

from __future__ import annotations

from dataclasses import asdict

from proofsheet.exchange.model import Exchange
from proofsheet.results.writing import as_json, write_atomically
from proofsheet.session.run import TargetRun

DRIFT_FILE = "drift.json"
_SHOWN = 8


def write_drift(run: TargetRun) -> list[str]:
    """Compare a run with the recording it was to be compared with, write drift.json, return sentences. Raises RecordingError, ReportError."""
    if run.against is None:
        return []
    from proofsheet.recording.drift import drift

    performed: dict[str, list[Exchange]] = {}
    for probe, exchange in run.record.exchanges:
        performed.setdefault(probe, []).append(exchange)
    found = drift(run.contract, run.against, run.cases, run.target.base_url, performed)
    document = {"against": run.against.about.digest, "drift": [asdict(one) for one in found]}
    write_atomically(run.directory / DRIFT_FILE, as_json(document))
    lines = [f"{one.exchange}: {change}" for one in found for change in one.changes]
    since = f"since the recording {run.against.folder} of {run.against.about.recorded_at}"
    if not lines:
        return [f"no answer changed its shape {since}"]
    more = [f"and {len(lines) - _SHOWN} more in {DRIFT_FILE}"] if len(lines) > _SHOWN else []
    return [f"{len(lines)} change(s) of shape {since} ({DRIFT_FILE})", *lines[:_SHOWN], *more]
