"""What a check judges: one case, what happened, and the contract it is held against. All values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from proofsheet.cases.model import Case
from proofsheet.cases.requests import asked
from proofsheet.contract.locations import Locator
from proofsheet.contract.model import Cell, Contract, ErrorCase, Operation
from proofsheet.exchange.model import Exchange, Performance, Picture
from proofsheet.money.prices import wanted_count

#: Statuses that say something other than "this request is invalid".
NOT_A_REFUSAL = frozenset({401, 402, 403, 405, 408, 429})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a target has declared that checks depend on: host names of its results, where its balance stands and in which unit."""

    asset_hosts: tuple[str, ...] = ()
    mirror_hosts: tuple[str, ...] = ()
    balance: Locator | None = None
    balance_unit: str = ""
    usd_per_unit: Fraction | None = None
    passes_keys: bool = False


@dataclass(frozen=True)
class Subject:
    """One case with its performance. ``base`` is the performance of the operation's smallest valid request.

    ``together``: the request asks for what several cases ask for, and each of them came out as promised alone.
    """

    contract: Contract
    case: Case
    performance: Performance
    base: Performance | None = None
    bounds: Bounds = field(default_factory=Bounds)
    together: bool = False

    @property
    def operation(self) -> Operation:
        """The operation that the case is about."""
        return self.case.operation

    @cached_property
    def asked(self) -> Mapping[str, Any]:
        """What the request asked for, in our own terms."""
        return asked(self.operation, self.performance.probe.request)

    @cached_property
    def images(self) -> tuple[Picture, ...]:
        """The images themselves, without their copies and thumbnails."""
        return tuple(picture for picture in self.performance.pictures if not picture.name)

    @property
    def served(self) -> bool:
        """Whether the request was served."""
        return self.performance.outcome == "served"

    @property
    def grounded(self) -> bool:
        """Whether a refusal can prove anything: the same operation served its base request with the same key."""
        return self.case.base is None or (self.base is not None and self.base.outcome == "served")

    @property
    def refusal(self) -> Exchange | None:
        """The error answer that the case is about, or None."""
        name = {"read-without-key": "poll:(none)", "read-by-another": "poll:second_account"}.get(self.case.kind)
        found = self.performance.main if name is None else self.performance.others.get(name)
        return found if found is not None and found.problem is None and found.status is not None and found.status >= 400 else None

    @cached_property
    def wanted_cells(self) -> tuple[Cell, ...]:
        """The preset cells that the request may be answered with; empty where no table applies.

        An axis that isn't sent takes its documented default; one whose default is open, or whose value promises
        nothing about the picture, leaves all its cells.
        """
        pixels = self.operation.pixels
        if pixels is None:
            return ()
        values: dict[str, str | None] = {}
        for axis in pixels.table.axes:
            role = self.operation.roles.get(axis)
            value = self.asked.get(axis, pixels.default.get(axis))
            free = value is None or (role is not None and value in role.free)
            values[axis] = None if free else str(value)
        return pixels.table.find(**values)

    @property
    def wanted_count(self) -> int | None:
        """How many images were asked for; None where the operation has no such parameter."""
        return wanted_count(self.operation, self.asked)


def what_came(exchange: Exchange) -> str:
    """An answer in a few words, for people."""
    if exchange.problem is not None:
        return f"{exchange.problem}{': ' + exchange.detail[:120] if exchange.detail else ''}"
    kind = f" {exchange.media_type}" if exchange.media_type not in ("application/json", "") else ""
    return f"HTTP {exchange.status}{kind}"


def is_mislabelled(exchange: Exchange) -> bool:
    """Whether JSON says that it is something else: clients that go by the media type hand it on as text."""
    return exchange.json is not None and bool(exchange.media_type) and not exchange.media_type.endswith("json")


def allowed_statuses(error: ErrorCase | None) -> str:
    """The right statuses in words."""
    if error is None or not error.status:
        return "a 4xx other than " + ", ".join(str(status) for status in sorted(NOT_A_REFUSAL))
    return " or ".join(str(status) for status in error.status)


def is_right_refusal(error: ErrorCase | None, status: int) -> bool:
    """Whether a status is a right way to refuse."""
    if error is not None and error.status:
        return error.allows(status)
    return 400 <= status < 500 and status not in NOT_A_REFUSAL
