"""The model behind a gateway, played by the harness: it answers as its shape's data says, and keeps a journal of what reached it."""

from proofsheet.contract.relay import upstream_key
from proofsheet.upstream.running import RunningUpstream, UpstreamNotStarted

__all__ = ["RunningUpstream", "UpstreamNotStarted", "upstream_key"]
