"""How fast a replay is beside the live run that was recorded, and how much of both is not the exchange itself.

    python benchmarks/replay.py [--provider P]

Times are given as they passed and as this process worked: on a busy machine only the latter means something.
Records the reference gateway over loopback into a temporary folder, replays that, and prints for each: cases a second
of the whole command's work (contract, cases, exchanges, checks, reports; without the interpreter's start), and probes a
second of the engine alone. Says too whether both gave every case the same verdicts.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from proofsheet.cases.build import probes_of
from proofsheet.exchange.engine import Engine
from proofsheet.session.options import Options
from proofsheet.session.runs import Runs

Spent = tuple[float, float]


def now() -> Spent:
    """The clock, and the processor time of this process."""
    return time.perf_counter(), time.process_time()


def since(begun: Spent) -> Spent:
    """What both have gone on."""
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def whole(options: Options) -> tuple[Spent, int, set[tuple[str, ...]]]:
    """What a whole run took, its cases, and what it said of them."""
    begun = now()
    runs = Runs(options, eager=True)
    try:
        runs.prepare()
        cases = 0
        for run in runs.runs:
            for case in run.selected:
                run.verify(case)
                cases += 1
        runs.conclude(complete=True)
        said = {(f.case, f.check, f.requirement, f.verdict) for results in runs.results for f in results.findings}
        return since(begun), cases, said
    finally:
        runs.stop()


def engine_alone(options: Options) -> tuple[Spent, int]:
    """What the engines of all targets take, one after another, and how many probes they perform."""
    runs = Runs(options)
    seconds, worked, count = 0.0, 0.0, 0
    try:
        runs.prepare()
        for run in runs.runs:
            probes = probes_of(run.selected)
            wire = run.make_wire(run)
            engine = Engine(run.contract, run.target, lambda probe, exchange: None, wire=wire)
            begun = now()
            engine.start(probes)
            for probe in probes:
                engine.performance(probe)
            spent = since(begun)
            seconds, worked, count = seconds + spent[0], worked + spent[1], count + len(probes)
            engine.stop()
        return (seconds, worked), count
    finally:
        runs.stop()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--provider")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        base = Options(provider=given.provider, cassettes=place / "cassettes", report_dir=place / "report")
        modes = {mode: replace(base, mode=mode) for mode in ("live", "record", "replay")}
        figures = {mode: whole(options) for mode, options in modes.items()}
        live = figures["live"][0][0]
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for mode, ((seconds, worked), cases, said) in figures.items():
            same = "the same verdicts" if said == figures["live"][2] else "OTHER VERDICTS"
            passed = f"{cases} cases in {seconds:6.2f} s = {cases / seconds:5.0f} cases/s ({live / seconds:.2f} x live)"
            print(f"{mode:>7}: {passed}, worked {worked:5.2f} s = {cases / worked:5.0f} cases/s; {same}")
        for mode in ("live", "replay"):
            (seconds, worked), probes = engine_alone(modes[mode])
            print(f"{mode:>7}, exchanges alone: {probes} probes in {seconds:6.2f} s = {probes / seconds:5.0f} probes/s, worked {worked:5.2f} s = {probes / worked:5.0f} probes/s")
        size = sum(path.stat().st_size for path in (place / "cassettes").rglob("*") if path.is_file())
        print(f"the recording: {size / 1e6:.2f} MB in {sum(path.is_file() for path in (place / 'cassettes').rglob('*'))} files")


if __name__ == "__main__":
    main()
