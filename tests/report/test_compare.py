"""A comparison and a history as people and machines read them."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

from rich.console import Console

from proofsheet.contract.files import shipped_validator
from proofsheet.report.compare import document, markdown
from proofsheet.report.compare_terminal import print_comparison
from proofsheet.report.history import document as history_document
from proofsheet.report.history import print_history
from proofsheet.results.comparison import Pairing, compare
from proofsheet.results.history import append, read
from proofsheet.results.model import Finding, Results
from proofsheet.results.trends import series
from proofsheet.results.writing import as_json
from results.samples import HOSTILE, finding, results


def night(*findings: Finding, **run: Any) -> Results:
    made = results(findings, cells=(), lifecycles=(), exchanges=())
    return replace(made, run={**made.run, "id": "n", **run})


def compared(old: Results, new: Results) -> Pairing:
    return Pairing((compare(old, new),), ("gone",), ("new",))


def said(pairing: Pairing) -> str:
    file = io.StringIO()
    print_comparison(pairing, Console(file=file))
    return file.getvalue()


MENDED = finding(check="pixels.exact", requirement="acme.exact", case="acme/draw/pixels/x")
WORSE = compared(night(finding(), replace(MENDED, verdict="fail")), night(finding(verdict="fail", message="refused"), MENDED))
HARMFUL = compared(night(finding(), id="o"), night(finding(verdict="fail", message=HOSTILE), target={"name": HOSTILE, "provider": "acme", "base_url": HOSTILE}))


def test_the_terminal_says_first_what_got_worse():
    text = said(WORSE)
    assert text.index("Got worse (1 requirements, 1 cases)") < text.index("Got better (1 requirements, 1 cases)") < text.index("GOT WORSE")
    assert "case        acme/draw/parameters/base (must): pass → fail" in text
    assert "parameters.served: pass → fail: refused" in text
    assert "only in the old run: gone" in text


def test_a_comparison_without_changes_says_so():
    text = said(compared(night(finding()), night(finding())))
    assert "NOTHING GOT WORSE  nothing changed" in text


def test_the_markdown_says_the_same():
    text = markdown(WORSE)
    assert text.startswith("## candidate: got worse\n")
    assert "### Got worse" in text
    assert "- case **acme/draw/parameters/base**, must: pass → fail" in text
    assert "Only in the new run: new." in text


def test_a_simulation_is_said_loudly_everywhere():
    both = compared(night(finding(), provenance="simulated"), night(finding(), provenance="simulated"))
    one = compared(night(finding()), night(finding(), provenance="simulated"))
    assert "SIMULATED: the reference gateway answered both times" in said(both)
    assert "**SIMULATED**" in markdown(both)
    assert "LIVE against SIMULATED" in said(one)
    assert "> **LIVE against SIMULATED" in markdown(one)
    assert document(one)["targets"][0]["alarms"][0].startswith("LIVE against SIMULATED")


def test_the_json_fits_its_schema_and_counts_what_it_lists():
    for pairing in (WORSE, HARMFUL):
        found = json.loads(as_json(document(pairing)))
        shipped_validator("compare.schema.json").validate(found)
        [target] = found["targets"]
        counts = {kind: sum(entry.values()) for kind, entry in target["counts"].items() if sum(entry.values())}
        assert sum(counts.values()) == len(target["changes"])
        assert found["worse"] is target["worse"] is True


def test_nothing_a_target_said_is_obeyed():
    text, page = said(HARMFUL), markdown(HARMFUL)
    for sign in ("\x1b", "\x00", "\x07", "\u202e"):
        assert sign not in text
        assert sign not in page
    assert "<script>" not in page
    assert "@team" not in page


def test_long_lists_are_cut_and_counted():
    many = [finding(case=f"acme/draw/parameters/{number}") for number in range(60)]
    pairing = compared(night(*many), night(*(replace(one, verdict="fail") for one in many)))
    assert "and 20 more" in said(pairing)
    assert "- and 50 more" in markdown(pairing)
    assert len(document(pairing)["targets"][0]["changes"]) == 61


def test_the_history_says_what_broke_first_and_how_it_was_had(tmp_path):
    for day, verdict in enumerate(("pass", "fail", "pass"), 1):
        made = night(finding(verdict=verdict), id=f"night-{day}", started_at=f"2026-11-0{day}T03:00:00+00:00", provenance="simulated")
        append(tmp_path / "h.sqlite", replace(made, timings=({"size": "2K", "seconds": float(day)},)))
    found = series(read(tmp_path / "h.sqlite"))
    file = io.StringIO()
    print_history(found, Console(file=file))
    text = file.getvalue()
    assert "SIMULATED" in text
    assert ".F.  acme.served (must): broke first in 2026-11-02 03:00 (night-2); whole again" in text
    assert "2K: median 3.00 s" in text
    assert "at first 1.00 s" in text
    assert "21 requests, 6 images, 0.60 credits" in text
    written = json.loads(as_json(history_document(found)))
    shipped_validator("history.schema.json").validate(written)
    assert written["series"][0]["requirements"][0]["first_broke"] == "night-2"
