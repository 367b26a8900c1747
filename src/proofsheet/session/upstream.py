"""A run that sees both sides of a gateway: the upstream beside it, and what it must know of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofsheet.exchange.redact import Redactor
from proofsheet.exchange.wire import Wire
from proofsheet.session.options import Options, UsageError
from proofsheet.session.run import TargetRun
from proofsheet.session.wires import MakeWire

if TYPE_CHECKING:
    from proofsheet.upstream import RunningUpstream

#: What stands for the upstream's key in everything that is written.
KEY_NAME = "UPSTREAM_KEY"


def start_upstream(options: Options) -> RunningUpstream | None:
    """The upstream on the port that was named; None where none was. Raises UsageError, ContractError."""
    if options.upstream is None:
        return None
    if options.mode != "live":
        raise UsageError(f"--upstream does not go with --mode {options.mode}: the upstream's side is not recorded")
    from proofsheet.upstream import RunningUpstream, UpstreamNotStarted

    try:
        return RunningUpstream(options.upstream, options.specs)
    except UpstreamNotStarted as error:
        raise UsageError(str(error)) from None


def watching(upstream: RunningUpstream) -> MakeWire:
    """The network, with the upstream beside it."""

    def make(run: TargetRun) -> Wire:
        keys = {credential.variable: credential.key.reveal() for credential in run.target.credentials.values()}
        upstream.watch_for(keys, passthrough=run.target.key_mode == "passthrough")
        run.redactor = Redactor({**keys, KEY_NAME: upstream.key})
        # Its pictures are simulated whatever the gateway does to them.
        run.record.simulated = True
        wire = Wire()
        wire.upstream = upstream
        return wire

    return make
