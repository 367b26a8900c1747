"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judgement:
    """One check's word on one case.

    ``held`` is True, False, or None where the case could not show it (``message`` says why). ``most`` caps the
    level, where the document itself warns of what was seen. ``expected`` and ``actual`` are short texts for people.
    """

    check: str
    held: bool | None
    message: str
    expected: str = ""
    actual: str = ""
    most: str | None = None
