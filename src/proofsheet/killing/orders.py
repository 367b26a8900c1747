"""What the faults of the stage ``order`` change, worked out on each case: the order before and after the fault."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.datastructures import Headers

from proofsheet.cases.model import Case
from proofsheet.checks.geometry import area_close, ratio_close, same_area, same_ratio, sizes_of
from proofsheet.killing.sights import promised_cells, promised_format
from proofsheet.reference.faults import parse_fault
from proofsheet.reference.flow import Flow
from proofsheet.reference.gateway import Gateway
from proofsheet.reference.incoming import Incoming
from proofsheet.reference.orders import Order, place_order
from proofsheet.reference.routing import Route


class Orders:
    """The orders that the cases of one provider give, and what a fault makes of them."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._placed: dict[str, Order] = {}

    def checks(self, fault_id: str, case: Case) -> set[str]:
        """The checks that ought to notice this fault on this case."""
        if case.expect != "serve" or case.probe is None:
            return set()
        operator, fault = parse_fault(self.gateway.contract, fault_id)
        before = self._order(case)
        request = case.probe.request
        incoming = Incoming(request, Headers(dict(request.headers)), request.media_type or "", b"", "", 0)
        flow = Flow(incoming, Route(case.operation.endpoint, (), (case.operation,)), case.operation, order=before)
        operator.apply(self.gateway, flow, fault)
        assert flow.order is not None
        return set(_changed(before, flow.order, case))

    def _order(self, case: Case) -> Order:
        assert case.probe is not None
        if case.probe.id not in self._placed:
            self._placed[case.probe.id] = place_order(self.gateway.contract, case.operation, case.probe.request, self.gateway.wording.usual)
        return self._placed[case.probe.id]


def _changed(before: Order, after: Order, case: Case) -> Iterator[str]:
    if (before.width, before.height) != (after.width, after.height):
        yield from _pixels(after, case)
    if before.format != after.format and promised_format(case):
        yield from ("pixels.format", "parameters.default")
    if before.count != after.count and "count" in case.operation.roles:
        yield from ("pixels.count", "lifecycles.results", "parameters.default")
    if before.cell.tokens != after.cell.tokens:
        yield from ("usage.tokens", "usage.price")
    if before.price != after.price and case.kind == "price":
        yield "billing.price"
    if before.mirror != after.mirror:
        yield "assets.host"


def _pixels(after: Order, case: Case) -> Iterator[str]:
    """What is broken of what the request was promised: none where any of the cells may come."""
    cells, size = promised_cells(case), (after.width, after.height)
    ratio = same_ratio(cells) and not any(ratio_close(size, cell) for cell in cells)
    area = same_area(cells) and not any(area_close(size, cell) for cell in cells)
    if len(cells) == 1 and size not in sizes_of(cells[0]):
        yield "pixels.exact"
    yield from ["pixels.ratio"] if ratio else []
    yield from ["pixels.size"] if area else []
    if cells and not any(ratio_close(size, cell) and area_close(size, cell) for cell in cells):
        yield from ("parameters.honoured", "parameters.default")
        yield from ["parameters.ignored"] if area else []
