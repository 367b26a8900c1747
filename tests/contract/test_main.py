"""``python -m proofsheet.contract``."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest
from tests.invented.running import SPECS


@pytest.mark.parametrize(("folders", "code"), [([], 4), ([SPECS / "inkwell"], 0), ([SPECS / "inkwell", SPECS / "none"], 4)])
def test_the_command_reads_its_arguments_and_ends_with_its_code(folders: list[Path], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["proofsheet.contract", *map(str, folders)])
    monkeypatch.delitem(sys.modules, "proofsheet.contract.__main__", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("proofsheet.contract", run_name="__main__")
    assert ended.value.code == code
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")] == ["inkwell"] * (SPECS / "inkwell" in folders)
