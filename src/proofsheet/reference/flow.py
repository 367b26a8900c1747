"""One request on its way through the stages, and the names that its answer's template may use."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from proofsheet.contract.model import Operation
from proofsheet.reference.accounts import Account
from proofsheet.reference.incoming import Incoming
from proofsheet.reference.orders import Order
from proofsheet.reference.pictures import Look
from proofsheet.reference.refusals import Refusal
from proofsheet.reference.replies import Reply
from proofsheet.reference.routing import Route
from proofsheet.reference.tasks import Task


@dataclass(slots=True)
class Flow:
    """What the stages have found out about a request so far.

    A stage that refuses sets ``refusal``; the answer is made from it after the stage, so that a fault can still
    take it away or put another in its place. ``look`` is the step word and progress of a look at a task. ``references``
    are the bytes of the reference images; None where nobody has looked for them.
    """

    incoming: Incoming
    route: Route
    operation: Operation
    account: Account | None = None
    refusal: Refusal | None = None
    references: tuple[bytes, ...] | None = field(default=None, repr=False)
    order: Order | None = None
    images: list[MadeImage] = field(default_factory=list)
    charged: bool = False
    task: Task | None = None
    look: dict[str, Any] = field(default_factory=dict)
    reply: Reply | None = None
    state: str | None = None

    @property
    def polls(self) -> bool:
        """Whether this is a look at a task."""
        return not self.route.operations


@dataclass(slots=True)
class MadeImage:
    """One image of an answer, as templates see it. URLs come into being when a template asks for them."""

    seen_as: Look
    content: bytes
    media_type: str
    url_of: Callable[[MadeImage, str], str]
    made_urls: dict[str, str] = field(default_factory=dict)

    def step(self, name: str) -> Any:
        """A part by its name: one of those below, else the URL of the copy of this name."""
        if name == "base64":
            return base64.b64encode(self.content).decode("ascii")
        if name in ("width", "height", "format", "number"):
            return getattr(self.seen_as, name)
        if name == "size":
            return f"{self.seen_as.width}x{self.seen_as.height}"
        if name == "media_type":
            return self.media_type
        if name == "path":
            return urlsplit(self.step("url")).path
        if name not in self.made_urls:
            self.made_urls[name] = self.url_of(self, name)
        return self.made_urls[name]


def iso(seconds: float) -> str:
    """A time as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def order_names(operation: Operation, order: Order, prompt_tokens: int = 12) -> dict[str, Any]:
    """The names that an order stands for."""
    tokens = (order.cell.tokens or 0) * order.count
    role: Mapping[str, Any] = order.asked
    return {
        "model": operation.model.id if operation.model else "",
        "count": order.count,
        "tokens": tokens,
        "prompt_tokens": prompt_tokens,
        "total_tokens": tokens + prompt_tokens,
        "role": role,
    }
