"""Which endpoint a path means, and which of the contract's operations a request means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from proofsheet.contract.locations import Location
from proofsheet.contract.model import Contract, Endpoint, Lifecycle, Operation
from proofsheet.contract.requests import ABSENT
from proofsheet.reference.incoming import Incoming


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint with the operations and the lifecycles' looks that it serves."""

    endpoint: Endpoint
    patterns: tuple[re.Pattern[str], ...]
    operations: tuple[Operation, ...] = ()
    lifecycles: tuple[Lifecycle, ...] = ()

    def match(self, path: str) -> Mapping[str, str] | None:
        """The path parameters, or None."""
        for pattern in self.patterns:
            found = pattern.fullmatch(path)
            if found:
                return found.groupdict()
        return None


class Router:
    """All routes of a contract, the more literal first."""

    def __init__(self, contract: Contract) -> None:
        self.routes = tuple(sorted(_routes(contract), key=lambda route: -len(re.sub(r"\{\w+\}", "", route.endpoint.path))))

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | list[str]:
        """The route and its path parameters; else the methods that this path has (none: no such path)."""
        allowed: list[str] = []
        for route in self.routes:
            params = route.match(path)
            if params is not None:
                if route.endpoint.method == method:
                    return route, params
                allowed.append(route.endpoint.method)
        return allowed


def _routes(contract: Contract) -> Iterator[Route]:
    for endpoint in contract.endpoints.values():
        operations = tuple(op for op in contract.operations if op.endpoint.operation_id == endpoint.operation_id)
        lifecycles = {op.lifecycle.name: op.lifecycle for op in contract.operations if op.lifecycle}
        polled = tuple(cycle for cycle in lifecycles.values() if cycle.poll.operation_id == endpoint.operation_id)
        if not operations and not polled:
            continue
        users = operations or tuple(op for op in contract.operations if op.lifecycle in polled)
        prefixes = {prefix: other for op in users for prefix, other in op.prefixes.items()}
        paths = [endpoint.path, *(other + endpoint.path[len(prefix) :] for prefix, other in prefixes.items() if endpoint.path.startswith(prefix))]
        yield Route(endpoint, tuple(_pattern(path, operations) for path in paths), operations, polled)


def _pattern(path: str, operations: Sequence[Operation]) -> re.Pattern[str]:
    slashed = {name for op in operations for name, value in op.base.path_params.items() if "/" in value}
    pieces = re.split(r"\{(\w+)\}", path)
    wild = (f"(?P<{name}>{'.+' if name in slashed else '[^/]+'})" for name in pieces[1::2])
    return re.compile("".join(re.escape(literal) + next(wild, "") for literal in pieces[::2]))


def effective(operation: Operation, at: Location) -> Any:
    """What the operation's base request means at a place: its value, else the documented default, else ABSENT."""
    value = operation.base.get(at, ABSENT)
    if value is not ABSENT:
        return value
    for role in operation.roles.values():
        if role.at == at and role.default is not None:
            return role.wire(role.default)
    here: Any = operation.schema or {}
    if at.kind == "json":
        for step in at.place.split("/")[1:]:
            here = here.get("properties", {}).get(step, {}) if isinstance(here, Mapping) else {}
        return here.get("default", ABSENT) if isinstance(here, Mapping) else ABSENT
    return ABSENT


def _leaves(value: Any, pointer: str = "") -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/{index}")
    elif pointer:
        yield pointer


def _places(operation: Operation) -> set[Location]:
    base = operation.base
    found = {Location("json", pointer) for pointer in _leaves(base.json)} if base.json is not ABSENT else set()
    found |= {Location("header", name.lower()) for name in base.headers} | {Location("query", name) for name in base.query}
    found |= {Location("path", name) for name in base.path_params} | {Location("form", name) for name in base.form}
    return found | {Location("file", name) for name, _ in base.files}


class Chooser:
    """Tells the operations of one endpoint apart by what their base requests fix differently."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = tuple(operations)
        places = sorted(set().union(*(_places(op) for op in operations)), key=str)
        lowered = [_lower_headers(op) for op in operations]
        means = {place: [_comparable(effective(op, place)) for op in lowered] for place in places}
        skipped = {role.at for op in operations for name, role in op.roles.items() if name in ("model", "prompt")}
        self.fixed = {place: values for place, values in means.items() if place not in skipped and any(value != values[0] for value in values)}
        known = [{role.at for role in op.roles.values()} for op in operations]
        self.roles = {place: [place in own for own in known] for place in set().union(*known) if any(place not in own for own in known)}
        self.defaults = {place: [op.base.get(place, ABSENT) is ABSENT for op in lowered] for place in self.fixed}

    def choose(self, incoming: Incoming) -> Operation:
        """The operation that the request fits best; the first documented where several do."""
        indexes = list(range(len(self.operations)))
        for keep in (self._same_media_type, self._same_model):
            indexes = [index for index in indexes if keep(index, incoming)] or indexes
        return self.operations[max(indexes, key=lambda index: (self._score(index, incoming), -index))]

    def _same_media_type(self, index: int, incoming: Incoming) -> bool:
        return self.operations[index].media_type == incoming.media_type

    def _same_model(self, index: int, incoming: Incoming) -> bool:
        return speaks_of_its_model(self.operations[index], incoming)

    def _score(self, index: int, incoming: Incoming) -> int:
        score = sum(1 for place, known in self.roles.items() if known[index] and incoming.request.get(place, ABSENT) is not ABSENT)
        for place, values in self.fixed.items():
            sent, meant = _comparable(incoming.request.get(place, ABSENT)), values[index]
            if sent is not ABSENT and sent == meant:
                score += 2
            elif (sent is ABSENT) != (meant is ABSENT) and not (sent is ABSENT and self.defaults[place][index]):
                score -= 1
            elif sent is not ABSENT and meant is not ABSENT and (place.kind in ("header", "query") or meant in ("true", "false")):
                score -= 2  # another setting of a switch; other texts may be anything that a user writes
        return score


def speaks_of_its_model(operation: Operation, incoming: Incoming) -> bool:
    """Whether the request names this operation's model; True where it has none or names none."""
    role = operation.roles.get("model")
    if role is None or operation.model is None:
        return True
    sent = incoming.request.get(role.at, ABSENT)
    return sent is ABSENT or sent == role.wire(operation.model.id)


def _lower_headers(operation: Operation) -> Operation:
    base = replace(operation.base, headers={name.lower(): value for name, value in operation.base.headers.items()})
    carried = {name: role for name, role in operation.roles.items() if role.at.kind == "header"}
    lowered = {name: replace(role, at=Location("header", role.at.place.lower())) for name, role in carried.items()}
    return replace(operation, base=base, roles={**operation.roles, **lowered})


def _comparable(value: Any) -> Any:
    if value is ABSENT or isinstance(value, (Mapping, list)):
        return ABSENT if value is ABSENT else "(several)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
