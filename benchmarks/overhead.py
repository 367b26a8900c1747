"""How much longer a whole run takes than a bare loop that sends the same requests. Prints ratios from one run.

    python benchmarks/overhead.py [--rounds 3]

Starts the reference gateway, verifies all four providers on it (cases, requests, images decoded, judged, reported), then
sends the very same requests, and fetches the same result URLs, in a bare httpx2 loop at the same concurrency.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import httpx2

from proofsheet.exchange.model import Sent
from proofsheet.session.options import Options
from proofsheet.session.runs import Runs
from proofsheet.session.verify import run_suites

CONCURRENCY = 32


def whole_run(directory: Path) -> tuple[float, float, list[tuple[str, Sent, dict[str, str]]], Runs]:
    """Seconds of a whole run and until its first request, and what it sent."""
    started = time.monotonic()
    runs = Runs(Options(report_dir=directory), eager=True)
    runs.prepare()
    code = run_suites(runs)
    seconds = time.monotonic() - started
    assert code == 0, f"the reference gateway did not conform: exit {code}"
    first = min(run.epoch + exchange.started for run in runs.runs for _, exchange in run.record.exchanges) - started
    sent = []
    for run in runs.runs:
        keys = {credential.placeholder: credential.key.reveal() for credential in run.target.credentials.values()}
        sent += [("api", exchange.sent, keys) for _, exchange in run.record.exchanges]
        for performance in run.record.performances.values():
            for picture in (*performance.pictures, *performance.second_pictures):
                if picture.url is not None:
                    sent.append(("asset", Sent("GET", picture.url, {}), keys))
    return seconds, first, sent, runs


async def bare_loop(requests: list[tuple[str, Sent, dict[str, str]]]) -> float:
    """Seconds that a loop needs which sends these requests and reads the answers."""
    slots = asyncio.Semaphore(CONCURRENCY)
    async with httpx2.AsyncClient(trust_env=False, timeout=60, limits=httpx2.Limits(max_connections=CONCURRENCY)) as client:

        async def one(sent: Sent, keys: dict[str, str]) -> None:
            url, headers = sent.url, dict(sent.headers)
            for placeholder, key in keys.items():
                url = url.replace(placeholder, key)
                headers = {name: value.replace(placeholder, key) for name, value in headers.items()}
            async with slots:
                await client.request(sent.method, url, headers=headers, content=sent.body)

        started = time.monotonic()
        await asyncio.gather(*(one(sent, keys) for _, sent, keys in requests))
        return time.monotonic() - started


def main() -> None:
    """Print the median of some rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    rows = []
    for _ in range(rounds):
        directory = Path(tempfile.mkdtemp())
        seconds, first, requests, runs = whole_run(directory)
        try:
            bare = asyncio.run(bare_loop(requests))
        finally:
            runs.stop()
            shutil.rmtree(directory)
        rows.append((seconds, first, bare, len(requests)))
        print(f"run {seconds:.1f} s (first request after {first:.2f} s), bare loop {bare:.1f} s, {len(requests)} requests: {seconds / bare:.2f} x")
    print(f"median ratio: {statistics.median(row[0] / row[2] for row in rows):.2f} x of a bare loop that sends the same requests")


if __name__ == "__main__":
    main()
