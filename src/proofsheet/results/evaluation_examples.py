"""The documents' own examples side by side: each as it is printed, and what became of it at each target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from proofsheet.results.examples import OUTCOMES
from proofsheet.results.model import Results


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an example at one target. ``verdict`` is the one of a finding that looks like it; ``requests`` are in words."""

    word: str
    verdict: str
    sentence: str
    requests: tuple[str, ...]
    region: str


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """One example of a provider's documents. ``outcomes`` has one list a target, in the order of the chapter's targets."""

    id: str
    source: str
    kind: str
    text: str
    outcomes: tuple[tuple[Outcome, ...], ...]


def example_rows(members: Mapping[str, Results]) -> tuple[ExampleRow, ...]:
    """The examples of one provider's documents, in their order; none where no run used clients."""
    first: dict[str, Mapping[str, Any]] = {}
    for results in members.values():
        for entry in results.examples:
            first.setdefault(str(entry.get("id", "")), entry)
    return tuple(_row(id, entry, members.values()) for id, entry in first.items())


def _row(id: str, entry: Mapping[str, Any], members: Iterable[Results]) -> ExampleRow:
    outcomes = tuple(tuple(_outcome(one) for one in results.examples if str(one.get("id", "")) == id) for results in members)
    return ExampleRow(id, str(entry.get("source", "")), str(entry.get("kind", "")), str(entry.get("text", "")), outcomes)


def _outcome(entry: Mapping[str, Any]) -> Outcome:
    word = str(entry.get("outcome", ""))
    requests = tuple(f"{one.get('request', '')}: {one.get('answer', '')}" for one in entry.get("requests", ()) if isinstance(one, Mapping))
    return Outcome(word, OUTCOMES.get(word, "not_run"), str(entry.get("sentence", "")), requests, str(entry.get("region", "")))
