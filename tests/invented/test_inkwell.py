"""A provider different in kind is data alone: key in the query, PUT, Operation-Location, 303, WxH, plain-text errors."""

from pathlib import Path

import pytest
from tests.invented.running import SPECS, verify, verify_faulty

from proofsheet.contract import load_contract
from proofsheet.contract.trace import against_documents, trace


def test_it_is_data_alone() -> None:
    suffixes = {path.suffix for path in (SPECS / "inkwell").rglob("*") if path.is_file()}
    assert suffixes == {".yaml", ".json"}


def test_every_line_of_its_document_is_accounted_for() -> None:
    found = trace("inkwell", SPECS)
    assert list(found.all_problems) == []
    assert against_documents(found, SPECS.parent / "documents") == []


def test_the_reference_gateway_conforms(tmp_path: Path) -> None:
    outcome = verify("inkwell", tmp_path)
    assert outcome.code == 0, outcome.said
    verdicts = outcome.results["summary"]["verdicts"]
    assert {name: verdicts.get(name, 0) for name in ("fail", "warn", "error", "not_testable", "not_run")} == dict.fromkeys(
        ("fail", "warn", "error", "not_testable", "not_run"), 0
    )
    every = {requirement.id for requirement in load_contract("inkwell", SPECS).matrix.requirements}
    assert outcome.requirements("passed") == every - {"inkwell.files.day"}
    assert outcome.requirements("excluded") == {"inkwell.files.day"}


def test_what_makes_it_different_is_really_used(tmp_path: Path) -> None:
    outcome = verify("inkwell", tmp_path, "--provider", "inkwell", "--only", "inkwell/*/lifecycles/run", "--only", "inkwell/*/pixels/1536x512")
    assert outcome.code == 0, outcome.said
    requests = [exchange["request"] for exchange in outcome.results["exchanges"]]
    submissions = [request for request in requests if request["method"] == "PUT"]
    assert submissions
    assert all("?key=$" in request["url"] for request in submissions)
    assert {303, 202, 200} <= {exchange["status"] for exchange in outcome.results["exchanges"]}
    actual = {cell["case"]: cell["actual"] for cell in outcome.results["cells"]}
    assert actual == {"inkwell/drawings/pixels/1536x512": "1536x512", "inkwell/proofs/pixels/1536x512": "1536x512"}


@pytest.mark.parametrize(
    ("fault", "only", "broken"),
    [
        ("accept-no-key", "inkwell/*/errors/*", {"inkwell.key.needed"}),
        ("off-by-8:drawings", "inkwell/drawings/pixels/*x*", {"inkwell.canvas.pixels"}),
        ("fewer-images:drawings", "inkwell/drawings/pixels/count-3", {"inkwell.sheets.count"}),
        ("wrong-code:canvas", "inkwell/drawings/parameters/canvas/invalid/*", {"inkwell.canvas.fault"}),
        ("foreign-task:drawings", "inkwell/drawings/lifecycles/*", {"inkwell.operation.private"}),
        ("no-reason:proofs", "inkwell/proofs/lifecycles/*", {"inkwell.operation.failure"}),
        ("overcharge:proofs", "inkwell/proofs/billing/*", {"inkwell.price.sheet"}),
        ("poll-elsewhere:drawings", "inkwell/drawings/lifecycles/run", {"inkwell.operation.here", "inkwell.operation.states", "inkwell.operation.ends"}),
    ],
)
def test_a_fault_breaks_its_own_requirement(fault: str, only: str, broken: set[str], tmp_path: Path) -> None:
    outcome = verify_faulty("inkwell", fault, tmp_path, only)
    assert outcome.code == 1, outcome.said
    assert outcome.requirements("failed", "warned") == broken
