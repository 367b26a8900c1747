"""The results of a run as frozen values, as results.json holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERDICTS = ("pass", "fail", "warn", "info", "not_supported", "not_testable", "known_failure", "flaky", "not_run", "error")
AREAS = ("parameters", "errors", "lifecycles", "pixels", "assets", "usage", "billing", "clients", "relay")


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of one check on one case. ``region`` is empty but in a result that joins regions.

    ``attempts`` is the verdict of each attempt where the case was sent more than once (``absent``: not judged then).
    """

    check: str
    area: str
    case: str
    requirement: str
    level: str
    verdict: str
    message: str
    expected: str = ""
    actual: str = ""
    curl: str = ""
    exchanges: tuple[str, ...] = ()
    region: str = ""
    attempts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """What a run says about one requirement.

    ``verdict`` is passed, failed, warned, known_failure (only listed failures stand against it), observed (an
    info-level one of which something was seen), unproven or excluded. ``checks`` are the ids that could prove it.
    ``regions`` has the verdict by region, where regions were joined.
    """

    id: str
    level: str
    statement: str
    source: str
    verdict: str
    excluded: str | None
    cases: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    regions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CellResult:
    """One preset cell side by side: requested, declared, actual (``WxH`` texts). ``seconds`` to its answer, None where none came."""

    case: str
    model: str
    ratio: str
    size: str
    requested: str
    declared: str
    actual: str
    verdict: str
    digest: str | None
    region: str = ""
    operation: str = ""
    bytes: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """One run against one target. ``run`` and ``summary`` have the shapes of results.schema.json, ``answers`` holds shapes of answers."""

    run: Mapping[str, Any]
    summary: Mapping[str, Any]
    findings: tuple[Finding, ...]
    requirements: tuple[RequirementResult, ...]
    cells: tuple[CellResult, ...] = ()
    lifecycles: tuple[Mapping[str, Any], ...] = ()
    exchanges: tuple[Mapping[str, Any], ...] = ()
    disputes: tuple[Mapping[str, Any], ...] = ()
    spend: tuple[Mapping[str, Any], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    images: tuple[Mapping[str, Any], ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    offer: Mapping[str, Any] = field(default_factory=dict)
    timings: tuple[Mapping[str, Any], ...] = ()
    refusals: tuple[Mapping[str, Any], ...] = ()
    examples: tuple[Mapping[str, Any], ...] = ()
