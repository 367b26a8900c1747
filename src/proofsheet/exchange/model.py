"""What happened on the wire, as frozen values. Checks read these and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proofsheet.cases.model import Probe
from proofsheet.contract.locations import Locator

_UNREAD: Any = object()


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it left, without its key: headers that carry one hold ``$NAME`` in its place."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)
    media_type: str | None = None


@dataclass(frozen=True)
class Exchange:
    """One request and its response, or the way it failed.

    ``problem`` is None, or one of ``timeout``, ``unreachable``, ``broken`` (the connection or the body was cut or
    cannot be decoded), ``too_large``, ``redirect`` (a redirect that was not followed), ``elsewhere`` (a URL that the
    target gave and that is not to be asked: nothing was sent, or nothing read), ``unrecorded`` (a replay lacks it),
    ``unsendable`` (HTTP has no way to
    carry the request: our fault, never the target's); ``detail`` says more.
    ``headers`` has lower-case names. ``started`` is seconds since the run began, ``seconds`` the time to the last byte.
    """

    id: str
    sent: Sent
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    problem: str | None = None
    detail: str = ""
    started: float = 0.0
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """A complete 2xx answer."""
        return self.problem is None and self.status is not None and 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """The answer's media type, lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def json(self) -> Any:
        """The decoded JSON body; None where it is none. Decoded once."""
        cached = self.__dict__.get("_json", _UNREAD)
        if cached is _UNREAD:
            try:
                cached = json.loads(self.body) if self.body else None
            except (ValueError, RecursionError):
                cached = None
            self.__dict__["_json"] = cached
        return cached

    @property
    def text(self) -> str:
        """The body as text; empty where it is binary."""
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError:
            return ""

    def find(self, locators: tuple[Locator, ...]) -> list[Any]:
        """The values of the first locator that finds any."""
        for locator in locators:
            values = locator.find(self.status or 0, self.headers, self.json if locator.kind == "json" else None, self.text if locator.kind == "text" else "")
            if values:
                return values
        return []


@dataclass(frozen=True, slots=True)
class Picture:
    """One image that an answer gave, judged by its own bytes.

    ``source`` is ``url``, ``base64`` or ``body``; ``name`` is empty for the image itself, else the name of the
    further URL (``thumbnail``). ``problem`` is None or says in a word why there are no pixels: ``unlisted`` (a host
    that is not among the target's), ``unsafe`` (no http URL, or an address the harness does not fetch),
    ``unreachable``, ``status`` (``detail`` has it), ``too_large``, ``undecodable``. ``kind`` is the format by its
    magic bytes: png, jpeg, webp, gif, or None. ``declared`` is the media type that the answer or the host stated.
    ``complete`` is whether every pixel could be decoded and the end marker is there.
    """

    source: str
    name: str = ""
    url: str | None = None
    declared: str | None = None
    kind: str | None = None
    width: int | None = None
    height: int | None = None
    complete: bool = False
    digest: str | None = None
    bytes: int = 0
    problem: str | None = None
    detail: str = ""
    exchange: str | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """One look at a task. ``t`` is seconds since the submission was answered; ``state`` is running, succeeded, failed or unknown."""

    t: float
    exchange: Exchange
    word: str | None
    state: str
    progress: Any = None


@dataclass(frozen=True, slots=True)
class Incident:
    """Something a target did that could have cost a user: ``poll_elsewhere``, ``redirect_elsewhere``, ``asset_elsewhere``."""

    kind: str
    detail: str


@dataclass(frozen=True)
class Performance:
    """All that happened when one probe was performed.

    ``outcome``: ``served`` (2xx, and the lifecycle succeeded where there is one), ``refused`` (4xx or 5xx to the
    request itself), ``failed`` (the task ended failed), ``unfinished`` (it did not end in time), ``broken``
    (no usable answer). ``main`` is the answer to the request itself, ``final`` the one that holds the results.
    ``others`` holds further exchanges by name: ``poll:(none)``, ``poll:second_account``, ``balance:before``, …
    """

    probe: Probe
    outcome: str
    main: Exchange
    final: Exchange | None = None
    task_ref: Any = None
    polls: tuple[Poll, ...] = ()
    pictures: tuple[Picture, ...] = ()
    second_look: Exchange | None = None
    second_state: str | None = None
    second_pictures: tuple[Picture, ...] = ()
    others: Mapping[str, Exchange] = field(default_factory=dict)
    incidents: tuple[Incident, ...] = ()
    spent: str | None = None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every exchange, in the order it happened."""
        found = [self.main, *(poll.exchange for poll in self.polls), *([self.second_look] if self.second_look else []), *self.others.values()]
        return tuple(sorted({exchange.id: exchange for exchange in found}.values(), key=lambda exchange: exchange.started))
