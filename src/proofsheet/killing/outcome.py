"""What a trial showed about a fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proofsheet.killing.plan import Plan
from proofsheet.results.model import Finding

#: Verdicts that say that something is broken.
RED = ("fail", "warn")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fault and the findings that name a requirement it breaks, or one that implies it.

    ``by`` maps each requirement that was named to the checks that named it; ``implied`` says for a requirement that
    was named which broken one it implies. ``others`` are requirements that went red beside it. ``problem`` is what
    went wrong in the trial itself.
    """

    plan: Plan
    by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    implied: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    seconds: float = 0.0
    problem: str | None = None

    @property
    def caught(self) -> bool:
        """Whether a finding names what the fault breaks; of a fault that breaks a must, a must."""
        return any(self.implied.get(name, name) in self.plan.named for name in self.by)

    @property
    def checks(self) -> frozenset[str]:
        """The checks that named what it breaks."""
        return frozenset(check for checks in self.by.values() for check in checks)

    @property
    def shown(self) -> frozenset[str]:
        """The broken requirements that a finding names."""
        return frozenset(self.by) & frozenset(self.plan.breaks)

    @property
    def reason(self) -> str:
        """Why it was not caught."""
        if self.problem is not None:
            return self.problem
        if self.by:
            return f"only {', '.join(sorted(self.by)[:3])} was named, which is no must"
        if self.others:
            return f"other requirements went red: {', '.join(self.others[:3])}"
        return "nothing went red" if self.plan.cases else "no case sees it"

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "provider": self.plan.provider, "fault": self.plan.id, "operator": self.plan.operator, "sentence": self.plan.sentence, "level": self.plan.level,
            "breaks": dict(self.plan.breaks), "checks": list(self.plan.checks), "cases": list(self.plan.cases), "caught": self.caught,
            "by": {name: list(checks) for name, checks in self.by.items()}, "implied": dict(self.implied), "others": list(self.others),
            "seconds": round(self.seconds, 3), "reason": None if self.caught else self.reason,
        }  # fmt: skip


def weigh(plan: Plan, findings: Iterable[Finding], implies: Mapping[str, frozenset[str]]) -> Outcome:
    """What the findings say about a fault. ``implies`` holds for each requirement all that follow from it."""
    by: dict[str, dict[str, None]] = {}
    implied: dict[str, str] = {}
    others: dict[str, None] = {}
    for finding in findings:
        if finding.verdict not in RED:
            continue
        follows = _best(plan, implies.get(finding.requirement, frozenset()))
        if finding.requirement in plan.breaks:
            by.setdefault(finding.requirement, {})[finding.check] = None
        elif follows is not None:
            by.setdefault(finding.requirement, {})[finding.check] = None
            implied[finding.requirement] = follows
        else:
            others[finding.requirement] = None
    return Outcome(plan, {name: tuple(checks) for name, checks in by.items()}, implied, tuple(others))


def _best(plan: Plan, following: frozenset[str]) -> str | None:
    """A broken requirement among those that follow: one that has to be named where there is one."""
    return next(iter([*sorted(following & plan.named), *sorted(following & frozenset(plan.breaks))]), None)


def failed(plan: Plan, error: BaseException) -> Outcome:
    """A trial that could not be made."""
    return Outcome(plan, problem=f"the trial failed: {type(error).__name__}: {error}"[:300])


def all_implied(direct: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """For each requirement everything that follows from it, step by step. The steps have no circle."""

    def follow(name: str) -> frozenset[str]:
        return frozenset(direct.get(name, ())).union(*(follow(next_) for next_ in direct.get(name, ())))

    return {name: follow(name) for name in direct}
