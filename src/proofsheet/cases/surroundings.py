"""What a target offers that cases depend on: accounts, states, pictures it can fetch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Pictures:
    """URLs that the target can fetch: ``base`` serves ``/png/1``, ``/html``, …; ``single`` is one fixed picture."""

    base: str | None = None
    single: str | None = None
    unreachable: str | None = None

    def url(self, kind: str, number: int) -> str | None:
        """The URL of one picture, or None where the target can fetch none of this kind."""
        if self.base is not None:
            return f"{self.base}/{kind}/{number}"
        return self.single if kind == "png" or self.single is None else None

    def other(self, name: str) -> str | None:
        """The URL of something that is no picture (``html``, ``text``, ``missing``)."""
        return None if self.base is None else f"{self.base}/{name}"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Facts about the target. ``states`` maps a state to its overlay (headers, json, credential).

    ``lacking`` maps what a run would use on this machine, such as an SDK, to the reason why it cannot.
    """

    credentials: frozenset[str] = frozenset({"default"})
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pictures: Pictures = field(default_factory=Pictures)
    unsupported: frozenset[str] = frozenset()
    has_balance: bool = False
    lacking: Mapping[str, str] = field(default_factory=dict)
