"""The list of known failures and of flaky cases: what it says of findings, and which of its entries must go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import checked, read_document
from proofsheet.contract.patterns import matches
from proofsheet.results.model import Finding

KNOWN_FILE = "known.yaml"
LISTS = ("known", "flaky")
_BROKEN = ("fail", "warn")
#: Nobody has looked: such a finding speaks neither for an entry nor against it.
_UNSEEN = ("not_run", "error", "flaky")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``line`` and ``last`` are where it stands in its file, counted from 1; ``text`` is its first line."""

    id: str
    reason: str
    link: str
    expires: date
    requirement: str | None = None
    target: str | None = None
    flaky: bool = False
    line: int = 0
    last: int = 0
    text: str = ""

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is what this entry speaks of."""
        named = _fits(self.id, finding.case) or _fits(self.id, finding.requirement)
        return named and (self.requirement is None or _fits(self.requirement, finding.requirement))

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.expires


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run could have judged: the cases and requirements there are, and the cases that were selected.

    ``whole`` says that ``cases`` are all there are; else what is not among them may be among the others.
    """

    target: str
    provider: str
    cases: Collection[str]
    selected: Collection[str]
    requirements: Collection[str]
    providers: Collection[str] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class KnownList:
    """All entries of a file. The empty one says nothing. ``today`` is the day that expiry dates are compared with."""

    file: str = ""
    entries: tuple[Entry, ...] = ()
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    def applied(self, findings: Iterable[Finding], target: str) -> list[Finding]:
        """The findings with the verdicts that the list gives them. An expired entry gives none."""
        living = [entry for entry in self.entries if not entry.expired(self.today) and _on(entry, target)]
        return [_applied(finding, living) for finding in findings] if living else list(findings)

    def problems(self, findings: Sequence[Finding], scope: Scope) -> list[str]:
        """Each entry that must go, with its line. ``findings`` are those that the list was applied to.

        An entry whose cases were not selected, or not all of them, is not judged; its expiry date is.
        """
        found = []
        for entry in self.entries:
            if _on(entry, scope.target) and not _of_another_provider(entry, scope):
                why = f"expired on {entry.expires}" if entry.expired(self.today) else _why_stale(entry, findings, scope)
                if why is not None:
                    found.append(f"{self.file}:{entry.line}: '{entry.text}' {why}: {_delete(entry)}")
        return found


def _fits(pattern: str, name: str) -> bool:
    """Most entries name one case: thousands of findings are then told apart without a regular expression."""
    return pattern == name or ("*" in pattern and matches(pattern, name))


def _applied(finding: Finding, entries: Sequence[Entry]) -> Finding:
    covering = [entry for entry in entries if entry.covers(finding)]
    flaky = next((entry for entry in covering if entry.flaky), None)
    if flaky is not None and finding.verdict in ("pass", *_BROKEN):
        seen = "passed this time" if finding.verdict == "pass" else "failed this time"
        return replace(finding, verdict="flaky", message=f"{finding.message} ({seen}; listed as flaky: {flaky.reason}, {flaky.link})")
    known = next((entry for entry in covering if not entry.flaky), None)
    if known is not None and finding.verdict in _BROKEN:
        return replace(finding, verdict="known_failure", message=f"{finding.message} (known until {known.expires}: {known.reason}, {known.link})")
    return finding


def _on(entry: Entry, target: str) -> bool:
    return entry.target is None or _fits(entry.target, target)


def _of_another_provider(entry: Entry, scope: Scope) -> bool:
    """Whether an id begins with the name of a provider that this run is not about."""
    head = entry.id.partition("/")[0] if "/" in entry.id else entry.id.partition(".")[0]
    return head != scope.provider and head in scope.providers


def _why_stale(entry: Entry, findings: Sequence[Finding], scope: Scope) -> str | None:
    """Why an entry does not earn its place any more; None where it does, or where nobody can say."""
    wanted = [case for case in scope.cases if _fits(entry.id, case)]
    if not wanted and not any(_fits(entry.id, requirement) for requirement in scope.requirements):
        return f"matches no case and no requirement of {scope.provider}" if scope.whole else None
    covered = [finding for finding in findings if entry.covers(finding)]
    if not covered:
        return _why_uncovered(entry, wanted, findings, scope)
    # What was left out may be what fails: that the rest passes says nothing of an entry.
    if entry.flaky or not _all_selected(entry, wanted, scope) or any(finding.verdict in (*_UNSEEN, *_BROKEN, "known_failure") for finding in covered):
        return None
    judged = sum(finding.verdict in ("pass", "info") for finding in covered)
    return f"passes ({judged} finding(s))" if judged else None


def _all_selected(entry: Entry, wanted: Sequence[str], scope: Scope) -> bool:
    """Whether every case that an entry may speak of was selected. Of a requirement that may be any, of a pattern one that is not among the cases."""
    if not scope.whole and ("*" in entry.id or not wanted):
        return False
    return all(case in scope.selected for case in wanted or scope.cases)


def _why_uncovered(entry: Entry, wanted: Sequence[str], findings: Sequence[Finding], scope: Scope) -> str | None:
    """Nothing was found where an entry looks. Selected and performed, its cases show that there is nothing."""
    if not wanted:
        return "matches a requirement that nothing judges" if _all_selected(entry, wanted, scope) else None
    selected = {case for case in wanted if case in scope.selected}
    if not selected or any(finding.case in selected and finding.verdict in _UNSEEN for finding in findings):
        return None
    return "matches nothing that these cases show"


def _delete(entry: Entry) -> str:
    return "delete this line" if entry.last <= entry.line else f"delete lines {entry.line} to {entry.last}"


def read_known(path: Path, today: date | None = None) -> KnownList:
    """Read a file of known failures. Raises ContractError, which says where and what to change."""
    document = checked(read_document(path) or {}, "known.schema.json", str(path))
    marks = _marks(path.read_text(encoding="utf-8"))
    entries = tuple(_entry(path, name, raw, marks[name][number]) for name in LISTS for number, raw in enumerate(document.get(name) or ()))
    return KnownList(str(path), entries) if today is None else KnownList(str(path), entries, today)


def _entry(path: Path, name: str, raw: dict[str, Any], place: tuple[int, int, str]) -> Entry:
    line, last, text = place
    try:
        expires = date.fromisoformat(raw["expires"])
    except ValueError:
        raise ContractError(f"{path}:{line}", f"expires: {raw['expires']} is no day of the calendar") from None
    return Entry(raw["id"], raw["reason"].strip(), raw["link"], expires, raw.get("requirement"), raw.get("target"), name == "flaky", line, last, text)


def _marks(text: str) -> dict[str, list[tuple[int, int, str]]]:
    """First line, last line and text of the first line of each entry, by list."""
    lines = text.splitlines()
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    lists = {key.value: value for key, value in root.value} if isinstance(root, yaml.MappingNode) else {}
    return {name: [_place(node, lines) for node in lists[name].value] if isinstance(lists.get(name), yaml.SequenceNode) else [] for name in LISTS}


def _place(node: yaml.Node, lines: Sequence[str]) -> tuple[int, int, str]:
    # The end of a mapping over several lines is where something else begins, after blank lines and comments: its values' ends count.
    parts = [value for _, value in node.value] if isinstance(node, yaml.MappingNode) and not node.flow_style else [node]
    first, last = node.start_mark.line, max(part.end_mark.line - (part.end_mark.column == 0) for part in parts)
    return first + 1, min(max(first, last), len(lines) - 1) + 1, lines[first].strip()
