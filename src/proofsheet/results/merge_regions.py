"""One result out of the same plan performed from several regions: the region becomes a dimension of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from proofsheet.results.areas import areas_to_prove
from proofsheet.results.disputes import with_sights
from proofsheet.results.joining import answers_of, counted, renamed, requirements_of, totals
from proofsheet.results.merge import MergeError
from proofsheet.results.model import RequirementResult, Results
from proofsheet.results.summary import assess

#: The worst comes first: a feature is worth what it is where it is worth least.
_WORST = ("broken", "unproven", "not_selected", "not_supported", "proven")


def join_regions(regions: Mapping[str, Results], run_id: str) -> Results:
    """Join one result for each region. What fails in one of them fails. Raises MergeError where they did not perform the same."""
    _same(regions)
    results = [renamed(one, f"{name}-", name) for name, one in regions.items()]
    runs = [one.run for one in results]
    findings = [finding for one in results for finding in one.findings]
    order = {entry: number for number, entry in enumerate(dict.fromkeys((finding.case, finding.check) for finding in findings))}
    findings.sort(key=lambda finding: order[finding.case, finding.check])
    requirements = tuple(_by_region(entry, regions) for entry in requirements_of(results[0].requirements, findings))
    chosen, own = ({area for run in runs for area in run["areas"][kind]} for kind in ("chosen", "own"))
    gaps = [f"{name}: {why}" for name, one in regions.items() if one.summary["conforms"] is None or not one.run["complete"] for why in one.summary.get("why", ())]
    problems = [problem for one in regions.values() for problem in (one.summary.get("known") or {}).get("problems", ())]
    complete = all(run["complete"] for run in runs)
    assessment = assess(findings, requirements, areas=areas_to_prove(chosen, own, findings), complete=complete, reasons=gaps, stale=tuple(dict.fromkeys(problems)))
    run = {
        **runs[0], "id": run_id, "merged": [one["id"] for one in runs], "complete": assessment.complete, "target": _target(runs),
        "started_at": min(one["started_at"] for one in runs), "finished_at": max(one["finished_at"] or "" for one in runs),
        "provenance": "simulated" if any(one["provenance"] == "simulated" for one in runs) else runs[0]["provenance"],
        "regions": [
            {"name": name, "id": one.run["id"], "complete": one.run["complete"], "conforms": one.summary["conforms"], "target": one.run["target"]}
            for name, one in regions.items()
        ],
    }  # fmt: skip
    return Results(
        run=run,
        summary={**totals(results, findings, requirements, assessment), "features": _features(regions), **counted(results, tuple(dict.fromkeys(problems)))},
        findings=tuple(findings),
        requirements=requirements,
        cells=tuple(cell for one in results for cell in one.cells),
        lifecycles=tuple(entry for one in results for entry in one.lifecycles),
        exchanges=tuple(entry for one in results for entry in one.exchanges),
        disputes=tuple(with_sights(results[0].disputes, findings)),
        spend=tuple(entry for one in results for entry in one.spend),
        images=tuple(entry for one in results for entry in one.images),
        answers=answers_of(results),
        offer=results[0].offer,
        timings=tuple(entry for one in results for entry in one.timings),
        refusals=tuple(entry for one in results for entry in one.refusals),
        examples=tuple(entry for one in results for entry in one.examples),
    )


def _same(regions: Mapping[str, Results]) -> None:
    first, *rest = regions.items()
    for name, one in rest:
        for what in ("specs_sha256", "tool_version", "tier", "selection"):
            if one.run.get(what) != first[1].run.get(what):
                raise MergeError(f"the {what.replace('_sha256', '').replace('_', ' ')} of region {name} is not that of region {first[0]}: join runs of the same plan")
        if one.run["target"]["provider"] != first[1].run["target"]["provider"]:
            raise MergeError(f"region {name} is of another provider than region {first[0]}: join runs of the same contract")


def _by_region(entry: RequirementResult, regions: Mapping[str, Results]) -> RequirementResult:
    seen = {name: next((one.verdict for one in results.requirements if one.id == entry.id), "unproven") for name, results in regions.items()}
    # Proved means proved everywhere.
    verdict = "unproven" if entry.verdict == "passed" and "unproven" in seen.values() else entry.verdict
    return replace(entry, verdict=verdict, regions=seen)


def _target(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    targets = [run["target"] for run in runs]
    names, urls = (list(dict.fromkeys(target[key] for target in targets)) for key in ("name", "base_url"))
    hosts = [host for target in targets for host in target.get("asset_hosts") or ()]
    whole = any(target.get("asset_hosts") is None for target in targets)
    mirrors = dict.fromkeys(host for target in targets for host in target.get("mirror_hosts", ()))
    return {**targets[0], "name": " and ".join(names), "base_url": urls[0], "asset_hosts": None if whole else list(dict.fromkeys(hosts)), "mirror_hosts": list(mirrors)}


def _features(regions: Mapping[str, Results]) -> list[dict[str, Any]]:
    by_id: dict[str, dict[str, Mapping[str, Any]]] = {}
    for name, results in regions.items():
        for one in results.summary.get("features", ()):
            by_id.setdefault(one["id"], {})[name] = one
    found = []
    for entries in by_id.values():
        region, worst = min(entries.items(), key=lambda pair: _WORST.index(pair[1]["verdict"]))
        differ = len({one["verdict"] for one in entries.values()}) > 1
        counts = {name: sum(one.get(name, 0) for one in entries.values()) for name in ("cases", "passed", "failed")}
        found.append({**worst, **counts, "why": f"in {region}: {worst['why']}" if differ else worst["why"]})
    return found
