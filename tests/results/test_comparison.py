"""Two runs side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proofsheet.results.comparison import UncomparableError, compare, compare_all
from proofsheet.results.comparison.verdicts import meaning
from proofsheet.results.model import Finding, Results
from results.samples import finding, results

BASE, RATIO = "acme/draw/parameters/base", "acme/draw/parameters/ratio/invalid/enum"


def night(*findings: Finding, run: dict[str, Any] | None = None, **more: Any) -> Results:
    made = results(findings, **{"cells": (), "lifecycles": (), "exchanges": (), **more})
    return replace(made, run={**made.run, "id": "n", **(run or {})})


def kinds(old: Results, new: Results) -> list[tuple[str, str, str]]:
    found = compare(old, new)
    return [(change.kind, change.subject, change.id) for change in (*found.requirements, *found.cases)]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("pass", "pass", None),
        ("pass", "info", None),
        ("pass", "fail", "worse"),
        ("pass", "warn", "worse"),
        ("warn", "fail", "worse"),
        ("info", "warn", "worse"),
        ("fail", "warn", "better"),
        ("fail", "pass", "better"),
        ("passed", "failed", "worse"),
        ("warned", "observed", "better"),
        ("fail", "fail", None),
        ("not_run", "fail", "worse"),
        ("not_testable", "warn", "worse"),
        ("unproven", "failed", "worse"),
        ("not_run", "pass", "appeared"),
        ("not_run", "not_testable", None),
        ("pass", "not_run", "unjudged"),
        ("fail", "not_run", "unjudged"),
        ("fail", "error", "unjudged"),
        ("passed", "unproven", "unjudged"),
        ("fail", "not_supported", "unjudged"),
        ("fail", "known_failure", "listed"),
        ("pass", "known_failure", "listed"),
        ("known_failure", "fail", "listed"),
        ("known_failure", "pass", "better"),
        ("known_failure", "known_failure", None),
        ("flaky", "fail", "listed"),
        ("flaky", "pass", "listed"),
        ("absent", "fail", "appeared"),
        ("fail", "absent", "vanished"),
    ],
)
def test_what_a_change_means(old, new, kind):
    assert meaning(old, new) == kind


def test_what_got_worse_is_told_by_requirement_and_by_case():
    old, new = night(finding(), finding(case=RATIO)), night(finding(verdict="fail", message="refused"), finding(case=RATIO))
    found = compare(old, new)
    assert found.worse
    assert kinds(old, new) == [("worse", "requirement", "acme.served"), ("worse", "case", BASE)]
    [requirement], [case] = found.requirements, found.cases
    assert (requirement.old, requirement.new, requirement.level, requirement.others) == ("passed", "failed", "must", (BASE,))
    assert (case.old, case.new, case.details, case.others) == ("pass", "fail", ("parameters.served: pass → fail: refused",), ("acme.served",))


def test_what_got_better_is_not_worse():
    old, new = night(finding(verdict="fail")), night(finding())
    assert not compare(old, new).worse
    assert {kind for kind, _, _ in kinds(old, new)} == {"better"}


def test_equal_runs_have_no_change():
    assert kinds(night(finding(), finding(case=RATIO, verdict="fail")), night(finding(), finding(case=RATIO, verdict="fail"))) == []


def test_a_check_that_newly_breaks_makes_a_known_case_worse_and_one_that_newly_holds_does_not():
    assert ("worse", "case", BASE) in kinds(night(finding()), night(finding(), finding(check="parameters.answer", verdict="fail")))
    assert kinds(night(finding()), night(finding(), finding(check="parameters.answer"))) == []


def test_a_check_that_is_not_made_any_more_is_told_apart():
    old, new = night(finding(), finding(check="pixels.exact", requirement="acme.exact")), night(finding())
    assert ("unjudged", "case", BASE) in kinds(old, new)
    assert not compare(old, new).worse


def test_cases_appear_and_vanish():
    old, new = night(finding()), night(finding(), finding(case=RATIO, verdict="fail"))
    appeared = compare(old, new).of("appeared", "case")
    assert [(change.id, change.old, change.new) for change in appeared] == [(RATIO, "absent", "fail")]
    assert [(change.id, change.new) for change in compare(new, old).of("vanished", "case")] == [(RATIO, "absent")]
    assert not any(change.kind == "worse" for change in compare(old, new).cases)


def test_what_was_not_run_is_neither_worse_nor_vanished():
    old, new = night(finding(), finding(case=RATIO)), night(finding(), finding(case=RATIO, verdict="not_run", message="out of time"), complete=False)
    found = compare(old, new)
    assert not found.worse
    assert [(change.kind, change.id, change.old, change.new) for change in found.cases] == [("unjudged", RATIO, "pass", "not_run")]
    assert found.cases[0].details == ("parameters.served: pass → not_run: out of time",)
    assert any("the new run is incomplete, 1 case(s) were not run" in caution for caution in found.cautions)


def test_a_failure_that_was_hidden_by_an_unfinished_night_is_worse():
    assert ("worse", "case", RATIO) in kinds(night(finding(case=RATIO, verdict="not_run"), complete=False), night(finding(case=RATIO, verdict="fail")))


def test_what_was_not_chosen_is_not_vanished():
    old, new = night(finding(), finding(case=RATIO)), night(finding(), run={"selection": {"only": ["**/base"], "skip": []}})
    found = compare(old, new)
    assert [(change.kind, change.new) for change in found.cases] == [("unjudged", "not chosen")]
    assert any("other cases were chosen: all and only **/base" in caution for caution in found.cautions)
    assert [(change.kind, change.old) for change in compare(new, old).cases] == [("appeared", "not chosen")]


def exchange(name: str, status: int | None, media_type: str = "application/json", problem: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": name, "case": BASE, "request": {"method": "POST"}, "status": status, "headers": {"content-type": media_type}, "problem": problem, "times": {}, "digest": None,
            **more}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (exchange("x", 400), exchange("x", 422), ["answers was POST 400 application/json and is POST 422 application/json"]),
        (exchange("x", 400), exchange("x", 400, "text/html; charset=utf-8"), ["answers was POST 400 application/json and is POST 400 text/html"]),
        (exchange("x", 200), exchange("x", None, "", "timeout"), ["answers was POST 200 application/json and is POST timeout"]),
        (exchange("x", 200), exchange("x", 200), []),
        (exchange("x", 200), exchange("x", 200, "application/json; charset=utf-8"), []),
    ],
)
def test_another_answer_for_the_same_verdict_is_changed_evidence(old, new, told):
    found = compare(night(finding(exchanges=("x",)), exchanges=(old,)), night(finding(exchanges=("x",)), exchanges=(new,)))
    assert [detail for change in found.of("evidence", "case") for detail in change.details] == told
    assert not found.worse


def test_a_repeated_request_is_no_other_evidence():
    once, twice = (exchange("x", 200),), (exchange("x", 200), exchange("y", 500, attempt=2))
    assert kinds(night(finding(exchanges=("x",)), exchanges=once), night(finding(exchanges=("x", "y")), exchanges=twice)) == []


def test_other_pixels_and_another_code_are_changed_evidence():
    def seen(pixels: str, code: str) -> Results:
        return night(
            finding(check="pixels.size", case=RATIO, actual=pixels), finding(check="errors.code", requirement="acme.message", level="should", actual=code)
        )

    found = compare(seen("1024x1024", "invalid"), seen("1020x1020", "bad_request"))
    assert {change.id: change.details for change in found.of("evidence", "case")} == {
        RATIO: ("pixels was 1024x1024 and is 1020x1020",), BASE: ("codes was invalid and is bad_request",),
    }  # fmt: skip


def test_answers_of_another_shape_are_told_whatever_their_values():
    def answered(**types: list[str]) -> Results:
        return night(finding(), answers={"POST /draw 200": {"types": {"$": ["object"], **{f"$.{name}": kinds for name, kinds in types.items()}}, "words": {}}})

    [drift] = compare(answered(url=["string"], n=["number"]), answered(url=["array"], more=["string"])).shapes
    assert drift.exchange == "POST /draw 200"
    assert [str(change) for change in drift.changes] == ["$.more is new (string)", "$.n is gone (number)", "$.url was string and is array"]
    assert compare(answered(url=["string"]), answered(url=["string"])).shapes == ()


def test_simulated_against_live_is_said_loudly():
    real, simulated = night(finding()), night(finding(), provenance="simulated")
    [alarm] = compare(real, simulated).alarms
    assert alarm.startswith("LIVE against SIMULATED")
    assert compare(real, real).alarms == compare(simulated, simulated).alarms == ()


@pytest.mark.parametrize(
    ("changes", "caution"),
    [
        ({"mode": "replay"}, "another mode: live and replay"),
        ({"provenance": "recorded"}, "another provenance: live and recorded"),
        ({"tier": "smoke"}, "another tier: full and smoke"),
        ({"specs_sha256": "1" * 64}, "other specs"),
        ({"tool_version": "0.2.0"}, "another version of this tool"),
        ({"target": {"name": "b", "provider": "acme", "base_url": "http://127.0.0.1:9302"}}, "another target: candidate and b"),
        ({"started_at": "2026-11-19T10:00:00+00:00", "id": "older"}, "is older than the old one"),
        ({"started_at": "2026-11-20T10:00:00+00:00"}, "one and the same run"),
    ],
)
def test_runs_that_were_made_otherwise_are_compared_and_it_is_said(changes, caution):
    found = compare(night(finding()), night(finding(), run=changes))
    assert any(caution in said for said in found.cautions)


def test_runs_of_different_providers_are_not_compared():
    with pytest.raises(UncomparableError, match="about acme and the new one about other"):
        compare(night(finding()), night(finding(), run={"target": {"name": "candidate", "provider": "other", "base_url": "http://127.0.0.1:1"}}))


def test_several_targets_are_compared_each_with_itself():
    whole, broken = night(finding()), night(finding(verdict="fail"))
    pairing = compare_all({"a": whole, "b": whole, "gone": whole}, {"b": broken, "a": whole, "new": whole})
    assert [comparison.worse for comparison in pairing.comparisons] == [True, False]
    assert (pairing.only_old, pairing.only_new, pairing.worse) == (("gone",), ("new",), True)
    assert compare_all({"a": whole}, {"b": broken}).worse
    with pytest.raises(UncomparableError, match="no target in common"):
        compare_all({"a": whole, "c": whole}, {"b": broken})


def test_regions_are_compared_apart():
    east, west = finding(region="east"), finding(region="west")
    found = compare(night(east, west), night(east, replace(west, verdict="fail")))
    assert [(change.kind, change.region) for change in found.cases] == [("worse", "west")]
