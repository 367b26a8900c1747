"""What is said of the documents' own examples, line by line: the target's doing, the document's, and this machine's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.subjects import broken, exchange, held, row, subject, unshown
from proofsheet.cases.model import ClientCall
from proofsheet.checks import Subject, clients, clients_examples, judge
from proofsheet.checks.clients_examples import told_of
from proofsheet.contract.examples import Broken, Example
from proofsheet.contract.matrix import Source
from proofsheet.exchange.model import Exchange, Handed

WHY = "its picture is cut short"
EXITS = Broken("the package has no such parameter", "exit", "TypeError: .*client")
REFUSED = Broken(WHY, "refused")
GOOD, BAD, CRASH = exchange(200, {"images": [{}]}), exchange(400), exchange(500)
CUT = Exchange("x2", GOOD.sent, problem="timeout", detail="no answer in 3 s")
TYPE_ERROR = "Traceback (most recent call last):\n  File x\nTypeError: it takes no client\x1b[31m"


def ran(*requests: Exchange, lacks: str = "", declared: Broken | None = None, gives: str = "images", code: int | None = 0, **more: Any) -> Subject:
    """An example that sent these requests; ``lacks`` is what the last answer lacks of what must come."""
    example = Example("quick", Source("page", "3"), "curl", "draw", gives, "curl https://acme.example", broken=declared)
    of = subject(area="clients", kind="client-example", expect="see" if declared else "serve", main=requests[-1] if requests else exchange(None))
    lack = lacks if not requests or requests[-1].ok else "it is not served"
    handed = Handed("", tuple(requests), nothing=lack, code=code, **more)
    probe = replace(of.performance.probe, client=ClientCall("example", "curl", example=example))
    return replace(of, performance=replace(of.performance, probe=probe, handed=handed))


CHECK, IMAGE = "clients.example", "an image"
NOT_AS_DECLARED = "which is not how the declaration has it"
LACKS = "it holds no image where the document has it"
NOT_SENT = "nothing was sent"
ROWS = [
    row("not by a client", clients_examples.example, subject(area="clients")),
    row("it works", clients_examples.example, ran(GOOD), held(CHECK, "works as it is printed", IMAGE, "HTTP 200; ended with exit code 0")),
    row("refused", clients_examples.example, ran(BAD), broken(CHECK, "the documented example is refused", IMAGE, "HTTP 400; ended with exit code 0")),
    row("a crash", clients_examples.example, ran(CRASH), broken(CHECK, "the documented example is refused", IMAGE, "HTTP 500; ended with exit code 0")),
    row("sent elsewhere", clients_examples.example, ran(exchange(307)),
        broken(CHECK, "the documented example gives nothing: HTTP 307", IMAGE, "HTTP 307; ended with exit code 0")),
    row("no image in it", clients_examples.example, ran(GOOD, lacks=LACKS),
        broken(CHECK, f"the documented example gives nothing: {LACKS}", IMAGE, "HTTP 200; ended with exit code 0")),
    row("no task in it", clients_examples.example, ran(GOOD, lacks="it holds no task id", gives="task"),
        broken(CHECK, "the documented example gives nothing: it holds no task id", "a task's id", "HTTP 200; ended with exit code 0")),
    row("no answer", clients_examples.example, ran(CUT, code=52),
        broken(CHECK, "the documented example gives nothing: timeout: no answer in 3 s", IMAGE, "timeout: no answer in 3 s; ended with exit code 52")),
    row("nothing sent", clients_examples.example, ran(code=3, message="sh: no such thing"),
        broken(CHECK, "it ended with exit code 3 before it sent anything: that is about the document or this machine: sh: no such thing", IMAGE,
               f"{NOT_SENT}; ended with exit code 3: sh: no such thing", most="info")),
    row("nothing sent and late", clients_examples.example, ran(code=None, late=True),
        broken(CHECK, "it did not end in time before it sent anything: that is about the document or this machine", IMAGE, f"{NOT_SENT}; did not end in time", most="info")),
    row("a right answer and an end of its own", clients_examples.example, ran(GOOD, code=1, message="KeyError: 'x'"),
        broken(CHECK, "the answer is as documented, and yet it ended with exit code 1: KeyError: 'x'", IMAGE, "HTTP 200; ended with exit code 1: KeyError: 'x'", most="info")),
    row("what the machine lacks", clients_examples.example, ran(code=None, missing="curl is not installed here"), unshown(CHECK, "curl is not installed here", IMAGE)),
    row("declared, and it exits so", clients_examples.example, ran(declared=EXITS, code=1, message=TYPE_ERROR),
        broken(CHECK, f"the document's example cannot work: {EXITS.why}", IMAGE, f"{NOT_SENT}; ended with exit code 1: TypeError: it takes no client\x1b[31m", most="info")),
    row("declared, and it exits otherwise", clients_examples.example, ran(declared=EXITS, code=1, message="KeyError"),
        broken(CHECK, f"the document's example cannot work: {EXITS.why}; it ended with exit code 1, {NOT_AS_DECLARED}", IMAGE,
               f"{NOT_SENT}; ended with exit code 1: KeyError", most="info")),
    row("declared to exit, and it sent something", clients_examples.example, ran(BAD, declared=EXITS, code=1, message=TYPE_ERROR),
        broken(CHECK, f"the document's example cannot work: {EXITS.why}; it ended with exit code 1, {NOT_AS_DECLARED}", IMAGE,
               "HTTP 400; ended with exit code 1: TypeError: it takes no client\x1b[31m", most="info")),
    row("declared, and refused", clients_examples.example, ran(BAD, declared=REFUSED),
        broken(CHECK, f"the document's example cannot work: {WHY}", IMAGE, "HTTP 400; ended with exit code 0", most="info")),
    row("declared to be refused, and a crash", clients_examples.example, ran(CRASH, declared=REFUSED),
        broken(CHECK, f"the document's example cannot work: {WHY}; it ended with exit code 0, {NOT_AS_DECLARED}", IMAGE, "HTTP 500; ended with exit code 0", most="info")),
    row("declared, and nothing was sent", clients_examples.example, ran(declared=REFUSED, code=6),
        broken(CHECK, f"the document's example cannot work: {WHY}; it ended with exit code 6, {NOT_AS_DECLARED}", IMAGE, f"{NOT_SENT}; ended with exit code 6", most="info")),
    row("declared, and yet it works", clients_examples.example, ran(GOOD, declared=REFUSED),
        broken(CHECK, f"works, though declared not to: remove the declaration ({WHY})", IMAGE, "HTTP 200; ended with exit code 0", most="info")),
    row("declared, and missing", clients_examples.example, ran(declared=EXITS, code=None, missing="a package"), unshown(CHECK, "a package", IMAGE)),
]  # fmt: skip
TABLES = ROWS


@pytest.mark.parametrize(("check", "of", "said"), ROWS)
def test_what_is_said(check: Any, of: Subject, said: Any) -> None:
    assert list(check(of)) == said


OUTCOMES = {
    "works": [ran(GOOD), ran(GOOD, declared=REFUSED)],
    "refused": [ran(BAD), ran(CRASH)],
    "fails": [ran(GOOD, lacks="x"), ran(CUT, code=52), ran(GOOD, code=1)],
    "cannot work": [ran(code=3), ran(BAD, declared=REFUSED), ran(CRASH, declared=REFUSED), ran(declared=EXITS, code=1, message=TYPE_ERROR)],
    "not testable": [ran(missing="x"), ran(missing="x", declared=EXITS)],
}


@pytest.mark.parametrize(("word", "of"), [(word, of) for word, several in OUTCOMES.items() for of in several])
def test_every_outcome_has_its_word(word: str, of: Subject) -> None:
    call = of.performance.probe.client
    assert call is not None and call.example is not None
    assert told_of(call.example, of.performance).outcome == word


@pytest.mark.parametrize("of", [ran(GOOD), ran(BAD), ran(code=3), ran(BAD, declared=REFUSED)])
def test_no_check_of_sdks_speaks_of_an_example(of: Subject) -> None:
    assert [judgement.check for judgement in judge(of)] == [CHECK]
    assert [said for check in clients.CHECKS for said in check(of)] == []


@pytest.mark.parametrize("of", [of for several in OUTCOMES.values() for of in several])
def test_only_an_answer_to_an_undeclared_example_is_ever_held_against_a_target(of: Subject) -> None:
    (said,) = judge(of)
    call, handed = of.performance.probe.client, of.performance.handed
    assert call is not None and call.example is not None and handed is not None
    if said.held is False and said.most is None:
        assert handed.requests and call.example.broken is None and not handed.missing
