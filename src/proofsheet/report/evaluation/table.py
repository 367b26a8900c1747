"""The evaluation as one long table: a line a fact, so that any spreadsheet can filter it and nothing is summed by us."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from proofsheet.report.text import one_line
from proofsheet.results.evaluation import Chapter, Evaluation, Vendor
from proofsheet.results.evaluation_figures import Figures

COLUMNS = (
    "target", "provider", "provenance", "run", "started_at", "section", "item", "model", "ratio", "size", "level", "verdict", "documented", "observed", "unit", "n", "least",
    "median", "most", "p95", "note",
)  # fmt: skip
#: What spreadsheets take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 1000


def evaluation_csv(ev: Evaluation) -> str:
    """The table as CSV (RFC 4180, UTF-8)."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    by_name = {vendor.name: vendor for vendor in ev.vendors}
    for vendor in ev.vendors:
        head = _head(vendor)
        for line in _lines(vendor):
            writer.writerow(_safe({**head, **line}))
    for chapter in ev.chapters:
        for name, line in _claims(chapter):
            writer.writerow(_safe({**_head(by_name[name]), **line}))
    return buffer.getvalue()


def _head(vendor: Vendor) -> dict[str, Any]:
    had = vendor.evidence
    return {"target": vendor.name, "provider": vendor.provider, "provenance": had.provenance, "run": had.run_id, "started_at": had.started_at}


def _safe(line: dict[str, Any]) -> dict[str, Any]:
    return {name: _text(value) if isinstance(value, str) else value for name, value in line.items()}


def _text(value: str) -> str:
    shown = one_line(value, _LONGEST)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def _lines(vendor: Vendor) -> Iterator[dict[str, Any]]:
    overall = {True: "conforms", False: "does not conform", None: "incomplete"}[vendor.conforms]
    yield {"section": "verdict", "item": "overall", "verdict": overall, "note": "; ".join(vendor.why)}
    for area, counted in vendor.areas.items():
        for name in ("broken", "warned", "listed", "held", "unproven", "unsupported"):
            yield {"section": "area", "item": area, "verdict": name, "n": getattr(counted, name)}
    yield from _costs(vendor)
    for size, several in vendor.latency.items():
        for one in several:
            yield {"section": "time", "item": one.how, "size": size, **_figures(one)}
    if vendor.lifecycles.figures is not None:
        yield {"section": "lifecycles", "item": "to the end", **_figures(vendor.lifecycles.figures)}
    yield from ({"section": "lifecycles", "item": "outcome", "observed": outcome, "n": number} for outcome, number in vendor.lifecycles.outcomes.items())
    yield from ({"section": "not supported", "item": name} for name in vendor.unsupported)
    yield from ({"section": "not tested", "note": sentence} for sentence in vendor.untested)
    yield from _cells(vendor)
    for situation, answers in vendor.errors.items():
        for line in answers:
            yield {"section": "error", "item": situation, "verdict": line.verdict, "documented": line.documented, "observed": f"{line.status} {line.code}".strip(), "n": line.count,
                   "note": line.retry or ""}  # fmt: skip


def _costs(vendor: Vendor) -> Iterator[dict[str, Any]]:
    for size, several in vendor.prices.items():
        for price in several:
            yield {"section": "price", "item": f"per {price.per}", "size": size, "documented": price.amount, "unit": price.unit, "note": price.label}
            if price.usd is not None and price.unit != "USD":
                yield {"section": "price", "item": f"per {price.per}", "size": size, "documented": price.usd, "unit": "USD", "note": price.label}
    for charge in vendor.charges:
        yield {"section": "charge", "item": charge.case, "verdict": charge.verdict, "documented": charge.documented, "observed": charge.observed, "note": charge.message}


def _cells(vendor: Vendor) -> Iterator[dict[str, Any]]:
    for matrix in vendor.matrices:
        listed = [(cell, one) for _, cells in matrix.rows for cell in cells if cell is not None for one in cell.sightings]
        for cell, one in listed:
            yield {
                "section": "pixels", "item": one.operation, "model": matrix.model, "ratio": cell.ratio, "size": cell.size, "verdict": one.verdict,
                "documented": cell.requested, "observed": one.actual, "unit": "pixels", "note": one.digest or "",
            }  # fmt: skip


def _figures(one: Figures) -> dict[str, Any]:
    return {"unit": "s", "n": one.n, "least": round(one.least, 3), "median": round(one.median, 3), "most": round(one.most, 3), "p95": "" if one.p95 is None else round(one.p95, 3)}


def _claims(chapter: Chapter) -> Iterator[tuple[str, dict[str, Any]]]:
    for example in chapter.examples:
        for vendor, outcomes in zip(chapter.vendors, example.outcomes, strict=True):
            for one in outcomes:
                yield vendor, {"section": "example", "item": example.id, "verdict": one.word, "observed": "; ".join(one.requests), "note": one.sentence}
    for dispute in chapter.disputes:
        for deed in dispute.deeds:
            for name, verdict, seen in deed.seen:
                yield deed.vendor, {"section": "dispute", "item": dispute.id, "verdict": verdict, "documented": dispute.statement, "observed": "; ".join(seen), "note": name}
    for row in chapter.rows:
        for part in row.parts:
            against = next((group for group in part.groups if group.verdict not in ("pass", "info")), None)
            yield part.vendor, {
                "section": "requirement", "item": row.id, "level": row.level, "verdict": part.verdict, "documented": against.expected if against else "",
                "observed": against.actual if against else "", "n": sum(group.count for group in part.groups),
                "note": against.message if against else row.excluded or row.statement,
            }  # fmt: skip
