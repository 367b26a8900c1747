"""What the harness and schemathesis catch of the same declared faults. Prints both rates, by area and in all.

    python benchmarks/detection.py [--sample N] [--jobs 2] [--max-examples 5] [--json FILE]

The faults stand in detection.yaml. Ours: the trials of `proofsheet faults --kill-matrix`. Schemathesis: its command line
with our openapi.yaml, all phases and all checks, against a reference gateway of its own for each fault. It caught a fault
where it reports a failure or an error that two runs on a clean gateway didn't: another operation, another check, or the
same check on an answer with another status. What a third clean run adds is printed too: so much is chance.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from proofsheet.killing.matrix import Choice, catalogue, trials

ROOT = Path(__file__).parents[1]
KEY = "benchmark-key"
#: Seconds for one run of schemathesis; one that takes longer counts as a catch, and on a clean gateway as an error.
PATIENCE = 600
SETTINGS = ("--phases", "examples,coverage,fuzzing,stateful", "--checks", "all", "--mode", "all", "--workers", "2", "--continue-on-failure",
            "--generation-deterministic", "--no-shrink", "--request-timeout", "10", "--suppress-health-check", "all", "--no-color")  # fmt: skip

#: Where a failure was, which check it was and the answer's status.
Failures = frozenset[tuple[str, str, str]]


@dataclass(frozen=True)
class Sampled:
    """A fault of the sample."""

    area: str
    provider: str
    fault: str


@dataclass(frozen=True)
class Row:
    """What both made of a fault. ``new`` are schemathesis's failures that a clean gateway doesn't cause."""

    sampled: Sampled
    must: bool
    ours: bool
    new: Failures


def sample(number: int | None) -> list[Sampled]:
    """The declared faults, or so many of them."""
    declared = yaml.safe_load((ROOT / "benchmarks/detection.yaml").read_text(encoding="utf-8"))
    every = [Sampled(area, provider, fault) for area, of_area in declared.items() for provider, faults in of_area.items() for fault in faults]
    return every if number is None or number >= len(every) else random.Random(0).sample(every, number)


@contextmanager
def gateway(provider: str, fault: str | None) -> Iterator[str]:
    """A reference gateway in a process of its own; its address."""
    command = [sys.executable, "-m", "proofsheet.reference", "--provider", provider, "--key", f"default={KEY}"]
    with subprocess.Popen([*command, *(("--fault", fault) if fault else ())], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["providers"][provider]["target"]["base_url"]
        finally:
            process.kill()


def schemathesis(provider: str, fault: str | None, examples: int) -> Failures:
    """What schemathesis reports of a gateway."""
    program = Path(sys.executable).with_name("schemathesis")
    with gateway(provider, fault) as url:
        command = [str(program), "run", str(ROOT / "specs" / provider / "openapi.yaml"), "--url", url, "--header", f"Authorization: Bearer {KEY}"]
        try:
            done = subprocess.run([*command, *SETTINGS, "--max-examples", str(examples)],
                                  capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, check=False)  # fmt: skip
        except subprocess.TimeoutExpired:
            if fault is None:
                raise
            return frozenset({("", "the run did not end", "")})
    if done.returncode not in {0, 1} or "Selected:" not in done.stdout:
        raise RuntimeError(f"schemathesis did not run ({done.returncode}): {done.stdout[-500:]} {done.stderr[-500:]}")
    return frozenset(_failures(done.stdout))


def _failures(text: str) -> Iterator[tuple[str, str, str]]:
    """Read the output: a heading for each operation, `- ST…` for each failure, then the answer's status."""
    part = where = ""
    pending: list[str] = []
    for line in text.splitlines():
        if title := re.fullmatch(r"=+ ([A-Z ]+) =+", line):
            part, where = title[1], ""
        elif heading := re.fullmatch(r"_+ (.+?) _+", line):
            where = heading[1]
        elif part == "ERRORS" and where and re.fullmatch(r"[A-Z][A-Za-z -]+", line):
            yield where, line, ""
        elif part == "FAILURES" and line.startswith("- ST"):
            pending.append(line.split()[1])
        elif part == "FAILURES" and (line.startswith("Reproduce with") or re.match(r"\[\d+\]", line)):
            yield from ((where, check, line[:5]) for check in pending)
            pending = []


def ours(chosen: Sequence[Sampled], jobs: int) -> dict[tuple[str, str], tuple[bool, bool]]:
    """For each fault whether it breaks a must, and whether the harness catches it."""
    found = {}
    for provider in sorted({one.provider for one in chosen}):
        choice = Choice(provider=provider, faults=tuple(one.fault for one in chosen if one.provider == provider), every=True, jobs=jobs)
        for outcome in trials(choice, catalogue(choice).chosen):
            found[provider, outcome.plan.id] = outcome.plan.level == "must", outcome.caught
    return found


def compare(chosen: Sequence[Sampled], jobs: int, examples: int) -> list[Row]:
    """Let both try every fault."""
    started = time.monotonic()
    providers = sorted({one.provider for one in chosen})
    with ThreadPoolExecutor(jobs) as pool:
        clean = {provider: [pool.submit(schemathesis, provider, None, examples) for _ in range(3)] for provider in providers}
        runs = [pool.submit(schemathesis, one.provider, one.fault, examples) for one in chosen]
        caught = ours(chosen, jobs)
        print(f"ours: {time.monotonic() - started:.0f} s with the planning", flush=True)
        baseline = {provider: of_provider[0].result() | of_provider[1].result() for provider, of_provider in clean.items()}
        for provider, of_provider in clean.items():
            print(f"clean {provider}: {len(baseline[provider])} failures in two runs, {len(of_provider[2].result() - baseline[provider])} more in a third", flush=True)
        rows = []
        for one, run in zip(chosen, runs, strict=True):
            must, killed = caught[one.provider, one.fault]
            rows.append(Row(one, must, killed, run.result() - baseline[one.provider]))
            told = "; ".join(sorted(" ".join(failure) for failure in rows[-1].new)[:2])
            print(f"{one.area:12} {one.provider:16} {one.fault:60} {'caught' if killed else 'MISSED':8} {told or '-'}", flush=True)
    print(f"schemathesis: {time.monotonic() - started:.0f} s")
    return rows


def table(rows: Sequence[Row]) -> str:
    """Both rates, by area and in all."""
    groups = {area: [row for row in rows if row.sampled.area == area] for area in dict.fromkeys(row.sampled.area for row in rows)}
    groups |= {"all": list(rows), "all that break a must": [row for row in rows if row.must]}
    lines = ["| area | faults | proofsheet | schemathesis |", "|---|---|---|---|"]
    for name, of_name in groups.items():
        lines.append(f"| {name} | {len(of_name)} | {_rate([row.ours for row in of_name])} | {_rate([bool(row.new) for row in of_name])} |")
    return "\n".join(lines)


def _rate(caught: Sequence[bool]) -> str:
    return f"{sum(caught)} ({100 * sum(caught) / len(caught):.0f} %)" if caught else "-"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, metavar="N", help="only N of the declared faults")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--max-examples", type=int, default=5, help="schemathesis's; its coverage phase has no bound")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every fault to a file")
    given = parser.parse_args()
    rows = compare(sample(given.sample), given.jobs, given.max_examples)
    print(f"\n{table(rows)}")
    if given.json:
        document = [{**vars(row.sampled), "must": row.must, "proofsheet": row.ours, "schemathesis": bool(row.new), "new": sorted(row.new)} for row in rows]
        given.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
