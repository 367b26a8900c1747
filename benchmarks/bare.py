"""The bare loop beside which the harness is measured: sends noted requests with httpx2 and reads every answer, no more.

    python benchmarks/bare.py NOTES CONCURRENCY

NOTES is a pickle of ``Noted`` requests as overhead.py makes it. Prints the seconds that the loop itself took.
Imports nothing of the harness.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import httpx2


class Noted(NamedTuple):
    """One request. Those whose ``chain`` is the same are sent one after another, and those of chain 0 all at once."""

    chain: int
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


async def loop(notes: list[Noted], concurrency: int) -> float:
    """Seconds for all of them: those that go together first, then the chain of those that may not."""
    slots = asyncio.Semaphore(concurrency)
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=concurrency)
    async with httpx2.AsyncClient(trust_env=False, timeout=60, limits=limits) as client:

        async def one(noted: Noted) -> None:
            async with slots:
                await client.request(noted.method, noted.url, headers=dict(noted.headers), content=noted.body)

        started = time.perf_counter()
        await asyncio.gather(*(one(noted) for noted in notes if noted.chain == 0))
        for noted in notes:
            if noted.chain:
                await one(noted)
        return time.perf_counter() - started


if __name__ == "__main__":
    print(asyncio.run(loop([Noted(*fields) for fields in pickle.loads(Path(sys.argv[1]).read_bytes())], int(sys.argv[2]))))
