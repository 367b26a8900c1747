"""``python -m proofsheet.upstream PORT``: the upstream alone, to try a gateway's configuration by hand. Prints each call."""

from __future__ import annotations

import argparse
import json
import sys
import time

from proofsheet.contract.errors import ContractError
from proofsheet.upstream.running import RunningUpstream, UpstreamNotStarted


def main() -> int:
    """Serve until interrupted; one line of JSON for each call."""
    parser = argparse.ArgumentParser(prog="python -m proofsheet.upstream", description="Play the model behind a gateway, and print what reaches it.")
    parser.add_argument("port", type=int, nargs="?", default=0, help="the port (default: a free one)")
    try:
        upstream = RunningUpstream(parser.parse_args().port)
    except (UpstreamNotStarted, ContractError) as error:
        print(error, file=sys.stderr)
        return 4
    print(upstream.told, flush=True)
    seen = 0
    try:
        while True:
            for call in upstream.journal.since(seen):
                print(json.dumps({"shape": call.shape, "prompt": call.prompt, "asks": call.asked, "references": len(call.references), "key": call.key}), flush=True)
                seen += 1
            time.sleep(0.2)
    except KeyboardInterrupt:
        upstream.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
