"""What a request wants of the model behind the gateway: nothing more than the client asked for, and nothing less."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from proofsheet.contract.locations import pointer_steps
from proofsheet.contract.model import Contract, Operation, Role
from proofsheet.contract.patterns import matches_any
from proofsheet.contract.relay import Carried
from proofsheet.contract.requests import ABSENT, Request
from proofsheet.reference import formats
from proofsheet.reference.formats import Format
from proofsheet.reference.orders import Order
from proofsheet.reference.references import kind_of, strangers
from proofsheet.reference.refusals import Refusal, UnmadeError


def _uncarried(role: str) -> UnmadeError:
    """The client asks for something that no format has a place for: it is refused, and not dropped."""
    return UnmadeError(Refusal("invalid", f"{role}: this cannot be asked of the model", role=role))


@dataclass(frozen=True, slots=True)
class Wants:
    """What a format's templates may say, by their names. ``dimensions``: the order's own pixels, where it is in pixels that one asks."""

    values: Mapping[str, Any]
    texts: tuple[str, ...]
    model: str | None
    dimensions: str | None
    references: tuple[bytes, ...] = field(default=(), repr=False)

    def request(self, known: tuple[Format, ...]) -> tuple[Format, formats.Request]:
        """The first documented way to ask for all of it. Raises UnmadeError."""
        ways = [(one, request) for one in known for request in one.requests]
        needed = [role for role in formats.CARRIED if self.values.get(role) is not None or (role == "references" and self.references)]
        found = next(((one, request) for one, request in ways if all(self._said(role, request) for role in needed)), None)
        if found is None:
            raise _uncarried(next((role for role in needed if not any(self._said(role, request) for _, request in ways)), needed[-1]))
        return found

    def _said(self, role: str, request: formats.Request) -> bool:
        if role in ("ratio", "size") and role not in request.says:
            return self.dimensions is not None and self.values.get("dimensions") is None and "dimensions" in request.says
        return role in request.says

    def names(self, fallback: str, count: int) -> dict[str, Any]:
        """Every placeholder of a format's templates for one request for so many images."""
        pictures = [{"media_type": f"image/{kind_of(content)}", "base64": base64.b64encode(content).decode("ascii")} for content in self.references]
        own = {"texts": list(self.texts), "prompt": "\n".join(self.texts), "references": pictures, "count": count, "model": self.model or fallback}
        return {**dict.fromkeys(formats.NAMES), **self.values, "dimensions": self.values.get("dimensions", self.dimensions), **own}


def wants_of(contract: Contract, operation: Operation, request: Request, order: Order, references: tuple[bytes, ...]) -> Wants:
    """What a valid request wants. Raises UnmadeError."""
    values = {name: value for name in ("ratio", "size", "dimensions", "seed") if (value := _asked(operation, order, name)) is not None}
    if _asked(operation, order, "search") is True:
        values["search"] = True
    if order.asked.get("format") is not None:
        values["format"] = order.format
    for entry in contract.relay.carry:
        named = matches_any(entry.on, operation.name) or matches_any(entry.on, operation.key)
        if named and entry.role not in operation.roles and (sent := _beside(entry, request)) is not None:
            values[entry.role] = sent
    prompt, given = operation.roles.get("prompt"), operation.roles.get("references")
    if given is not None and strangers(given, request, prompt):
        raise _uncarried("references")
    model = operation.model.id.rpartition("/")[2] if operation.model is not None else None
    return Wants(values, tuple(texts_of(prompt, request)) if prompt is not None else (), model, _pixels(operation, order, values), references)


def _asked(operation: Operation, order: Order, name: str) -> Any:
    """What was asked for, else what is documented to apply; None where the model may choose."""
    role, pixels = operation.roles.get(name), operation.pixels
    if role is not None and role.ignored:
        return None
    value = order.asked.get(name)
    if value is None or (role is not None and value in role.free):
        return pixels.default.get(name) if pixels is not None else None
    return value


def _beside(entry: Carried, request: Request) -> Any:
    """What a client sends beside the roles: one plain value as it is, a structure where it is the one that is known."""
    sent = [(value, request.get(place, ABSENT)) for place, value in entry.set if value is not ABSENT]
    if any(found is ABSENT or found in (None, [], {}) for _, found in sent):
        return None
    if len(sent) == 1 and not isinstance(sent[0][0], (Mapping, list)):
        return sent[0][1]
    if all(value == found for value, found in sent):
        return entry.value
    raise _uncarried(entry.role)


def _pixels(operation: Operation, order: Order, values: Mapping[str, Any]) -> str | None:
    """The order in pixels, for a model that is asked so; None where nothing was asked for, or the table has nothing for it."""
    axes = operation.pixels.table.axes if operation.pixels is not None else ()
    asked = {name: str(values[name]) for name in ("ratio", "size") if name in values}
    cell = dict(zip(axes, order.cell.at, strict=True)) if axes else {}
    return f"{order.cell.width}x{order.cell.height}" if asked and asked.items() <= cell.items() else None


def texts_of(role: Role, request: Request) -> Iterator[str]:
    """The prompt: every text where the role's place has one. A place in a list stands for all of the list."""
    if role.at.kind != "json":
        value = request.get(role.at)
        yield from [value] if isinstance(value, str) else []
        return
    yield from _texts(request.json, pointer_steps(role.at.place))


def _texts(node: Any, steps: list[str]) -> Iterator[str]:
    if not steps:
        yield from [node] if isinstance(node, str) else []
    elif isinstance(node, list) and steps[0].isdigit():
        for item in node:
            yield from _texts(item, steps[1:])
    elif isinstance(node, Mapping) and steps[0] in node:
        yield from _texts(node[steps[0]], steps[1:])
