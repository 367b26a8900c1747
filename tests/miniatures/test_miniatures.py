"""What the harness must say of tiny servers whose faults are plain to see. The expected verdicts are written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.miniatures.correct import Correct, CorrectOldHttp, HalfDown, HalfUp
from tests.miniatures.correct_tasks import CorrectTasks
from tests.miniatures.running import Outcome, verify
from tests.miniatures.servers import KEY, Always200, Always400, Always500, Echo, Miniature, OneImage, OtherKey

from proofsheet.results.model import Finding

#: Checks that judge how something is refused: none of them may pass where nothing is served.
NEGATIVE = ("parameters.refused", "errors.", "lifecycles.unknown", "lifecycles.guarded", "lifecycles.isolated", "lifecycles.failure", "billing.free")


def passed(outcome: Outcome, *checks: str) -> list[Finding]:
    return [finding for finding in outcome.findings if finding.verdict == "pass" and finding.check.startswith(checks)]


def is_whole(outcome: Outcome) -> bool:
    """The run came to its end and the harness itself did not fail."""
    return outcome.results.run["complete"] and outcome.counts["error"] == 0 and outcome.counts["not_run"] == 0


@pytest.mark.parametrize("miniature", [Correct, CorrectOldHttp])
def test_correct(miniature: type[Miniature], tmp_path: Path) -> None:
    outcome = verify(miniature, "xairouter", tmp_path, unsupported=["snake-case"])
    assert [finding for finding in outcome.findings if finding.verdict in ("fail", "warn", "error")] == []
    assert (outcome.code, outcome.conforms) == (0, True)
    assert is_whole(outcome)
    for requirement in ("call.curl", "ratio.21:9", "size.4K", "exact.512", "contents.required", "tokens.2K", "auth.google_key", "errors.no_key"):
        assert outcome.verdict(f"xairouter.{requirement}") == "passed", requirement
    # It has neither a second account nor a balance nor a way to fail: what rests on those is unproven, and named.
    unproven = outcome.requirements("unproven")
    assert {name for name in unproven if "pixels" in name or "tokens" in name} == set()
    assert outcome.verdicts("billing.price") == {"not_testable"}
    assert outcome.verdicts("parameters.served", "*/probe/snake-case-*") == {"not_supported"}


def test_correct_with_tasks_and_files(tmp_path: Path) -> None:
    outcome = verify(CorrectTasks, "threedaistudio", tmp_path, unsupported=["edits"])
    assert [finding for finding in outcome.findings if finding.verdict in ("fail", "warn", "error")] == []
    assert (outcome.code, outcome.conforms) == (0, True)
    assert is_whole(outcome)
    areas = {"lifecycles": ("terminates", "stable", "results", "guarded", "unknown"), "assets": ("reachable",), "pixels": ("count", "format", "exact")}
    for check in [f"{area}.{name}" for area, names in areas.items() for name in names]:
        assert "pass" in outcome.verdicts(check, "threedaistudio/generate/*"), check
    assert outcome.verdicts("lifecycles.isolated") == {"not_testable", "not_supported"}


@pytest.mark.parametrize("provider", ["xairouter", "apimaster", "threedaistudio"])
@pytest.mark.parametrize("miniature", [Always500, Always400, OtherKey])
def test_what_refuses_everything_passes_nothing(miniature: type[Miniature], provider: str, tmp_path: Path) -> None:
    outcome = verify(miniature, provider, tmp_path, only=["*/*/parameters/**", "*/*/errors/**", "*/*/lifecycles/**"])
    assert (outcome.code, outcome.conforms) == (1, False)
    assert is_whole(outcome)
    assert passed(outcome) == []
    assert outcome.verdicts("parameters.served", "*/parameters/base") == {"fail"}
    assert outcome.messages("parameters.served", "fail") == {"a valid request was refused"}
    assert outcome.verdicts("parameters.refused") <= {"not_testable", "info"}
    assert "the base request was not served, so a refusal proves nothing" in outcome.messages("parameters.refused", "not_testable")
    assert outcome.verdicts("errors.status") == {"not_testable"}
    assert outcome.verdicts("lifecycles.unknown") == ({"not_testable"} if provider != "xairouter" else set())


def test_always_200_without_a_task(tmp_path: Path) -> None:
    outcome = verify(Always200, "threedaistudio", tmp_path, only=["*/*/parameters/**", "*/*/errors/**", "*/*/lifecycles/**"])
    assert (outcome.code, outcome.conforms) == (1, False)
    assert is_whole(outcome)
    assert passed(outcome) == []
    assert outcome.verdicts("parameters.served") - {"warn", "not_testable"} == {"fail"}
    assert outcome.verdicts("parameters.answer", "*/generate/parameters/base") == {"fail"}
    assert outcome.verdicts("lifecycles.submitted", "*/generate/parameters/base") == {"fail"}
    assert outcome.messages("lifecycles.submitted", "fail") == {"the submission gives no id that can be polled"}
    assert outcome.verdicts("parameters.refused") == {"not_testable"}


def test_always_200_without_an_image(tmp_path: Path) -> None:
    outcome = verify(Always200, "xairouter", tmp_path)
    assert (outcome.code, outcome.conforms) == (1, False)
    assert passed(outcome, *NEGATIVE, "pixels.", "usage.") == []
    assert outcome.verdict("xairouter.call.curl") == "failed"
    assert outcome.messages("parameters.served", "fail") == {"answered as a success, but without an image"}
    # What is invalid was accepted: that is seen even though nothing came of it.
    assert outcome.verdicts("parameters.refused", "*/contents/invalid/missing") == {"warn"}
    assert outcome.verdicts("errors.status", "*/errors/unknown-key") == {"warn"}


@pytest.mark.parametrize("provider", ["xairouter", "threedaistudio"])
def test_echo(provider: str, tmp_path: Path) -> None:
    outcome = verify(Echo, provider, tmp_path)
    assert (outcome.code, outcome.conforms) == (1, False)
    assert is_whole(outcome)
    assert passed(outcome, *NEGATIVE, "pixels.", "assets.", "lifecycles.", "usage.", "parameters.served", "parameters.answer") == []
    assert "fail" in outcome.verdicts("parameters.served", "*/parameters/base")
    # It repeats the key in each answer; no report does.
    written = b"".join(path.read_bytes() for path in outcome.directory.rglob("*") if path.is_file())
    assert len(written) > 10_000
    assert KEY.encode() not in written
    assert b"$MINIATURE_KEY" in written


def test_one_cached_image(tmp_path: Path) -> None:
    outcome = verify(OneImage, "xairouter", tmp_path)
    assert (outcome.code, outcome.conforms) == (1, False)
    assert is_whole(outcome)
    failed = outcome.requirements("failed")
    # The square of 1K is what it has; every other shape and size is silently replaced.
    for requirement in ("call.curl", "ratio.1:1", "tokens.1K", "answer.shape"):
        assert outcome.verdict(f"xairouter.{requirement}") == "passed", requirement
    assert {f"xairouter.{name}" for name in ("ratio.16:9", "ratio.21:9", "size.512", "size.2K", "size.4K", "ratio.honoured", "size.honoured")} <= failed
    assert {f"xairouter.{name}" for name in ("exact.2K", "ratio.refused", "errors.no_key", "errors.unknown_key")} <= outcome.requirements("warned")
    assert "fail" in outcome.verdicts("pixels.ratio", "*/pixels/16:9@1K")
    assert passed(outcome, "parameters.refused", "errors.") == []
    assert outcome.messages("parameters.refused", "warn") == {"an invalid value was silently replaced"}
    assert outcome.verdicts("errors.status", "*/errors/no-key") == {"warn"}


def test_up_for_every_second_request(tmp_path: Path) -> None:
    outcome = verify(HalfUp, "xairouter", tmp_path, concurrency=1)
    assert (outcome.code, outcome.conforms) == (1, False)
    assert is_whole(outcome)
    # Its first request is the base: served, so that refusals count, and half of them are no refusals.
    assert outcome.verdicts("parameters.served", "*/parameters/base") == {"pass"}
    assert outcome.messages("parameters.refused", "warn") == {"an invalid request broke the server"}
    assert outcome.messages("parameters.refused", "pass") <= {"refused", "the request was refused"}
    refused = [finding.verdict for finding in outcome.findings if finding.check == "parameters.refused" and finding.verdict != "info"]
    assert 0.3 < refused.count("pass") / len(refused) < 0.7
    served = [finding.verdict for finding in outcome.findings if finding.check == "parameters.served"]
    assert 0.3 < served.count("pass") / len(served) < 0.7


def test_down_when_it_counts(tmp_path: Path) -> None:
    outcome = verify(HalfDown, "xairouter", tmp_path, concurrency=1)
    assert (outcome.code, outcome.conforms) == (1, False)
    assert is_whole(outcome)
    assert outcome.verdicts("parameters.served", "*/parameters/base") == {"fail"}
    assert passed(outcome, *NEGATIVE) == []
    # What was served is judged all the same.
    assert passed(outcome, "parameters.served")
