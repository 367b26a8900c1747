"""What a run needs to know of a gateway that has just been started, in the shape of a target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofsheet.reference.stages import SIMULATE, STATES


def target_of(provider: str, port: int, keys: Mapping[str, str], unit: str) -> dict[str, Any]:
    """A target as targets.toml has it, except that ``credentials`` holds the keys themselves."""
    origin = f"http://127.0.0.1:{port}"
    return {
        "provider": provider,
        "base_url": origin,
        "paid": False,
        "asset_hosts": ["127.0.0.1"],
        "mirror_hosts": ["localhost"],
        "reference_image_url": f"{origin}/_reference/sample.png",
        "credentials": dict(keys),
        "states": {state: {"headers": {SIMULATE.title(): state}} for state in STATES},
        "balance": {"url": "/_reference/balance", "pointer": "/balance", "unit": unit},
        "pace": {"max_concurrency": 32, "first_poll_after": 0.02, "poll_every": 0.02, "lifecycle_timeout": 20},
    }
