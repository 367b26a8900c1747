"""Findings with one cause, told once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from proofsheet.report.text import one_line
from proofsheet.results.model import Finding

# What differs from case to case though the cause is one: ids, digests, addresses, cells, pixel sizes, long numbers.
_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "ID"),
    (re.compile(r"https?://[^\s'\"<>]+"), "URL"),
    (re.compile(r"\b(?=[A-Za-z_-]*[0-9])[0-9A-Za-z_-]{16,}\b"), "ID"),
    (re.compile(r"\S*\d\S*@\S*\d\S*( or \S*\d\S*@\S*\d\S*)*"), "CELL"),
    (re.compile(r"\b\d+\s?[x×]\s?\d+\b"), "WxH"),
    (re.compile(r"\b\d+\.\d+\b"), "#"),
    (re.compile(r"\b\d{4,}\b"), "#"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one check on one requirement that expected and saw alike. ``first`` is the one to show."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that stands for all."""
        return self.findings[0]

    @property
    def cases(self) -> tuple[str, ...]:
        """The ids of the cases, each once."""
        return tuple(dict.fromkeys(finding.case for finding in self.findings))


def normalised(text: str) -> str:
    """The text with everything that varies from case to case named by its kind."""
    shown = one_line(text, 300)
    for pattern, kind in _VARYING:
        shown = pattern.sub(kind, shown)
    return shown


def grouped(findings: Iterable[Finding], verdicts: Collection[str]) -> list[Group]:
    """The findings with one of these verdicts, grouped by cause, the largest groups first."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        if finding.verdict in verdicts:
            seen = (finding.expected, finding.actual) if finding.expected or finding.actual else (finding.message,)
            groups.setdefault((finding.region, finding.check, finding.requirement, *map(normalised, seen)), []).append(finding)
    return sorted((Group(tuple(members)) for members in groups.values()), key=lambda group: -len(group.findings))


def by_reason(findings: Iterable[Finding], verdicts: Collection[str]) -> list[tuple[str, str, int]]:
    """Verdict, reason and number of cases of what was not judged, the most frequent first."""
    reasons: dict[tuple[str, str], set[str]] = {}
    for finding in findings:
        if finding.verdict in verdicts:
            reasons.setdefault((finding.verdict, normalised(finding.message)), set()).add(finding.case)
    return sorted(((verdict, reason, len(cases)) for (verdict, reason), cases in reasons.items()), key=lambda entry: (-entry[2], entry[:2]))
