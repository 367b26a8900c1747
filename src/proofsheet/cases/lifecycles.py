"""Cases of the lifecycles: a whole trace, a failing task, and who may read a task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from proofsheet.cases.catalogue import entry_for
from proofsheet.cases.model import Case
from proofsheet.cases.requests import base_request, probe, with_overlay

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground

#: An id that no task has, in the form most providers give their ids.
UNKNOWN_TASK = "00000000-0000-4000-8000-000000000000"
#: The same where ids are whole numbers: the largest that 32 bits hold.
UNKNOWN_NUMBER = "2147483647"


def cases(ground: Ground) -> Iterator[Case]:
    """The lifecycle cases of an operation that has a lifecycle."""
    operation, base = ground.operation, ground.base
    if operation.lifecycle is None:
        return
    yield ground.case("lifecycles", "run", "lifecycle", "serve", base)
    yield failure(ground)
    usual = UNKNOWN_NUMBER if operation.lifecycle.id_type == "integer" else UNKNOWN_TASK
    unknown = probe(operation, base_request(operation), poll_only=operation.lifecycle.unknown_id or usual)
    yield ground.case("lifecycles", "unknown-id", "unknown-task", "refuse", unknown, base=base, error=entry_for(ground, "unknown_task"))
    yield ground.case("lifecycles", "no-key", "read-without-key", "see", base, error=entry_for(ground, "task_without_key") or entry_for(ground, "no_key"))
    yield foreign(ground)


def failure(ground: Ground) -> Case:
    """A task that the target is made to fail."""
    overlay = ground.surroundings.states.get("task_failure")
    if overlay is None:
        missing = "the target gives no way to make a task fail (states.task_failure)"
        return ground.case("lifecycles", "failure", "failure", "fail", None, missing=missing)
    request = with_overlay(base_request(ground.operation), overlay)
    made = probe(ground.operation, request, state="task_failure", credential=overlay.get("credential", "default"), look_again=True)
    return ground.case("lifecycles", "failure", "failure", "fail", made, base=ground.base)


def foreign(ground: Ground) -> Case:
    """Another account's look at a task."""
    error = entry_for(ground, "foreign_task") or entry_for(ground, "unknown_task")
    if "second_account" not in ground.surroundings.credentials:
        missing = "no key of a second account (credentials.second_account)"
        return ground.case("lifecycles", "foreign", "read-by-another", "see", None, missing=missing, error=error)
    return ground.case("lifecycles", "foreign", "read-by-another", "see", ground.base, error=error)

