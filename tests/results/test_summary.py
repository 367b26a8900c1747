"""What a run says as a whole."""

from __future__ import annotations

import pytest

from proofsheet.contract.model import Matrix
from proofsheet.results.model import Finding, RequirementResult
from proofsheet.results.summary import Assessment, assess, exit_code, requirement_results, summary_of
from results.samples import MATRIX, finding, requirement

SPEND = {"amount": "0", "unit": "USD", "usd": "0"}


def verdict(level: str, *verdicts: str, excluded: str | None = None) -> str:
    matrix = Matrix((requirement("acme.r", level, {"parameters.served": ("**",)}, excluded),))
    return requirement_results(matrix, [finding(requirement="acme.r", verdict=word) for word in verdicts])[0].verdict


@pytest.mark.parametrize(
    ("level", "verdicts", "expected"),
    [
        ("must", ["pass"], "passed"),
        ("must", ["pass", "not_testable", "info"], "passed"),
        ("must", ["pass", "fail"], "failed"),
        ("must", ["fail", "warn"], "failed"),
        ("should", ["pass", "warn"], "warned"),
        ("must", ["pass", "known_failure"], "known_failure"),
        ("must", ["pass", "flaky"], "known_failure"),
        ("must", ["known_failure", "fail"], "failed"),
        ("must", ["not_testable"], "unproven"),
        ("must", ["not_supported"], "unproven"),
        ("must", ["not_run"], "unproven"),
        ("must", ["info"], "unproven"),
        ("must", [], "unproven"),
        ("info", ["info"], "observed"),
        ("info", ["not_testable"], "unproven"),
    ],
)
def test_requirement_verdict(level: str, verdicts: list[str], expected: str) -> None:
    assert verdict(level, *verdicts) == expected


def test_an_excluded_requirement_stays_excluded() -> None:
    assert verdict("must", excluded="cannot be seen") == "excluded"


def test_a_requirement_names_its_source_and_each_case_once() -> None:
    results = requirement_results(MATRIX, [finding(), finding(verdict="fail"), finding(case="acme/draw/parameters/other")])
    assert results[0].source == "doc:3-4; other:7"
    assert results[0].cases == ("acme/draw/parameters/base", "acme/draw/parameters/other")
    assert results[0].checks == ("parameters.served",)


def assessed(*findings: Finding, areas: tuple[str, ...] = ("parameters",), **more: object) -> Assessment:
    requirements: tuple[RequirementResult, ...] = requirement_results(MATRIX, findings)
    return assess(findings, requirements, **{"areas": areas, "complete": True, **more})


def test_a_complete_run_with_proof_in_every_area_conforms() -> None:
    assert assessed(finding()) == Assessment(True, True, ())


def test_a_warning_or_a_known_failure_changes_nothing() -> None:
    extra = finding("errors.message", "acme.message", "warn", "should"), finding("errors.status", "acme.ratio", "known_failure")
    assert assessed(finding(), *extra).conforms is True


def test_a_failure_is_said_even_where_the_run_is_incomplete() -> None:
    said = assessed(finding(verdict="fail"), complete=False, reasons=["the target was unreachable"])
    assert (said.complete, said.conforms) == (False, False)
    assert said.why == ("1 finding(s) fail, 1 requirement(s) are broken", "the target was unreachable")


@pytest.mark.parametrize(
    ("findings", "more", "why"),
    [
        ([], {}, "no must was proved in: parameters"),
        ([finding()], {"areas": ("parameters", "pixels")}, "no must was proved in: pixels"),
        ([finding()], {"complete": False}, "the run did not come to its end"),
        ([finding()], {"complete": False, "reasons": ["interrupted"]}, "interrupted"),
        ([finding(), finding(verdict="not_run", message="the budget is spent", case="c")], {}, "1 case(s) were not run: the budget is spent"),
        ([finding(), finding(verdict="error")], {}, "the harness itself failed on 1 finding(s)"),
        ([finding()], {"require_proof": True}, "proof is required, and 2 must(s) are unproven: acme.ratio, acme.exact"),
    ],
)
def test_what_cannot_be_said_is_neither_true_nor_false(findings: list[Finding], more: dict[str, object], why: str) -> None:
    said = assessed(*findings, **more)
    assert said.conforms is None
    assert why in said.why


def test_an_area_without_musts_needs_no_proof() -> None:
    assert assessed(finding(), areas=("parameters", "usage")).conforms is True


def test_an_area_that_the_target_declares_to_lack_needs_no_proof() -> None:
    lacking = finding("pixels.exact", "acme.exact", "not_supported")
    assert assessed(finding(), lacking, areas=("parameters", "pixels")).conforms is True
    assert assessed(finding(), finding("pixels.exact", "acme.exact", "not_testable"), areas=("parameters", "pixels")).conforms is None


def test_proof_in_one_area_is_no_proof_in_another() -> None:
    # acme.ratio is provable in two areas, and only one of them was.
    passed = finding("parameters.refused", "acme.ratio")
    assert assessed(passed, areas=("errors",)).conforms is None
    assert assessed(passed, areas=("parameters",)).conforms is True


def test_the_summary_counts() -> None:
    findings = [finding(), finding("parameters.refused", "acme.ratio", "fail", case="b"), finding("errors.message", "acme.message", "warn", "should", case="b"),
                finding("pixels.ratio", "acme.seen", "info", "info", case="c")]
    requirements = requirement_results(MATRIX, findings)
    summary = summary_of(findings, requirements, assessed(*findings), requests=9, paid_images=3, spend=SPEND)
    assert summary["verdicts"] == {"pass": 1, "fail": 1, "warn": 1, "info": 1, "not_supported": 0, "not_testable": 0, "known_failure": 0, "flaky": 0, "not_run": 0, "error": 0}
    assert summary["requirements"] == {"total": 5, "passed": 1, "failed": 1, "warned": 1, "known_failure": 0, "unproven": 1, "excluded": 1, "observed": 1}
    assert (summary["cases"], summary["requests"], summary["paid_images"], summary["spend"], summary["conforms"]) == (3, 9, 3, SPEND, False)


@pytest.mark.parametrize(("conforms", "errors", "code"), [(True, 0, 0), (False, 0, 1), (None, 0, 2), (None, 1, 3), (False, 1, 3)])
def test_exit_code(conforms: bool | None, errors: int, code: int) -> None:
    assert exit_code({"conforms": conforms, "verdicts": {"error": errors}}) == code
