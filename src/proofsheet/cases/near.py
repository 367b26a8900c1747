"""Values that look right and are not documented: a careless server rounds them to what it knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from proofsheet.cases.catalogue import invalid_entry
from proofsheet.cases.model import Case
from proofsheet.cases.requests import base_request, probe
from proofsheet.cases.walk import leaf_schema
from proofsheet.contract.model import Operation, Role

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground

_ROLES = ("ratio", "size", "dimensions", "format")
#: A format that every client knows and that no enumeration of formats here holds.
_OTHER_FORMAT = "gif"


def cases(ground: Ground) -> Iterator[Case]:
    """One near miss for each enumerated role that chooses a picture."""
    for name in _ROLES:
        role = ground.operation.roles.get(name)
        value = None if role is None or role.ignored else near_miss(documented_values(ground.operation, role), name)
        if role is None or value is None:
            continue
        request = base_request(ground.operation).put(role.at, value)
        label = role.at.place.lstrip("/").replace("/", ".")
        yield ground.case("parameters", f"{label}/invalid/enum-{value}", "invalid", "refuse", probe(ground.operation, request), base=ground.base,
                          error=invalid_entry(ground, name), why=f"{value} is near a documented value and none")  # fmt: skip


def documented_values(operation: Operation, role: Role) -> list[Any]:
    """The enumeration at a role's place; empty where the schema has none."""
    if operation.schema is None or role.at.kind not in ("json", "form"):
        return []
    pointer = role.at.place if role.at.kind == "json" else f"/{role.at.place}"
    return list((leaf_schema(operation.schema, pointer) or {}).get("enum") or ())


def near_miss(values: list[Any], role: str) -> str | None:
    """A text near the last value with digits (``4K`` → ``8K``, ``21:9`` → ``21:10``) that is not documented."""
    if role == "format":
        return _OTHER_FORMAT if values and _OTHER_FORMAT not in values else None
    spelled = next((value for value in reversed(values) if isinstance(value, str) and re.search(r"\d", value)), "")
    for _ in range(8 if spelled else 0):
        numbers = re.findall(r"\d+", spelled)
        grown = str(int(numbers[-1]) * 2) if len(numbers) == 1 else str(int(numbers[-1]) + 1)
        head, _, tail = spelled.rpartition(numbers[-1])
        spelled = f"{head}{grown}{tail}"
        if spelled.lower() not in {str(value).lower() for value in values}:
            return spelled
    return None
