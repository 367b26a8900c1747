"""Cases of the money: what a request costs, read from the account's balance before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from proofsheet.cases.model import Case, Probe
from proofsheet.cases.requests import asked, base_request, probe, with_overlay, with_role
from proofsheet.contract.locations import Location
from proofsheet.contract.model import Operation, PriceRule
from proofsheet.contract.patterns import matches_any
from proofsheet.contract.requests import ABSENT, Request

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground

NO_BALANCE = "the target's balance cannot be read (balance)"


def cases(ground: Ground) -> Iterator[Case]:
    """A case for each price that applies, one for several images, and the requests that must be free."""
    if ground.contract.prices is None or not ground.contract.prices.rules:
        return
    count = ground.operation.roles.get("count")
    for rule in ground.contract.prices.rules:
        if rule_applies(ground.operation, rule):
            yield _priced(ground, _name(rule.when), rule.when)
            yield from _flat(ground, rule)
    if count is not None and count.max is not None and count.max > 1:
        first = next((rule.when for rule in ground.contract.prices.rules if rule_applies(ground.operation, rule)), {})
        yield _priced(ground, "count-2", {**first, "count": 2})
    yield from _refused(ground)
    yield _failed(ground, "failed", "task_failure" if ground.operation.lifecycle is not None else "upstream_error")
    if ground.operation.lifecycle is not None:
        yield _failed(ground, "failed-upstream", "upstream_error")


def _name(wanted: Mapping[str, Any]) -> str:
    return f"price-{'-'.join(f'{key}={value}' for key, value in wanted.items()) or 'any'}"


def _flat(ground: Ground, rule: PriceRule) -> Iterator[Case]:
    """A price that names no size is the same for the last one of the table, which costs the provider the most."""
    pixels, prices = ground.operation.pixels, ground.contract.prices
    if pixels is None or prices is None or "size" not in pixels.table.axes or "size" not in ground.operation.roles:
        return
    if any("size" in one.when for one in prices.rules):
        return
    wanted = {**rule.when, "size": pixels.table.cells[-1].at[pixels.table.axes.index("size")]}
    yield _priced(ground, _name(wanted), wanted)


def rule_applies(operation: Operation, rule: PriceRule) -> bool:
    """Whether a price speaks of this operation and model, and its conditions can be asked for."""
    model = operation.model.id if operation.model else ""
    named = (matches_any(rule.operations, operation.name) or matches_any(rule.operations, operation.key)) and (
        rule.models == ("**",) or model in rule.models
    )
    return named and all(name in operation.roles for name in rule.when)


def _priced(ground: Ground, name: str, wanted: Mapping[str, Any]) -> Case:
    request = _request(ground, wanted)
    return _serial(ground, name, "price", "serve", probe_options={"request": request}, asked=asked(ground.operation, request), base=_unit_probe(ground))


def _request(ground: Ground, wanted: Mapping[str, Any]) -> Request:
    request = base_request(ground.operation)
    for role, value in wanted.items():
        request = with_role(request, ground.operation.roles[role], value)
    return request


def _unit_probe(ground: Ground) -> Probe | None:
    """What costs exactly one unit, where prices are multiples of it."""
    prices = ground.contract.prices
    if prices is None or not prices.relative or not ground.surroundings.has_balance:
        return None
    rules = [rule for rule in prices.rules if rule.amount == 1 and rule_applies(ground.operation, rule)]
    # The price that is the base by name is often the last of those that cost the same.
    return probe(ground.operation, _request(ground, rules[-1].when), balance=True, serial=True) if rules else None


def _refused(ground: Ground) -> Iterator[Case]:
    """An invalid request: it lacks what every request needs, so no reading of the document serves it."""
    at = _needed(ground.operation)
    if at is not None:
        request = base_request(ground.operation).put(at, ABSENT)
        yield _serial(ground, "refused", "free", "refuse", probe_options={"request": request}, base=ground.base)


def _needed(operation: Operation) -> Location | None:
    """A place without which no request is valid: the prompt's, else (a path cannot do without) a parameter that is required."""
    prompt = operation.roles.get("prompt")
    if prompt is not None and prompt.at.kind == "json":
        return replace(prompt.at, place="/" + prompt.at.place.split("/")[1])
    if prompt is not None and prompt.at.kind != "path":
        return prompt.at
    required = (raw for raw in operation.endpoint.parameters if raw.get("required") and raw.get("in") in ("query", "header"))
    return next((Location(str(raw["in"]), str(raw["name"])) for raw in required), None)


def _failed(ground: Ground, name: str, state: str) -> Case:
    overlay = ground.surroundings.states.get(state)
    if overlay is None:
        return ground.case("billing", name, "free", "see", None, missing=f"the target gives no way to bring this about (states.{state})")
    request = with_overlay(base_request(ground.operation), overlay)
    return _serial(ground, name, "free", "see", probe_options={"request": request, "state": state}, base=ground.base)


def _serial(ground: Ground, name: str, kind: str, expect: str, *, probe_options: dict[str, Any], **more: Any) -> Case:
    if not ground.surroundings.has_balance:
        return ground.case("billing", name, kind, expect, None, missing=NO_BALANCE)
    made = probe(ground.operation, **probe_options, balance=True, serial=True)
    return ground.case("billing", name, kind, expect, made, **more)
