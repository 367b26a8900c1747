"""How few images could show the same: no plan can do with less, however it shares requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from proofsheet.cases.changes import change_between
from proofsheet.cases.model import Case, Probe
from proofsheet.cases.requests import base_request
from proofsheet.contract.model import Operation


@dataclass(frozen=True, slots=True)
class Bound:
    """The least number of images, and what it is made of.

    ``cells``: preset cells, each a picture of its own. ``others``: pictures that no cell can be, because what they ask
    for contradicts every cell (nothing is asked for and the default applies; more spellings or values of one parameter than there are cells).
    ``counts``: further images of requests that must be answered with several.
    """

    cells: int
    others: int
    counts: int

    @property
    def images(self) -> int:
        """All of them."""
        return self.cells + self.others + self.counts

    def __add__(self, other: Bound) -> Bound:
        return Bound(self.cells + other.cells, self.others + other.others, self.counts + other.counts)


def bound_of(cases: Iterable[Case]) -> Bound:
    """The bound for these cases, which is the sum over their operations, and over the SDKs that call them: no request serves two of them."""
    groups: dict[tuple[str, str | None], list[Case]] = {}
    for case in cases:
        if case.probe is not None and case.expect == "serve" and case.probe.poll_only is None:
            groups.setdefault((case.operation.key, case.probe.client.sdk if case.probe.client is not None else None), []).append(case)
    return sum((_of_operation(group[0].operation, group) for group in groups.values()), Bound(0, 0, 0))


def _of_operation(operation: Operation, cases: Sequence[Case]) -> Bound:
    cells = {own(case).id for case in cases if case.cell is not None}
    base = base_request(operation)
    changes = [change_between(base, own(case).request) or {} for case in cases]
    values: dict[Any, set[str]] = {}
    for change in changes:
        for place, value in change.items():
            values.setdefault(place, set()).add(repr(value))
    # Requests that say different things in one place are different requests; so is one that says nothing there.
    most = max((len(said) + any(place not in change for change in changes) for place, said in values.items()), default=1)
    asked = {own(case).id for case in cases}
    apart = len(cells | {own(case).id for case in cases if case.kind in ("base", "default")})
    return Bound(len(cells), max(min(max(apart, most), len(asked)) - len(cells), 0), _counts(operation, cases))


def own(case: Case) -> Probe:
    """The probe that a case would have by itself."""
    probe = case.alone or case.probe
    assert probe is not None
    return probe


def _counts(operation: Operation, cases: Iterable[Case]) -> int:
    """Images beyond the first of the requests that must ask for several: one request for each number."""
    role = operation.roles.get("count")
    found = {own(case).request.get(role.at) for case in cases} if role is not None else set()
    numbers = {int(value) for value in found if isinstance(value, int) or (isinstance(value, str) and value.isdecimal())}
    return sum(number - 1 for number in numbers if number > 1)
