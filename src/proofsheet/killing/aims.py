"""What ought to notice each fault: for every operator, checks and the cases on which they see it.

This is declared from what the fault is, not from what the harness does: a requirement of the matrix that one of these
checks proves on one of these cases is broken by the fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from proofsheet.cases.model import Case
from proofsheet.checks.subject import is_right_refusal
from proofsheet.killing.answers import seen_by
from proofsheet.killing.sights import (
    Aim,
    aim,
    by_url,
    dotted,
    ends,
    invalid_in,
    kind,
    looks_again,
    of,
    only_words,
    promised_format,
    provoked,
    refuses,
    serves,
    sets,
    several_asked,
    traced,
    typed,
    with_copies,
)
from proofsheet.reference.bent_replies import field_changed, status_beside
from proofsheet.reference.elements import first_entry
from proofsheet.reference.faults import Fault
from proofsheet.reference.gateway import Gateway

Aims = Callable[[Gateway, Fault], Iterator[Aim]]

#: The checks that say whether an error came as documented, whatever area its case is of.
_REFUSED = "errors.status parameters.refused lifecycles.unknown lifecycles.guarded lifecycles.isolated"
_SHOWN = {
    "wrong-status": _REFUSED, "error-as-success": _REFUSED, "wrong-code": "errors.code", "wrong-hint": "errors.hint",
    "html-errors": "errors.message errors.content_type", "empty-errors": "errors.message", "mute-errors": "errors.message errors.hint",
    "mistyped-errors": "errors.content_type", "other-envelope": "errors.envelope errors.code",
    "bad-retry-after": "errors.retry_after",
}  # fmt: skip


def _simple(checks: str, *sees: Callable[..., bool], most: int = 1, whichever: bool = False) -> Aims:
    """The same checks on the same cases, of the operations that the fault concerns."""

    def aims(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
        yield aim(checks, of(fault.operation), *sees, most=most, whichever=whichever)

    return aims


def _both(*parts: Aims) -> Aims:
    def aims(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
        for part in parts:
            yield from part(gateway, fault)

    return aims


def _entry(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
    """Faults of how an error looks: the cases that expect this entry of the catalogue."""

    def concerned(case: Case) -> bool:
        entry = first_entry(gateway.contract, case.error, case.operation) if case.error is not None else None
        if case.error is None or entry is None or case.expect == "serve" or fault.detail not in ("", entry.id):
            return False
        return fault.name != "wrong-status" or not is_right_refusal(case.error, status_beside(entry))

    yield aim(_SHOWN[fault.name], concerned)


def _retry_after(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
    required = {entry.id for entry in gateway.contract.errors.catalogue if entry.retry_after == "required" and fault.detail in ("", entry.id)}
    yield aim("errors.retry_after", kind("error"), lambda case: case.error is not None and case.error.id in required)


def _accepted(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
    parameter, _, keyword = fault.detail.partition(":")
    yield aim("parameters.refused", of(fault.operation), invalid_in(parameter, keyword))
    if parameter == "body":
        yield aim("errors.status", of(fault.operation), provoked("malformed_json", "empty_body", "wrong_content_type"))
    if not keyword or keyword == "enum":
        yield aim("errors.status", of(fault.operation), provoked("unknown_model"), lambda case: case.operation.roles["model"].at.name == parameter)


def _replaced(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
    role = gateway.contract.operation(str(fault.operation)).roles[fault.detail]
    yield aim("parameters.refused", of(fault.operation), invalid_in(dotted(role)), lambda case: not case.id.endswith(("/missing", "/type-null")))


def _key_place(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
    yield aim("parameters.served", kind("key"), lambda case: case.probe is not None and case.probe.scheme == fault.detail)


def _poisoned(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
    yield aim("", of(fault.operation), refuses, most=40)
    yield aim("parameters.served", of(fault.operation), serves, most=30, whichever=True)


def _probe(check: str) -> Aims:
    def aims(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
        yield aim(check, of(fault.operation), ends(f"/parameters/probe/{fault.detail}"))

    return aims


def _cell(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
    yield aim("parameters.served", of(fault.operation), lambda case: case.cell is not None and case.cell.name == fault.detail)


def _field(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
    """A field that is left out, of another type or spelt otherwise: the shape that needs it, and what is read from it."""
    operation = gateway.contract.operation(str(fault.operation))
    for check in dict.fromkeys(seen_by(gateway, operation, lambda said: field_changed(fault.name, fault.detail, said))):
        yield aim(check, of(fault.operation), serves)


def _unseen(gateway: Gateway, fault: Fault) -> Iterator[Aim]:
    """No case of one run sees it."""
    yield from ()


_UNSERVED = _simple("parameters.served", serves)

#: What notices the faults of an operator. Those of the stage ``order`` are not here: what they change is worked out.
AIMS: dict[str, Aims] = {
    "accept-any-key": _simple("errors.status", provoked("unknown_key", "malformed_key")),
    "accept-no-key": _both(_simple("errors.status", provoked("no_key")), _simple("lifecycles.guarded", kind("read-without-key"))),
    "open-tasks": _simple("lifecycles.guarded", kind("read-without-key")),
    "no-rate-limit": _simple("errors.status", provoked("credential:rate_limited")),
    "refuse-key-place": _key_place,
    "accept-invalid": _accepted,
    "replace-invalid": _replaced,
    "refuse-valid": lambda gateway, fault: iter([aim("parameters.served", of(fault.operation), serves, sets(fault.detail))]),
    "refuse-letter-case": _simple("parameters.served", kind("valid"), lambda case: "/quirk/letter-case" in case.id),
    "refuse-probe": _probe("parameters.served"),
    "accept-probe": _probe("parameters.refused"),
    "poison": _poisoned,
    "serve-refused": _simple("errors.status", provoked("base")),
    "refuse-cell": _cell,
    "no-balance-check": _simple("errors.status", provoked("credential:insufficient_balance")),
    "overcharge": _simple("billing.price", kind("price")),
    "charge-all-give-one": _simple("pixels.count lifecycles.results", serves, several_asked),
    "charge-refused": _simple("billing.free", kind("free"), lambda case: case.expect == "refuse"),
    "charge-failed": _simple("billing.free", ends("/billing/failed"), lambda case: case.operation.lifecycle is not None),
    "truncate": _simple("pixels.complete", serves),
    "wrong-media-type": _simple("pixels.media_type", serves, typed),
    "other-magic": _both(_simple("pixels.media_type", serves, typed), _simple("pixels.format", serves, promised_format)),
    "wrong-size-stated": _simple("pixels.declared", serves),
    "wrong-host": _simple("assets.host", serves, by_url),
    "dead-copies": _simple("assets.copies", serves, with_copies),
    "dead-asset": _simple("assets.reachable", serves, by_url),
    "guarded-asset": _simple("assets.reachable", serves, by_url),
    # Only a recheck comes back later, and a trial is one run.
    "expire-early": _unseen,
    "other-file-later": _unseen,
    "html-asset": _simple("pixels.complete pixels.format", serves, by_url),
    "no-id": _simple("lifecycles.submitted", traced),
    "retype-id": _simple("lifecycles.submitted", traced),
    "move-id": _simple("lifecycles.submitted", traced),
    "fail-tasks": _UNSERVED,
    "poll-elsewhere": _simple("lifecycles.origin", traced),
    "foreign-task": _simple("lifecycles.isolated", kind("read-by-another")),
    "unknown-task-served": _simple("lifecycles.unknown", kind("unknown-task")),
    "never-finish": _simple("lifecycles.terminates", traced),
    "finish-empty": _simple("lifecycles.results pixels.count", traced, serves),
    "step-back": _simple("lifecycles.order", traced),
    "reopen": _simple("lifecycles.stable", traced, looks_again),
    "unknown-word": _simple("lifecycles.status lifecycles.terminates", traced, only_words),
    "progress-back": _simple("lifecycles.progress", traced),
    "progress-beyond": _simple("lifecycles.progress", traced),
    "no-reason": _simple("lifecycles.failure", kind("failure")),
    "hide-failure": _simple("lifecycles.failure", kind("failure")),
    "other-images": _simple("lifecycles.stable", traced, looks_again),
    **dict.fromkeys(_SHOWN, _entry),
    "no-retry-after": _retry_after,
    "intermittent": _simple("parameters.served", serves, most=40, whichever=True),
    "redirect-elsewhere": _simple("parameters.origin", serves),
    "redirect-without-body": _UNSERVED,
    "drop-field": _field,
    "retype-field": _field,
    "respell-field": _field,
    "mistyped-answer": _both(_simple("parameters.answer", serves), _simple("lifecycles.answer", traced)),
    "slow": _UNSERVED,
    "hang": _UNSERVED,
}
