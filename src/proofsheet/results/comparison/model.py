"""A comparison as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from proofsheet.results.shapes import Drift

#: What can have become of a requirement or a case. Only ``worse`` decides.
KINDS = ("worse", "better", "appeared", "vanished", "evidence", "unjudged", "listed")
WORDS: Mapping[str, str] = {
    "worse": "Got worse",
    "better": "Got better",
    "appeared": "Appeared",
    "vanished": "Vanished",
    "evidence": "Changed evidence",
    "unjudged": "Not judged any more",
    "listed": "Changed only in the lists of known failures and flaky cases",
}


class UncomparableError(Exception):
    """Two results cannot be compared. The message says why and what to name instead."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one requirement or one case (``subject``).

    ``old`` and ``new`` are verdicts, ``absent`` or ``not chosen``. ``details`` say it check by check, or by what was
    seen; ``others`` are the cases of a requirement, or the requirements of a case.
    """

    kind: str
    subject: str
    id: str
    old: str
    new: str
    level: str = ""
    details: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    region: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs against one target, or against two targets of one provider.

    ``alarms`` are cautions that nobody may overlook: something simulated stands against something real.
    """

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    alarms: tuple[str, ...]
    cautions: tuple[str, ...]
    requirements: tuple[Change, ...]
    cases: tuple[Change, ...]
    shapes: tuple[Drift, ...]

    @property
    def target(self) -> str:
        """The new run's target."""
        return str(self.new["target"]["name"])

    @property
    def worse(self) -> bool:
        """Whether anything got worse."""
        return any(change.kind == "worse" for change in (*self.requirements, *self.cases))

    def of(self, kind: str, subject: str) -> tuple[Change, ...]:
        """The changes of one kind of requirements or of cases."""
        return tuple(change for change in (self.requirements if subject == "requirement" else self.cases) if change.kind == kind)


@dataclass(frozen=True, slots=True)
class Pairing:
    """The comparisons of two runs, target by target, and the targets that only one of them has."""

    comparisons: tuple[Comparison, ...]
    only_old: tuple[str, ...] = ()
    only_new: tuple[str, ...] = ()

    @property
    def worse(self) -> bool:
        """Whether anything got worse on any target."""
        return any(comparison.worse for comparison in self.comparisons)
