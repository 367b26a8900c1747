"""index.html and index.json: one run over several targets, and the way to each target's reports."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from proofsheet.report.text import one_line
from proofsheet.results.documents import SCHEMA_VERSION
from proofsheet.results.model import Results
from proofsheet.results.writing import as_json, prepare_directory, write_atomically

_FILES = ("results.json", "summary.md", "junit.xml", "ctrf.json", "report.html", "evidence/index.md", "events.ndjson")
_WORDS = {True: ("conforms", "ok"), False: ("does not conform", "bad"), None: ("incomplete", "open")}
_STYLE = (
    ":root{color-scheme:light dark;--ok:light-dark(#176b2c,#6fd58a);--bad:light-dark(#b00020,#ff8a80);--open:light-dark(#7a5200,#ffc75f)}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;background:Canvas;color:CanvasText}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid GrayText}"
    "td{overflow-wrap:anywhere}.n{text-align:right}.ok{color:var(--ok)}.bad{color:var(--bad)}.open{color:var(--open)}small{display:block}"
    ".simulated{border:2px solid var(--open);padding:.4rem .6rem}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Entry:
    """One target's report: its directory's name beside the index, and its results."""

    directory: str
    results: Results


def write_index(root: Path, entries: Sequence[Entry]) -> None:
    """Write index.json and index.html into ``root``. Raises ReportError."""
    prepare_directory(root)
    rows = [_row(root, entry) for entry in entries]
    write_atomically(root / "index.json", as_json({"schema_version": SCHEMA_VERSION, "targets": rows}))
    write_atomically(root / "index.html", _page(rows))


def _row(root: Path, entry: Entry) -> dict[str, Any]:
    run, summary = entry.results.run, entry.results.summary
    return {
        "directory": entry.directory, "target": run["target"]["name"], "provider": run["target"]["provider"], "provenance": run["provenance"],
        "complete": run["complete"], "conforms": summary["conforms"], "why": list(summary.get("why", ())), "verdicts": dict(summary["verdicts"]),
        "requirements": dict(summary["requirements"]), "requests": summary["requests"], "paid_images": summary["paid_images"],
        "files": {name: f"{entry.directory}/{name}" for name in _FILES if (root / entry.directory / name).is_file()},
    }


def _page(rows: Sequence[Mapping[str, Any]]) -> str:
    simulated = any(row["provenance"] == "simulated" for row in rows)
    banner = '<p class="simulated"><strong>SIMULATED</strong>: the reference gateway answered. This says nothing about any vendor.</p>' if simulated else ""
    heads = "".join(f"<th{kind}>{name}</th>" for name, kind in (("target", ""), ("verdict", ""), ("findings", ""), ("requirements", ""), ("requests", ' class="n"'), ("files", "")))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>Proofsheet</title><style>{_STYLE}</style></head>\n'
        f"<body><h1>Proofsheet</h1>{banner}\n<table><thead><tr>{heads}</tr></thead><tbody>\n{''.join(map(_table_row, rows))}</tbody></table></body></html>\n"
    )


def _table_row(row: Mapping[str, Any]) -> str:
    word, style = _WORDS[row["conforms"]]
    why = "".join(f"<small>{_shown(reason, 400)}</small>" for reason in row["why"])
    links = " ".join(f'<a href="{html.escape(quote(path))}">{_shown(name)}</a>' for name, path in row["files"].items())
    directory = f'<a href="{html.escape(quote(row["directory"]))}/">{_shown(row["target"])}</a>'
    return (
        f'<tr><th scope="row">{directory}<small>{_shown(row["provider"])}, {_shown(row["provenance"])}</small></th>'
        f'<td><strong class="{style}">{word}</strong>{why}</td><td>{_counts(row["verdicts"])}</td><td>{_counts(row["requirements"])}</td>'
        f'<td class="n">{row["requests"]}</td><td>{links}</td></tr>\n'
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {_shown(name.replace('_', ' '))}" for name, count in counts.items() if count)


def _shown(text: str, most: int = 200) -> str:
    return html.escape(one_line(str(text), most))
