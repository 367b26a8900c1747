"""Where a run is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from proofsheet.session.history import history_file
from proofsheet.session.options import Options

NAMED, OWN = Path("kept.sqlite"), Path("one")


@pytest.mark.parametrize(
    ("options", "there", "kept"),
    [
        (Options(), False, "beside"),
        (Options(), True, "beside"),
        (Options(report_dir=OWN), False, None),
        (Options(report_dir=OWN), True, "beside"),
        (Options(resume=OWN), False, None),
        (Options(resume=OWN), True, "beside"),
        (Options(shard=(1, 2)), True, None),
        (Options(shard=(1, 2), history=NAMED), True, "named"),
        (Options(history=NAMED), True, "named"),
        (Options(report_dir=OWN, history=NAMED), False, "named"),
    ],
)
def test_where(tmp_path, options, there, kept):
    beside = tmp_path / "history.sqlite"
    if there:
        beside.write_bytes(b"")
    assert history_file(options, tmp_path / "one") == {"beside": beside, "named": NAMED, None: None}[kept]
