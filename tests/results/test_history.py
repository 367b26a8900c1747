"""All runs in one file, and what they tell together."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proofsheet.results import history
from proofsheet.results.history import HistoryError, append, read
from proofsheet.results.model import Results
from proofsheet.results.trends import series
from results.samples import finding, results


def night(number: int, verdict: str = "pass", target: str = "candidate", **run: Any) -> Results:
    made = results((finding(verdict=verdict), finding(check="pixels.exact", requirement="acme.exact", case="acme/draw/pixels/1:1")),
                   timings=({"size": "2K", "seconds": number + 0.5}, {"size": "2K", "seconds": number}, {"size": "", "seconds": 1.0}))  # fmt: skip
    facts = {**made.run, "id": f"night-{number:02}", "started_at": f"2026-11-{number:02}T03:00:00+00:00", "target": {**made.run["target"], "name": target}}
    return replace(made, run={**facts, **run})


def kept(path: Path, *nights: Results) -> Path:
    for one in nights:
        append(path, one)
    return path


def test_what_was_kept_is_read_in_the_order_of_time(tmp_path):
    path = kept(tmp_path / "deep" / "h.sqlite", night(2, "fail"), night(1), night(3, target="other"))
    runs = read(path)
    assert [run.id for run in runs] == ["night-01", "night-02", "night-03"]
    first = runs[0]
    assert (first.provider, first.conforms, first.complete, first.requests, first.images, first.amount, first.unit) == ("acme", True, True, 7, 2, "0.20", "credits")
    assert first.requirements["acme.served"] == ("must", "passed")
    assert runs[1].requirements["acme.served"] == ("must", "failed")
    assert {size: (one.n, one.least, one.median, one.most) for size, one in first.latency.items()} == {"2K": (2, 1.0, 1.25, 1.5), "default": (1, 1.0, 1.0, 1.0)}
    assert [run.id for run in read(path, "other")] == ["night-03"]


def test_a_run_that_is_written_again_is_replaced(tmp_path):
    [run] = read(kept(tmp_path / "h.sqlite", night(1, "fail"), night(1)))
    assert run.conforms is True
    assert run.requirements["acme.served"] == ("must", "passed")


def test_runs_at_the_same_time_are_all_kept(tmp_path):
    path = tmp_path / "h.sqlite"
    threads = [threading.Thread(target=append, args=(path, night(number))) for number in range(1, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read(path)) == 12


def test_a_file_that_is_locked_is_told_and_untouched(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "PATIENCE", 0.05)
    path = kept(tmp_path / "h.sqlite", night(1))
    base = sqlite3.connect(path, isolation_level=None)
    try:
        base.execute("BEGIN EXCLUSIVE")
        with pytest.raises(HistoryError, match="another process holds it"):
            append(path, night(2))
    finally:
        base.close()
    assert len(read(path)) == 1


@pytest.mark.parametrize("content", [b"this is no database, but a text of some length" * 40, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_damaged_file_is_told_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "h.sqlite"
    path.write_bytes(content)
    with pytest.raises(HistoryError, match=r"damaged .*: move it away"):
        append(path, night(1))
    with pytest.raises(HistoryError, match="damaged"):
        read(path)
    assert path.read_bytes() == content


def test_another_database_is_no_history(tmp_path):
    path = tmp_path / "h.sqlite"
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE runs (a)")
    base.close()
    with pytest.raises(HistoryError, match="is no history"):
        append(path, night(1))
    with pytest.raises(HistoryError, match="is no history"):
        read(path)


def test_a_newer_format_is_told(tmp_path):
    path = kept(tmp_path / "h.sqlite", night(1))
    base = sqlite3.connect(path)
    base.execute("PRAGMA user_version = 7")
    base.close()
    with pytest.raises(HistoryError, match="newer version of this tool"):
        append(path, night(2))


def test_places_that_cannot_hold_a_history_are_told(tmp_path):
    with pytest.raises(HistoryError, match="there is no history here"):
        read(tmp_path / "none.sqlite")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(HistoryError, match="cannot be used"):
        append(tmp_path / "file" / "h.sqlite", night(1))
    with pytest.raises(HistoryError):
        append(tmp_path, night(1))


def test_half_a_run_is_never_kept(tmp_path):
    path = kept(tmp_path / "h.sqlite", night(1))
    broken = replace(night(2), timings=({"size": "2K", "seconds": "soon"},))
    with pytest.raises(HistoryError):
        append(path, broken)
    assert [run.id for run in read(path)] == ["night-01"]


def test_a_requirement_over_time(tmp_path):
    words = ["pass", "fail", "fail", "pass", "not_testable", "warn", "known_failure", "pass", "fail", "not_run", "fail"]
    path = kept(tmp_path / "h.sqlite", *(night(day, word) for day, word in enumerate(words, 1)))
    [one] = series(read(path))
    [trend] = one.trends
    assert trend.requirement == "acme.served"
    assert trend.strip == ".FF.-wk.F-F"
    assert one.strip[:2] == ".F"
    assert trend.first_broke.id == "night-02"
    assert trend.broken_since.id == "night-09"


def test_a_requirement_that_is_whole_again_says_so(tmp_path):
    [one] = series(read(kept(tmp_path / "h.sqlite", night(1), night(2, "fail"), night(3))))
    assert one.trends[0].first_broke.id == "night-02"
    assert one.trends[0].broken_since is None


def test_requirements_are_chosen_by_pattern_whether_they_broke_or_not(tmp_path):
    path = kept(tmp_path / "h.sqlite", night(1), night(2))
    assert series(read(path))[0].trends == ()
    assert [trend.requirement for trend in series(read(path), "acme.s*")[0].trends] == ["acme.seen", "acme.served"]


def test_replays_and_simulations_make_trends_of_their_own_and_replays_cost_nothing(tmp_path):
    path = kept(tmp_path / "h.sqlite", night(1), night(2, "fail", provenance="recorded", mode="replay"), night(3, provenance="simulated"), night(4))
    found = {one.provenance: one for one in series(read(path))}
    assert {name: len(one.runs) for name, one in found.items()} == {"live": 2, "recorded": 1, "simulated": 1}
    assert found["live"].trends == ()
    assert found["recorded"].spend() == {}
    assert {unit: float(amount) for unit, amount in found["live"].spend().items()} == {"credits": 0.4}


def test_latency_is_told_by_size_over_time(tmp_path):
    [one] = series(read(kept(tmp_path / "h.sqlite", night(1), night(2))))
    assert {size: [(run.id, measured.median) for run, measured in seen] for size, seen in one.latency().items()} == {
        "2K": [("night-01", 1.25), ("night-02", 2.25)], "default": [("night-01", 1.0), ("night-02", 1.0)],
    }  # fmt: skip
