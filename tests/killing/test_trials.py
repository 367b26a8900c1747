"""A sample of the kill matrix: the harness names what each fault breaks, and the choice of cases loses nothing."""

from __future__ import annotations

import random

import pytest

from proofsheet.contract import provider_names
from proofsheet.killing.outcome import RED, weigh
from proofsheet.killing.plan import Plan, representatives

#: One fault of each kind that has been hard to see.
KNOWN = [
    ("threedaistudio", "wrong-host:generate", "assets.host"),
    ("threedaistudio", "dead-copies:edit", "assets.copies"),
    ("threedaistudio", "foreign-task:generate", "lifecycles.isolated"),
    ("threedaistudio", "unknown-task-served", "lifecycles.unknown"),
    ("threedaistudio", "charge-failed", "billing.free"),
    ("threedaistudio", "neighbour-ratio:generate:4:5", "pixels.exact"),
    ("threedaistudio", "poison:generate", "parameters.served"),
    ("threedaistudio", "intermittent", "parameters.served"),
    ("threedaistudio", "other-images:generate", "lifecycles.stable"),
    ("apimaster", "retype-field:generate:url", "assets.reachable"),
    ("apimaster", "refuse-letter-case:generate:size", "parameters.served"),
    ("apimaster", "charge-refused", "billing.free"),
    ("apimaster", "wrong-tier:generate", "billing.price"),
    ("xairouter", "other-tokens:native", "usage.tokens"),
    ("xairouter", "wrong-hint:no-key", "errors.hint"),
    ("xairouter", "other-envelope:no-key", "errors.envelope"),
    ("xairouter", "redirect-without-body:native", "parameters.served"),
    ("maxapi", "heed-ignored:generations/2.5:size", "parameters.ignored"),
    ("maxapi", "poll-elsewhere:generations-async/3.1-beta", "lifecycles.origin"),
    ("maxapi", "bad-retry-after:rate-limited", "errors.retry_after"),
    ("maxapi", "ignore-mirror", "assets.host"),
]
SAMPLED, COMPARED = 12, 2


def _sample(planner, bench, provider: str, number: int, seed: int) -> list[Plan]:
    ids = random.Random(seed).sample(bench(provider).fault_ids(), 20 * number)
    found = representatives(plan for plan in map(planner(provider).plan, ids) if plan.breaks)
    return found[:number]


def _outcome(bench, plan: Plan, whole: bool = False):
    return weigh(plan, bench(plan.provider).findings([plan.id], None if whole else plan.cases), {})


@pytest.mark.parametrize(("provider", "id", "check"), KNOWN)
def test_a_fault_is_named(bench, plan, provider: str, id: str, check: str) -> None:
    found = _outcome(bench, plan(provider, id))
    assert found.caught, found.reason
    assert check in found.checks


@pytest.mark.parametrize("provider", provider_names())
def test_a_sample_is_caught(bench, planner, provider: str) -> None:
    outcomes = [_outcome(bench, plan) for plan in _sample(planner, bench, provider, SAMPLED, seed=1)]
    assert len(outcomes) == SAMPLED
    assert [f"{outcome.plan.id}: {outcome.reason}" for outcome in outcomes if not outcome.caught] == []


@pytest.mark.parametrize("provider", provider_names())
def test_without_a_fault_the_same_cases_find_nothing(bench, planner, provider: str) -> None:
    plans = _sample(planner, bench, provider, SAMPLED, seed=1)
    findings = bench(provider).findings([], [case for plan in plans for case in plan.cases])
    assert findings
    assert [f"{one.requirement} on {one.case}: {one.message}" for one in findings if one.verdict in RED] == []


@pytest.mark.parametrize("provider", provider_names())
def test_the_choice_of_cases_loses_nothing(bench, planner, provider: str) -> None:
    """All cases catch what the few catch, by the same requirements. ``--compare-cases`` does the same on a larger sample."""
    for plan in _sample(planner, bench, provider, COMPARED, seed=3):
        few, all_ = _outcome(bench, plan), _outcome(bench, plan, whole=True)
        assert few.caught is all_.caught, plan.id
        assert few.shown <= all_.shown, plan.id


def test_a_harness_that_sees_nothing_catches_nothing(bench, plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proofsheet.killing.trial.judge", lambda subject: [])
    found = _outcome(bench, plan("xairouter", "truncate:native"))
    assert not found.caught
    assert found.reason == "nothing went red"
