"""From the runs of the past to what changed over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofsheet.contract.patterns import matches
from proofsheet.results.history import Latency, PastRun

#: A letter for each verdict of a requirement; a blank where a run knew nothing of it.
LETTERS = {"passed": ".", "observed": "o", "warned": "w", "failed": "F", "known_failure": "k", "unproven": "-", "excluded": "x"}
_BROKEN = ("failed", "warned", "known_failure")
#: Runs that say nothing of a requirement neither end nor mend what was seen before them.
_SILENT = ("unproven", "excluded")


@dataclass(frozen=True, slots=True)
class Trend:
    """One requirement over the runs of a series.

    ``verdicts`` has one for each run, None where the run knew nothing of it. ``first_broke`` is the run in which it
    broke for the first time, ``broken_since`` the one from which on it was never seen whole again; None where there is none.
    """

    requirement: str
    level: str
    verdicts: tuple[str | None, ...]
    first_broke: PastRun | None
    broken_since: PastRun | None

    @property
    def strip(self) -> str:
        """A letter a run."""
        return "".join(" " if verdict is None else LETTERS.get(verdict, "?") for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Series:
    """The runs against one target whose evidence was had in one way: live runs and replays do not make one trend."""

    target: str
    provider: str
    provenance: str
    runs: tuple[PastRun, ...]
    trends: tuple[Trend, ...]

    @property
    def strip(self) -> str:
        """A letter a run: ``.`` conforms, ``F`` does not, ``?`` cannot be said."""
        return "".join({True: ".", False: "F", None: "?"}[run.conforms] for run in self.runs)

    def latency(self) -> dict[str, list[tuple[PastRun, Latency]]]:
        """What was measured, by size."""
        found: dict[str, list[tuple[PastRun, Latency]]] = {}
        for run in self.runs:
            for size, measured in run.latency.items():
                found.setdefault(size, []).append((run, measured))
        return dict(sorted(found.items()))

    def spend(self) -> dict[str, Fraction]:
        """What all runs cost together by the documents' prices, by unit. A replay costs nothing."""
        found: dict[str, Fraction] = {}
        for run in self.runs:
            if run.mode != "replay":
                found[run.unit] = found.get(run.unit, Fraction(0)) + Fraction(run.amount)
        return found


def series(runs: Iterable[PastRun], pattern: str | None = None) -> list[Series]:
    """The runs by target and provenance, with the trends of the requirements whose id fits; without a pattern, of those that ever broke."""
    groups: dict[tuple[str, str, str], list[PastRun]] = {}
    for run in runs:
        groups.setdefault((run.target, run.provider, run.provenance), []).append(run)
    return [Series(*key, tuple(members), tuple(_trends(members, pattern))) for key, members in groups.items()]


def _trends(runs: Sequence[PastRun], pattern: str | None) -> Iterable[Trend]:
    names = dict.fromkeys(name for run in runs for name in run.requirements)
    for name in names:
        trend = trend_of(name, runs)
        if matches(pattern, name) if pattern is not None else trend.first_broke is not None:
            yield trend


def trend_of(name: str, runs: Sequence[PastRun]) -> Trend:
    """One requirement over these runs, which are in the order of time."""
    seen = [run.requirements.get(name) for run in runs]
    first: PastRun | None = None
    since: PastRun | None = None
    for run, entry in zip(runs, seen, strict=True):
        verdict = entry[1] if entry else None
        if verdict in _BROKEN:
            first, since = first or run, since or run
        elif verdict is not None and verdict not in _SILENT:
            since = None
    level = next((entry[0] for entry in reversed(seen) if entry), "")
    return Trend(name, level, tuple(entry[1] if entry else None for entry in seen), first, since)
