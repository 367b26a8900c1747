"""The fewest images: cases that need an image of their own anyway carry the values that other cases want to see served.

A preset cell costs an image. Whatever else must be accepted (a format, a search flag, a reference, another spelling) is
laid on such a cell's request as long as the two do not contradict each other, and the request stays a valid one. Each
case keeps the request that asks for it alone: should the shared one not come out as promised, those are sent, and each
case is judged by its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from proofsheet.cases.arrays import Row, covering_rows
from proofsheet.cases.changes import Change, change_between, changed, overlap
from proofsheet.cases.model import Case, Probe
from proofsheet.cases.requests import base_request, probe
from proofsheet.cases.validity import is_valid
from proofsheet.contract.index import index_of
from proofsheet.contract.matrix import Matrix
from proofsheet.contract.model import Operation, Role
from proofsheet.contract.requests import ABSENT

#: Cases of these kinds ask for something that can be asked for together with something else.
_RIDERS = frozenset({"valid", "format", "count", "probe", "reference", "ignored", "key", "price", "example", "quirk", "invalid", "fuzz"})
#: The check that shows that a valid request is served.
SERVED = "parameters.served"
#: Roles whose values choose the picture or cost images; they are no factors of a covering array beside the cell itself.
NO_FACTOR = frozenset({"model", "prompt", "ratio", "size", "dimensions", "count", "references", "async"})


def share(cases: Iterable[Case], matrix: Matrix | None = None, *, pairs: bool = True) -> tuple[Case, ...]:
    """The same cases in the same order, with as few image requests as their contradictions allow.

    A case whose request is shared has ``alone``, the probe that it would have had. With ``pairs``, the requests of
    operations that show all cells of their table cover the pairs of axis values and other parameters' values, as far as
    the cells have room. By the ``matrix``, what no document promises to serve is laid on no more than one request.
    """
    cases = tuple(cases)
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.operation.key, []).append(case)
    moved: dict[str, Case] = {}
    for group in groups.values():
        moved |= {case.id: case for case in _Sharing(group[0].operation, group, matrix).shared(pairs=pairs)}
    performed = {case.alone.id: case.probe for case in moved.values() if case.alone is not None and case.probe is not None and case.kind == "price"}
    return tuple(_on_shared_base(moved.get(case.id, case), performed) for case in cases)


def _on_shared_base(case: Case, performed: dict[str, Probe]) -> Case:
    """A case that leans on a probe which is part of a shared one now leans on that."""
    return replace(case, base=performed[case.base.id]) if case.base is not None and case.base.id in performed else case


@dataclass
class _Host:
    """A request on its way to be shared: what it changes in the base request, and for which cases.

    ``claimed`` are places whose spelling somebody relies on, ``laid`` the cases whose values a covering array put here. A
    ``closed`` one takes nothing that it does not hold already; one that is ``made`` is the base request itself.
    """

    change: dict[Any, Any]
    cases: list[Case] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    claimed: set[Any] = field(default_factory=set)
    closed: bool = False
    disputed: bool = False
    load: int = 0
    laid: list[str] = field(default_factory=list)
    made: Probe | None = None


class _Sharing:
    """The sharing of one operation's requests."""

    def __init__(self, operation: Operation, cases: Sequence[Case], matrix: Matrix | None) -> None:
        self.operation, self.cases, self.matrix = operation, cases, matrix
        self.base = base_request(operation)
        self.hosts: list[_Host] = []
        self.roles: dict[Any, Role] = {place: role for role in operation.roles.values() for place in (role.at, *role.also)}
        self.others = {place for role in operation.roles.values() for place in role.also}
        self.plain = next((case.probe for case in cases if case.kind == "base"), None)

    def shared(self, *, pairs: bool) -> Iterator[Case]:
        """Every case that has another probe now than before."""
        riders = [group for group in self._groups() if self._open_cell(group) is None]
        # Documented examples first, as they stand; what reads the balance next; what is in dispute last.
        riders.sort(key=lambda group: (group[0].kind != "example", not group[0].probe.serial, self._disputed(group[0])))  # type: ignore[union-attr]
        examples = [group for group in riders if group[0].kind == "example"]
        for group in examples:
            self._place(group)
        if pairs and self.operation.cells == "all":
            cells = [host.cases[0] for host in self.hosts if host.cases[0].kind == "cell"]
            fixed = [Row(host.cases[0], host.change) for host in self.hosts if host.cases[0].kind == "cell" and host.closed]
            factors = self._factors(riders)
            self._lay(covering_rows(self.operation, cells, {place: [ABSENT, *values] for place, values in factors.items()}, fixed), factors)
        for group in riders[len(examples) :]:
            self._place(group)
        for host in self.hosts:
            yield from self._moved(host)

    def _groups(self) -> list[list[Case]]:
        """Positive cases by the probe that each of them would have alone; cells first."""
        found: dict[str, list[Case]] = {}
        for case in sorted(self.cases, key=lambda case: case.kind != "cell"):
            if case.probe is not None and (case.kind == "cell" or case.kind in _RIDERS) and case.expect in ("serve", "see") and case.probe.state is None:
                found.setdefault(case.probe.id, []).append(case)
        return list(found.values())

    def _open_cell(self, group: list[Case]) -> _Host | None:
        """A host for a group that shows a cell; None for any other group."""
        if group[0].kind != "cell":
            return None
        change = self._change(group[0])
        # Who asks for a value in one spelling must see it sent in that spelling.
        claimed = {at for case in group if case.kind == "valid" for at in change or () if f"/{at.place.lstrip('/').replace('/', '.')}/valid/" in case.id}
        # The base request stays as small as it is: refusals lean on it.
        closed = change is None or (self.plain is not None and group[0].probe == self.plain)
        host = _Host(dict(change or {}), list(group), claimed=claimed, closed=closed)
        self.hosts.append(host)
        return host

    def _change(self, case: Case) -> Change | None:
        assert case.probe is not None
        change = change_between(self.base, case.probe.request)
        if change is None or case.kind != "probe":
            return change
        entry = next((entry for entry in self.operation.probes if case.id.endswith(f"/probe/{entry.id}")), None)
        # That a place is not sent can be what a probe is about, though the base request does not send it either.
        lacking = {at: ABSENT for at, value in entry.set if value is ABSENT} if entry is not None else {}
        return {**lacking, **change}

    # -- pairs ----------------------------------------------------------------------------------------------------

    def _factors(self, riders: Sequence[list[Case]]) -> dict[Any, dict[Any, str]]:
        """The parameters beside the axes: the values of each that must be accepted, and the case that shows it."""
        found: dict[Any, dict[Any, str]] = {}
        for group in riders:
            change = self._change(group[0])
            if group[0].kind not in ("valid", "format") or self._disputed(group[0]) or change is None or len(change) != 1:
                continue
            (place, value), role = next(iter(change.items())), self.roles.get(next(iter(change)))
            plain = isinstance(value, (str, int, float)) and place.kind in ("json", "query", "header", "form")
            if plain and (role is None or (role.name not in NO_FACTOR and place == role.at)):
                found.setdefault(place, {})[value] = group[0].id
        return found

    def _lay(self, rows: Sequence[Row], factors: Mapping[Any, Mapping[Any, str]]) -> None:
        """Lay the values of a covering array on the cells; a row for a cell that has one already is a request more."""
        free = {host.cases[0].id: host for host in self.hosts if not host.closed}
        for row in rows:
            host = free.pop(row.cell.id, None)
            if host is None:
                host = _Host(dict(self._change(row.cell) or {}), [row.cell])
                self.hosts.append(host)
            added = {place: value for place, value in row.values.items() if value is not ABSENT}
            if self._valid({**host.change, **added}):
                host.change |= added
                host.load += len(added)
                host.laid += [factors[place][value] for place, value in added.items()]

    # -- riders ---------------------------------------------------------------------------------------------------

    def _place(self, group: list[Case]) -> None:
        case, change = group[0], self._change(group[0])
        if change is None:
            return
        assert case.probe is not None
        if not change and self.plain is not None and case.probe.scheme is None and not case.probe.serial:
            self.hosts.append(_Host({}, list(group), closed=True, made=self.plain))
            return
        host = self._best(case, change)
        if host is None:
            if not self._disputed(case):
                self.hosts.append(_Host(dict(change), list(group), _options(case.probe), set(change), closed=self._solo(case, change), load=1))
            return
        host.load += 1
        # A price is that of a value, however it is spelled.
        host.claimed |= set() if case.kind == "price" else set(change)
        host.change |= {place: value for place, value in change.items() if case.kind != "price" or not self._respelled(host, place, change)}
        host.cases += group
        host.options |= _options(case.probe)
        host.disputed |= self._disputed(case)
        host.closed |= case.kind == "example"

    def _solo(self, case: Case, change: Change) -> bool:
        """Whether a case must be asked for by a request that holds nothing else."""
        return case.kind == "example" or any(place in self.others for place in change)

    def _best(self, case: Case, change: Change) -> _Host | None:
        """The host that this change makes the least difference to: one that has it already, else the one with the fewest others."""
        able = [host for host in self.hosts if self._fits(host, case, change)]
        able.sort(key=lambda host: (any(host.change.get(place, ABSENT) != value for place, value in change.items()), host.load))
        return next((host for host in able if self._valid({**host.change, **change})), None)

    def _fits(self, host: _Host, case: Case, change: Change) -> bool:
        assert case.probe is not None
        if host.made is not None:
            return False
        if self._solo(case, change):
            # The cell's own request may lack only what the example adds to it.
            return not host.closed and not host.load and all(change.get(place, ABSENT) == value for place, value in host.change.items())
        if host.closed or (host.disputed and self._disputed(case)) or (case.probe.serial and host.options.get("serial")):
            return self._adds_nothing(host, case, change)
        if host.options.get("serial") and any(self._is_priced(place) and not self._respelled(host, place, change) for place in change):
            return self._adds_nothing(host, case, change)
        if case.probe.scheme is not None and host.options.get("scheme") not in (None, case.probe.scheme):
            return False
        if self._disputed(case) and any(place in self.roles and self.roles[place].name in ("ratio", "size", "dimensions", "count") for place in change):
            return False
        here = {place: value for place, value in host.change.items() if not self._respelled(host, place, change)}
        return not overlap(here, change)

    def _adds_nothing(self, host: _Host, case: Case, change: Change) -> bool:
        assert case.probe is not None
        same = all(host.change.get(place, ABSENT) == value and place in host.change for place, value in change.items())
        return same and not case.probe.serial and case.probe.scheme is None and not self._disputed(case) and bool(change)

    def _is_priced(self, place: Any) -> bool:
        """Whether a price can depend on what stands here."""
        role = self.roles.get(place)
        return role is not None and not role.ignored and role.name in ("ratio", "size", "dimensions", "count", "route", "format")

    def _disputed(self, case: Case) -> bool:
        """Whether a conforming target may refuse the case's request: no requirement with a weight wants it served."""
        if case.expect == "see" or self.matrix is None:
            return case.expect == "see"
        weights = [requirement.level != "info" for requirement in index_of(self.matrix).proved_by(SERVED, case.id)]
        return case.kind not in ("cell", "price") and not any(weights)

    def _respelled(self, host: _Host, place: Any, change: Change) -> bool:
        """Whether a change only spells in another way what the host asks for at this place anyway."""
        role = self.roles.get(place)
        if role is None or place in host.claimed or place not in change or role.letter_case is None:
            return False
        return bool(role.own(change[place]) == role.own(host.change[place]))

    def _valid(self, change: Change) -> bool:
        """Whether the request schema allows the base request with this change."""
        request = changed(self.base, change)
        return self.operation.schema is None or request.json is ABSENT or is_valid(self.operation.schema, request.json)

    # -- the outcome ----------------------------------------------------------------------------------------------

    def _moved(self, host: _Host) -> Iterator[Case]:
        made = host.made or probe(self.operation, changed(self.base, host.change), **host.options)
        for case in host.cases:
            assert case.probe is not None
            if made.id != case.probe.id:
                same = made.request.signature() == case.probe.request.signature()
                yield replace(case, probe=made, alone=None if same else case.probe, beside=tuple(id for id in host.laid if id != case.id))


def _options(made: Probe) -> dict[str, Any]:
    """What beside the request makes a probe differ from another one."""
    wanted = {"scheme": made.scheme, "balance": made.balance, "serial": made.serial}
    return {name: value for name, value in wanted.items() if value}
