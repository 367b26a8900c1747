"""The order of sending and of judging changes no verdict. Twenty orders on all providers: ``python benchmarks/false_alarms.py --seeds 20``."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from tests.session.command import Outcome, suites, verify

from proofsheet.cases.build import build_cases, probes_of, shuffled
from proofsheet.cases.surroundings import Surroundings
from proofsheet.contract import load_contract

CHOSEN = ("--only", "xairouter/native/parameters/**", "--only", "xairouter/native/errors/**", "--only", "xairouter/native/pixels/*@1K", "--only", "xairouter/native/billing/**")


def verdicts(outcome: Outcome) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for finding in outcome.results()["findings"]:
        found[finding["case"]].append(f"{finding['check']} {finding['requirement']} {finding['verdict']}")
    return {case: sorted(all_of_it) for case, all_of_it in found.items()}


def judged(outcome: Outcome) -> list[str]:
    """The cases in the order in which they were judged."""
    lines = (outcome.folder / "report" / "events.ndjson").read_text(encoding="utf-8").splitlines()
    return [event["case"] for event in map(json.loads, lines) if event["event"] == "case_finished"]


def test_two_orders_give_the_same_verdicts(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    first = verify(folders[0], "--provider", "xairouter", "--seed", "1", "--report-dir", "report", *CHOSEN)
    second = suites(folders[1], "--target", "reference", "--provider", "xairouter", "--seed", "2", "--report-dir", "report", *CHOSEN)
    for outcome, seed in ((first, 1), (second, 2)):
        assert outcome.code == 0, outcome.said
        assert outcome.results()["run"]["seed"] == seed
        counts = outcome.results()["summary"]["verdicts"]
        assert (counts["fail"], counts["warn"], counts["error"], counts["not_run"]) == (0, 0, 0, 0)
    assert verdicts(first) == verdicts(second)
    orders = judged(first), judged(second)
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


def test_bases_are_sent_first_in_any_order() -> None:
    cases = build_cases(load_contract("apimaster"), Surroundings(frozenset({"default"})))
    stable = [probe.id for probe in probes_of(cases)]
    bases = {case.base.id for case in cases if case.probe is not None and case.base is not None}
    for seed in (1, 2, 3):
        sent = [probe.id for probe in probes_of(cases, seed)]
        assert sorted(sent) == sorted(stable)
        assert sent != stable
        assert set(sent[: len(bases)]) == bases
        assert sent == [probe.id for probe in probes_of(cases, seed)]
    assert [probe.id for probe in probes_of(cases, 0)] == stable


def test_shuffling() -> None:
    assert shuffled("abcdef", 0) == list("abcdef")
    assert sorted(shuffled("abcdef", 7)) == list("abcdef")
    assert shuffled("abcdef", 7) == shuffled("abcdef", 7) != shuffled("abcdef", 8)
