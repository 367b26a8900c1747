"""How much is sent: which cases belong to the tiers smoke, core and full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from proofsheet.cases.model import Case
from proofsheet.cases.pixels import edges
from proofsheet.contract.model import Contract
from proofsheet.contract.patterns import matches_any

TIERS = ("smoke", "core", "full")
#: What a smoke run shows of every operation: it answers, it refuses as documented, its tasks end.
_EVERYWHERE = frozenset({"base", "default", "error", "lifecycle", "failure", "unknown-task", "read-without-key", "read-by-another", "client-call", "client-example"})
#: What only a full run sends: what the documents leave open, and generated requests.
_FULL_ONLY = frozenset({"fuzz"})


def in_tier(contract: Contract, cases: Sequence[Case], tier: str) -> tuple[Case, ...]:
    """The cases of a tier, in their order.

    ``smoke`` shows every area, each ratio and size once for each model, and one case of each extended feature; ``core``
    everything that the documents promise; ``full`` also what they leave open and requests generated from the schemas.
    """
    if tier == "full":
        return tuple(cases)
    if tier == "core":
        return tuple(case for case in cases if case.kind not in _FULL_ONLY and not _open(case))
    chosen = {case.id for case in _smoke(cases)}
    chosen |= {case.id for case in _one_a_feature(contract, [case for case in cases if not _open(case)], chosen)}
    return tuple(case for case in cases if case.id in chosen)


def _open(case: Case) -> bool:
    """Whether a case asks what the documents leave open."""
    return case.expect == "see" and case.kind in ("quirk", "invalid", "probe", "fuzz")


def _smoke(cases: Sequence[Case]) -> Iterator[Case]:
    first = _first_operations(cases)
    seen: set[tuple[str, str]] = set()
    for case in cases:
        once = (case.operation.key, case.id.split("/invalid/")[0])
        if case.kind in _EVERYWHERE:
            yield case
        elif case.operation.key in first and (
            _at_the_edges(case) or (case.area == "billing" and ("billing", case.kind) not in seen) or (case.kind == "invalid" and case.expect == "refuse" and once not in seen)
        ):
            seen |= {once, ("billing", case.kind)} if case.area == "billing" else {once}
            yield case


def _first_operations(cases: Iterable[Case]) -> set[str]:
    """The first operation of each model that shows cells of a table."""
    found: dict[object, str] = {}
    for case in cases:
        if case.cell is not None and case.operation.pixels is not None:
            found.setdefault((case.operation.model, case.operation.pixels.table.name), case.operation.key)
    return set(found.values()) or {case.operation.key for case in cases if case.kind == "base"}


def _at_the_edges(case: Case) -> bool:
    table = case.operation.pixels.table if case.operation.pixels is not None else None
    return case.cell is not None and table is not None and case.cell in edges(table, evenly=False)


def _one_a_feature(contract: Contract, cases: Sequence[Case], chosen: set[str]) -> Iterator[Case]:
    """For each extended feature that no chosen case shows, the first one that does."""
    for feature in contract.features:
        showing = [case for case in cases if case.expect == "serve" and case.probe is not None and matches_any(feature.cases, case.id)]
        if showing and not any(case.id in chosen for case in showing):
            yield showing[0]
