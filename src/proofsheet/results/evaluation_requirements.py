"""Requirement by requirement: what each target was seen to do, findings that say the same put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proofsheet.results.model import Finding, RequirementResult, Results

#: Findings that say the same about more cases than this name the first ones only: the whole list stands in results.json.
#: What held needs fewer examples than what did not.
MOST_CASES, MOST_HELD = 40, 4
#: Kinds of findings that are shown for one requirement of one target.
MOST_GROUPS = 24
_ORDER = ("fail", "error", "warn", "known_failure", "flaky", "not_testable", "not_run", "not_supported", "info", "pass")
_BESIDE = "What was seen beside the requirements: the document is silent about it."


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that say the same: of one check, or of all checks that held.

    ``cases`` are paths below the provider, brothers in braces; ``count`` is how many there are, ``more`` how many of them are left out.
    """

    checks: tuple[str, ...]
    verdict: str
    message: str
    expected: str
    actual: str
    cases: tuple[str, ...]
    count: int
    more: int
    curl: str
    exchange: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one target was seen to do about one requirement."""

    vendor: str
    verdict: str
    groups: tuple[Group, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement. ``excluded`` says why no client can test it; ``areas`` are those of the checks that spoke."""

    id: str
    level: str
    statement: str
    source: str
    excluded: str
    areas: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def stated(self) -> bool:
        """Whether it is a requirement, and not what was seen beside them."""
        return self.statement != _BESIDE

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The verdicts of all targets, each once."""
        return tuple(dict.fromkeys(part.verdict for part in self.parts))


@dataclass(frozen=True, slots=True)
class Deed:
    """What one target really does about a dispute: the requirements that carry it, their verdicts, and what was seen."""

    vendor: str
    seen: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A place where the documents are silent, contradict each other or can be read in several ways."""

    id: str
    number: int
    statement: str
    readings: tuple[str, ...]
    judged: str
    sources: tuple[str, ...]
    deeds: tuple[Deed, ...]


def rows(members: Mapping[str, Results]) -> tuple[Row, ...]:
    """The requirements of one provider with a part for each of its targets: broken ones first, then in the order of the matrix."""
    entries: dict[str, RequirementResult] = {}
    verdicts: dict[str, dict[str, str]] = {}
    findings: dict[str, dict[str, list[Finding]]] = {}
    for name, results in members.items():
        for entry in results.requirements:
            entries.setdefault(entry.id, entry)
            verdicts.setdefault(entry.id, {})[name] = entry.verdict
        for finding in results.findings:
            findings.setdefault(finding.requirement, {}).setdefault(name, []).append(finding)
    known = [_row(entry, [_part(name, verdicts[id].get(name, "unproven"), findings.get(id, {}).get(name, ())) for name in members]) for id, entry in entries.items()]
    silent = [_silent(id, [_part(name, "observed", group) for name, group in findings[id].items()]) for id in findings if id not in entries]
    gravity = ("failed", "warned", "known_failure")
    return tuple(sorted([*known, *silent], key=lambda row: min(gravity.index(verdict) if verdict in gravity else len(gravity) for verdict in row.verdicts)))


def _row(entry: RequirementResult, parts: Sequence[Part]) -> Row:
    areas = dict.fromkeys(check.partition(".")[0] for part in parts for group in part.groups for check in group.checks)
    return Row(entry.id, entry.level, entry.statement, entry.source, entry.excluded or "", tuple(areas), tuple(parts))


def _silent(id: str, parts: Sequence[Part]) -> Row:
    """What was seen of things that no requirement speaks of."""
    areas = dict.fromkeys(check.partition(".")[0] for part in parts for group in part.groups for check in group.checks)
    return Row(id, "info", _BESIDE, "", "", tuple(areas), tuple(parts))


def _part(vendor: str, verdict: str, findings: Iterable[Finding]) -> Part:
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        says = () if finding.verdict == "pass" else (finding.check, finding.message, finding.region, *(() if finding.verdict == "info" else (finding.expected,)))
        alike.setdefault((finding.verdict, *says), []).append(finding)
    ordered = sorted((_group(group) for group in alike.values()), key=lambda group: _ORDER.index(group.verdict))
    return Part(vendor, verdict, tuple(ordered[:MOST_GROUPS]), max(0, len(ordered) - MOST_GROUPS))


def _group(findings: Sequence[Finding]) -> Group:
    first = findings[0]
    ids = list(dict.fromkeys(finding.case for finding in findings))
    checks = tuple(dict.fromkeys(finding.check for finding in findings))
    actual = list(dict.fromkeys(finding.actual for finding in findings if finding.actual)) if len(checks) == 1 else []
    shown = "; ".join(actual[:3]) + (f" and {len(actual) - 3} more" if len(actual) > 3 else "")
    message = f"{first.region}: {first.message}" if first.region else first.message
    quiet = first.verdict in ("pass", "info")
    most = MOST_HELD if quiet else MOST_CASES
    return Group(
        checks, first.verdict, message, first.expected, shown, braced(ids[:most]), len(ids), max(0, len(ids) - most), "" if quiet else first.curl,
        next(iter(first.exchanges), ""),
    )  # fmt: skip


def braced(cases: Iterable[str]) -> tuple[str, ...]:
    """Case ids below their provider; those of one folder share a line: ``draw/pixels/{1:1@2K, 16:9@2K}``."""
    folders: dict[str, list[str]] = {}
    for case in cases:
        folder, _, leaf = case.partition("/")[2].rpartition("/")
        folders.setdefault(folder, []).append(leaf)
    lines = ((folder + "/" if folder else "", leaves) for folder, leaves in folders.items())
    return tuple(f"{folder}{leaves[0]}" if len(leaves) == 1 else f"{folder}{{{', '.join(leaves)}}}" for folder, leaves in lines)


def disputes(members: Mapping[str, Results], listed: Iterable[Row]) -> tuple[Dispute, ...]:
    """The disputes of one provider's documents, with what each of its targets was seen to do."""
    by_id = {row.id: row for row in listed}
    entries: dict[str, Mapping[str, Any]] = {}
    for results in members.values():
        for entry in results.disputes:
            entries.setdefault(str(entry.get("id", "")), entry)
    return tuple(sorted((_dispute(id, entry, list(members), by_id) for id, entry in entries.items()), key=lambda one: one.number))


def _dispute(id: str, entry: Mapping[str, Any], vendors: Sequence[str], rows_by_id: Mapping[str, Row]) -> Dispute:
    names = [str(name) for name in entry.get("requirements", ())]
    deeds = tuple(Deed(vendor, tuple(seen for name in names if name in rows_by_id for seen in _seen(rows_by_id[name], vendor))) for vendor in vendors)
    sources = tuple(f"{source.get('document', '')}:{source.get('lines', '')}" for source in entry.get("sources", ()))
    number = entry.get("number", 0)
    return Dispute(
        id, number if isinstance(number, int) else 0, str(entry.get("statement", "")), tuple(map(str, entry.get("readings", ()))), str(entry.get("judged", "")), sources, deeds
    )


def _seen(row: Row, vendor: str) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    for part in row.parts:
        if part.vendor == vendor:
            texts = [f"{group.actual}" if group.actual else group.message for group in part.groups]
            yield row.id, part.verdict, tuple(dict.fromkeys(text for text in texts if text))[:3]
