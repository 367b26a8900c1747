"""The kill matrix in words and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from proofsheet.contract.files import shipped_validator
from proofsheet.contract.index import area_of
from proofsheet.killing.matrix import Catalogue
from proofsheet.killing.outcome import Outcome

#: Of the faults that break no must, this part must be caught.
REST_AT_LEAST = 0.95

Lines = list[str]


def conclusion(outcomes: Sequence[Outcome]) -> int:
    """The exit code: 1 where a fault that breaks a must survives, or too many of the rest do."""
    must = [outcome for outcome in outcomes if outcome.plan.level == "must"]
    rest = [outcome for outcome in outcomes if outcome.plan.level == "should"]
    enough = not rest or sum(outcome.caught for outcome in rest) >= REST_AT_LEAST * len(rest)
    return 0 if all(outcome.caught for outcome in must) and enough else 1


def text(catalogue: Catalogue, outcomes: Sequence[Outcome], seconds: float, *, whole: bool) -> str:
    """The whole report. ``whole``: every kind of fault was tried, so that checks that caught nothing are idle."""
    lines = [*_sums(catalogue, outcomes, seconds)]
    lines += _table("area", outcomes, lambda outcome: {area_of(check) for check in outcome.plan.checks})
    lines += _table("provider", outcomes, lambda outcome: {outcome.plan.provider})
    lines += _table("operator", outcomes, lambda outcome: {outcome.plan.operator})
    lines += _survivors(outcomes) + _implied(outcomes)
    return "\n".join([*lines, *(_idle(outcomes) if whole else []), ""])


def _sums(catalogue: Catalogue, outcomes: Sequence[Outcome], seconds: float) -> Lines:
    declared = {(plan.operator, name) for plan in catalogue.counted for name in plan.breaks}
    shown = {(outcome.plan.operator, name) for outcome in outcomes for name in outcome.shown}
    return [
        f"{len(catalogue.plans)} faults: {len(catalogue.counted)} break a requirement, about {len(catalogue.silent)} the documents are silent, "
        f"{len(catalogue.unseen)} no case sees (neither is counted)",
        f"{len(declared)} distinct pairs of operator and requirement are declared; in {len(shown)} a finding named that very requirement",
        f"{len(outcomes)} tried in {seconds:.0f} s: {_rate(outcomes, 'must')} of those that break a must caught, {_rate(outcomes, 'should')} of the rest",
    ]


def _rate(outcomes: Iterable[Outcome], level: str) -> str:
    of_level = [outcome for outcome in outcomes if outcome.plan.level == level]
    caught = sum(outcome.caught for outcome in of_level)
    return f"{caught}/{len(of_level)} ({100 * caught / len(of_level):.1f} %)" if of_level else "-"


def _table(title: str, outcomes: Sequence[Outcome], groups: Callable[[Outcome], set[str]]) -> Lines:
    names = sorted({name for outcome in outcomes for name in groups(outcome)})
    lines = ["", f"{title:24} {'must':>20} {'rest':>20}"]
    for name in names:
        of_name = [outcome for outcome in outcomes if name in groups(outcome)]
        lines.append(f"{name:24} {_rate(of_name, 'must'):>20} {_rate(of_name, 'should'):>20}")
    return lines


def _survivors(outcomes: Sequence[Outcome]) -> Lines:
    left = [outcome for outcome in outcomes if not outcome.caught]
    lines = ["", f"survivors: {len(left)}"]
    for outcome in left:
        lines.append(f"  {outcome.plan.level:6} {outcome.plan.provider} {outcome.plan.id}")
        lines.append(f"         {outcome.plan.sentence} Breaks {', '.join(list(outcome.plan.breaks)[:3])}. {outcome.reason}")
    return lines


def _implied(outcomes: Sequence[Outcome]) -> Lines:
    uses = Counter((name, broken) for outcome in outcomes for name, broken in outcome.implied.items())
    lines = ["", f"implications used: {sum(uses.values())}"]
    return lines + [f"  {count} × {name} → {broken}" for (name, broken), count in sorted(uses.items())]


def _idle(outcomes: Sequence[Outcome]) -> Lines:
    found, elsewhere = idle(outcomes), [check for check in _checks() if _judges_elsewhere(check)]
    return [
        "",
        f"idle checks (no fault is caught by them): {', '.join(found) or 'none'}",
        f"not part of such a trial, and proven by tests of their own: {', '.join(elsewhere)}",
    ]


def idle(outcomes: Iterable[Outcome]) -> list[str]:
    """The checks of an ordinary run by which no fault was caught."""
    busy = {check for outcome in outcomes for check in outcome.checks}
    return [check for check in _checks() if check not in busy and not _judges_elsewhere(check)]


def _checks() -> list[str]:
    requirement = shipped_validator("requirements.schema.json").schema["$defs"]["requirement"]
    return sorted(requirement["properties"]["checks"]["propertyNames"]["enum"])


def _judges_elsewhere(check: str) -> bool:
    """Whether a check needs more than one run against one gateway: the model behind it (``--upstream``), or a later look (``recheck``)."""
    return check.startswith(("relay.", "clients.")) or check == "assets.lifetime"


def document(catalogue: Catalogue, outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "faults": len(catalogue.plans),
        "counted": len(catalogue.counted),
        "silent": [{"provider": plan.provider, "fault": plan.id, "sentence": plan.sentence} for plan in catalogue.silent],
        "unseen": [{"provider": plan.provider, "fault": plan.id, "sentence": plan.sentence} for plan in catalogue.unseen],
        "pairs_declared": len({(plan.operator, name) for plan in catalogue.counted for name in plan.breaks}),
        "pairs_shown": len({(outcome.plan.operator, name) for outcome in outcomes for name in outcome.shown}),
        "seconds": round(seconds, 1),
        "idle": idle(outcomes),
        "trials": [outcome.document() for outcome in outcomes],
    }
