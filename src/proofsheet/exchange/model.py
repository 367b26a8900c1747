"""What happened on the wire, as frozen values. Checks read these and nothing else."""

from __future__ import annotations

import hashlib
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


@dataclass(frozen=True, slots=True)
class Whole:
    """What is known of a body that is not kept whole: its digest and length; of text its length in characters and how it begins."""

    digest: str
    bytes: int
    characters: int | None = None
    beginning: str = ""


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number in JSON")


@dataclass(frozen=True)
class Exchange:
    """One request and its response, or the way it failed.

    ``problem`` is None, or one of ``timeout``, ``unreachable``, ``broken`` (the connection or the body was cut or
    cannot be decoded), ``too_large``, ``redirect`` (a redirect that was not followed), ``elsewhere`` (a URL that the
    target gave and that is not to be asked: nothing was sent, or nothing read), ``unrecorded`` (a replay lacks it),
    ``unsendable`` (HTTP has no way to
    carry the request: our fault, never the target's); ``detail`` says more.
    ``headers`` has lower-case names. ``started`` is seconds since the run began, ``seconds`` the time to the last byte.
    ``whole`` is None where ``body`` is all that came; else the pictures in it have been let go.
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
    whole: Whole | None = None

    def keep(self, body: bytes, whole: Whole) -> None:
        """Keep this in place of the body.

        The one change that an exchange can undergo, before anybody judges it: everybody who holds it holds the same.
        """
        object.__setattr__(self, "whole", whole)
        object.__setattr__(self, "body", body)
        self.__dict__.pop("_json", None)

    @property
    def digest(self) -> str | None:
        """The sha256 of all that came; None where nothing did."""
        if self.whole is not None:
            return self.whole.digest
        return hashlib.sha256(self.body).hexdigest() if self.body else None

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
                # As other readers have it: in UTF-8, and without the NaN that Python alone reads and writes.
                cached = json.loads(self.body.decode("utf-8-sig"), parse_constant=_no_number) if self.body else None
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
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """One look at a task. ``t`` is seconds since the submission was answered; ``state`` is running, succeeded, failed or unknown."""

    t: float
    exchange: Exchange
    word: str | None
    state: str
    progress: Any = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture that the model behind a gateway made: the number drawn in it, and its pixels."""

    mark: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class UpstreamCall:
    """One request that reached the model behind a gateway.

    ``began`` and ``ended`` are seconds since the run began (``ended`` None: not yet). ``asked`` holds what it asks for, in
    our own terms; ``references`` are digests of pictures, each by its bytes and by its pixels. ``key`` says whose key it
    carried: upstream, client, other or none; ``leaked`` names the client's keys that stood anywhere in it. ``outcome`` is
    served, refused, or a fault's id; ``drawn`` are the pictures that were made for it.
    """

    number: int
    shape: str
    began: float
    asked: Mapping[str, Any]
    prompt: str | None
    references: tuple[tuple[str, str], ...] = ()
    key: str = "upstream"
    leaked: tuple[str, ...] = ()
    outcome: str = "served"
    status: int | None = None
    drawn: tuple[Drawn, ...] = ()
    ended: float | None = None


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What was seen on the other side of a gateway: the calls that a request led to, in order.

    ``leaks`` says which of the upstream's secrets stood where in the answers. ``answered`` is when the client had its
    last answer, in seconds since the run began. ``then`` and ``beside`` are the requests after it and at the same time.
    ``reached``: by then some request of this run, if not this one, had reached the model.
    """

    calls: tuple[UpstreamCall, ...] = ()
    leaks: tuple[str, ...] = ()
    answered: float = 0.0
    then: Performance | None = None
    beside: tuple[Performance, ...] = ()
    reached: bool = False

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        """Every picture that was made upstream."""
        return tuple(one for call in self.calls for one in call.drawn)


@dataclass(frozen=True, slots=True)
class Handed:
    """What somebody else's client made of a request, and handed to its user.

    ``version`` is the client's own. ``requests`` is what it sent, in order. ``raised`` are the class of what it raised and
    those that it is derived from; empty where it returned. ``status`` and ``message`` are what the raised thing says;
    ``nothing`` says what was empty where pictures were expected. A documented example ends with an exit ``code`` (None: it
    was ended because it was ``late``); ``missing`` says why it could not be run at all.
    """

    version: str
    requests: tuple[Exchange, ...] = ()
    raised: tuple[str, ...] = ()
    status: int | None = None
    message: str = ""
    nothing: str = ""
    text: str = ""
    code: int | None = None
    late: bool = False
    missing: str = ""


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
    relayed: Witnessed | None = None
    handed: Handed | None = None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every exchange, in the order it happened."""
        if self.handed is not None:
            return self.handed.requests
        found = [self.main, *(poll.exchange for poll in self.polls), *([self.second_look] if self.second_look else []), *self.others.values()]
        return tuple(sorted({exchange.id: exchange for exchange in found}.values(), key=lambda exchange: exchange.started))
