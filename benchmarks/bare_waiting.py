"""The bare loop of waiting.py: submits tasks, looks at each until it is done. Imports nothing of the harness.

    python benchmarks/bare_waiting.py FILE

FILE holds what to submit, as waiting.py writes it. Prints the seconds it took and the requests it made.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx2


async def loop(plan: dict[str, Any]) -> tuple[float, int]:
    """Seconds and requests of all submissions and looks."""
    slots = asyncio.Semaphore(plan["at_once"])
    count = 0
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=plan["at_once"])
    headers = {"Authorization": f"Bearer {plan['key']}", "Content-Type": "application/json"}
    async with httpx2.AsyncClient(base_url=plan["base"], trust_env=False, timeout=60, limits=limits, headers=headers) as client:

        async def one(url: str, body: str) -> None:
            nonlocal count
            async with slots:
                answer = await client.post(url, content=body)
            count += 1
            task = answer.json()["task"]
            await asyncio.sleep(plan["first"])
            while True:
                async with slots:
                    answer = await client.get(f"/tasks/{task}")
                count += 1
                if answer.json()["state"] == "done":
                    return
                await asyncio.sleep(plan["every"])

        started = time.perf_counter()
        await asyncio.gather(*(one(url, body) for url, body in plan["submissions"]))
        return time.perf_counter() - started, count


if __name__ == "__main__":
    print(json.dumps(asyncio.run(loop(json.loads(Path(sys.argv[1]).read_text())))))
