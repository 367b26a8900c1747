"""One result out of the parts of one plan: the same as if one run had performed all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from proofsheet.results.areas import areas_to_prove
from proofsheet.results.disputes import with_sights
from proofsheet.results.examples import joined_examples
from proofsheet.results.features import feature_gap, joined_features
from proofsheet.results.joining import answers_of, counted, renamed, requirements_of, totals
from proofsheet.results.model import AREAS, Finding, Results
from proofsheet.results.summary import assess


class MergeError(Exception):
    """Results cannot be joined. The message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part's results. ``place`` is where they lie; ``part`` is its shard.json."""

    place: str
    results: Results
    part: Mapping[str, Any]

    @property
    def index(self) -> int:
        """Which part it is."""
        return int(self.part["index"])

    @property
    def name(self) -> str:
        """As it is written on the command line."""
        return f"{self.index}/{self.part['of']}"


#: The entries of a list of known failures that must go, by the findings and the ids of all cases.
Stale = Callable[[Sequence[Finding], Sequence[str]], list[str]]


def join_shards(pieces: Sequence[Piece], run_id: str, *, stale: Stale | None = None, require_proof: bool = False) -> Results:
    """Join all parts of one plan. Raises MergeError where they are not that."""
    pieces = sorted(pieces, key=lambda piece: piece.index)
    same_run(pieces)
    positions = _positions(pieces)
    results = [renamed(piece.results, f"s{piece.index}-") for piece in pieces]
    runs = [one.run for one in results]
    findings = sorted((finding for one in results for finding in one.findings), key=lambda finding: (positions.get(finding.case, -1), finding.check))
    requirements = requirements_of(results[0].requirements, findings)
    narrowed = any(any(value for name, value in run["selection"].items() if name != "shard") for run in runs)
    features = joined_features([one.summary.get("features", ()) for one in results], narrowed=narrowed)
    chosen, own = ({area for run in runs for area in run["areas"][kind]} for kind in ("chosen", "own"))
    broken_off = [f"part {piece.name} is incomplete: {'; '.join(piece.results.summary.get('why', ()))}" for piece in pieces if not piece.results.run["complete"]]
    listed = stale(findings, sorted(positions, key=positions.__getitem__)) if stale is not None else []
    assessment = assess(
        findings, requirements, areas=areas_to_prove(chosen, own, findings), complete=not broken_off, reasons=(*broken_off, *(() if narrowed else feature_gap(features))),
        require_proof=require_proof, stale=listed,
    )  # fmt: skip

    def order(entry: Mapping[str, Any]) -> tuple[int, int]:
        return _rank(str(entry["case"]), positions)

    run = {name: value for name, value in runs[0].items() if name != "shard"}
    run |= {
        "id": run_id, "merged": [one["id"] for one in runs], "complete": assessment.complete, "started_at": min(one["started_at"] for one in runs),
        "finished_at": max(one["finished_at"] or "" for one in runs), "areas": {"chosen": sorted(chosen), "own": sorted(own)},
        "selection": {name: value for name, value in runs[0]["selection"].items() if name != "shard"},
        "provenance": "simulated" if any(one["provenance"] == "simulated" for one in runs) else runs[0]["provenance"],
    }  # fmt: skip
    return Results(
        run=run,
        summary={**totals(results, findings, requirements, assessment), "features": features, **counted(results, listed)},
        findings=tuple(findings),
        requirements=requirements,
        cells=tuple(sorted((cell for one in results for cell in one.cells), key=lambda cell: _rank(cell.case, positions))),
        lifecycles=tuple(sorted((entry for one in results for entry in one.lifecycles), key=order)),
        exchanges=tuple(entry for one in results for entry in one.exchanges),
        disputes=tuple(with_sights(results[0].disputes, findings)),
        spend=tuple(entry for one in results for entry in one.spend),
        images=tuple(sorted((entry for one in results for entry in one.images), key=order)),
        answers=answers_of(results),
        offer=results[0].offer,
        timings=tuple(sorted((entry for one in results for entry in one.timings), key=order)),
        refusals=tuple(sorted((entry for one in results for entry in one.refusals), key=order)),
        examples=joined_examples([one.examples for one in results]),
    )


def same_run(pieces: Sequence[Piece]) -> None:
    """Parts of one plan have the same plan, specs, target, tier and selection. Raises MergeError."""
    # The embedded reference gateway has another port in every process.
    simulated = any(piece.results.run["provenance"] == "simulated" for piece in pieces)
    first, expected = pieces[0], _identity(pieces[0], simulated=simulated)
    for piece in pieces[1:]:
        for what, value in _identity(piece, simulated=simulated).items():
            if value != expected[what]:
                raise MergeError(f"{piece.place}: its {what} is not that of {first.place}: join parts of one and the same run")


def _identity(piece: Piece, *, simulated: bool) -> dict[str, Any]:
    run = piece.results.run
    target = run["target"]
    address = urlsplit(target["base_url"]).hostname if simulated else target["base_url"]
    selection = {name: value for name, value in run["selection"].items() if name != "shard"}
    return {
        "provider": target["provider"], "target": (target["name"], address), "specs": run["specs_sha256"], "version of this tool": run["tool_version"], "tier": run["tier"],
        "mode": run["mode"], "seed": run["seed"], "selection": selection, "number of parts": piece.part["of"], "plan": piece.part["plan"],
    }  # fmt: skip


def _positions(pieces: Sequence[Piece]) -> dict[str, int]:
    """Where each case stands in the plan. Raises MergeError where parts or cases are missing or doubled."""
    of, seen = int(pieces[0].part["of"]), [piece.index for piece in pieces]
    doubled = next((piece for piece, before in zip(pieces[1:], pieces, strict=False) if piece.index == before.index), None)
    if doubled is not None:
        raise MergeError(f"{doubled.place}: part {doubled.index}/{of} is given twice: name each part once")
    missing = [str(index) for index in range(1, of + 1) if index not in seen]
    if missing:
        raise MergeError(f"part {', '.join(missing)} of {of} is missing: name the results of all parts")
    positions: dict[str, int] = {}
    for piece in pieces:
        for case in piece.part["cases"]:
            if case["id"] in positions:
                raise MergeError(f"{piece.place}: the case {case['id'][:200]} is in another part too: take all parts from one and the same run")
            positions[case["id"]] = case["position"]
        judged = {finding.case for finding in piece.results.findings}
        if not judged <= {case["id"] for case in piece.part["cases"]}:
            raise MergeError(f"{piece.place}: holds findings of cases that its shard.json does not name: take both from the same run")
    if plan_digest(sorted(positions, key=positions.__getitem__)) != pieces[0].part["plan"]:
        raise MergeError("the parts do not make a whole plan: cases are missing; take all parts from one and the same run")
    return positions


def plan_digest(cases: Iterable[str]) -> str:
    """What tells one plan from another: the ids of all its cases, in order."""
    return hashlib.sha256("\n".join(cases).encode()).hexdigest()


def _rank(case: str, positions: Mapping[str, int]) -> tuple[int, int]:
    """The order in which one run judges: area by area."""
    area = next((segment for segment in case.split("/") if segment in AREAS), "")
    return (AREAS.index(area) if area else len(AREAS), positions.get(case, -1))
