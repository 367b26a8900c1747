"""Several attempts at one case as one set of findings."""

from __future__ import annotations

import pytest

from proofsheet.results.repeats import counted, manner, merged, of_case, sentence
from results.samples import finding


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (("fail", "fail", "fail"), "always"),
        (("fail", "pass", "pass"), "first"),
        (("fail", "pass", "fail"), "sometimes"),
        (("pass", "fail"), "sometimes"),
        (("fail", "absent"), "first"),
        (("warn", "warn"), "always"),
        (("fail",), "always"),
        (("pass", "info"), "never"),
    ],
)
def test_how_attempts_fail(verdicts, expected):
    assert manner(verdicts) == expected


def test_what_failed_once_has_failed_and_each_attempt_is_told():
    [found] = merged([[finding(verdict="fail", message="refused", exchanges=("x1",))], [finding(exchanges=("x2",))], [finding(exchanges=("x3",))]])
    assert found.verdict == "fail"
    assert found.attempts == ("fail", "pass", "pass")
    assert found.exchanges == ("x1", "x2", "x3")
    assert found.message == "refused (failed only the first time: 1 of 3 attempts)"


def test_what_fails_only_later_has_failed_too():
    other = finding(check="pixels.ratio", requirement="acme.seen")
    found = merged([[finding(verdict="fail")], [finding(), other], [finding(), finding(check="pixels.ratio", requirement="acme.seen", verdict="fail", message="other pixels")]])
    assert [(one.check, one.verdict, one.attempts) for one in found] == [
        ("parameters.served", "fail", ("fail", "pass", "pass")),
        ("pixels.ratio", "fail", ("absent", "pass", "fail")),
    ]
    assert found[1].message == "other pixels (fails sometimes: 1 of 3 attempts)"


def test_the_worst_of_an_attempt_stands_for_it():
    [found] = merged([[finding(), finding(verdict="fail")], [finding()]])
    assert found.attempts == ("fail", "pass")


def test_one_attempt_is_left_as_it_is():
    only = [finding(verdict="fail")]
    assert merged([only]) == only


def test_a_case_fails_by_whatever_check():
    first, second = [finding(verdict="fail")], [finding(), finding(check="errors.code", verdict="fail")]
    assert of_case([first, second]) == "always"
    assert of_case([first, [finding(verdict="warn")]]) == "first"


def test_the_summary_counts_and_says():
    repeats = counted({"a": "always", "b": "sometimes", "c": "first", "d": "first"}, 12, 1)
    assert repeats == {"cases": 4, "requests": 12, "always": 1, "sometimes": 1, "first": 2, "not_sent": 1}
    assert sentence(repeats) == (
        "4 failed case(s) were sent again (12 request(s)): 1 fail always, 1 sometimes, 2 failed only the first time; 1 could not be sent as often as asked"
    )
