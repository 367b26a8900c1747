"""What results say of the documents' own examples: outcomes, and one list out of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: What can become of an example, and the verdict that looks like it. Only ``refused`` and ``fails`` are about the target.
OUTCOMES = {"works": "pass", "refused": "fail", "fails": "fail", "cannot work": "info", "not testable": "not_testable", "not run": "not_run"}
NOT_CHOSEN = "not among the chosen cases"
#: The section in which all reports show them.
TITLE = "The documents' own examples"


def joined_examples(lists: Sequence[Sequence[Mapping[str, Any]]]) -> tuple[Mapping[str, Any], ...]:
    """One list out of those of the parts of a plan: of each example what the part says that has run it."""
    found: dict[str, Mapping[str, Any]] = {}
    for entry in (entry for entries in lists for entry in entries):
        before = found.get(str(entry["id"]))
        if before is None or _weight(entry) > _weight(before):
            found[str(entry["id"])] = entry
    return tuple(found.values())


def _weight(entry: Mapping[str, Any]) -> int:
    """How much an entry says: a run says more than a reason why there was none, and any reason more than not having been chosen."""
    if entry["outcome"] != "not run":
        return 2
    return 0 if entry["sentence"] == NOT_CHOSEN else 1


def tally(entries: Sequence[Mapping[str, Any]]) -> str:
    """``9 work, 1 refused, 2 cannot work``: how many have which outcome."""
    several = {"works": "work", "fails": "fail"}
    counts = {outcome: sum(entry["outcome"] == outcome for entry in entries) for outcome in OUTCOMES}
    return ", ".join(f"{count} {several.get(outcome, outcome) if count > 1 else outcome}" for outcome, count in counts.items() if count)
