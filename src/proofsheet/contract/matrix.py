"""The traceability matrix as frozen values: which statement is proved by which checks on which cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Source:
    """A document's id and its lines, as written."""

    document: str
    lines: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One testable statement. ``checks`` maps a check's id to patterns of the cases on which it proves this.

    ``implies`` are requirements that are broken for certain where this one is.
    """

    id: str
    level: str
    statement: str
    sources: tuple[Source, ...]
    checks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: str | None = None
    standard: str | None = None
    implies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispute:
    """A contradiction within or between the documents, its readings and how each is judged."""

    id: str
    statement: str
    readings: tuple[str, ...]
    judged: str
    sources: tuple[Source, ...]
    requirements: tuple[str, ...] = ()
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Silent:
    """Lines of a document that claim nothing, and why."""

    document: str
    lines: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """The traceability matrix."""

    requirements: tuple[Requirement, ...]
    disputes: tuple[Dispute, ...] = ()
    silent: tuple[Silent, ...] = ()
