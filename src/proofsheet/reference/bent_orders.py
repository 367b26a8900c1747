"""What the faults of orders, money, pictures and their URLs do to a flow."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import log
from typing import TYPE_CHECKING

from proofsheet.contract.model import Cell
from proofsheet.contract.requests import ABSENT
from proofsheet.reference.bent_replies import ELSEWHERE
from proofsheet.reference.orders import place_order, speaks_of
from proofsheet.reference.replies import Reply

if TYPE_CHECKING:
    from proofsheet.reference.faults import Fault
    from proofsheet.reference.flow import Flow
    from proofsheet.reference.gateway import Gateway

_ROTATED = {"png": "jpeg", "jpeg": "webp", "webp": "png"}


def reshape(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Other pixels than those that were asked for."""
    order = flow.order
    assert order is not None
    width, height = order.width, order.height
    if fault.name == "swap-dimensions":
        width, height = height, width
    elif fault.name == "off-by-8":
        width += 8
    elif fault.name == "other-cell" and (not fault.detail or order.cell.name == fault.detail) and flow.operation.pixels is not None:
        other = next(cell for cell in flow.operation.pixels.table.cells if (cell.width, cell.height) != (width, height))
        width, height = other.width, other.height
    flow.order = replace(order, width=width, height=height)


def neighbour(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """The pixels of the next ratio, or of the next size, where one value is asked for."""
    order, pixels = flow.order, flow.operation.pixels
    assert order is not None
    axes = pixels.table.axes if pixels else ()
    number = next((index for index, axis in enumerate(axes) if (axis == "ratio") is (fault.name == "neighbour-ratio")), None)
    if pixels is None or number is None or order.cell.at[number] != fault.detail:
        return
    others = [cell for cell in pixels.table.cells if _beside(cell, order.cell, number)]
    if others:
        near = min(others, key=lambda cell: _distance(cell, order.cell))
        flow.order = replace(order, width=near.width, height=near.height)


def _beside(cell: Cell, other: Cell, axis: int) -> bool:
    """Whether two cells differ in this axis alone, and in their pixels."""
    same = all(mine == theirs for index, (mine, theirs) in enumerate(zip(cell.at, other.at, strict=True)) if index != axis)
    return same and cell.at[axis] != other.at[axis] and (cell.width, cell.height) != (other.width, other.height)


def _distance(cell: Cell, other: Cell) -> float:
    """How far apart two cells are in ratio and in area."""
    ratio = abs(log(cell.width * other.height / (cell.height * other.width)))
    return ratio + abs(log(cell.width * cell.height / (other.width * other.height)))


def other_table(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """The pixels that another model's table has for what is asked for."""
    order, pixels = flow.order, flow.operation.pixels
    assert order is not None
    if pixels is None:
        return
    tables = {op.pixels.table.name: op.pixels.table for op in gateway.contract.operations if op.pixels}
    asked = dict(zip(pixels.table.axes, order.cell.at, strict=True))
    found = [cell for name, table in tables.items() if name != pixels.table.name for cell in table.find(**{axis: asked.get(axis) for axis in table.axes})]
    found = [cell for cell in found if (cell.width, cell.height) != (order.width, order.height)]
    if found:
        near = min(found, key=lambda cell: _distance(cell, order.cell))
        flow.order = replace(order, width=near.width, height=near.height)


def heed_ignored(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Lets a parameter that is documented to change nothing decide about the pixels."""
    order, role = flow.order, flow.operation.roles[fault.detail]
    assert order is not None
    sent = flow.incoming.request.get(role.at, ABSENT)
    tables = [op.pixels.table for op in gateway.contract.operations if op.pixels and fault.detail in op.pixels.table.axes]
    found = [cell for table in tables for cell in table.find(**{fault.detail: str(role.own(sent))})] if sent is not ABSENT else []
    if found:
        near = min(found, key=lambda cell: abs(log(cell.width * order.height / (cell.height * order.width))))
        flow.order = replace(order, width=near.width, height=near.height)


def ignore_parameter(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Does as if one parameter had not been sent."""
    role, request = flow.operation.roles[fault.detail], flow.incoming.request
    for at in (role.at, *role.also):
        request = request.put(at, ABSENT) if at.kind in ("json", "form", "query") else request
    flow.order = place_order(gateway.contract, flow.operation, request, gateway.wording.usual)


def wrong_default(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes another value than the documented one where a parameter isn't sent."""
    operation, request, role, order = flow.operation, flow.incoming.request, flow.operation.roles[fault.detail], flow.order
    assert order is not None
    if request.get(role.at, ABSENT) is not ABSENT:
        return
    if fault.detail in ("format", "count"):
        flow.order = replace(order, format=_ROTATED[order.format]) if fault.detail == "format" else replace(order, count=order.count + 1)
        return
    if operation.pixels is None or fault.detail not in operation.pixels.table.axes:
        return
    axis, table = operation.pixels.table.axes.index(fault.detail), operation.pixels.table
    other = next((cell for cell in table.cells if _beside(cell, order.cell, axis)), None)
    flow.order = replace(order, width=other.width, height=other.height) if other is not None else order


def other_format(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Another format than the one that was asked for."""
    assert flow.order is not None
    flow.order = replace(flow.order, format=_ROTATED[flow.order.format])


def other_count(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """One image too few, or too many."""
    assert flow.order is not None
    count = flow.order.count + (1 if fault.name == "more-images" else -1)
    flow.order = replace(flow.order, count=count) if count > 0 else flow.order


def wrong_tokens(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """A token count that no table has."""
    assert flow.order is not None
    flow.order = replace(flow.order, cell=replace(flow.order.cell, tokens=(flow.order.cell.tokens or 0) + 137))


def other_tokens(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """The token count of another size."""
    order, pixels = flow.order, flow.operation.pixels
    assert order is not None
    other = next((cell for cell in (pixels.table.cells if pixels else ()) if cell.tokens and cell.tokens != order.cell.tokens), None)
    if other is not None:
        flow.order = replace(order, cell=replace(order.cell, tokens=other.tokens))


def ignore_mirror(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Result URLs on the usual host though the mirror was asked for."""
    assert flow.order is not None
    flow.order = replace(flow.order, mirror=False)


# -- money


def overcharge(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes the price twice."""
    if flow.charged and flow.account is not None and flow.order is not None:
        flow.account.balance -= flow.order.price


def wrong_tier(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes the price of another tier."""
    order, prices = flow.order, gateway.contract.prices
    assert order is not None
    if prices is not None:
        amounts = [rule.amount * (order.count if prices.per == "image" else 1) for rule in prices.rules if speaks_of(rule, flow.operation)]
        flow.order = replace(order, price=next((amount for amount in amounts if amount != order.price), order.price))


def charge_all_give_one(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes the price of all images and makes one."""
    assert flow.order is not None
    flow.order = replace(flow.order, count=1)


def charge_anyway(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes money for a request that was refused, or for a task that failed."""
    if flow.account is not None and not flow.charged and flow.account.balance > 0:
        flow.account.balance -= flow.order.price if flow.order is not None else Fraction(1)


def charge_failed(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Takes the price of a task that will fail."""
    if flow.state == "task_failure":
        charge_anyway(gateway, flow, fault)


# -- pictures and their URLs


async def other_magic(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Bytes of another format; what is said about them stays."""
    for image in flow.images:
        image.content = await gateway.studio.picture(replace(image.seen_as, format=_ROTATED[image.seen_as.format]))


def misstate_size(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """States other pixels than the picture has."""
    for image in flow.images:
        image.seen_as = replace(image.seen_as, width=image.seen_as.width + 16)


def dead_copies(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Copies and thumbnails behind dead URLs; the image itself is there."""
    for image in flow.images:
        whole = image.url_of
        image.url_of = lambda made, name, whole=whole: whole(made, name) + ("" if name == "url" else ".gone")  # type: ignore[misc]



def truncate(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Pictures that end too early."""
    for image in flow.images:
        image.content = image.content[: len(image.content) * 2 // 3]


def misdeclare(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Declares another media type than the bytes have."""
    for image in flow.images:
        image.media_type = f"image/{_ROTATED[image.seen_as.format]}"
        image.seen_as = replace(image.seen_as, declared=image.media_type)


def wrong_host(gateway: Gateway, flow: Flow, fault: Fault) -> None:
    """Result URLs on a host that nobody documented."""
    for image in flow.images:
        image.url_of = lambda made, name: f"{ELSEWHERE}/{made.seen_as.number}.{made.seen_as.format}"


def break_asset(gateway: Gateway, reply: Reply, fault: Fault) -> Reply:
    """Result URLs that are dead, want a key, or serve a page."""
    if fault.name == "dead-asset":
        return Reply(404, body=b"Not here.", media_type="text/plain")
    if fault.name == "guarded-asset":
        return Reply(401, body=b"A key, please.", media_type="text/plain")
    return Reply(200, body=b"<!doctype html><p>Sign in.</p>", media_type="text/html")
