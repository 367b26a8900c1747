"""Cases as frozen values: what to send, and what it is meant to show. Nothing here judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proofsheet.contract.examples import Example
from proofsheet.contract.model import Cell, ErrorCase, Operation
from proofsheet.contract.requests import Request

#: Credentials that are no account of the target's: no key at all, one that is no key, one that nobody has.
NO_KEY, MALFORMED_KEY, UNKNOWN_KEY = "(none)", "(malformed)", "(unknown)"


@dataclass(frozen=True, slots=True)
class Relayed:
    """How a request is watched on both sides of a gateway.

    ``token`` stands in its prompt and is how it is known upstream. ``then`` is performed right after it, ``beside``
    at the same time. The client hangs up after ``hangs_up`` seconds. ``lingers``: seconds to go on watching for
    what the gateway does when the client has its answer. ``fault`` is what
    the model behind it is told to fail by; what it does otherwise and not wrongly is none.
    """

    token: str
    fault: str | None = None
    then: Probe | None = None
    beside: tuple[Probe, ...] = ()
    hangs_up: float | None = None
    lingers: float = 0.6


@dataclass(frozen=True, slots=True)
class ClientCall:
    """How a request is made by somebody else's code: which SDK, and what its user calls.

    ``base`` stands behind the target in the SDK's base URL, ``api_version`` is what it is told (None: its own). ``model``
    is the name that it builds the path with. ``retries``: how often it may send again; None leaves that to the SDK.
    ``level`` is the most that a fault of it can weigh. A documented ``example`` is run by no SDK but as it stands; ``first``
    performs the one whose task it needs.
    """

    sdk: str
    call: str
    base: str = ""
    api_version: str | None = None
    model: str | None = None
    retries: int | None = 0
    level: str = "must"
    example: Example | None = None
    first: Probe | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Probe:
    """One request, or one lifecycle of requests, to perform once. Cases that need the same thing share one probe.

    ``credential`` names an entry of the target's credentials, or is one of the three above. ``scheme`` is the
    security scheme to carry it by (None: the operation's first). ``poll_only`` is a task id to poll without
    submitting. ``state`` names an overlay of the target that has been laid on ``request`` already. ``attempt`` counts the
    times that it is performed.
    """

    id: str
    operation: Operation
    request: Request
    credential: str = "default"
    scheme: str | None = None
    follow: bool = True
    look_again: bool = False
    poll_as: tuple[str, ...] = ()
    poll_only: str | None = None
    state: str | None = None
    balance: bool = False
    serial: bool = False
    relay: Relayed | None = None
    client: ClientCall | None = None

    @property
    def everyone(self) -> tuple[Probe, ...]:
        """The probe itself, and those that are performed with it."""
        company = () if self.relay is None else (*self.relay.beside, *([self.relay.then] if self.relay.then is not None else []))
        return (self, *company)
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to show about one operation.

    ``expect`` is ``serve``, ``refuse``, ``see`` (nobody judges whether it is served) or ``fail`` (a task that must
    end failed). ``asked`` holds role values in our own terms. ``error`` is the catalogue entry that says how the
    refusal must look. ``base`` is the probe that must have been served for a refusal to prove anything.
    ``missing`` says which prerequisite the target lacks; the case is then not performed. Where ``probe`` asks for more
    than this case does, ``alone`` asks for it and nothing else, and ``beside`` are the ids of cases whose values it holds as well.
    """

    id: str
    area: str
    kind: str
    operation: Operation
    expect: str
    probe: Probe | None
    asked: Mapping[str, Any] = field(default_factory=dict)
    cell: Cell | None = None
    error: ErrorCase | None = None
    base: Probe | None = None
    missing: str | None = None
    feature: str | None = None
    why: str = ""
    alone: Probe | None = None
    beside: tuple[str, ...] = ()
