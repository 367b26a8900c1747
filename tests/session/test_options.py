"""What options do to a run, and what its exit code says."""

from __future__ import annotations

import json
import time

import httpx2
import pytest

from proofsheet.reference import ReferenceProcess, start_reference
from session.command import Outcome, targets_file, verify
from session.servers import Parrot, Silent, serving

BASE = "*/*/parameters/base"


def stats(gateway: ReferenceProcess, provider: str) -> dict[str, int]:
    return dict(httpx2.get(f"{gateway.providers[provider].target['base_url']}/_reference/stats", timeout=60).json())


def cases(outcome: Outcome) -> set[str]:
    return {finding["case"] for finding in outcome.results()["findings"]}


def test_a_conforming_target_conforms_and_each_of_its_cases_is_counted(tmp_path, gateway):
    before = stats(gateway, "xairouter")
    environ = targets_file(tmp_path, gateway, "xairouter")
    outcome = verify(tmp_path, "candidate", "--report-dir", "report", environ=environ)
    assert outcome.code == 0, outcome.said
    assert outcome.err == ""
    summary = outcome.results()["summary"]
    assert summary["conforms"] is True
    assert {name: summary["verdicts"][name] for name in ("fail", "warn", "error", "not_run", "not_testable")} == dict.fromkeys(
        ("fail", "warn", "error", "not_run", "not_testable"), 0
    )
    assert summary["requirements"]["unproven"] == 0
    assert summary["requirements"]["passed"] + summary["requirements"]["excluded"] == summary["requirements"]["total"]
    after = stats(gateway, "xairouter")
    assert after["images"] - before["images"] == summary["paid_images"] > 50
    balances = sum("/_reference/balance" in exchange["request"]["url"] for exchange in outcome.part("exchanges"))
    assert balances > 0
    # The gateway does not count who asks for a balance.
    assert summary["requests"] == after["requests"] - before["requests"] + balances
    assert "CONFORMS" in outcome.out
    assert "SIMULATED" in outcome.out


def test_only_and_skip_choose_cases(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "xairouter")
    words = ["--only", "*/*/pixels/1:1@*", "--only", BASE, "--skip", "**/1:1@4K", "--report-dir", "report"]
    before = stats(gateway, "xairouter")
    outcome = verify(tmp_path, "candidate", *words, environ=environ)
    assert outcome.code == 0, outcome.said
    assert cases(outcome) == {"xairouter/native/parameters/base", *(f"xairouter/native/pixels/1:1@{size}" for size in ("512", "1K", "2K"))}
    after = stats(gateway, "xairouter")
    assert after["images"] - before["images"] == 3  # the base request is the cell 1:1@1K
    assert outcome.results()["summary"]["requests"] == 3


def test_a_refusal_brings_its_base_request_along(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "threedaistudio")
    outcome = verify(tmp_path, "candidate", "--only", "**/prompt/invalid/missing", "--skip", "*/edit/**", "--report-dir", "report", environ=environ)
    assert outcome.code == 0, outcome.said
    assert cases(outcome) == {"threedaistudio/generate/parameters/prompt/invalid/missing"}
    assert outcome.results()["summary"]["requests"] > 1


def test_a_fault_is_found(tmp_path):
    with start_reference(["threedaistudio"], None, ["accept-invalid:generate:aspect_ratio"]) as faulty:
        environ = targets_file(tmp_path, faulty, "threedaistudio")
        outcome = verify(tmp_path, "candidate", "--only", "*/generate/*/aspect_ratio/invalid/enum", "--report-dir", "report", environ=environ)
    assert outcome.code == 1, outcome.said
    summary = outcome.results()["summary"]
    assert summary["conforms"] is False
    assert summary["verdicts"]["fail"] >= 1
    failing = [finding for finding in outcome.results()["findings"] if finding["verdict"] == "fail"]
    assert "parameters.refused" in {finding["check"] for finding in failing}
    assert all("curl -sS" in finding["curl"] and "$CANDIDATE_DEFAULT" in finding["curl"] for finding in failing)
    assert "FAIL" in outcome.out.upper()
    assert failing[0]["message"] in outcome.out


def test_a_target_that_serves_nothing_proves_nothing_by_refusing(tmp_path):
    """Every request is refused: a negative must not pass for that."""
    (tmp_path / "targets.toml").write_text("", encoding="utf-8")
    with serving(Parrot) as (url, asked):
        words = ["--provider", "xairouter", "--base-url", url, "--credential", "default=PARROT_KEY", "--only", "**/parameters/**", "--report-dir", "report"]
        outcome = verify(tmp_path, *words, environ={"PARROT_KEY": "sk-parrot-canary-0123456789"})
        assert asked
    assert outcome.code == 1, outcome.said
    refused = [finding for finding in outcome.results()["findings"] if finding["check"] == "parameters.refused" and not finding["requirement"].endswith(".silent")]
    assert len(refused) > 50
    assert {finding["verdict"] for finding in refused} == {"not_testable"}
    assert {finding["message"] for finding in refused} == {"the base request was not served, so a refusal proves nothing"}


def test_max_time_ends_a_run_that_would_hang(tmp_path):
    with serving(Silent) as (url, _):
        words = ["--provider", "xairouter", "--base-url", url, "--credential", "default=KEY_OF_THE_SILENT", "--max-time", "1", "--only", BASE]
        started = time.monotonic()
        outcome = verify(tmp_path, *words, "--report-dir", "report", environ={"KEY_OF_THE_SILENT": "sk-silent-0123456789"})
        assert time.monotonic() - started < 120
    assert outcome.code == 2, outcome.said
    results = outcome.results()
    assert results["run"]["complete"] is False
    assert results["summary"]["conforms"] is None
    assert {finding["verdict"] for finding in results["findings"]} == {"not_run"}
    assert "--max-time 1 was reached" in " ".join(results["summary"]["why"])
    assert "--max-time 1 was reached" in outcome.out


@pytest.mark.parametrize(("proof", "code", "conforms"), [(False, 0, True), (True, 2, None)])
def test_what_cannot_be_shown_is_counted_and_incomplete_where_proof_is_required(tmp_path, gateway, proof, code, conforms):
    environ = targets_file(tmp_path, gateway, "xairouter", states=None)
    words = ["--only", BASE, "--only", "*/*/errors/*", "--report-dir", "report", *(["--require-proof"] if proof else [])]
    outcome = verify(tmp_path, "candidate", *words, environ=environ)
    assert outcome.code == code, outcome.said
    results = outcome.results()
    assert results["summary"]["conforms"] is conforms
    untested = [finding for finding in results["findings"] if finding["verdict"] == "not_testable"]
    assert {finding["case"].rpartition("/")[2] for finding in untested} >= {"sync-timeout", "upstream-error"}
    assert all("states." in finding["message"] for finding in untested)
    if proof:
        assert "proof is required" in " ".join(results["summary"]["why"])


def test_features_that_a_target_lacks_are_shown_and_not_sent(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "xairouter", unsupported=["references"])
    outcome = verify(tmp_path, "candidate", "--only", BASE, "--only", "**/references/*", "--report-dir", "report", environ=environ)
    assert outcome.code == 0, outcome.said
    results = outcome.results()
    assert results["summary"]["requests"] == 1
    lacking = [finding for finding in results["findings"] if "/references/" in finding["case"]]
    assert {finding["verdict"] for finding in lacking} == {"not_supported"}
    assert len({finding["case"] for finding in lacking}) == 6


def test_reports_go_to_a_folder_of_their_own_by_default(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "threedaistudio")
    outcome = verify(tmp_path, "candidate", "--only", "*/generate/lifecycles/run", environ=environ)
    assert outcome.code == 0, outcome.said
    written = [path for path in (tmp_path / "reports").iterdir() if path.is_dir()]
    assert len(written) == 1
    results = json.loads((written[0] / "results.json").read_text(encoding="utf-8"))
    assert results["run"]["id"] == written[0].name
    assert f"reports/{written[0].name}" in outcome.out
    assert results["lifecycles"][0]["case"] == "threedaistudio/generate/lifecycles/run"
    assert [step["status"] for step in results["lifecycles"][0]["trace"]][-1] == "FINISHED"
