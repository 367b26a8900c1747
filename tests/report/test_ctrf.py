"""ctrf.json: one test a case, in the published shape, with the verdicts told apart."""

from __future__ import annotations

import json

import pytest

from proofsheet.contract.files import shipped_validator
from proofsheet.report.ctrf import ctrf, write_ctrf
from results.samples import HOSTILE, finding, results


def cases_of(*findings):
    return ctrf(results(findings))["results"]["tests"]


@pytest.mark.parametrize(("verdicts", "status", "raw"), [
    (("pass",), "passed", "pass"), (("pass", "warn"), "passed", "warn"), (("pass", "fail"), "failed", "fail"), (("error", "pass"), "failed", "error"),
    (("info",), "other", "info"), (("pass", "info"), "passed", "pass"), (("not_testable",), "skipped", "not_testable"), (("not_supported",), "skipped", "not_supported"),
    (("not_run",), "pending", "not_run"), (("known_failure", "pass"), "other", "known_failure"), (("flaky",), "other", "flaky"), (("not_testable", "pass"), "passed", "pass"),
])  # fmt: skip
def test_the_verdict_that_speaks_for_a_case(verdicts, status, raw):
    (test,) = cases_of(*(finding(verdict=verdict) for verdict in verdicts))
    assert (test["status"], test["rawStatus"]) == (status, raw)
    assert ("message" in test) == (raw != "pass")


def test_the_file_has_the_published_shape(tmp_path):
    found = (finding(exchanges=("e1",)), finding(case="acme/draw/pixels/16:9", verdict="fail", expected="1x2", actual="2x1", curl="curl http://x", check="pixels.exact"))
    document = json.loads(write_ctrf(tmp_path, results(found)).read_text(encoding="utf-8"))
    shipped_validator("ctrf.schema.json").validate(document)
    summary = document["results"]["summary"]
    assert (summary["tests"], summary["passed"], summary["failed"]) == (2, 1, 1)
    assert summary["tests"] == sum(summary[name] for name in ("passed", "failed", "skipped", "pending", "other"))
    assert summary["stop"] - summary["start"] == 12500
    first, second = document["results"]["tests"]
    assert first["duration"] == 250
    assert second["suite"] == ["acme", "pixels"]
    assert second["snippet"] == "curl http://x"
    assert "expected 1x2" in second["trace"]
    assert document["results"]["extra"]["provenance"] == "live"


def test_regions_are_tests_of_their_own():
    found = cases_of(finding(region="eu"), finding(region="us", verdict="fail"))
    assert [(test["suite"][-1], test["status"]) for test in found] == [("eu", "passed"), ("us", "failed")]
    assert len({test["id"] for test in found}) == 2


def test_a_case_that_was_sent_again_says_how_often():
    (sometimes,) = cases_of(finding(verdict="fail", attempts=("fail", "pass", "fail")), finding())
    (always,) = cases_of(finding(verdict="fail", attempts=("fail", "fail")))
    (once,) = cases_of(finding())
    assert (sometimes["status"], sometimes["retries"], sometimes["flaky"]) == ("failed", 2, True)
    assert (always["retries"], always["flaky"]) == (1, False)
    assert "retries" not in once


def test_what_a_target_said_is_escaped(tmp_path):
    given = results((finding(verdict="fail", message=HOSTILE, actual=HOSTILE, curl=HOSTILE),))
    raw = write_ctrf(tmp_path, given).read_bytes()
    shipped_validator("ctrf.schema.json").validate(json.loads(raw))
    told = json.dumps(json.loads(raw)["results"]["tests"], ensure_ascii=False)
    assert "\x1b" not in told
    assert "\u202e" not in told
