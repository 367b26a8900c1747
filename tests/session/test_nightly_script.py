"""The script of docs/nightly.md, run as cron would: three nights, red only where something got worse."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from proofsheet.reference import start_reference
from session.command import ROOT, Outcome, environment, run, targets_file

SCRIPT = ROOT / "examples" / "nightly.sh"
ONLY = ("--only", "*/*/parameters/base", "--only", "*/*/pixels/1:1@2K")


def shim(folder: Path) -> str:
    """A ``proofsheet`` on the PATH that is this interpreter's."""
    (folder / "bin").mkdir()
    command = folder / "bin" / "proofsheet"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m proofsheet "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return f"{folder / 'bin'}:{environment()['PATH']}"


def night(folder: Path, path: str, *faults: str, **variables: str) -> Outcome:
    with start_reference(["xairouter"], faults=faults) as gateway:
        environ = targets_file(folder, gateway, "xairouter")
        outcome = run(folder, ["sh", str(SCRIPT), *ONLY], {**environ, "PATH": path, "TARGET": "candidate", **variables})
    time.sleep(1.1)  # reports are named by the second
    return outcome


def test_three_nights(tmp_path):
    path = shim(tmp_path)
    first = night(tmp_path, path)
    assert first.code == 0, first.said
    second = night(tmp_path, path, "other-cell:native:1:1@2K")
    assert second.code == 1, second.said
    assert "GOT WORSE" in second.out
    third = night(tmp_path, path, "other-cell:native:1:1@2K")
    assert third.code == 0, third.said
    assert "NOTHING GOT WORSE" in third.out
    assert "DOES NOT CONFORM" in third.out
    nights = sorted(place.parent for place in (tmp_path / "reports").glob("*/compare.md"))
    assert [(place / "compare.md").read_text(encoding="utf-8").splitlines()[0] for place in nights] == ["## candidate: got worse", "## candidate: nothing got worse"]
    assert (tmp_path / "reports" / "yardstick").read_text(encoding="utf-8").strip() == f"reports/{nights[-1].name}"
    assert (tmp_path / "reports" / "history.sqlite").is_file()


def test_a_night_without_a_result_is_no_yardstick(tmp_path):
    outcome = run(tmp_path, ["sh", str(SCRIPT)], {"PATH": shim(tmp_path), "TARGET": "nobody"})
    assert outcome.code == 2, outcome.said
    assert not (tmp_path / "reports" / "yardstick").exists()
