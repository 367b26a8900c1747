"""Whether a case costs the same among thousands as among few. Prints ratios from one run.

    python benchmarks/growth.py [--operations 1] [--rounds 3]

An invented provider with so many operations, ten and a hundred times as many, each size on a reference gateway in a
process of its own, verified with `proofsheet verify` in a fresh process. The time of a case is that from the first
request to the last report, and the whole command's, by the number of cases; the interpreter's start is in the latter.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from common import machine, median, reference, run_of, verified

from invented import PROVIDER, write_specs

CONCURRENCY = 32


def main() -> None:
    """Print the time of a case at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(machine())
    figures = []
    for times in (1, 10, 100):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            specs = write_specs(folder / "specs", given.operations * times)
            with reference(PROVIDER, folder, specs, max_concurrency=CONCURRENCY) as place:
                if times == 1:
                    verified(place, folder / "warm", "--specs", str(specs))
                rows = [verified(place, folder / f"round-{number}", "--specs", str(specs)) for number in range(given.rounds if times < 100 else 1)]
            cases = run_of(folder / "round-0")["summary"]["cases"]
        figures.append((cases, median([row.sending for row in rows]) / cases, median([row.ran.seconds for row in rows]) / cases, median([row.ran.worked for row in rows]) / cases))
        first = figures[0]
        cases, *of_case = figures[-1]
        sending, whole, worked = (f"{1000 * value:.2f} ms ({value / least:.2f} x)" for value, least in zip(of_case, first[1:], strict=True))
        print(f"{times:>4} x: {cases:>6} cases: {sending} a case from the first request on, {whole} with the start, {worked} of processor time", flush=True)


if __name__ == "__main__":
    main()
