"""Faults of the small gateway: each one method of it done wrong, with all that must be blamed for it, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.clients.faulty.gateway import Gateway


@dataclass(frozen=True)
class Declared:
    """``kind`` is what its users call. ``blamed`` are patterns of the ends of case ids, by check: nothing else may be. ``only`` are
    the cases that are tried.
    """

    id: str
    kind: str
    blamed: Mapping[str, tuple[str, ...]]
    only: tuple[str, ...]
    runtime: str
    made: type[Gateway]


FAULTS: list[Declared] = []
#: Where a picture is expected.
SERVED = ("call", "cell/*", "references/*")


def fault(kind: str, *, runtime: str = "python", only: tuple[str, ...] = ("**",), **blamed: tuple[str, ...] | str) -> Callable[[type[Gateway]], type[Gateway]]:
    """Declare a class as a faulty gateway; its name is the fault's id."""

    def keep(made: type[Gateway]) -> type[Gateway]:
        patterns = {check: (where,) if isinstance(where, str) else where for check, where in blamed.items()}
        FAULTS.append(Declared(made.__name__, kind, patterns, only, runtime, made))
        return made

    return keep
