"""A provider of links is data alone: pictures behind Location, GET to submit, no key at all for one operation, errors that are lists."""

from pathlib import Path

import pytest
from tests.invented.running import SPECS, Outcome, verify

from proofsheet.contract import load_contract


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return verify("gull", tmp_path_factory.mktemp("gull"))


def test_the_reference_gateway_conforms(outcome: Outcome) -> None:
    assert outcome.code == 0, outcome.said
    verdicts = outcome.results["summary"]["verdicts"]
    assert [name for name in ("fail", "warn", "error", "not_testable", "not_run") if verdicts[name]] == []
    assert outcome.requirements("passed") == {requirement.id for requirement in load_contract("gull", SPECS).matrix.requirements}


@pytest.mark.parametrize(
    ("check", "case"),
    [
        ("lifecycles.stable", "draw/lifecycles/run"),  # the end is a redirect to the picture's host, which is read and not followed
        ("lifecycles.unknown", "draw/lifecycles/unknown-id"),  # an id in a form of its own, in the query
        ("lifecycles.failure", "draw/lifecycles/failure"),  # no status word anywhere: what is there decides
        ("parameters.refused", "draw/parameters/what/invalid/missing"),  # a query parameter that is required
        ("parameters.refused", "draw/parameters/X-Calm/invalid/above-maximum"),  # a header
        ("pixels.exact", "trace/pixels/200x320"),  # a size that is a list of two numbers
        ("parameters.served", "trace/parameters/base"),  # no key, and the picture's URL in a header of the answer
        ("parameters.served", "trace/parameters/references/inline-webp-1"),
    ],
)
def test_each_strangeness_is_judged(check: str, case: str, outcome: Outcome) -> None:
    assert set(outcome.verdicts(check, f"gull/{case}")) == {"pass"}


def test_the_secret_never_goes_to_the_open_operation(outcome: Outcome) -> None:
    by_method = {method: [x["request"]["headers"] for x in outcome.results["exchanges"] if x["request"]["method"] == method] for method in ("GET", "POST")}
    assert any("X-Gull-Secret" in headers for headers in by_method["GET"])
    assert by_method["POST"]
    assert not any("X-Gull-Secret" in headers for headers in by_method["POST"])


def test_it_is_data_alone() -> None:
    assert {path.suffix for path in (Path(SPECS) / "gull").rglob("*") if path.is_file()} == {".yaml", ".json"}
