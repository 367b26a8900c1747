"""Cases of what goes wrong behind a gateway: each fault of the model, and a client that hangs up."""

from __future__ import annotations

from collections.abc import Iterator

from proofsheet.cases.model import Case
from proofsheet.cases.relay_requests import AFTER_A_FAULT, Maker
from proofsheet.cases.requests import base_request
from proofsheet.contract.relay import RelayFault

#: The fault that gives a client the time to hang up, and when it does. Seconds.
SLOW, HANGS_UP = "slow", 0.4
#: How long a gateway may go on once nobody is there any more, beyond what the model takes.
AFTER_HANGING_UP = 2.5


def cases(maker: Maker) -> Iterator[Case]:
    """One case for each fault that the gateway's upstream can have."""
    faults = maker.ground.contract.relay.faults
    for fault in faults:
        yield _fault(maker, fault)
    # Where a task is submitted, the client waits for nothing that it could hang up on.
    if any(fault.id == SLOW for fault in faults) and maker.ground.operation.lifecycle is None:
        made = maker.probe("hangs-up", base_request(maker.ground.operation), fault=SLOW, hangs_up=HANGS_UP, lingers=AFTER_HANGING_UP)
        yield maker.case("hangs-up", "hangs-up", "see", made)


def _fault(maker: Maker, fault: RelayFault) -> Case:
    request = base_request(maker.ground.operation)
    good = maker.probe(f"faults/{fault.id}/next", request)
    made = maker.probe(f"faults/{fault.id}", request, fault=fault.id, then=good, lingers=AFTER_A_FAULT)
    return maker.case(f"faults/{fault.id}", "fault", fault.expect, made, why=fault.title)
