"""A fortnight of simulated nights: each morning the comparison, the history and the known failures tell what has happened.

Faults are switched on and off on given days; the list of known failures is kept as an engineer on call would keep it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from proofsheet.report.markdown import markdown
from proofsheet.results.comparison import Comparison, compare
from proofsheet.results.history import read
from proofsheet.results.known_writing import Wanted, add_entries
from proofsheet.results.reading import read_results
from proofsheet.results.trends import Series, series
from session.nights import Night, Nights

BASE, STRANGER, SQUARE, WIDE = "native/parameters/base", "native/errors/unknown-key", "native/pixels/1:1@2K", "native/pixels/16:9@1K"
ONLY = (f"*/{BASE}", "*/native/errors/keyless", f"*/{STRANGER}", f"*/{SQUARE}", f"*/{WIDE}")
SMALL, MUTE, BARE = "other-cell:native:1:1@2K", "other-envelope:unknown-key", "drop-field:native:modelVersion"
BROKEN_BY_SMALL = {"xairouter.ratio.honoured", "xairouter.size.honoured", "xairouter.size.2K"}


class Fortnight:
    """The nights, and what the mornings see."""

    def __init__(self, folder: Path) -> None:
        self.nights = Nights(folder / "reports", ONLY)
        self.known = folder / "known.yaml"
        self.past: dict[int, Night] = {}
        self.texts: dict[int, str] = {}
        for day, live in enumerate(self._days(), 1):
            self.past[day] = live(day)
            self.texts[day] = self.known.read_text(encoding="utf-8") if self.known.exists() else ""

    def _days(self) -> Iterator[Callable[[int], Night]]:
        night = self.nights.night
        yield lambda day: night(day)
        yield lambda day: night(day)
        yield lambda day: night(day, SMALL)
        yield lambda day: night(day, SMALL)
        self._list("the 2K square comes small", 4, expires=date(2026, 11, 8))
        yield lambda day: night(day, SMALL, known=self.known)
        yield lambda day: night(day, SMALL, MUTE, known=self.known)
        yield lambda day: night(day, SMALL, MUTE, known=self.known, judged=2)
        yield lambda day: night(day, SMALL, known=self.known)
        yield lambda day: night(day, SMALL, known=self.known)
        self.known.write_text(self.known.read_text(encoding="utf-8").replace("2026-11-08", "2026-12-31"), encoding="utf-8")
        yield lambda day: night(day, known=self.known)
        self.known.write_text("known: []\n", encoding="utf-8")
        yield lambda day: night(day, known=self.known)
        yield lambda day: night(day, "intermittent", known=self.known, repeat=3)
        self.known.write_text(
            f"flaky:\n  - {{id: '{self.flake}', reason: a busy backend, link: 'https://tracker.example/9', expires: 2026-12-31}}\n", encoding="utf-8"
        )
        yield lambda day: night(day, "intermittent", known=self.known)
        yield lambda day: night(day, BARE)

    def _list(self, reason: str, day: int, expires: date) -> None:
        failing = dict.fromkeys((finding.case, finding.requirement) for finding in self.past[day].results.findings if finding.verdict == "fail")
        add_entries(self.known, [Wanted(*pair) for pair in failing], reason=reason, link="https://tracker.example/7", expires=expires)

    @property
    def flake(self) -> str:
        """The case that failed on day 12, which is the one whose request happened to be answered with a 500."""
        [case] = {finding.case for finding in self.past[12].results.findings if finding.verdict == "fail"}
        return case

    def compared(self, day: int, before: int | None = None) -> Comparison:
        return compare(read_results(self.past[before or day - 1].folder), read_results(self.past[day].folder))

    def history(self, day: int) -> Series:
        """The history as it stood on the morning after a night."""
        [one] = series(run for run in read(self.nights.history) if run.id <= f"night-{day:02}")
        return one


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory) -> Fortnight:
    return Fortnight(tmp_path_factory.mktemp("fortnight"))


def changed(comparison: Comparison, kind: str) -> tuple[set[str], set[str]]:
    """The requirements and the cases that changed in one way."""
    requirements = {change.id for change in comparison.of(kind, "requirement") if change.level == "must"}
    return requirements, {change.id.removeprefix("xairouter/") for change in comparison.of(kind, "case")}


def quiet(comparison: Comparison) -> bool:
    return not comparison.requirements and not comparison.cases and not comparison.shapes


def test_days_1_and_2_nothing_happens(fortnight):
    assert [fortnight.past[day].code for day in (1, 2)] == [0, 0]
    assert quiet(fortnight.compared(2))
    assert fortnight.history(2).trends == ()


def test_day_3_a_size_breaks_and_is_told_as_worse(fortnight):
    assert fortnight.past[3].code == 1
    comparison = fortnight.compared(3)
    assert comparison.worse
    assert changed(comparison, "worse") == (BROKEN_BY_SMALL, {SQUARE})
    assert not comparison.of("better", "case")
    assert {trend.requirement: trend.first_broke.id for trend in fortnight.history(3).trends if trend.level == "must"} == dict.fromkeys(BROKEN_BY_SMALL, "night-03")


def test_day_4_it_is_still_broken_and_no_news(fortnight):
    assert fortnight.past[4].code == 1
    assert quiet(fortnight.compared(4))


def test_day_5_it_is_listed_and_the_night_passes(fortnight):
    night = fortnight.past[5]
    assert night.code == 0, night.why
    assert night.results.summary["verdicts"]["known_failure"] == 3
    assert night.results.summary["known"]["problems"] == []
    comparison = fortnight.compared(5)
    assert not comparison.worse
    assert changed(comparison, "listed") == (BROKEN_BY_SMALL, {SQUARE})
    assert "tracker.example/7" in markdown(night.results)


def test_day_6_something_else_breaks_beside_it_and_only_that_is_told(fortnight):
    night = fortnight.past[6]
    assert night.code == 0  # a should
    comparison = fortnight.compared(6)
    assert comparison.worse
    assert changed(comparison, "worse") == (set(), {STRANGER})
    assert not comparison.of("listed", "case")


def test_day_7_the_night_is_cut_short_and_nothing_counts_as_vanished_mended_or_stale(fortnight):
    night = fortnight.past[7]
    assert night.code == 2
    assert night.results.summary["known"]["problems"] == []
    comparison = fortnight.compared(7)
    assert not comparison.worse
    assert not comparison.of("vanished", "case")
    assert not comparison.of("better", "case")
    assert changed(comparison, "unjudged")[1] >= {SQUARE, WIDE}
    assert any("the new run is incomplete" in caution for caution in comparison.cautions)


def test_day_8_the_second_fault_is_gone(fortnight):
    assert fortnight.past[8].code == 0
    comparison = fortnight.compared(8, before=6)
    assert not comparison.worse
    assert changed(comparison, "better") == (set(), {STRANGER})
    # Since a night that did not look at it, nobody can say that what stands broken now was broken before.
    assert {(change.id, change.old) for change in fortnight.compared(8).of("worse", "case")} == {(f"xairouter/{SQUARE}", "not_run")}


def test_day_9_the_entries_have_expired_and_each_is_shown_with_its_line(fortnight):
    night = fortnight.past[9]
    assert night.code == 1
    problems = night.results.summary["known"]["problems"]
    lines = fortnight.texts[9].splitlines()
    assert len(problems) == 3
    for problem in problems:
        file, line, rest = problem.split(":", 2)
        assert file == str(fortnight.known)
        assert lines[int(line) - 1].strip() in rest
        assert rest.endswith("expired on 2026-11-08: delete this line")
    assert "fail" in night.verdicts(SQUARE)
    comparison = fortnight.compared(9)
    assert not comparison.worse  # nothing has happened to the target
    assert changed(comparison, "listed")[1] == {SQUARE}


def test_day_10_the_fault_is_mended_and_the_entries_must_go(fortnight):
    night = fortnight.past[10]
    assert night.code == 1
    assert night.results.summary["verdicts"]["fail"] == 0
    assert [problem.split("' ")[-1] for problem in night.results.summary["known"]["problems"]] == ["passes (1 finding(s)): delete this line"] * 3
    assert "3 entry(s) of the list of known failures must go" in night.why
    comparison = fortnight.compared(10)
    assert changed(comparison, "better") == (BROKEN_BY_SMALL, {SQUARE})
    assert not comparison.worse


def test_day_11_the_list_is_empty_and_all_is_well(fortnight):
    assert fortnight.past[11].code == 0
    assert quiet(fortnight.compared(11))
    trends = {trend.requirement: trend for trend in fortnight.history(11).trends}
    assert trends["xairouter.size.2K"].strip == "..FFkk-kF.."
    assert trends["xairouter.size.2K"].broken_since is None
    assert trends["xairouter.errors.message"].first_broke.id == "night-06"


def test_day_12_a_flake_is_sent_again_and_still_fails(fortnight):
    night = fortnight.past[12]
    assert night.code == 1
    repeats = night.results.summary["repeats"]
    assert repeats["cases"] == 1
    assert repeats["always"] == 0
    [attempts] = {finding.attempts for finding in night.results.findings if finding.case == fortnight.flake and finding.verdict == "fail"}
    assert attempts == ("fail", "pass", "pass")
    again = [exchange["attempt"] for exchange in night.results.exchanges if exchange.get("attempt")]
    assert sorted(set(again)) == [2, 3]
    assert len(again) == repeats["requests"]
    assert "failed only the first time" in markdown(night.results)
    assert {change.id for change in fortnight.compared(12).of("worse", "case")} == {fortnight.flake}


def test_day_13_the_flake_is_listed_and_decides_nothing(fortnight):
    night = fortnight.past[13]
    assert night.code == 0, night.why
    verdicts = {finding.verdict for finding in night.results.findings if finding.case == fortnight.flake}
    assert "flaky" in verdicts
    assert not verdicts & {"pass", "fail", "warn"}
    comparison = fortnight.compared(13)
    assert not comparison.worse
    assert {change.id for change in comparison.of("listed", "case")} == {fortnight.flake}


def test_day_14_an_answer_has_another_shape_and_no_verdict_changed_for_the_worse(fortnight):
    night = fortnight.past[14]
    assert night.code == 0
    comparison = fortnight.compared(14, before=11)
    assert not comparison.worse
    assert [str(change) for drift in comparison.shapes for change in drift.changes] == ["$.modelVersion is gone (string)"]


def test_the_history_of_all_nights(fortnight):
    history = fortnight.history(14)
    assert history.provenance == "simulated"
    assert history.strip == "..FF..?.FF.F.."
    assert {trend.requirement: trend.strip for trend in history.trends}["xairouter.size.2K"][:11] == "..FFkk-kF.."
    assert set(history.latency()) >= {"1K", "2K"}
    assert all(len(run.requirements) == len(history.runs[0].requirements) for run in history.runs)
    assert history.spend()["USD"] > 0
