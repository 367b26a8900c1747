"""What a run saw of each case, without values that differ from night to night: statuses, codes, pixels, formats, ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proofsheet.results.model import Results
from proofsheet.results.shapes import Shape, together

_PIXELS = ("pixels.exact", "pixels.size", "pixels.ratio")


def evidence(results: Results) -> dict[str, Shape]:
    """The words of each case, in the same model that shapes of answers have."""
    found: dict[str, list[Shape]] = {}
    for case, name, word in _words(results):
        found.setdefault(case, []).append(Shape({}, {name: frozenset({word})}))
    return {case: together(shapes) for case, shapes in found.items()}


def _words(results: Results) -> Iterator[tuple[str, str, str]]:
    exchanges = {str(entry["id"]): entry for entry in results.exchanges if "attempt" not in entry}
    for finding in results.findings:
        for entry in (exchanges[name] for name in finding.exchanges if name in exchanges):
            yield finding.case, "answers", _answer(entry)
        if finding.check == "errors.code" and finding.actual:
            yield finding.case, "codes", finding.actual
        if finding.check in _PIXELS and finding.actual:
            yield finding.case, "pixels", finding.actual
    for cell in results.cells:
        if cell.actual:
            yield cell.case, "pixels", cell.actual
    for image in results.images:
        yield str(image["case"]), "formats", str(image.get("format") or image.get("problem") or "none")
    for lifecycle in results.lifecycles:
        if "outcome" in lifecycle:
            yield str(lifecycle["case"]), "ends", str(lifecycle["outcome"])


def _answer(entry: Mapping[str, Any]) -> str:
    """Method, status and media type of one exchange, or what went wrong with it."""
    headers = entry.get("headers") or {}
    media_type = str(headers.get("content-type", "")).partition(";")[0].strip().lower()
    came = entry["status"] if entry.get("problem") is None else entry["problem"]
    return " ".join(part for part in (str(entry["request"].get("method", "")), str(came), media_type) if part)
