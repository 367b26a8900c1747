"""Whether the harness cries wolf. Prints what it says of gateways that keep their contracts.

    python benchmarks/false_alarms.py [--provider P] [--variant PATTERN] [--processes 2]
    python benchmarks/false_alarms.py --seeds 20

Without --seeds: every permissive variant of the reference gateway (specs/variants.yaml) on every provider that it
applies to, all cases. With --seeds N: the unchanged reference gateway in N random orders; nothing may be found, and
each case must get the same verdicts in all of them.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from proofsheet.contract import provider_names
from proofsheet.contract.patterns import matches_any
from proofsheet.reference.variants import variants_of
from proofsheet.results.model import Finding
from proofsheet.session.options import Options
from proofsheet.session.runs import Runs
from proofsheet.session.verify import run_suites

WRONG = ("fail", "warn", "error", "not_run")
Verdicts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Outcome:
    """One whole run. ``verdicts`` are those of each case, ``alarms`` what no conforming gateway deserves."""

    provider: str
    name: str
    code: int
    cases: int
    seconds: float
    counts: Mapping[str, int]
    alarms: tuple[str, ...]
    verdicts: Verdicts

    @property
    def clean(self) -> bool:
        """Whether nothing was wrongly found."""
        return self.code == 0 and not self.alarms


def run(provider: str, variants: tuple[str, ...] = (), seed: int = 0, only: tuple[str, ...] = ()) -> Outcome:
    """Verify the reference gateway in a variant, or in an order that a seed decides."""
    started, directory = time.monotonic(), Path(tempfile.mkdtemp())
    runs = Runs(Options(provider=provider, variants=variants, seed=seed, only=only, report_dir=directory), eager=True)
    try:
        runs.prepare()
        code = run_suites(runs) if seed else _judged(runs)
        findings = [finding for results in runs.results for finding in results.findings]
    finally:
        runs.stop()
        shutil.rmtree(directory, ignore_errors=True)
    name = variants[0] if variants else f"seed {seed}"
    return Outcome(provider, name, code, len({finding.case for finding in findings}), time.monotonic() - started,
                   Counter(finding.verdict for finding in findings), tuple(_alarms(findings)), _verdicts(findings))  # fmt: skip


def _judged(runs: Runs) -> int:
    """The same without pytest, which takes as long again."""
    for one in runs.runs:
        for case in one.selected:
            one.verify(case)
    return runs.conclude(complete=True)


def _alarms(findings: Iterable[Finding]) -> list[str]:
    grouped: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for finding in findings:
        if finding.verdict in WRONG:
            grouped[finding.verdict, finding.check, finding.requirement, finding.message, finding.actual[:100]].append(finding.case)
    return [f"{' '.join(key)} ({len(cases)}, such as {cases[0]})" for key, cases in grouped.items()]


def _verdicts(findings: Iterable[Finding]) -> Verdicts:
    found: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        found[finding.case].append(f"{finding.check} {finding.requirement} {finding.verdict}")
    return {case: tuple(sorted(verdicts)) for case, verdicts in found.items()}


def _told(outcome: Outcome) -> None:
    counts = outcome.counts
    print(f"{outcome.name:32} {outcome.provider:16} exit {outcome.code}  {counts.get('fail', 0):4} fail  {counts.get('warn', 0):4} warn  "
          f"{counts.get('error', 0):3} error  {counts.get('pass', 0):6} pass  {counts.get('info', 0):5} info  {outcome.seconds:5.1f} s", flush=True)  # fmt: skip
    for alarm in outcome.alarms[:12]:
        print("    ", alarm[:400], flush=True)


def variants(pool: ProcessPoolExecutor, providers: list[str], pattern: str) -> int:
    """All variants; 1 where any of them was found fault with."""
    jobs = [(provider, variant.id) for provider in providers for variant in variants_of(provider) if matches_any([pattern], variant.id)]
    outcomes = list(_each(pool.submit(run, provider, (name,)) for provider, name in jobs))
    names = len({outcome.name for outcome in outcomes})
    print(f"\n{names} variants on {len(providers)} providers, {len(outcomes)} runs, {sum(outcome.cases for outcome in outcomes)} cases:")
    return _summed(outcomes)


def seeds(pool: ProcessPoolExecutor, providers: list[str], number: int) -> int:
    """The clean gateway in random orders; 1 where anything was found or a verdict differs."""
    outcomes = list(_each(pool.submit(run, provider, (), seed) for seed, provider in product(range(1, number + 1), providers)))
    different = 0
    for provider in providers:
        of_provider = [outcome.verdicts for outcome in outcomes if outcome.provider == provider]
        cases = set().union(*of_provider)
        unsteady = sorted(case for case in cases if len({verdicts.get(case) for verdicts in of_provider}) > 1)
        different += len(unsteady)
        print(f"{provider}: {len(cases)} cases, {len(of_provider)} orders, {len(unsteady)} cases with different verdicts {unsteady[:5] or ''}")
    return max(_summed(outcomes), int(different > 0))


def _each(futures: Iterable) -> Iterable[Outcome]:  # type: ignore[type-arg]
    for future in list(futures):
        outcome = future.result()
        _told(outcome)
        yield outcome


def _summed(outcomes: list[Outcome]) -> int:
    total: Counter[str] = Counter()
    for outcome in outcomes:
        total.update(outcome.counts)
    dirty = [outcome for outcome in outcomes if not outcome.clean]
    print(f"{total['fail']} fail, {total['warn']} warn, {total['error']} error, {total['pass']} pass; {len(dirty)} of {len(outcomes)} runs with an alarm")
    return int(bool(dirty))


def main() -> int:
    """Print the table; exit 1 where the harness cried wolf."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--provider", action="append", help="only these providers (repeatable)")
    parser.add_argument("--variant", default="**", help="only the variants that fit this pattern")
    parser.add_argument("--seeds", type=int, metavar="N", help="the clean gateway in N orders instead of the variants")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    providers = given.provider or provider_names()
    with ProcessPoolExecutor(given.processes) as pool:
        return seeds(pool, providers, given.seeds) if given.seeds else variants(pool, providers, given.variant)


if __name__ == "__main__":
    raise SystemExit(main())
