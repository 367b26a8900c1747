"""What was seen of the matters that the documents leave in dispute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from proofsheet.results.model import Finding

_EACH, _IN_ALL = 3, 6


def with_sights(disputes: Iterable[Mapping[str, Any]], findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The disputes, each with the first few different things that were seen of its requirements."""
    seen: dict[str, list[str]] = {}
    for finding in findings:
        entries = seen.setdefault(finding.requirement, [])
        if finding.actual and finding.actual not in entries and len(entries) < _EACH:
            entries.append(finding.actual)
    return [{**dispute, "seen": _of(dispute["requirements"], seen)} for dispute in disputes]


def _of(requirements: Sequence[str], seen: Mapping[str, Sequence[str]]) -> list[str]:
    return [text for name in requirements for text in seen.get(name, ())][:_IN_ALL]
