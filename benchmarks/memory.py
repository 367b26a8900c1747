"""What a run holds in memory. Prints peaks, and what a case adds to them, from one run.

    python benchmarks/memory.py [--side 2600] [--operations 2 6] [--cases 10000] [--rounds 3]

The peak resident memory of `proofsheet verify` in a fresh process, as the operating system counts it. First against a server
of large base64 answers (2600x2600 pixels of noise are 20 MB, 27 MB as base64) at concurrency 16: with pictures of 20 kB,
with large ones, with three times as many large ones. Then an invented provider of few cases and of 10,000.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import HERE, Place, machine, median, ran, reference, run_of, written

from invented import KEY, PROVIDER, write_specs

CONCURRENCY = 16
MB = 1e6


@contextmanager
def big_server(side: int, folder: Path) -> Iterator[Place]:
    """The server of large pictures in a process of its own."""
    with subprocess.Popen([sys.executable, str(HERE / "big_server.py"), str(side)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            yield written({"provider": PROVIDER, "base_url": f"http://127.0.0.1:{port}", "paid": False, "credentials": {"default": KEY},
                           "pace": {"max_concurrency": CONCURRENCY}}, folder)  # fmt: skip
        finally:
            process.kill()


def of_size(side: int, operations: int) -> tuple[float, int, int]:
    """Peak, cases and images against the server of large pictures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        specs = write_specs(folder / "specs", operations, pixels={"S": (side, side), "L": (side, side)})
        with big_server(side, folder) as place:
            done = ran(place.verify(folder / "report", "--specs", str(specs)), place.env, codes=(0, 2))
        summary = run_of(folder / "report")["summary"]
        assert not summary["verdicts"]["fail"], "the server did not conform"
        return done.peak, summary["cases"], summary["paid_images"]


def of_number(operations: int) -> tuple[float, int]:
    """Peak and cases of an invented provider on the reference gateway."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        specs = write_specs(folder / "specs", operations)
        with reference(PROVIDER, folder, specs, max_concurrency=CONCURRENCY) as place:
            done = ran(place.verify(folder / "report", "--specs", str(specs)), place.env)
        return done.peak, run_of(folder / "report")["summary"]["cases"]


def main() -> None:
    """Print peaks and differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=2600)
    parser.add_argument("--operations", type=int, nargs=2, default=(2, 6))
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(machine())
    few, many = given.operations
    sizes = (("small", 80, few), ("large", given.side, few), ("more", given.side, many))
    rows = {name: [of_size(side, operations) for _ in range(given.rounds)] for name, side, operations in sizes}
    peaks = {name: median([row[0] for row in of_name]) for name, of_name in rows.items()}
    for name, said in (("small", "of 20 kB"), ("large", f"of {given.side}x{given.side} pixels"), ("more", f"of {given.side}x{given.side} pixels")):
        _, cases, images = rows[name][0]
        print(f"{cases} cases, {images} images {said} at concurrency {CONCURRENCY}: peak {peaks[name] / MB:.0f} MB")
    size, images = 3 * given.side**2, rows["more"][0][2] - rows["large"][0][2]
    grown = (peaks["more"] - peaks["large"]) / images
    print(f"each further image of {size / MB:.0f} MB adds {grown / 1000:.0f} kB: {grown / size:.4f} of its size")
    base, one = of_number(1)
    peak, cases = of_number(-(-given.cases // one))
    print(f"{one} cases: peak {base / MB:.0f} MB; {cases} cases: {peak / MB:.0f} MB: {(peak - base) / (cases - one) / 1000:.1f} kB a case")


if __name__ == "__main__":
    main()
