"""badge.svg and badge.json: the verdict as a badge, drawn here and as shields.io reads it from an endpoint."""

from __future__ import annotations

import html
from pathlib import Path

from proofsheet.report.text import one_line
from proofsheet.results.model import Results
from proofsheet.results.writing import as_json, write_atomically

BADGE_SVG, BADGE_JSON = "badge.svg", "badge.json"
_LONGEST = 60
#: White text on each of these has a contrast of at least 4.5 to 1.
_COLOURS = {"brightgreen": "#20702f", "green": "#2c6e49", "red": "#b3261e", "orange": "#9a4d00", "lightgrey": "#5f6368"}
#: Pixels of a character of 11 px in the usual sans-serif fonts; textLength makes the browser keep to it.
_CHARACTER, _MARGIN = 6.4, 10


def write_badge(directory: Path, results: Results) -> None:
    """Write both badges into the report directory. Raises ReportError."""
    label, message, colour = badge(results)
    endpoint = {"schemaVersion": 1, "label": label, "message": message, "color": colour, "isError": results.summary["conforms"] is False}
    write_atomically(directory / BADGE_JSON, as_json(endpoint))
    write_atomically(directory / BADGE_SVG, svg(label, message, _COLOURS[colour]))


def badge(results: Results) -> tuple[str, str, str]:
    """Label, message and colour. Only a complete run of everything, against something real, is bright green."""
    run, conforms = results.run, results.summary["conforms"]
    message = {True: "conforms", False: f"breaks {results.summary['requirements']['failed']} requirement(s)", None: "incomplete"}[conforms]
    colour = {True: "brightgreen", False: "red", None: "orange"}[conforms]
    lacking = [one["id"] for one in results.summary.get("features", ()) if one["verdict"] == "not_supported"]
    if conforms and lacking:
        message = f"{message} without {', '.join(lacking)}"
    if any(run.get("selection", {}).values()):
        message, colour = f"{message} (a selection)", "green" if conforms else colour
    elif run["tier"] != "full":
        message, colour = f"{message} ({run['tier']})", "green" if conforms else colour
    if run["provenance"] == "simulated":
        message, colour = f"simulated: {message}", "lightgrey"
    return one_line(f"{run['target']['provider']} contract", _LONGEST), one_line(message, _LONGEST), colour


def svg(label: str, message: str, colour: str) -> str:
    """A badge of its own, without fonts or pictures from elsewhere."""
    widths = [round(len(text) * _CHARACTER) + _MARGIN for text in (label, message)]
    whole, said = sum(widths), html.escape(f"{label}: {message}")
    texts = [
        f'<text x="{start + width / 2:g}" y="14" textLength="{width - _MARGIN}" lengthAdjust="spacingAndGlyphs">{html.escape(text)}</text>'
        for start, width, text in ((0, widths[0], label), (widths[0], widths[1], message))
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{said}"><title>{said}</title>'
        f'<rect width="{whole}" height="20" rx="3" fill="#3c4043"/><path d="M{widths[0]} 0h{widths[1] - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{widths[0]}z" fill="{colour}"/>'
        f'<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{"".join(texts)}</g></svg>\n'
    )
