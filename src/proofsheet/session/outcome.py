"""From what a run has recorded to its Results and the files of its report directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from proofsheet import __version__
from proofsheet.cases.model import Case
from proofsheet.checks import Subject
from proofsheet.checks.billing import documented
from proofsheet.contract.model import Contract
from proofsheet.exchange.model import Performance
from proofsheet.exchange.thumbnails import FOLDER as THUMBNAILS
from proofsheet.report.directory import write_reports
from proofsheet.results.answers import answers
from proofsheet.results.areas import areas_to_prove, chosen_areas
from proofsheet.results.disputes import with_sights
from proofsheet.results.entries import exchange_entry, image_entries, lifecycle_entry
from proofsheet.results.features import Scope, feature_gap, feature_results
from proofsheet.results.model import CellResult, Finding, Results
from proofsheet.results.shapes import to_document
from proofsheet.results.summary import Assessment, assess, requirement_results, summary_of
from proofsheet.results.writing import as_json, write_atomically, write_results
from proofsheet.session.drift import write_drift
from proofsheet.session.examples import example_entries
from proofsheet.session.known import listed_and_repeated, stale_entries
from proofsheet.session.measures import offer, refusals, seconds_of, timings
from proofsheet.session.options import Options
from proofsheet.session.run import TargetRun
from proofsheet.session.shards import SHARD_FILE, Part
from proofsheet.session.spending import close_books, paid, spend_entries, spend_notes, summed_up


def conclude(run: TargetRun, options: Options, *, complete: bool, run_id: str, part: Part | None = None, planned: int | None = None) -> Results:
    """Weigh a run and write its report directory. ``part`` is which shard it is, ``planned`` how many cases it had before any were deselected. Raises ReportError."""
    run.stop()
    run.wire.finish(complete)
    run.reasons += run.wire.gaps
    complete = complete and not run.wire.gaps
    run.give_up_rest()
    if run.log is not None:
        run.log.finish(complete)
    record, contract = run.record, run.contract
    order = {case.id: number for number, case in enumerate(run.cases)}
    findings = sorted(record.findings, key=lambda finding: (order.get(finding.case, 0), finding.check))
    requirements = requirement_results(contract.matrix, findings)
    own = {case.area for case in run.cases}
    chosen = chosen_areas(own, (case.area for case in run.selected), findings)
    selection = _selection(run, options, part, planned)
    scope = Scope([case.id for case in run.cases], {case.id for case in run.selected}, any(selection.values()), {case.id for case in run.cases if case.missing is not None})
    features = feature_results(contract.features, run.target.unsupported, scope, findings)
    reasons = (*run.reasons, *(() if scope.narrowed else feature_gap(features)))
    # A part of a plan proves a part of it: what lacks proof is told when the parts are joined.
    areas = set() if part is not None else areas_to_prove(chosen, own, findings)
    stale = stale_entries(run, findings, options.specs)
    assessment = assess(
        findings, requirements, areas=areas, complete=complete, reasons=reasons, require_proof=options.require_proof and part is None,
        stale=stale if part is None else (),
    )  # fmt: skip
    if part is not None and complete and not part.positions:
        assessment = Assessment(complete=True, conforms=True, why=("nothing falls to this part",))
    images, spend = _cost(run) if run.books is None else paid(run.books, contract, run.target)
    entries = () if run.books is None else tuple(run.books.ledger.entries.values())
    drifts = write_drift(run)
    results = Results(
        run={
            **_run_facts(run, assessment.complete, run_id, options), "selection": selection, "areas": {"chosen": sorted(chosen), "own": sorted(own)},
            **({"shard": {"index": part.index, "of": part.of, "plan": part.plan}} if part is not None else {}),
        },
        summary={
            **summary_of(findings, requirements, assessment, requests=len(record.exchanges), paid_images=images, spend=spend),
            "notes": [*run.wire.notes, *drifts, *spend_notes(entries, spend["unit"])], "features": features, **listed_and_repeated(run, stale),
        },
        findings=tuple(findings),
        requirements=requirements,
        cells=tuple(_cells(run, findings)),
        lifecycles=tuple(_lifecycles(record.judged.values(), record.performances)),
        exchanges=tuple(_exchanges(run)),
        answers={name: to_document(shape) for name, shape in answers(contract, run.target.base_url, (exchange for _, exchange in record.exchanges)).items()},
        images=tuple(_images(run)),
        disputes=tuple(_disputes(contract, findings)),
        spend=spend_entries(entries),
        offer=offer(contract, run.target),
        timings=tuple(timings(contract, record.judged.values(), record.performances)),
        refusals=tuple(refusals(contract, record.judged.values(), record.performances)),
        examples=tuple(example_entries(contract, run.selected, record.performances, findings)),
        files={**({THUMBNAILS: THUMBNAILS} if (run.directory / THUMBNAILS).is_dir() else {}), **({"shard": SHARD_FILE} if part is not None else {})},
    )
    written = write_results(run.directory, results, run.redactor)
    if part is not None:
        write_atomically(run.directory / SHARD_FILE, as_json(part.document()))
    write_reports(run.directory, written)
    if run.books is not None:
        close_books(run.books, run.directory, complete=assessment.complete)
    return written


def _selection(run: TargetRun, options: Options, part: Part | None, planned: int | None) -> dict[str, Any]:
    """What narrowed the run: patterns, its part of a plan, or pytest's own means such as ``-k``."""
    found: dict[str, Any] = {"only": list(options.only), "skip": list(options.skip)}
    if part is not None:
        found["shard"] = part.name
    if planned is not None and len(run.selected) < planned:
        found["narrowed"] = True
    return found


def _run_facts(run: TargetRun, complete: bool, run_id: str, selection: Options) -> dict[str, Any]:
    recording = run.wire.facts or {}
    return {
        "id": run_id,
        "tool_version": __version__,
        "started_at": run.started_at.isoformat(timespec="milliseconds"),
        "finished_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "complete": complete,
        "mode": run.wire.mode,
        "provenance": "simulated" if run.record.simulated or recording.get("provenance") == "reference" else "live" if run.wire.sends else "recorded",
        "seed": selection.seed,
        "tier": run.tier,
        "target": {
            "name": run.target.name, "provider": run.target.provider, "base_url": run.target.base_url,
            # Where a recheck may look for the images.
            "asset_hosts": None if run.target.asset_hosts is None else list(run.target.asset_hosts), "mirror_hosts": list(run.target.mirror_hosts),
        },
        "specs_sha256": run.contract.sha256,
        **({"recording": dict(recording)} if recording else {}),
    }


def _cost(run: TargetRun) -> tuple[int, dict[str, Any]]:
    """The images that were made and what they cost by the document: on an unpaid target, what they would have cost."""
    prices = run.contract.prices
    images, unpriced, total = 0, 0, Fraction(0)
    by_probe = {probe.id: case for case in run.selected for probe in (case.base, case.alone, case.probe) if probe is not None}
    first = [(by_probe[probe_id], performance) for probe_id, performance in run.record.performances.items() if probe_id in by_probe]
    for case, performance in (*first, *run.repeats.performances):
        if performance.outcome == "served" and performance.probe.poll_only is None:
            came, price = sum(not picture.name for picture in performance.pictures), documented(Subject(run.contract, case, performance))
            images, unpriced, total = images + came, unpriced + (came if price is None else 0), total + (price or 0)
    spend = summed_up(run.contract, run.target, total, prices.unit if prices else "none")
    return images, {**spend, "unpriced": unpriced} if unpriced else spend


def _cells(run: TargetRun, findings: Iterable[Finding]) -> Iterable[CellResult]:
    worst: dict[str, str] = {}
    for finding in findings:
        if finding.area == "pixels":
            known = ("pass", "info", "not_testable", "not_run", "flaky", "known_failure", "warn", "fail")
            rank = known.index
            if finding.verdict in known and rank(finding.verdict) >= rank(worst.get(finding.case, "pass")):
                worst[finding.case] = finding.verdict
    for case in run.record.judged.values():
        if case.cell is None or case.operation.pixels is None or case.probe is None:
            continue
        performance = run.record.performances.get(case.probe.id)
        pictures = [picture for picture in performance.pictures if not picture.name] if performance else []
        picture = pictures[0] if pictures else None
        values = dict(zip(case.operation.pixels.table.axes, case.cell.at, strict=True))
        yield CellResult(
            case=case.id,
            model=case.operation.model.id if case.operation.model else "",
            ratio=values.get("ratio", ""),
            size=values.get("size", values.get("dimensions", "")),
            requested=f"{case.cell.width}x{case.cell.height}",
            declared=(picture.declared or "") if picture else "",
            actual=f"{picture.width}x{picture.height}" if picture and picture.width else "",
            verdict=worst.get(case.id, "not_testable"),
            digest=picture.digest if picture else None,
            operation=case.operation.key,
            bytes=picture.bytes if picture else 0,
            seconds=round(seconds_of(performance), 6) if performance is not None and picture is not None else None,
        )


def _lifecycles(cases: Iterable[Case], performances: Mapping[str, Performance]) -> Iterable[Mapping[str, Any]]:
    seen: set[str] = set()
    for case in cases:
        performance = performances.get(case.probe.id) if case.probe is not None else None
        if performance is not None and performance.polls and performance.probe.id not in seen:
            seen.add(performance.probe.id)
            yield lifecycle_entry(performance, case.id)


def _exchanges(run: TargetRun) -> Iterable[Mapping[str, Any]]:
    names = {case.probe.id: case.id for case in (*reversed(run.selected), *reversed(list(run.record.judged.values()))) if case.probe is not None}
    for probe_id, exchange in run.record.exchanges:
        attempt = run.record.attempts.get(exchange.id)
        yield {**exchange_entry(exchange, names.get(probe_id), run.redactor), **({"attempt": attempt} if attempt else {})}


def _images(run: TargetRun) -> Iterable[Mapping[str, Any]]:
    """Each image, under the first case that it was made for."""
    seen: set[str] = set()
    for case in run.record.judged.values():
        performance = run.record.performances.get(case.probe.id) if case.probe is not None else None
        if performance is not None and performance.probe.id not in seen:
            seen.add(performance.probe.id)
            yield from image_entries(performance, case.id, run.started_at, run.redactor)


def _disputes(contract: Contract, findings: Iterable[Finding]) -> Iterable[Mapping[str, Any]]:
    disputes = [
        {
            "id": dispute.id, "number": dispute.number, "statement": dispute.statement, "readings": list(dispute.readings), "judged": dispute.judged,
            "sources": [{"document": source.document, "lines": source.lines} for source in dispute.sources], "requirements": list(dispute.requirements),
        }
        for dispute in contract.matrix.disputes
    ]  # fmt: skip
    return with_sights(disputes, findings)
