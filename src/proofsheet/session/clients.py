"""A run that also makes requests through other people's clients."""

from __future__ import annotations

from proofsheet.exchange.wire import Wire
from proofsheet.session.options import Options, UsageError
from proofsheet.session.run import TargetRun
from proofsheet.session.wires import MakeWire


def check_clients(options: Options) -> None:
    """Raises UsageError where clients cannot be used."""
    if options.uses_clients and options.mode != "live":
        raise UsageError(f"clients do not go with --mode {options.mode}: what they send is theirs, and not recorded; leave out --clients, and --only patterns of their cases")


def with_agency(make_wire: MakeWire) -> MakeWire:
    """The same wire, with somebody who has clients make requests."""

    def make(run: TargetRun) -> Wire:
        from proofsheet.clients.agency import Agency

        wire = make_wire(run)
        wire.agency = Agency(run.contract.clients.sdks)
        return wire

    return make
