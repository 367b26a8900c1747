"""Several targets' results side by side, as frozen values: what a buyer compares. Nothing here knows how it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from proofsheet.results.evaluation_cells import Matrix, matrices
from proofsheet.results.evaluation_details import Charge, ErrorLine, Trace, charges, error_lines, traces
from proofsheet.results.evaluation_examples import ExampleRow, example_rows
from proofsheet.results.evaluation_figures import AreaVerdict, Figures, LifecycleTimes, Price, area_verdicts, latency, lifecycle_times, prices, size_order
from proofsheet.results.evaluation_requirements import Dispute, Row, disputes, rows
from proofsheet.results.evaluation_scope import Evidence, evidence, unsupported, untested
from proofsheet.results.model import AREAS, Results


@dataclass(frozen=True, slots=True)
class Source:
    """One report directory: its results, and where it lies."""

    results: Results
    folder: Path


@dataclass(frozen=True, slots=True)
class Vendor:
    """One target as a buyer sees it. ``name`` is unique in the evaluation; ``folder`` is where its report lies."""

    name: str
    provider: str
    base_url: str
    folder: Path
    conforms: bool | None
    why: tuple[str, ...]
    evidence: Evidence
    areas: Mapping[str, AreaVerdict]
    prices: Mapping[str, tuple[Price, ...]]
    latency: Mapping[str, tuple[Figures, ...]]
    lifecycles: LifecycleTimes
    unsupported: tuple[str, ...]
    untested: tuple[str, ...]
    matrices: tuple[Matrix, ...]
    errors: Mapping[str, tuple[ErrorLine, ...]]
    traces: tuple[Trace, ...]
    traced: int
    charges: tuple[Charge, ...]

    @property
    def multiplies(self) -> bool:
        """Whether a price is told as a multiple of a base price."""
        return any(price.unit == "base" for several in self.prices.values() for price in several)

    @property
    def simulated(self) -> bool:
        """Whether the reference gateway answered."""
        return self.evidence.provenance == "simulated"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One provider's contract: its requirements, disputes and examples, and what each target that claims to keep it was seen to do."""

    provider: str
    vendors: tuple[str, ...]
    disputes: tuple[Dispute, ...]
    rows: tuple[Row, ...]
    examples: tuple[ExampleRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All targets. ``areas`` and sizes are those of which at least one target says something, in their order; the empty size is any."""

    vendors: tuple[Vendor, ...]
    areas: tuple[str, ...]
    price_sizes: tuple[str, ...]
    time_sizes: tuple[str, ...]
    chapters: tuple[Chapter, ...]

    @property
    def simulated(self) -> tuple[str, ...]:
        """The names of the targets that were simulated."""
        return tuple(vendor.name for vendor in self.vendors if vendor.simulated)


def evaluate(sources: Sequence[Source]) -> Evaluation:
    """The evaluation of these reports, in their order."""
    named = list(zip(_names(sources), sources, strict=True))
    vendors = tuple(_vendor(name, source) for name, source in named)
    priced = {size for vendor in vendors for size in vendor.prices}
    offered = {size for vendor in vendors for matrix in vendor.matrices for size in matrix.sizes}
    timed = {size for vendor in vendors for size in vendor.latency} & ((priced | offered) - {""} or {""})
    return Evaluation(
        vendors,
        tuple(area for area in AREAS if any(area in vendor.areas for vendor in vendors)),
        tuple(sorted((priced | offered) - {""}, key=size_order)) or (("",) if priced else ()),
        tuple(sorted(timed, key=size_order)),
        tuple(_chapters(named)),
    )


def _names(sources: Sequence[Source]) -> list[str]:
    """A name for each: the target's, with the run's id where two are named alike, and a number where even that is not enough."""
    plain = [str(source.results.run["target"]["name"]) for source in sources]
    longer = [f"{name} ({source.results.run['id']})" if plain.count(name) > 1 else name for name, source in zip(plain, sources, strict=True)]
    seen: Counter[str] = Counter()
    found = []
    for name in longer:
        seen[name] += 1
        found.append(f"{name} #{seen[name]}" if longer.count(name) > 1 else name)
    return found


def _vendor(name: str, source: Source) -> Vendor:
    results = source.results
    target, summary = results.run["target"], results.summary
    return Vendor(
        name=name, provider=target["provider"], base_url=target["base_url"], folder=source.folder, conforms=summary["conforms"], why=tuple(summary.get("why", ())),
        evidence=evidence(results), areas=area_verdicts(results.findings), prices=prices(results), latency=latency(results), lifecycles=lifecycle_times(results),
        unsupported=unsupported(results), untested=untested(results), matrices=matrices(results), errors=error_lines(results), traces=traces(results),
        traced=len(results.lifecycles), charges=charges(results.findings),
    )  # fmt: skip


def _chapters(named: Sequence[tuple[str, Source]]) -> list[Chapter]:
    """One chapter a provider, in the order in which they first appear."""
    found = []
    for provider in dict.fromkeys(str(source.results.run["target"]["provider"]) for _, source in named):
        members = {name: source.results for name, source in named if source.results.run["target"]["provider"] == provider}
        listed = rows(members)
        found.append(Chapter(provider, tuple(members), disputes(members, listed), listed, example_rows(members)))
    return found
