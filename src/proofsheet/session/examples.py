"""What became of each example of the documents: those that were run, those that are read, those that other cases show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from proofsheet.cases.model import Case
from proofsheet.checks.clients_examples import told_of
from proofsheet.checks.subject import what_came
from proofsheet.clients.came import printed_answer
from proofsheet.contract.examples import Example
from proofsheet.contract.model import Contract
from proofsheet.contract.patterns import matches_any
from proofsheet.exchange.model import Performance
from proofsheet.results.examples import NOT_CHOSEN
from proofsheet.results.model import Finding

#: What a verdict says of an example that was not run.
_UNRUN = {"not_testable": "not testable", "not_supported": "not testable"}
_LONGEST = 160


def example_entries(contract: Contract, cases: Iterable[Case], performances: Mapping[str, Performance], findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    """An entry for each example, in the documents' order; none where the run uses no clients. ``cases`` are those of the run."""
    chosen = {case.probe.client.example.name: case for case in cases if case.probe is not None and case.probe.client is not None and case.probe.client.example is not None}
    found = tuple(findings)
    for example in sorted(contract.clients.examples, key=_place):
        case = chosen.get(example.name)
        performance = performances.get(case.probe.id) if case is not None and case.probe is not None else None
        outcome, sentence = _told(contract, example, performance, found)
        yield {
            "id": example.name, "source": example.cited, "kind": example.kind, "text": _beginning(example), "outcome": outcome, "sentence": sentence,
            "case": _case_id(contract, example), "declared": example.broken is not None, "requests": _requests(performance),
        }  # fmt: skip


def _beginning(example: Example) -> str:
    """The first line; of an answer, which begins with a brace alone, as much as a line holds."""
    return " ".join(example.text.split() if example.kind == "answer" else [example.text.partition("\n")[0]])[:_LONGEST]


def _place(example: Example) -> tuple[str, int]:
    return example.source.document, int(example.source.lines.partition("-")[0])


def _case_id(contract: Contract, example: Example) -> str | None:
    return f"{contract.provider}/{example.operation}/clients/example/{example.id}" if example.kind in ("curl", "python") else None


def _told(contract: Contract, example: Example, performance: Performance | None, findings: tuple[Finding, ...]) -> tuple[str, str]:
    if example.kind == "answer":
        return _read(contract, example)
    if example.kind == "prose":
        return _shown(example, findings)
    if performance is not None and performance.handed is not None:
        told = told_of(example, performance)
        return told.outcome, told.sentence
    mine = next((finding for finding in findings if finding.case == _case_id(contract, example)), None)
    return ("not run", NOT_CHOSEN) if mine is None else (_UNRUN.get(mine.verdict, "not run"), mine.message)


def _read(contract: Contract, example: Example) -> tuple[str, str]:
    """An answer as it is printed: nothing is sent, so no target has a part in it."""
    wrong = printed_answer(contract, example)
    declared = example.broken
    if wrong is None:
        return "works", "the answer as printed is read as documented" if declared is None else f"reads well, though declared not to: remove the declaration ({declared.why})"
    return "cannot work", f"the answer as printed cannot be read: {wrong if declared is None else declared.why}"


def _shown(example: Example, findings: tuple[Finding, ...]) -> tuple[str, str]:
    """A sentence: the cases that ask for what it names show whether it holds."""
    if example.broken is not None:
        return "cannot work", f"the document's example cannot hold: {example.broken.why}"
    seen = [finding for finding in findings if finding.area == "pixels" and matches_any(example.shown_by, finding.case)]
    against = next((finding for finding in seen if finding.verdict in ("fail", "warn", "known_failure")), None)
    if against is not None:
        return "fails", f"{against.message} ({against.case})"
    held = next((finding for finding in seen if finding.verdict == "pass"), None)
    return ("works", f"shown by {held.case}") if held is not None else ("not run", "the cases that show it were not performed")


def _requests(performance: Performance | None) -> list[dict[str, Any]]:
    if performance is None or performance.handed is None:
        return []
    return [
        {"exchange": exchange.id, "request": f"{exchange.sent.method} {urlsplit(exchange.sent.url).path}"[:_LONGEST], "answer": what_came(exchange)}
        for exchange in performance.handed.requests
    ]
