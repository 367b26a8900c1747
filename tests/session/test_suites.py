"""``pytest suites``: the same run with one item a case, and pytest's own flags."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import httpx2

from proofsheet.reference import start_reference
from session.command import suites, targets_file


def requests(gateway, provider):
    return httpx2.get(f"{gateway.providers[provider].target['base_url']}/_reference/stats", timeout=60).json()["requests"]


def test_what_is_deselected_is_not_sent(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "xairouter")
    before = requests(gateway, "xairouter")
    outcome = suites(tmp_path, "--target", "candidate", "-k", "pixels and 1:1 and 2K", "--report-dir", "report", "--junitxml", "own.xml", "-v", environ=environ)
    assert outcome.code == 0, outcome.said
    assert "1 passed" in outcome.out
    assert requests(gateway, "xairouter") - before == 1
    results = outcome.results()
    assert results["summary"]["requests"] == 1
    assert {finding["case"] for finding in results["findings"]} == {"xairouter/native/pixels/1:1@2K"}
    assert "test_pixels[xairouter/native/pixels/1:1@2K]" in outcome.out
    cases = list(ElementTree.parse(tmp_path / "own.xml").getroot().iter("testcase"))
    assert len(cases) == 1


def test_the_embedded_gateway_is_a_target(tmp_path):
    outcome = suites(tmp_path, "--target", "reference", "--provider", "xairouter", "--only", "*/*/parameters/base", "--report-dir", "report", "-n", "2")
    assert outcome.code == 0, outcome.said
    assert "1 passed" in outcome.out
    assert outcome.results()["run"]["provenance"] == "simulated"
    assert outcome.results()["run"]["target"]["name"] == "reference-xairouter"


def test_the_first_failure_ends_the_run(tmp_path):
    with start_reference(["threedaistudio"], None, ["accept-invalid:generate:aspect_ratio"]) as faulty:
        environ = targets_file(tmp_path, faulty, "threedaistudio")
        words = ["--only", "*/generate/*/aspect_ratio/invalid/*", "--report-dir", "report", "-x", "-q"]
        outcome = suites(tmp_path, "--target", "candidate", *words, environ=environ)
    assert outcome.code == 1, outcome.said
    assert "1 failed" in outcome.out
    assert "parameters.refused" in outcome.out
    assert "curl -sS" in outcome.out
    results = outcome.results()
    assert results["run"]["complete"] is False
    assert results["summary"]["conforms"] is False
    assert "stopping after 1 failures" in " ".join(results["summary"]["why"])


def test_collecting_sends_nothing(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "xairouter")
    before = requests(gateway, "xairouter")
    outcome = suites(tmp_path, "--target", "candidate", "--collect-only", "-q", environ=environ)
    assert outcome.code == 0, outcome.said
    assert requests(gateway, "xairouter") == before
    items = [line for line in outcome.out.splitlines() if "::" in line]
    assert len(items) == len(set(items)) > 150
    assert not list(tmp_path.rglob("results.json"))


def test_what_cannot_be_tested_is_skipped_with_its_reason(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "xairouter", states=None)
    outcome = suites(tmp_path, "--target", "candidate", "--only", "**/errors/sync-timeout", "--report-dir", "report", "-rs", environ=environ)
    assert outcome.code in (0, 2), outcome.said
    assert "1 skipped" in outcome.out
    assert "states.sync_timeout" in outcome.out
    verdicts = json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8"))["summary"]["verdicts"]
    assert verdicts["not_testable"] >= 1
    assert verdicts["pass"] == 0
