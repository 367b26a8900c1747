"""What a fault breaks, and the cases that are performed to see it."""

from __future__ import annotations

import re

import pytest

from proofsheet.contract import provider_names
from proofsheet.killing.aims import AIMS
from proofsheet.killing.plan import representatives
from proofsheet.reference.faults import OPERATORS, sentence

GENERATE = "threedaistudio.generate"

#: A fault of one provider, its level and requirements that it breaks.
BREAKS = [
    ("accept-invalid:generate:prompt", "must", {f"{GENERATE}.prompt.required", f"{GENERATE}.prompt.type"}),
    ("accept-invalid:generate:prompt:required", "must", {f"{GENERATE}.prompt.required"}),
    ("accept-invalid:generate:output_format:enum", "must", {f"{GENERATE}.output_format.values"}),
    ("replace-invalid:generate:format", "must", {f"{GENERATE}.output_format.values", f"{GENERATE}.output_format.type"}),
    ("ignore-parameter:generate:format", "must", {f"{GENERATE}.output_format.honoured"}),
    ("accept-no-key", "must", {"threedaistudio.auth.keyless", "threedaistudio.errors.no_key", "threedaistudio.task.guarded"}),
    ("accept-any-key", "must", {"threedaistudio.auth.stranger", "threedaistudio.errors.unknown_key", "threedaistudio.errors.malformed_key"}),
    ("open-tasks", "must", {"threedaistudio.task.guarded"}),
    ("step-back:generate", "should", {"threedaistudio.task.order"}),
]
#: Faults about which a provider's documents say nothing.
SILENT = [
    ("threedaistudio", "no-retry-after:rate-limited"),
    ("threedaistudio", "other-envelope:upstream-error"),
    ("apimaster", "wrong-default:generate:ratio"),
    ("xairouter", "wrong-format:native"),
    ("maxapi", "drop-field:generations-async/3.1-beta:task_id"),
]


@pytest.mark.parametrize(("id", "level", "broken"), BREAKS)
def test_a_fault_breaks(plan, id: str, level: str, broken: set[str]) -> None:
    found = plan("threedaistudio", id)
    assert broken <= set(found.breaks)
    assert found.level == level
    assert all(name.startswith("threedaistudio.") for name in found.breaks)
    assert found.named == {name for name, of in found.breaks.items() if of == level}


def test_a_keyword_breaks_no_more_than_itself(plan) -> None:
    assert set(plan("threedaistudio", "accept-invalid:generate:prompt:required").breaks) == {f"{GENERATE}.prompt.required", "threedaistudio.errors.400.status"}


def test_a_cell_breaks_no_other_cell(plan) -> None:
    found = plan("threedaistudio", "other-cell:generate:16:9@2K")
    cells = {name for name in found.breaks if ".cell." in name or "@" in name}
    assert cells
    assert all("16" in name and "9" in name for name in cells)


@pytest.mark.parametrize(("provider", "id"), SILENT)
def test_the_documents_are_silent(plan, provider: str, id: str) -> None:
    found = plan(provider, id)
    assert found.breaks == {}
    assert found.level in ("silent", "unseen")


def test_a_cell_that_is_not_asked_for_is_unseen(plan) -> None:
    assert plan("threedaistudio", "refuse-cell:edit:1:4@2K").level == "unseen"
    assert plan("threedaistudio", "refuse-cell:generate:1:4@2K").level == "must"
    assert plan("threedaistudio", "no-retry-after:rate-limited").level == "unseen"
    assert plan("maxapi", "progress-back:generations-async/2.5").level == "silent"


def test_what_comes_next_may_be_anything(plan) -> None:
    found = plan("threedaistudio", "poison:generate")
    assert found.whichever
    assert set(found.breaks) == found.named
    refused = [case for case in found.cases if "/invalid/" in case]
    assert len(refused) > 3, "without an invalid request nothing is poisoned"


def test_every_operator_is_declared_once() -> None:
    names = [operator.name for operator in OPERATORS]
    assert len(names) == len(set(names))
    worked_out = {operator.name for operator in OPERATORS if operator.stage == "order"}
    assert set(AIMS) | worked_out == set(names)


@pytest.mark.parametrize("provider", provider_names())
def test_every_fault_is_a_sentence(bench, provider: str) -> None:
    contract = bench(provider).contract
    for id in bench(provider).fault_ids():
        said = sentence(contract, id)
        assert re.fullmatch(r"[A-Za-z0-9(].*\.", said), said
        assert "{" not in said


def test_there_are_faults_enough(bench, planner) -> None:
    """Without the largest provider, whose plans take their time."""
    plans = [planner(provider).plan(id) for provider in ("apimaster", "threedaistudio", "xairouter") for id in bench(provider).fault_ids()]
    counted = [plan for plan in plans if plan.breaks]
    pairs = {(plan.operator, name) for plan in counted for name in plan.breaks}
    assert len(counted) >= 400
    assert len(pairs) >= 150
    kinds = representatives(counted)
    assert len({plan.kind for plan in kinds}) == len(kinds)
    assert {plan.kind for plan in kinds} == {plan.kind for plan in counted}
    assert {name for plan in counted for name in plan.breaks} == {name for plan in kinds for name in plan.breaks}
    assert all(plan.cases for plan in counted)
