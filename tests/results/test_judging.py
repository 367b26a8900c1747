"""Which requirement a judgement speaks to, and with what verdict."""

from __future__ import annotations

import time

import pytest

from proofsheet.checks.model import Judgement
from proofsheet.contract.index import MatrixIndex, index_of
from proofsheet.contract.model import Matrix
from proofsheet.results.judging import findings_for, missing_findings, why_unperformed
from results.samples import MATRIX, case, requirement

RATIO = "parameters/ratio/invalid/enum"


def judged(rest: str, *judgements: Judgement, **more: object) -> list[tuple[str, str, str]]:
    found = findings_for(MATRIX, "acme", case(rest), judgements, "curl x", ["e1"], **more)
    return [(finding.requirement, finding.level, finding.verdict) for finding in found]


@pytest.mark.parametrize(
    ("rest", "check", "held", "most", "expected"),
    [
        (RATIO, "parameters.refused", True, None, ("acme.ratio", "must", "pass")),
        (RATIO, "parameters.refused", False, None, ("acme.ratio", "must", "fail")),
        (RATIO, "parameters.refused", None, None, ("acme.ratio", "must", "not_testable")),
        (RATIO, "parameters.refused", False, "should", ("acme.ratio", "should", "warn")),
        (RATIO, "parameters.refused", False, "info", ("acme.ratio", "info", "info")),
        (RATIO, "parameters.refused", True, "should", ("acme.ratio", "must", "pass")),
        (RATIO, "errors.message", False, None, ("acme.message", "should", "warn")),
        (RATIO, "errors.message", False, "must", ("acme.message", "should", "warn")),
        (RATIO, "errors.message", True, None, ("acme.message", "should", "pass")),
        ("pixels/16:9", "pixels.ratio", True, None, ("acme.seen", "info", "info")),
        ("pixels/16:9", "pixels.ratio", False, None, ("acme.seen", "info", "info")),
        ("pixels/16:9", "pixels.ratio", None, None, ("acme.seen", "info", "not_testable")),
        ("pixels/16:9", "pixels.count", False, None, ("acme.silent", "info", "info")),
        ("pixels/16:9", "pixels.count", None, None, ("acme.silent", "info", "info")),
        # The check is right, and no pattern of the requirement matches the case.
        ("parameters/other/invalid/enum", "parameters.refused", False, None, ("acme.silent", "info", "info")),
    ],
)
def test_verdict(rest: str, check: str, held: bool | None, most: str | None, expected: tuple[str, str, str]) -> None:
    assert judged(rest, Judgement(check, held, "seen", most=most)) == [expected]


def test_one_finding_for_each_requirement_that_a_judgement_speaks_to() -> None:
    matrix = Matrix((requirement("acme.a", "must", {"x.y": ("acme/**", "acme/draw/**")}), requirement("acme.b", "should", {"x.y": ("**/base",)})))
    found = findings_for(matrix, "acme", case("parameters/base"), [Judgement("x.y", False, "no")], "curl x", ["e1", "e2"])
    assert [(finding.requirement, finding.verdict) for finding in found] == [("acme.a", "fail"), ("acme.b", "warn")]
    assert found[0].exchanges == ("e1", "e2")
    assert found[0].area == "x"


def test_a_finding_carries_what_the_check_said_and_how_to_see_it_again() -> None:
    seen = Judgement("parameters.refused", False, "was served", "4xx", "200")
    [finding] = findings_for(MATRIX, "acme", case(RATIO), [seen], "curl x", ["e1"])
    assert (finding.case, finding.check, finding.area) == ("acme/draw/" + RATIO, "parameters.refused", "parameters")
    assert (finding.message, finding.expected, finding.actual, finding.curl, finding.exchanges) == ("was served", "4xx", "200", "curl x", ("e1",))
    [passed] = findings_for(MATRIX, "acme", case(RATIO), [Judgement("parameters.refused", True, "refused")], "curl x", ["e1"])
    assert passed.curl == ""


def test_a_case_not_performed_speaks_of_every_requirement_it_could_have_proved() -> None:
    found = missing_findings(MATRIX, "acme", case(RATIO), "not_testable", "no second account")
    assert {(finding.requirement, finding.level, finding.verdict, finding.message) for finding in found} == {
        ("acme.served", "must", "not_testable", "no second account"),
        ("acme.ratio", "must", "not_testable", "no second account"),
        ("acme.message", "should", "not_testable", "no second account"),
    }
    assert len(found) == 3


def test_a_case_that_proves_nothing_is_counted_all_the_same() -> None:
    [finding] = missing_findings(Matrix(()), "acme", case("billing/refused"), "not_run", "the budget is spent")
    assert (finding.requirement, finding.check, finding.area, finding.level, finding.verdict) == ("acme.silent", "billing.performed", "billing", "info", "not_run")


def test_a_verdict_that_only_a_performed_case_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match="'pass' is no verdict for a case that was not performed"):
        missing_findings(MATRIX, "acme", case(RATIO), "pass", "")


def test_an_unsupported_feature_outweighs_a_missing_prerequisite() -> None:
    lacking = case(RATIO, feature="async", missing="no credential")
    assert why_unperformed(lacking, {"async"}) == ("not_supported", "the target declares that it lacks 'async'")
    assert why_unperformed(lacking, ()) == ("not_testable", "no credential")
    assert why_unperformed(case(RATIO), {"async"}) is None
    found = findings_for(MATRIX, "acme", lacking, [], "", [], unsupported={"async"})
    assert {finding.verdict for finding in found} == {"not_supported"}


def test_excluded_requirements_get_no_finding() -> None:
    assert all(entry.id != "acme.upstream" for _, entry in MatrixIndex(MATRIX).provable_on("acme/draw/" + RATIO))


def test_the_index_is_built_once_a_matrix() -> None:
    assert index_of(MATRIX) is index_of(MATRIX)
    assert index_of(Matrix(MATRIX.requirements)) is not index_of(MATRIX)


def test_thousands_of_cases_are_judged_fast() -> None:
    matrix = Matrix(tuple(requirement(f"acme.r{n}", "must", {"parameters.served": (f"acme/op{n}/**", f"acme/*/parameters/p{n}/**")}) for n in range(300)))
    index = index_of(matrix)
    began = time.process_time()
    found = [index.proved_by("parameters.served", f"acme/op{n % 300}/parameters/p{n % 7}/valid/{n}") for n in range(2000)]
    assert all(found)
    assert time.process_time() - began < 5  # half a second on an idle machine: 600,000 comparisons
