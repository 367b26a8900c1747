"""A fault is caught when a finding names what it breaks, and not when anything at all went red."""

from __future__ import annotations

import pytest
import yaml

from proofsheet.contract.errors import ContractError
from proofsheet.contract.requirements import read_matrix
from proofsheet.killing.matrix import Catalogue
from proofsheet.killing.outcome import all_implied, failed, weigh
from proofsheet.killing.plan import Plan
from proofsheet.killing.report import conclusion, document, idle, text
from proofsheet.results.model import Finding


def plan(breaks: dict[str, str], operator: str = "truncate", whichever: bool = False) -> Plan:
    return Plan("lumen", f"{operator}:draw", operator, "draw does wrong.", breaks, ("pixels.complete",), ("lumen/draw/parameters/base",), whichever)


def finding(requirement: str, verdict: str = "fail", check: str = "pixels.complete") -> Finding:
    return Finding(check, check.partition(".")[0], "lumen/draw/parameters/base", requirement, "must", verdict, "x")


MUST = {"lumen.a": "must", "lumen.b": "should"}


@pytest.mark.parametrize(
    ("breaks", "findings", "caught", "reason"),
    [
        (MUST, [finding("lumen.a")], True, None),
        (MUST, [finding("lumen.a", "warn")], True, None),
        (MUST, [finding("lumen.a", "info")], False, "nothing went red"),
        (MUST, [finding("lumen.a", "pass")], False, "nothing went red"),
        (MUST, [finding("lumen.a", "not_testable")], False, "nothing went red"),
        (MUST, [finding("lumen.b", "warn")], False, "only lumen.b was named, which is no must"),
        (MUST, [finding("lumen.c")], False, "other requirements went red: lumen.c"),
        ({"lumen.b": "should"}, [finding("lumen.b", "warn")], True, None),
        (MUST, [], False, "nothing went red"),
    ],
)
def test_what_counts(breaks: dict[str, str], findings: list[Finding], caught: bool, reason: str | None) -> None:
    outcome = weigh(plan(breaks), findings, {})
    assert outcome.caught is caught
    assert outcome.document()["reason"] == reason


def test_any_will_do_where_nobody_can_say_which() -> None:
    assert weigh(plan(MUST, whichever=True), [finding("lumen.b", "warn")], {}).caught


def test_an_implication_counts_and_is_counted() -> None:
    implies = all_implied({"lumen.c": ("lumen.d",), "lumen.d": ("lumen.a",)})
    outcome = weigh(plan(MUST), [finding("lumen.c")], implies)
    assert outcome.caught
    assert outcome.implied == {"lumen.c": "lumen.a"}
    assert outcome.shown == frozenset(), "implied is not shown"
    assert "1 × lumen.c → lumen.a" in report([outcome])
    assert not weigh(plan(MUST), [finding("lumen.a2")], implies).caught


def test_a_trial_that_breaks_is_no_catch() -> None:
    outcome = failed(plan(MUST), ValueError("oops"))
    assert not outcome.caught
    assert outcome.reason == "the trial failed: ValueError: oops"


def report(outcomes: list) -> str:
    return text(Catalogue(tuple(outcome.plan for outcome in outcomes), tuple(outcome.plan for outcome in outcomes)), outcomes, 3.0, whole=True)


def test_the_report_says_what_survived_and_which_checks_are_idle() -> None:
    caught = weigh(plan(MUST), [finding("lumen.a")], {})
    missed = weigh(plan(MUST, "hang"), [], {})
    said = report([caught, missed])
    assert "2 faults: 2 break a requirement" in said
    assert "4 distinct pairs of operator and requirement are declared; in 1 a finding named that very requirement" in said
    assert "1/2 (50.0 %) of those that break a must caught, - of the rest" in said
    assert "survivors: 1\n  must   lumen hang:draw" in said
    assert "nothing went red" in said
    assert "pixels.complete" not in idle([caught])
    assert "pixels.complete" in idle([missed])
    # What needs a second side or a second look is no part of a trial; it has tests of its own.
    assert not any(check.startswith("relay.") or check == "assets.lifetime" for check in idle([missed]))
    assert "errors.status" in said.partition("idle checks")[2]
    assert document(Catalogue((missed.plan,), (missed.plan,)), [missed], 1.0)["trials"][0]["caught"] is False


def test_the_exit_code() -> None:
    should = {"lumen.b": "should"}
    caught, missed = weigh(plan(should), [finding("lumen.b", "warn")], {}), weigh(plan(should), [], {})
    assert conclusion([weigh(plan(MUST), [finding("lumen.a")], {})]) == 0
    assert conclusion([weigh(plan(MUST), [], {})]) == 1
    assert conclusion([caught] * 19 + [missed]) == 0
    assert conclusion([caught] * 18 + [missed]) == 1


def _matrix(tmp_path, **implies: list[str]):
    entries = [
        {"id": f"lumen.{name}", "level": "must", "statement": "It draws well.", "source": {"document": "d", "lines": "1"}, "checks": {}}
        | ({"implies": [f"lumen.{other}" for other in others]} if others else {})
        for name, others in implies.items()
    ]
    path = tmp_path / "requirements.yaml"
    path.write_text(yaml.safe_dump({"provider": "lumen", "requirements": entries}))
    return read_matrix(path)


def test_implications_are_read(tmp_path) -> None:
    matrix = _matrix(tmp_path, a=["b", "c"], b=["c"], c=[])
    assert [requirement.implies for requirement in matrix.requirements] == [("lumen.b", "lumen.c"), ("lumen.c",), ()]


@pytest.mark.parametrize(
    ("implies", "said"),
    [
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, "circle: lumen.a → lumen.b → lumen.c → lumen.a"),
        ({"a": ["a"]}, "circle: lumen.a → lumen.a"),
        ({"z": ["a"], "a": ["b"], "b": ["a"]}, "circle: lumen.a → lumen.b → lumen.a"),
        ({"a": ["nobody"]}, "lumen.a implies lumen.nobody, which is not there"),
    ],
)
def test_implications_that_lead_nowhere(tmp_path, implies: dict[str, list[str]], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        _matrix(tmp_path, **implies)
