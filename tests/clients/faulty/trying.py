"""Trying one faulty gateway, in a process of its own: cases are made by libraries that know one thread."""

from __future__ import annotations

from pathlib import Path

from tests.clients.faulty import faults_content, faults_images
from tests.clients.faulty.declared import FAULTS
from tests.clients.faulty.running import cases, verify
from tests.clients.faulty.variants import CORRECT

assert faults_images and faults_content  # they declare the faults


def tried(name: str, folder: Path) -> tuple[set[tuple[str, str]], set[str]]:
    """What is broken, as check and the end of the case's id; and all verdicts."""
    [declared] = [one for one in FAULTS if one.id == name]
    outcome = verify(declared.kind, folder, declared.made(), only=cases(declared.kind, *declared.only, runtime=declared.runtime))
    return outcome.broken(), {one.verdict for one in outcome.findings}


def allowed(name: str, kind: str, runtime: str, folder: Path) -> tuple[set[tuple[str, str]], set[str]]:
    """As ``tried``, of a gateway that does right."""
    made = next(each for found, _, each in CORRECT if found == name)
    outcome = verify(kind, folder, made(), only=cases(kind, runtime=runtime))
    return outcome.broken(), {one.verdict for one in outcome.findings}
