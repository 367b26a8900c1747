"""Requests a second beside the schemathesis command line, on the same spec and server. Prints ratios from one run.

    python benchmarks/peer.py [--operations 20] [--rounds 3]

The server is the reference gateway of an invented provider, in a process of its own; it counts the requests. Ours: every
case generated, sent and judged in a fresh process, and no report written. Schemathesis: its coverage and fuzzing phases
with all checks, as many examples as make up the same number of requests, without reports, with the number of ``--workers``
that was the fastest of 1, 2, 4 and 8. Both are timed from the start of the process to its exit.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

from common import BIN, HERE, Place, Ran, machine, median, ran, reference

from invented import PROVIDER, write_specs

CONCURRENCY = 32
WORKERS = (1, 2, 4, 8)
SETTINGS = ("--checks", "all", "--mode", "all", "--continue-on-failure", "--no-shrink", "--generation-deterministic", "--suppress-health-check", "all", "--no-color")


def served(place: Place) -> int:
    """The requests that the gateway has answered so far."""
    with urllib.request.urlopen(place.base_url + "/_reference/stats") as answer:
        return int(json.load(answer)["requests"])


def rated(place: Place, run: Callable[[], Ran]) -> tuple[float, int]:
    """Requests a second, and how many there were."""
    before = served(place)
    seconds = run().seconds
    requests = served(place) - before
    return requests / seconds, requests


def ours(place: Place, specs: Path, folder: Path) -> Ran:
    """Every case sent and judged."""
    return ran([str(BIN / "python"), str(HERE / "judge_only.py"), str(place.file), str(specs), str(folder)], place.env)


def schemathesis(place: Place, specs: Path, workers: int, examples: int | None) -> Ran:
    """Its command line. Without examples the coverage phase alone."""
    phases = ("--phases", "coverage") if examples is None else ("--phases", "coverage,fuzzing", "--max-examples", str(examples))
    command = [str(BIN / "schemathesis"), "run", str(specs / PROVIDER / "openapi.yaml"), "--url", place.base_url, "--header", f"Authorization: Bearer {place.env['BENCH_DEFAULT']}"]
    return ran([*command, *phases, "--workers", str(workers), *SETTINGS], codes=(0, 1))


def main() -> None:
    """Print both rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        specs = write_specs(folder / "specs", given.operations)
        with reference(PROVIDER, folder, specs, max_concurrency=CONCURRENCY) as place:
            ours(place, specs, folder / "warm")
            rows = [rated(place, lambda number=number: ours(place, specs, folder / f"ours-{number}")) for number in range(given.rounds)]  # type: ignore[misc]
            wanted = rows[0][1]
            _, coverage = rated(place, lambda: schemathesis(place, specs, 4, None))
            examples = max(1, (wanted - coverage) // given.operations)
            print(f"  ours sends {wanted} requests; its coverage phase {coverage}, so {examples} further example(s) an operation", flush=True)
            by_workers = {workers: rated(place, lambda workers=workers: schemathesis(place, specs, workers, examples)) for workers in WORKERS}  # type: ignore[misc]
            for workers, (rate, requests) in by_workers.items():
                print(f"  schemathesis, {workers} worker(s): {requests} requests, {rate:.0f} a second", flush=True)
            best = max(by_workers, key=lambda workers: by_workers[workers][0])
            peers = [by_workers[best], *(rated(place, lambda: schemathesis(place, specs, best, examples)) for _ in range(given.rounds - 1))]
    mine, peer = median([rate for rate, _ in rows]), median([rate for rate, _ in peers])
    print(f"ours {mine:.0f} requests/s ({wanted} requests), schemathesis {peer:.0f} requests/s ({peers[0][1]} requests, {best} workers): {mine / peer:.2f} x")


if __name__ == "__main__":
    main()
