"""Cases of other people's code: the SDKs make the request, and hand over what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from proofsheet.cases import examples
from proofsheet.cases.catalogue import invalid_entry
from proofsheet.cases.errors import cases as error_cases
from proofsheet.cases.features import with_feature
from proofsheet.cases.model import Case, ClientCall
from proofsheet.cases.pixels import axis_values, cell_request, chosen_cells
from proofsheet.cases.requests import asked as asked_of
from proofsheet.cases.requests import base_request, probe, with_references
from proofsheet.contract.clients import LEVELS, ClientUse, Sdk
from proofsheet.contract.index import index_of
from proofsheet.contract.model import Cell, ErrorCase
from proofsheet.contract.pictures import sample_picture
from proofsheet.contract.requests import ABSENT, Request

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground

#: A value that no parameter of any provider takes.
NO_VALUE = "no-such-value"
#: Statuses that clients send again after, by themselves.
RETRYABLE = (408, 409, 429, 500, 502, 503, 504)
#: How an error must come about for an SDK to meet it: it always sends a key, and builds its bodies itself.
_MET = re.compile(r"unknown_key|unknown_model|credential:.*|state:.*")


def cases(ground: Ground) -> Iterator[Case]:
    """What each SDK that calls an operation does with it, and the documents' examples: none where the run uses no clients."""
    yield from examples.cases(ground)
    for sdk, use in ground.contract.clients.of(ground.operation):
        yield from _Maker(ground, sdk, use).cases()


@dataclass(frozen=True)
class _Maker:
    """Makes the cases of one SDK on one operation."""

    ground: Ground
    sdk: Sdk
    use: ClientUse

    def cases(self) -> Iterator[Case]:
        # As most users have it: the SDK may send again by itself, and here it has no reason to.
        yield self._case("call", "call", "serve", self._base, retries=None)
        yield from self._cells()
        yield from self._references()
        yield from self._errors()
        if self.use.api_version is not None:
            yield self._case("default-version", "default-version", "see", self._base, api_version=None)
        if self.use.queued:
            yield self._case("queued", "queued", "see", self._queued())

    @property
    def _base(self) -> Request:
        return base_request(self.ground.operation)

    def _cells(self) -> Iterator[Case]:
        operation = self.ground.operation
        for cell in _few(chosen_cells(replace(operation, cells="edges"))) if operation.pixels is not None else ():
            made = self._case(f"cell/{cell.name}", "cell", "serve", cell_request(operation, self._base, cell), asked=axis_values(operation, cell),
                              level=self._level("pixels.ratio", f"pixels/{cell.name}"))  # fmt: skip
            yield self._with_feature(made, f"pixels/{cell.name}")

    def _references(self) -> Iterator[Case]:
        """One picture, where the plainest call has none, and several."""
        role = self.ground.operation.roles.get("references")
        form = next((name for name in ("file", "inline") if role is not None and name in role.forms), None)
        if role is None or form is None:
            return
        for count in (3,) if self.ground.operation.purpose == "edit" else (1, 3):
            request = self._base if role.append else self._base.put(role.at, ABSENT)
            pictures = [sample_picture("png", number) for number in range(count)]
            twin = f"parameters/references/{form}-png-1"
            made = self._case(f"references/{count}", "references", "serve", with_references(request, role, form, pictures), level=self._level("parameters.served", twin))
            yield self._with_feature(made, twin)

    def _errors(self) -> Iterator[Case]:
        """Each error that an SDK can meet: without retries, to see what is raised; and as the SDK would have it, to count what it sends."""
        for case in (*self._invalid(), *_met(error_cases(self.ground))):
            entry, name = case.error, "invalid-value" if case.kind == "invalid" else case.id.rpartition("/")[2]
            yield self._error(f"error/{name}", "error", case)
            if entry is not None and any(entry.allows(status) for status in RETRYABLE) and not entry.allows(400):
                yield self._error(f"retries/{name}", "retries", case, retries=None)

    def _invalid(self) -> Iterator[Case]:
        """The base request with one value that the document doesn't have."""
        operation = self.ground.operation
        for name in ("size", "ratio"):
            role = operation.roles.get(name)
            listed = operation.pixels is not None and name in operation.pixels.table.axes
            if role is not None and listed and not role.ignored:
                made = probe(operation, self._base.put(role.at, NO_VALUE))
                place = role.at.place.strip("/").replace("/", ".")
                yield self.ground.case("parameters", f"{place}/invalid/enum", "invalid", "refuse", made, error=invalid_entry(self.ground, name))
                return

    def _error(self, name: str, kind: str, case: Case, retries: int | None = 0) -> Case:
        if case.probe is None:
            return self._made(name, kind, "refuse", None, missing=case.missing, error=case.error)
        twin = case.id.removeprefix(f"{self.ground.contract.provider}/{self.ground.operation.key}/")
        made = self._call(retries=retries, level=self._level("errors.status" if case.kind == "error" else "parameters.refused", twin))
        return self._made(name, kind, "refuse", case.probe.request, client=made, credential=case.probe.credential, state=case.probe.state, error=case.error)

    def _queued(self) -> Request:
        request = self._base
        for place, value in self.use.queued:
            request = request.put(place, value)
        return request

    def _level(self, check: str, twin: str) -> str:
        """The most that a fault can weigh: what the document makes of SDKs, and no more than of the same request without one.

        ``twin`` is the rest of the id of the case that makes that request.
        """
        ground = self.ground
        proved = index_of(ground.contract.matrix).proved_by(check, f"{ground.contract.provider}/{ground.operation.key}/{twin}")
        plain = max((requirement.level for requirement in proved), key=LEVELS.index, default=LEVELS[0])
        return min(self.use.level_of(self.sdk), plain, key=LEVELS.index)

    def _call(self, retries: int | None = 0, **changed: Any) -> ClientCall:
        use = self.use
        return replace(ClientCall(self.sdk.id, use.call, use.base, use.api_version, use.model, retries, use.level_of(self.sdk)), **changed)

    def _case(self, name: str, kind: str, expect: str, request: Request, *, asked: Any = None, **changed: Any) -> Case:
        return self._made(name, kind, expect, request, client=self._call(**changed), asked=asked)

    def _made(self, name: str, kind: str, expect: str, request: Request | None, *, missing: str | None = None, asked: Any = None, error: Any = None,
              **how: Any) -> Case:  # fmt: skip
        ground, lacks = self.ground, self.ground.surroundings.lacking.get(self.sdk.id)
        made = None if request is None or lacks is not None else probe(ground.operation, request, **{key: value for key, value in how.items() if value is not None})
        values = {**({} if request is None else asked_of(ground.operation, request)), **(asked or {})}
        return ground.case("clients", f"{self.sdk.id}/{name}", f"client-{kind}", expect, made, asked=values, error=error, base=ground.base, missing=lacks or missing)

    def _with_feature(self, case: Case, twin: str) -> Case:
        """What a target declares it lacks, it lacks here too. ``twin`` is the rest of the id of another area's case."""
        ground = self.ground
        return with_feature(ground.contract, ground.surroundings, case, f"{ground.contract.provider}/{ground.operation.key}/{twin}")


def _met(cases: Iterable[Case]) -> list[Case]:
    """Those that an SDK meets; of several that come about alike the one that says most about the status."""
    found: dict[str, Case] = {}
    for case in cases:
        entry = case.error
        if entry is None or not _MET.fullmatch(entry.provoke):
            continue
        other = found.get(entry.provoke)
        if other is None or other.error is None or _breadth(entry) < _breadth(other.error):
            found[entry.provoke] = case
    return list(found.values())


def _breadth(entry: ErrorCase) -> int:
    return sum(entry.allows(status) for status in range(400, 600))


def _few(cells: Sequence[Cell]) -> list[Cell]:
    """Of the cells that show each value, a few that an SDK must not mix up: of each size one that is not square, and no fewer than three."""
    sizes: dict[str, Cell] = {}
    for cell in (cell for cell in cells if cell.width != cell.height):
        sizes.setdefault(cell.at[-1] if len(cell.at) > 1 else "", cell)
    others = [cell for cell in cells if cell not in sizes.values()]
    return [*sizes.values(), *others[: max(3 - len(sizes), 0)]]
