"""What a buyer asks beside the verdicts: what is offered at what price, how long an image took, how errors were answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from proofsheet.cases.model import Case
from proofsheet.checks import Subject
from proofsheet.checks.subject import allowed_statuses
from proofsheet.contract.model import Contract
from proofsheet.exchange.model import Exchange, Performance
from proofsheet.exchange.targets import Target

#: How an error is brought about, and what that amounts to for a client. Anything else is a matter of its own.
_SITUATIONS = {
    "no_key": "key", "malformed_key": "key", "unknown_key": "key", "task_without_key": "key",
    "credential:insufficient_balance": "balance", "credential:rate_limited": "rate", "state:sync_timeout": "timeout", "state:upstream_error": "upstream",
    "unknown_task": "task", "foreign_task": "task", "unknown_model": "request", "malformed_json": "request", "empty_body": "request", "wrong_content_type": "request",
    "invalid": "request", "base": "request",
}  # fmt: skip
#: Field names in which services advise when to come back, their letters alone.
_ADVICE = frozenset({"retryafter", "retrydelay", "retryafterseconds", "retryafterms", "retryin"})
_LONGEST = 200


def offer(contract: Contract, target: Target) -> dict[str, Any]:
    """What the document offers: prices in its own unit and, where a rate is known, in USD; what the target declares missing."""
    prices = contract.prices
    found: dict[str, Any] = {"unsupported": list(target.unsupported), "operations": [_operation(operation) for operation in contract.operations]}
    if prices is None:
        return found
    rate = target.usd_per_unit or prices.usd_per_unit or (Fraction(1) if prices.unit == "USD" else None)
    rules = [
        {"amount": _number(rule.amount), "usd": None if rate is None else _number(rule.amount * rate), "when": dict(rule.when), "operations": list(rule.operations),
         "models": list(rule.models)}
        for rule in prices.rules
    ]  # fmt: skip
    return {**found, "prices": {"unit": prices.unit, "per": prices.per, "relative": prices.relative, "usd_per_unit": None if rate is None else _number(rate), "rules": rules}}


def _operation(operation: Any) -> dict[str, Any]:
    return {"key": operation.key, "purpose": operation.purpose, "model": operation.model.id if operation.model else None, "lifecycle": operation.lifecycle is not None}


def _number(amount: Fraction) -> str:
    return f"{float(amount):.6g}"


def timings(contract: Contract, cases: Iterable[Case], performances: Mapping[str, Performance]) -> Iterator[dict[str, Any]]:
    """How long each served request took, once a request: to the last byte of its answer, or to the poll that saw the task's end."""
    seen: set[str] = set()
    for case in cases:
        performance = performances.get(case.probe.id) if case.probe is not None else None
        if performance is None or performance.probe.id in seen or performance.outcome != "served":
            continue
        seen.add(performance.probe.id)
        subject = Subject(contract, case, performance)
        if subject.images:
            yield {"case": case.id, "operation": case.operation.key, "model": case.operation.model.id if case.operation.model else "", **_axes(subject),
                   "images": len(subject.images), "seconds": round(seconds_of(performance), 6), "how": "lifecycle" if performance.polls else "answer"}  # fmt: skip


def _axes(subject: Subject) -> dict[str, str]:
    """The cell that was asked for, so far as the request or a documented default says one."""
    pixels = subject.operation.pixels
    found = {}
    for axis in ("ratio", "size"):
        value = subject.asked.get(axis, pixels.default.get(axis) if pixels else None)
        found[axis] = value[:60] if isinstance(value, str) else ""
    return found


def seconds_of(performance: Performance) -> float:
    """From sending the request to the answer that has its images."""
    return performance.main.seconds + (performance.polls[-1].t if performance.polls else 0.0)


def refusals(contract: Contract, cases: Iterable[Case], performances: Mapping[str, Performance]) -> Iterator[dict[str, Any]]:
    """How each error of the catalogue that was brought about was answered."""
    for case in cases:
        performance = performances.get(case.probe.id) if case.probe is not None else None
        if case.kind != "error" or case.error is None or performance is None:
            continue
        main = performance.main
        yield {
            "case": case.id, "operation": case.operation.key, "situation": _SITUATIONS.get(case.error.provoke, "other"), "provoked": case.error.provoke,
            "documented": allowed_statuses(case.error), "codes": [str(code) for code in case.error.codes], "status": main.status, "problem": main.problem,
            "code": _code(contract.errors.code, main), "message": _first(contract.errors.message, main), "retry_after": main.headers.get("retry-after", "")[:_LONGEST],
            "retry_advice": advice(main.json)[:_LONGEST], "seconds": round(main.seconds, 6),
        }  # fmt: skip


def _code(locators: tuple[Any, ...], exchange: Exchange) -> str:
    """The machine-readable code; one that repeats the status says nothing, so another one counts first."""
    found = _texts(locators, exchange)
    return next((code for code in found if code != str(exchange.status)), found[0] if found else "")


def _first(locators: tuple[Any, ...], exchange: Exchange) -> str:
    return next(iter(_texts(locators, exchange)), "")


def _texts(locators: tuple[Any, ...], exchange: Exchange) -> list[str]:
    values = [value for locator in locators for value in exchange.find((locator,))]
    return [str(value)[:_LONGEST] for value in values if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip()]


def advice(body: Any, depth: int = 6) -> str:
    """What an error's body says about when to try again: ``field: value``; empty where it says nothing."""
    if depth == 0:
        return ""
    if isinstance(body, Mapping):
        for name, value in body.items():
            if re.sub("[^a-z]", "", str(name).lower()) in _ADVICE and isinstance(value, (str, int, float)):
                return f"{str(name)[:60]}: {str(value)[:60]}"
    inner = body.values() if isinstance(body, Mapping) else body if isinstance(body, list) else ()
    return next((found for found in (advice(value, depth - 1) for value in list(inner)[:50]) if found), "")
