"""Many gateways in one process, and a few cases on each."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

from proofsheet.cases.build import build_cases, probes_of
from proofsheet.cases.model import Case
from proofsheet.cases.surroundings import Pictures
from proofsheet.checks import Subject, judge
from proofsheet.contract import load_contract
from proofsheet.contract.model import Contract
from proofsheet.contract.patterns import matches_any
from proofsheet.exchange.engine import Engine
from proofsheet.exchange.targets import Target, target_from_mapping
from proofsheet.reference.gateway import Gateway
from proofsheet.reference.server import prepared, target
from proofsheet.reference.variants import Variant, with_statuses
from proofsheet.reference.wording import read_wording
from proofsheet.results.judging import findings_for
from proofsheet.results.model import Finding
from proofsheet.session.run import bounds_of, surroundings_of


@lru_cache(maxsize=8)
def contract_of(provider: str) -> Contract:
    return load_contract(provider)


@lru_cache(maxsize=8)
def cases_of(provider: str, patterns: tuple[str, ...]) -> tuple[Case, ...]:
    """Chosen cases; they are the same for every gateway of a provider."""
    contract = contract_of(provider)
    contract = replace(contract, operations=tuple(op for op in contract.operations if _wanted(f"{provider}/{op.key}", patterns)))
    one = Gateway(contract, read_wording(contract))
    one.port = 9
    some = target_from_mapping("any", target(one))
    return tuple(case for case in build_cases(contract, surroundings_of(some, Pictures())) if matches_any(patterns, case.id))


def _wanted(operation: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern can name a case of this operation: the walk of all others would only take time."""
    depth = operation.count("/") + 1
    return any(matches_any(["/".join(pattern.split("/")[:depth])], operation) for pattern in patterns)


def gateway(provider: str, variants: Sequence[Variant]) -> Gateway:
    """One gateway in some variants, from a contract that was read once."""
    contract = with_statuses(contract_of(provider), variants)
    return Gateway(contract, read_wording(contract, [variant.wording for variant in variants]), variants=variants)


@contextmanager
def running(gateways: Sequence[Gateway]) -> Iterator[None]:
    """Serve each of them on a port of its own."""
    server, sockets = prepared(gateways)
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        for listener in sockets:
            listener.close()


def findings(gateway: Gateway, patterns: tuple[str, ...]) -> list[Finding]:
    """What the harness says of these cases on a running gateway."""
    provider = gateway.contract.provider
    contract, cases = contract_of(provider), cases_of(provider, patterns)
    seen: Target = target_from_mapping(provider, target(gateway))
    engine = Engine(contract, seen, lambda probe, exchange: None)
    engine.start(probes_of(cases))
    try:
        return [finding for case in cases if case.probe is not None for finding in _judged(contract, seen, engine, case)]
    finally:
        engine.stop()


def _judged(contract: Contract, seen: Target, engine: Engine, case: Case) -> list[Finding]:
    assert case.probe is not None
    base = engine.performance(case.base) if case.base is not None else None
    subject = Subject(contract, case, engine.performance(case.probe), base, bounds_of(contract, seen))
    return findings_for(contract.matrix, contract.provider, case, judge(subject), None, [])
