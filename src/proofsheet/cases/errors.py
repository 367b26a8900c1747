"""Cases of the error catalogue: each entry on each operation that it speaks of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from proofsheet.cases.model import MALFORMED_KEY, NO_KEY, UNKNOWN_KEY, Case, Probe
from proofsheet.cases.requests import base_request, probe, with_overlay
from proofsheet.contract.model import ErrorCase, Operation
from proofsheet.contract.requests import ABSENT, Request

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground

_KEYS = {"no_key": NO_KEY, "malformed_key": MALFORMED_KEY, "unknown_key": UNKNOWN_KEY}
#: A model that nobody serves.
UNKNOWN_MODEL = "no-such-model-7f3a"
#: Provocations that other areas make their cases of.
_ELSEWHERE = frozenset({"invalid", "unknown_task", "task_without_key", "foreign_task", "state:task_failure"})


def cases(ground: Ground) -> Iterator[Case]:
    """One case for each entry that applies and can be provoked by a request of this operation."""
    for entry in ground.contract.errors.catalogue:
        if entry.applies(ground.operation) and entry.provoke not in _ELSEWHERE:
            case = _case(ground, entry)
            if case is not None:
                yield case


def _case(ground: Ground, entry: ErrorCase) -> Case | None:
    made, missing = _provocation(ground, entry)
    if made is None and missing is None:
        return None
    return ground.case("errors", entry.id, "error", "refuse", made, base=ground.base, error=entry, missing=missing)


def _provocation(ground: Ground, entry: ErrorCase) -> tuple[Probe | None, str | None]:
    operation, request = ground.operation, base_request(ground.operation)
    kind, _, name = entry.provoke.partition(":")
    if entry.provoke in _KEYS:
        return probe(operation, request, credential=_KEYS[entry.provoke]), None
    if kind == "credential":
        if name in ground.surroundings.credentials:
            return probe(operation, request, credential=name), None
        return _overlaid(ground, request, name) or (None, f"no key and no way to bring this state about (credentials.{name} or states.{name})")
    if kind == "state":
        return _overlaid(ground, request, name) or (None, f"the target gives no way to bring this about (states.{name})")
    changed = _changed(entry.provoke, operation, request)
    return (probe(operation, changed), None) if changed is not None else (None, None)


def _overlaid(ground: Ground, request: Request, state: str) -> tuple[Probe, None] | None:
    """The base request with a state's overlay; None where the target has none."""
    overlay = ground.surroundings.states.get(state)
    if overlay is None:
        return None
    return probe(ground.operation, with_overlay(request, overlay), state=state, credential=overlay.get("credential", "default")), None


def _changed(provoke: str, operation: Operation, request: Request) -> Request | None:
    """The base request spoilt in one way; None where the operation has nothing to spoil so."""
    if provoke == "base":
        return request
    if provoke == "unknown_model":
        role = operation.roles.get("model")
        return None if role is None else request.put(role.at, UNKNOWN_MODEL)
    if request.json is ABSENT:
        return None
    text = json.dumps(request.json).encode()
    if provoke == "malformed_json":
        return replace(request, json=ABSENT, raw=text[:-1], media_type="application/json")
    if provoke == "empty_body":
        return replace(request, json=ABSENT, raw=b"", media_type="application/json")
    if provoke == "wrong_content_type":
        return replace(request, json=ABSENT, raw=text, media_type="text/plain")
    return None
