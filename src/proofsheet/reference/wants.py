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


#: What must have a place where it is asked for. A number of images can be several requests, and a format is the gateway's own to make.
_CARRIED = ("seed", "search", "dimensions")


@dataclass(frozen=True, slots=True)
class Wants:
    """What is asked for: ``values`` by the names of the formats' templates, ``shape`` by the axes of the operation's table.

    ``pixels`` are those that the contract promises for the shape; None where it promises none.
    """

    values: Mapping[str, Any]
    texts: tuple[str, ...]
    model: str | None = None
    shape: Mapping[str, Any] = field(default_factory=dict)
    pixels: tuple[int, int] | None = None
    references: tuple[bytes, ...] = field(default=(), repr=False)

    def request(self, known: tuple[Format, ...]) -> tuple[Format, formats.Request]:
        """The first way to ask for all of it that leads to the promised pixels, else the first to ask for all of it. Raises UnmadeError."""
        ways = [(one, request) for one in known for request in one.requests if self._unsaid(request) is None]
        found = next((way for way in ways if self._shaped(*way, exact=True)), None) or next((way for way in ways if self._shaped(*way, exact=False)), None)
        if found is not None:
            return found
        missing = None if ways else self._unsaid(known[0].requests[-1])
        raise _uncarried(missing or next(iter(self.shape), "dimensions"))

    def _unsaid(self, request: formats.Request) -> str | None:
        """The first thing beside the shape that a request has no place for."""
        if self.references and "references" not in request.says:
            return "references"
        return next((role for role in _CARRIED if self.values.get(role) is not None and role not in request.says), None)

    def _shaped(self, form: Format, request: formats.Request, *, exact: bool) -> bool:
        """Whether a request says the shape: in pixels, or in the format's own terms, which may mean other pixels."""
        if not self.shape:
            return True
        if "dimensions" in request.says and self.pixels is not None:
            return self.values.get("dimensions") is None
        same = not exact or self.pixels is None or form.pixels(self.model, self.shape) == self.pixels
        return self.values.get("dimensions") is None and same and set(self.shape) <= request.says & {"ratio", "size"}

    def names(self, fallback: str, count: int) -> dict[str, Any]:
        """Every placeholder of a format's templates for one request for so many images."""
        pictures = [{"media_type": f"image/{kind_of(content)}", "base64": base64.b64encode(content).decode("ascii")} for content in self.references]
        own = {"texts": list(self.texts), "prompt": "\n".join(self.texts), "references": pictures, "count": count, "model": self.model or fallback}
        pixels = f"{self.pixels[0]}x{self.pixels[1]}" if self.shape and self.pixels is not None else None
        shape = {name: value for name, value in self.shape.items() if name in ("ratio", "size")}
        return {**dict.fromkeys(formats.NAMES), "dimensions": pixels, **shape, **self.values, **own}


def wants_of(contract: Contract, operation: Operation, request: Request, order: Order, references: tuple[bytes, ...]) -> Wants:
    """What a valid request wants. Raises UnmadeError."""
    axes = operation.pixels.table.axes if operation.pixels is not None else ("ratio", "size", "dimensions")
    shape = {axis: value for axis in axes if (value := _asked(operation, order, axis)) is not None}
    values = {name: value for name in ("seed", "search") if (value := _asked(operation, order, name)) not in (None, False)}
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
    return Wants(values, tuple(texts_of(prompt, request)) if prompt is not None else (), model, shape, _pixels(operation, order, shape), references)


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


def _pixels(operation: Operation, order: Order, shape: Mapping[str, Any]) -> tuple[int, int] | None:
    """The pixels that are promised; None where the table has nothing for what is asked."""
    cell = dict(zip(operation.pixels.table.axes, order.cell.at, strict=True)) if operation.pixels is not None else {}
    known = bool(cell) and all(cell[axis] == str(value) for axis, value in shape.items())
    return (order.cell.width, order.cell.height) if known else None


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
