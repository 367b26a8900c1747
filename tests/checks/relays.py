"""Relay subjects: what a client got, and what was seen upstream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from checks.subjects import contract, exchange, operation, picture, role, roles, subject
from proofsheet.cases.model import Relayed
from proofsheet.checks import Bounds, Subject
from proofsheet.contract.locations import Locator
from proofsheet.contract.model import ErrorCase
from proofsheet.contract.relay import Relay, RelayFault
from proofsheet.exchange.model import Drawn, Exchange, Performance, Picture, UpstreamCall, Witnessed

PROMPT = "a fox [ps-0123456789ab]"
SQUARE = Drawn(7, 1000, 1000)
FAULTS = (
    RelayFault("overloaded", "the model is overloaded", "refuse", ("5xx", 429), shapes=("native",)),
    RelayFault("rate-limited", "too many requests", "refuse", (429,), retry_after=3, shapes=("native",)),
    RelayFault("text-only", "words alone", "refuse", ("4xx",), told=True, shapes=("native",)),
    RelayFault("only-elsewhere", "a fault of another format", "refuse", ("5xx",), shapes=("other",)),
    RelayFault("slow", "the model takes its time", "serve", shapes=("native",)),
    RelayFault("first-fails", "the second attempt is served", "see", ("5xx",), shapes=("native",)),
)
RELAY = Relay(faults=FAULTS, told=(Locator.parse("json:$.reason"),), wait=(Locator.parse("header:Retry-After"),))
OPERATION = operation(roles=roles(role("prompt"), role("search"), role("references")))
REFUSED = ErrorCase("invalid", "invalid", ("**",), status=(400,))
IMAGE = picture(mark=7)


def call(drawn: Iterable[Drawn] = (SQUARE,), asked: Mapping[str, Any] | None = None, **more: Any) -> UpstreamCall:
    return UpstreamCall(**{"number": 0, "shape": "native", "began": 1.0, "asked": asked or {}, "prompt": PROMPT, "drawn": tuple(drawn), "ended": 1.5, **more})


def performed(outcome: str = "served", calls: Iterable[UpstreamCall] = (), pictures: Iterable[Picture] = (), main: Exchange | None = None, **more: Any) -> Performance:
    made = subject(op=OPERATION).performance.probe
    return Performance(made, outcome, main or exchange(body={}), pictures=tuple(pictures), relayed=Witnessed(tuple(calls), **more))


BASE = performed(calls=[call()], pictures=[IMAGE])


def relayed(
    kind: str = "relay-cell", *, calls: Iterable[UpstreamCall] = (), pictures: Iterable[Picture] = (), asked: Mapping[str, Any] | None = None, name: str = "it",
    base: Performance = BASE, error: ErrorCase | None = None, passes_keys: bool = False, seen: Mapping[str, Any] | None = None, area: str = "relay",
    prompt: str = PROMPT, asks: Mapping[str, Any] | None = None, **more: Any,
) -> Subject:  # fmt: skip
    """A subject whose client got ``pictures`` and whose model got ``calls``."""
    made = subject(area=area, kind=kind, op=OPERATION, held_to=contract(relay=RELAY), pictures=pictures, error=error, bounds=Bounds(passes_keys=passes_keys),
                   asks={"prompt": prompt, **(asks or {})}, **more)  # fmt: skip
    witnessed = None if area != "relay" else Witnessed(tuple(calls), answered=2.0, **(seen or {}))
    performance = replace(made.performance, relayed=witnessed, probe=replace(made.performance.probe, relay=Relayed("0123456789ab")))
    case = replace(made.case, id=f"acme/draw/relay/{name}", asked=asked or {}, base=base.probe)
    return replace(made, case=case, performance=performance, base=base)
