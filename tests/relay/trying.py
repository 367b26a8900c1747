"""Trying one faulty gateway, in a process of its own: cases are made by libraries that know one thread."""

from __future__ import annotations

from pathlib import Path

from tests.relay import faults_back, faults_out
from tests.relay.declared import FAULTS
from tests.relay.running import verify

assert faults_out and faults_back  # they declare the faults


def tried(name: str, folder: Path) -> tuple[set[tuple[str, str]], set[str]]:
    """What is broken, as check and case; and all verdicts."""
    [declared] = [one for one in FAULTS if one.id == name]
    outcome = verify(declared.kind, folder, declared.made, only=[f"**/relay/{case}" for case in declared.cases])
    return outcome.broken(), {one.verdict for one in outcome.findings}
