"""The figures on the first screen of an evaluation: verdicts by area, prices, times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from proofsheet.results.model import AREAS, Finding, Results

#: Below this many samples a 95th percentile is little more than the maximum.
FEWEST_FOR_P95 = 20
#: The cases in which a task is made to fail.
_PROVOKED = ("/lifecycles/failure", "/billing/failed")
#: From harmless to grave: what one requirement's findings come to is the gravest of them.
_GRAVITY = ("not_supported", "not_run", "not_testable", "pass", "flaky", "known_failure", "warn", "error", "fail")


@dataclass(frozen=True, slots=True)
class AreaVerdict:
    """How many requirements (must and should) of an area came to what. ``word`` is the verdict of the area."""

    held: int = 0
    broken: int = 0
    warned: int = 0
    listed: int = 0
    unproven: int = 0
    unsupported: int = 0
    observed: int = 0

    @property
    def word(self) -> str:
        """broken, warned, listed, held, unproven, unsupported or observed: the gravest thing that is not zero, proof before lack of it."""
        return next((name for name in ("broken", "warned", "listed", "held", "unproven", "unsupported") if getattr(self, name)), "observed")


@dataclass(frozen=True, slots=True)
class Price:
    """What one image costs by the document: in the provider's unit, and in USD where a rate is known. ``label`` says for which requests."""

    amount: str
    unit: str
    usd: str | None
    per: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds: how many samples, least, median, most; ``p95`` is None below twenty samples. ``how`` is answer or lifecycle."""

    how: str
    n: int
    least: float
    median: float
    most: float
    p95: float | None


@dataclass(frozen=True, slots=True)
class LifecycleTimes:
    """Lifecycles that were watched: those that ended with images in ``figures``; how all of them ended in ``outcomes``."""

    figures: Figures | None
    outcomes: Mapping[str, int]


def figures(how: str, samples: Sequence[float]) -> Figures:
    """The figures of at least one sample. The 95th percentile is the nearest rank."""
    ordered = sorted(samples)
    p95 = ordered[-(-len(ordered) * 95 // 100) - 1] if len(ordered) >= FEWEST_FOR_P95 else None
    return Figures(how, len(ordered), ordered[0], median(ordered), ordered[-1], p95)


def area_verdicts(findings: Iterable[Finding]) -> dict[str, AreaVerdict]:
    """The verdict of each area that has findings."""
    worst: dict[str, dict[str, str]] = {}
    seen: set[str] = set()
    for finding in findings:
        seen.add(finding.area)
        if finding.level == "info" or finding.verdict == "info":
            continue
        area = worst.setdefault(finding.area, {})
        held = area.get(finding.requirement, finding.verdict)
        area[finding.requirement] = max(held, finding.verdict, key=_GRAVITY.index)
    return {area: _counted(worst.get(area, {})) for area in AREAS if area in seen}


def _counted(requirements: Mapping[str, str]) -> AreaVerdict:
    verdicts = list(requirements.values())
    return AreaVerdict(
        held=verdicts.count("pass"), broken=verdicts.count("fail"), warned=verdicts.count("warn"), listed=verdicts.count("known_failure") + verdicts.count("flaky"),
        unproven=sum(verdicts.count(name) for name in ("not_testable", "not_run", "error")), unsupported=verdicts.count("not_supported"),
    )  # fmt: skip


def size_order(size: str) -> tuple[float, str]:
    """Sizes from small to large: 512, 1K, 2K, 4K; what is no such word comes last."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*(k?)(?:px)?", size.strip().lower())
    return (float(found[1]) * (1024 if found[2] else 1), size) if found else (float("inf"), size)


def prices(results: Results) -> dict[str, tuple[Price, ...]]:
    """Documented prices by size; under the empty size those that are the same whatever the size."""
    offered: Mapping[str, Any] = results.offer.get("prices", {})
    found: dict[str, list[Price]] = {}
    for rule in offered.get("rules", ()):
        when = {str(name): value for name, value in rule["when"].items()}
        size = str(when.pop("size", ""))
        price = Price(rule["amount"], offered["unit"], rule["usd"], offered["per"], _label(when, rule))
        found.setdefault(size, []).append(price)
    return {size: tuple(found[size]) for size in sorted(found, key=size_order)}


def _label(when: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    models = [str(model).rpartition("/")[2] for model in rule.get("models", ()) if model != "**"]
    operations = [str(operation) for operation in rule.get("operations", ()) if operation != "**"]
    return ", ".join([*(str(value) for value in when.values()), *models, *operations])


def latency(results: Results) -> dict[str, tuple[Figures, ...]]:
    """Times to an image by size; under the empty size those of requests whose size no document says."""
    samples: dict[str, dict[str, list[float]]] = {}
    for timing in results.timings:
        samples.setdefault(timing["size"], {}).setdefault(timing["how"], []).append(timing["seconds"])
    return {size: tuple(figures(how, samples[size][how]) for how in sorted(samples[size])) for size in sorted(samples, key=size_order)}


def lifecycle_times(results: Results) -> LifecycleTimes:
    """How long lifecycles took and how they ended."""
    samples = [timing["seconds"] for timing in results.timings if timing["how"] == "lifecycle"]
    outcomes: dict[str, int] = {}
    for entry in results.lifecycles:
        name = str(entry.get("outcome", "watched"))
        if name == "failed" and str(entry["case"]).endswith(_PROVOKED):
            name = "failed as provoked"
        outcomes[name] = outcomes.get(name, 0) + 1
    return LifecycleTimes(figures("lifecycle", samples) if samples else None, outcomes)
