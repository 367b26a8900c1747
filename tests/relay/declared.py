"""Faults of the small gateway: each one method of it done wrong, with the check that must catch it, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.relay.gateway import Relay


@dataclass(frozen=True)
class Declared:
    """``kind`` is whose clients it serves: native, images or tasks. ``cases`` are the ends of the ids of cases that show it."""

    id: str
    kind: str
    check: str
    cases: tuple[str, ...]
    made: type[Relay]


FAULTS: list[Declared] = []


def fault(kind: str, check: str, *cases: str) -> Callable[[type[Relay]], type[Relay]]:
    """Declare a class as a faulty gateway; its name is the fault's id."""

    def keep(made: type[Relay]) -> type[Relay]:
        FAULTS.append(Declared(made.__name__, kind, f"relay.{check}", cases, made))
        return made

    return keep
