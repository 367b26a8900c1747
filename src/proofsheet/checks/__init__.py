"""The checks: small pure functions from what happened to what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from proofsheet.checks import assets, billing, clients, clients_examples, errors, lifecycles, parameters, pixels, relay, relay_faults, relay_pictures, usage
from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Bounds, Subject

Check = Callable[[Subject], Iterator[Judgement]]

ALL: tuple[Check, ...] = tuple(
    check for area in (parameters, errors, lifecycles, pixels, assets, usage, billing, relay, relay_pictures, relay_faults, clients, clients_examples) for check in area.CHECKS
)

#: A request that is watched on both sides is judged by these alone: its client's side is another case's business.
RELAY: tuple[Check, ...] = (*relay.CHECKS, *relay_pictures.CHECKS, *relay_faults.CHECKS)


def judge(subject: Subject) -> list[Judgement]:
    """Every check's word on one case. Pure: the same subject gives the same judgements."""
    checks = {"relay": RELAY, "clients": (*clients.CHECKS, *clients_examples.CHECKS)}.get(subject.case.area, ALL)
    return [judgement for check in checks for judgement in check(subject)]


__all__ = ["ALL", "Bounds", "Check", "Judgement", "Subject", "judge"]
