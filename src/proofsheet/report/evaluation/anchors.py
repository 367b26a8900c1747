"""Names of places in the page: readable, stable from one evaluation to the next, unique, and never a target's own text."""

from __future__ import annotations

import re

#: Longer names are cut: they are for addresses.
_LONGEST = 90


class Anchors:
    """Hands out the same name for the same thing, and never one name twice."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, ...], str] = {}
        self._taken: set[str] = set()

    def place(self, *words: str, scope: str = "") -> str:
        """The name of the thing that these words say; ``scope`` tells things apart that are called alike."""
        key = (scope, *words)
        if key not in self._given:
            plain = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9.]+", "-", "-".join(words).lower().replace(":", "x"))).strip("-.")[:_LONGEST] or "place"
            name, number = plain, 1
            while name in self._taken:
                number += 1
                name = f"{plain}-{number}"
            self._taken.add(name)
            self._given[key] = name
        return self._given[key]
