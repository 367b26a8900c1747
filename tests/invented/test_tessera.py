"""A provider stranger still is data alone too: see specs/tessera for all that is unusual about it."""

from pathlib import Path

import pytest
from tests.invented.running import SPECS, Outcome, verify, verify_faulty

from proofsheet.contract import load_contract


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return verify("tessera", tmp_path_factory.mktemp("tessera"))


def test_the_reference_gateway_conforms(outcome: Outcome) -> None:
    assert outcome.code == 0, outcome.said
    verdicts = outcome.results["summary"]["verdicts"]
    assert [name for name in ("fail", "warn", "error", "not_testable", "not_run") if verdicts[name]] == []
    assert outcome.requirements("passed") == {requirement.id for requirement in load_contract("tessera", SPECS).matrix.requirements}


@pytest.mark.parametrize(
    ("check", "case"),
    [
        ("parameters.served", "mosaic/grand/parameters/key/session"),  # the key in a cookie
        ("parameters.served", "stencil/parameters/base"),  # the key as HTTP Basic, a URL-encoded form
        ("lifecycles.submitted", "mosaic/grand/lifecycles/run"),  # a number as the id
        ("lifecycles.unknown", "mosaic/grand/lifecycles/unknown-id"),  # a look by POST, with the number in the body
        ("pixels.exact", "mosaic/tessera-small/parameters/width/valid/1016"),  # pixels that no table lists
        ("pixels.exact", "mosaic/tessera-small/pixels/128@1024"),  # width and height as two fields
        ("pixels.exact", "sketch/pixels/16@9"),  # a ratio as two numbers, in a query
        ("parameters.refused", "sketch/parameters/across/invalid/missing"),
        ("parameters.served", "mosaic/tessera-small/parameters/references/file-jpeg-1"),
        ("pixels.count", "mosaic/tessera-small/pixels/count-4"),  # a batch, as text in a form
        ("billing.price", "mosaic/grand/billing/count-2"),  # a price for a call
        ("pixels.declared", "stencil/pixels/L"),  # a size that is called "format", a link without a host
        ("errors.retry_after", "mosaic/grand/errors/hasty"),  # a date
        ("lifecycles.progress", "mosaic/grand/lifecycles/run"),  # a percentage as text
    ],
)
def test_each_strangeness_is_judged(check: str, case: str, outcome: Outcome) -> None:
    verdicts = outcome.verdicts(check, f"tessera/{case}")
    assert verdicts
    assert set(verdicts) == {"pass"}


def test_the_wire_is_as_strange_as_the_document(outcome: Outcome) -> None:
    exchanges = outcome.results["exchanges"]
    headers = [{name.lower(): value for name, value in exchange["request"]["headers"].items()} for exchange in exchanges]
    assert any(value.get("x-guild", "").startswith("Token $") for value in headers)
    assert any(value.get("cookie", "").startswith("guild_session=$") for value in headers)
    assert any(value.get("authorization", "").startswith("Basic $") for value in headers)
    assert {value.get("content-type", "").partition(";")[0] for value in headers} >= {"multipart/form-data", "application/x-www-form-urlencoded"}
    assert any(exchange["headers"].get("retry-after", "").endswith("GMT") for exchange in exchanges)
    assert all(isinstance(lifecycle["task"], int) for lifecycle in outcome.results["lifecycles"])


@pytest.mark.parametrize(
    ("fault", "only", "broken"),
    [
        ("other-images:mosaic", "tessera/mosaic/grand/lifecycles/*", {"tessera.lifecycles.stable"}),
        ("unknown-task-served", "tessera/mosaic/grand/lifecycles/*", {"tessera.lifecycles.unknown"}),
        ("no-retry-after", "tessera/*/errors/hasty", {"tessera.errors.retry_after"}),
        ("wrong-code:unknown-engine", "tessera/mosaic/*/errors/*", {"tessera.errors.code", "tessera.errors.envelope"}),
    ],
)
def test_a_fault_breaks_its_own_requirement(fault: str, only: str, broken: set[str], tmp_path: Path) -> None:
    outcome = verify_faulty("tessera", fault, tmp_path, only)
    assert outcome.code == 1, outcome.said
    assert outcome.requirements("failed", "warned") == broken
