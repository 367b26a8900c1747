"""Whole runs on paid targets that keep their own account."""

import json
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.miniatures.servers import KEY
from tests.money.running import place, verdicts
from tests.money.servers import CountedSync, CountedTasks, counting

from proofsheet.contract.files import shipped_validator
from proofsheet.money import lines
from proofsheet.results.events import read_events
from proofsheet.session.options import Options, UsageError
from proofsheet.session.runs import Runs

SYNC = ("xairouter/native/pixels/*@512", "xairouter/native/parameters/body/invalid/type-*", "xairouter/native/parameters/contents/invalid/type-*")
TASKS = ("threedaistudio/generate/pixels/1:1@*", "threedaistudio/generate/pixels/count-*", "threedaistudio/generate/parameters/body/invalid/type-*")


def run(folder: Path, **more):
    """One run in this process: its exit code and its results."""
    runs = Runs(Options(**{"target": "counted", "targets_file": folder / "targets.toml", "report_dir": folder / "report", "tier": "full", **more}))
    try:
        runs.prepare()
        runs.start()
        [one] = runs.runs
        one.check_gateway()
        for case in one.selected:
            one.verify(case)
        return runs.conclude(complete=True), runs.results[0]
    finally:
        runs.stop()


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("COUNTED_KEY", KEY)


@pytest.mark.parametrize("images", [1, 2, 3, 7, 13, 14, 15, 16])
def test_no_budget_is_passed_at_concurrency_32(tmp_path, images):
    with counting(CountedSync, 0.05) as (url, account):
        place(tmp_path, "xairouter", url, concurrency=32)
        code, results = run(tmp_path, only=SYNC, max_spend=f"{images * 45 / 1000:.3f} USD")
    served, spend = account.images, results.summary["spend"]
    # The base request asks for no size and costs what 1K does.
    assert float(spend["amount"]) <= images * 0.045 + 1e-9
    assert served == results.summary["paid_images"]
    assert served >= images - 1
    assert served <= images
    assert (code, results.run["complete"]) in ((0, True), (2, False))
    assert (code == 0) is not results.summary["verdicts"]["not_run"]
    refused = {finding.verdict for finding in results.findings if "/invalid/" in finding.case and finding.check == "parameters.refused"}
    assert "not_run" not in refused or images == 1
    for finding in results.findings:
        if finding.verdict == "not_run":
            assert "does not hold the" in finding.message


@pytest.mark.parametrize("credits", [14, 15, 40, 60, 75, 100])
def test_no_budget_is_passed_by_tasks_of_several_images(tmp_path, credits):
    prices = {"512px": 10, "1K": 15, "2K": 20, "4K": 25}
    with counting(CountedTasks, 0.02) as (url, account):
        place(tmp_path, "threedaistudio", url, concurrency=32)
        _, results = run(tmp_path, only=TASKS, max_spend=f"{credits} credits")
    charged = sum(order.images * prices[order.size] for order in account.orders)
    assert charged <= credits
    assert float(results.summary["spend"]["amount"]) == charged
    assert sum(float(entry["amount"]) for entry in results.spend) == charged


def test_a_paid_target_without_a_budget_is_told_what_it_would_cost(tmp_path):
    with counting(CountedSync, 0) as (url, account):
        place(tmp_path, "xairouter", url)
        with pytest.raises(UsageError, match=r"is paid .* would cost about [0-9.]+ USD and at worst [0-9.]+ USD.* such as --max-spend '[0-9]+ USD'"):
            run(tmp_path, only=SYNC)
        with pytest.raises(UsageError, match="--max-spend: 'lots' is no amount of money"):
            run(tmp_path, only=SYNC, max_spend="lots")
        assert not (tmp_path / "report").exists()
        place(tmp_path, "xairouter", url, paid=False)
        assert run(tmp_path, only=SYNC)[0] == 0
        assert not (tmp_path / "report" / "ledger.ndjson").exists()
    assert account.images > 0


def test_what_is_written_fits_its_schema_and_a_finished_run_is_not_gone_on_with(tmp_path):
    with counting(CountedSync, 0) as (url, _):
        where = place(tmp_path, "xairouter", url)
        assert run(tmp_path, only=SYNC, max_spend="5 USD")[0] == 0
        for line in where.ledger():
            shipped_validator("ledger.schema.json").validate(line)
        assert where.ledger()[-1]["complete"] is True
        assert not (where.report / "journal.ndjson").exists()
        assert not (where.report / "bodies").exists()
        with pytest.raises(UsageError, match="is finished"):
            run(tmp_path, only=SYNC, report_dir=None, resume=where.report)


def test_a_budget_that_was_spent_is_raised_and_the_run_gone_on_with(tmp_path):
    with counting(CountedSync, 0) as (url, account):
        where = place(tmp_path, "xairouter", url)
        code, cut = run(tmp_path, only=SYNC, max_spend="0.3 USD")
        assert (code, account.images) == (2, 6)
        code, still = run(tmp_path, only=SYNC, report_dir=None, resume=where.report)
        assert (code, account.images) == (2, 6), "the budget is the same where none is named"
        assert verdicts(where.results()) == verdicts({**where.results()})
        code, whole = run(tmp_path, only=SYNC, report_dir=None, resume=where.report, max_spend="5 USD")
        images = account.images
        assert code == 0
        assert cut.run["id"] == still.run["id"] == whole.run["id"]
        assert read_events(where.report / "events.ndjson").complete
        resumed = verdicts(where.results())
        place(tmp_path / "other", "xairouter", url)
        run(tmp_path / "other", only=SYNC, max_spend="5 USD")
    assert resumed == verdicts(place(tmp_path / "other", "xairouter", url).results())
    assert images == account.images - images
    assert len({exchange["id"] for exchange in whole.exchanges}) == len(whole.exchanges)


@pytest.mark.parametrize(("change", "says"), [
    ({"seed": 3}, r"--seed \(was 0, is 3\)"), ({"only": SYNC[:1]}, "--only .* the selected requests"), ({"mode": "record"}, "leave out --mode"),
    ({"report_dir": Path("elsewhere")}, "leave out --report-dir"), ({"resume": Path()}, "there is no ledger.ndjson here"), ({"repeat": 2}, "--repeat"),
])  # fmt: skip
def test_another_run_is_not_gone_on_with(tmp_path, change, says):
    with counting(CountedSync, 0) as (url, account):
        where = place(tmp_path, "xairouter", url)
        run(tmp_path, only=SYNC, max_spend="0.3 USD")
        images = account.images
        with pytest.raises(UsageError, match=says):
            run(tmp_path, **{"only": SYNC, "report_dir": None, "resume": where.report, **change})
    assert account.images == images


def test_another_target_is_not_gone_on_with(tmp_path):
    with counting(CountedSync, 0) as (url, _):
        where = place(tmp_path, "xairouter", url)
        run(tmp_path, only=SYNC, max_spend="0.3 USD")
    with counting(CountedSync, 0) as (url, account):
        place(tmp_path, "xairouter", url)
        with pytest.raises(UsageError, match="the target's base_url"):
            run(tmp_path, only=SYNC, report_dir=None, resume=where.report)
    assert account.images == 0


def test_a_full_disk_stops_the_run_before_anything_unrecorded_is_paid(tmp_path, monkeypatch):
    write, budget = lines.os.write, [20_000]

    def filling(file, raw):
        if budget[0] < len(raw):
            raise OSError(28, "No space left on device")
        budget[0] -= len(raw)
        return write(file, raw)

    with counting(CountedSync, 0.02) as (url, account):
        where = place(tmp_path, "xairouter", url)
        monkeypatch.setattr(lines.os, "write", filling)
        code, results = run(tmp_path, only=SYNC, max_spend="5 USD")
        monkeypatch.setattr(lines.os, "write", write)
        account.settled()
        reserved = sum(line["line"] == "left" for line in where.ledger())
        assert code == 2
        assert account.images <= reserved
        assert "the disk is full" in " ".join(results.summary["why"])
        code, _ = run(tmp_path, only=SYNC, report_dir=None, resume=where.report)
    assert code == 0


def under_way(where):
    """How many requests the ledger says are gone and not answered."""
    lines = Counter(json.loads(line)["line"] for line in (where.report / "ledger.ndjson").read_text(encoding="utf-8").splitlines()) if where.report.exists() else Counter()
    return lines["left"] - lines["settled"]


@pytest.mark.parametrize(("kind", "provider", "spend", "only", "after"), [
    (CountedSync, "xairouter", "100 USD", SYNC, 4), (CountedSync, "xairouter", "100 USD", SYNC, 11), (CountedTasks, "threedaistudio", "9000 credits", TASKS, 3),
])  # fmt: skip
def test_a_killed_run_pays_nothing_twice_and_finds_the_same(tmp_path, kind, provider, spend, only, after):
    chosen = [word for pattern in only for word in ("--only", pattern)]
    with counting(kind, 0.3) as (url, account):
        undisturbed = place(tmp_path / "whole", provider, url, concurrency=4)
        code, said = undisturbed.run("--tier", "full", "--max-spend", spend, *chosen)
        assert code in (0, 1), said
        expected, once = verdicts(undisturbed.results()), account.served(answered=True)
    with counting(kind, 0.3) as (url, account):
        where, account.most = place(tmp_path / "killed", provider, url, concurrency=4), after
        held = min(4, once.total() - after)
        process = where.start("--tier", "full", "--max-spend", spend, *chosen)
        ends = time.monotonic() + 60
        # All that was answered has been heard of, and nothing but what is held is under way.
        while not (account.busy == held and under_way(where) == held) and time.monotonic() < ends:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        account.most = sys.maxsize
        account.released.set()
        code, said = where.run("--tier", "full", "--resume", str(where.report), *chosen)
        assert code in (0, 1), said
        account.settled()
    unanswered, lost = account.served(answered=False).total(), sum(line["line"] == "lost" for line in where.ledger())
    assert account.served(answered=True) == once, "nothing that was answered is served again, and everything is answered once"
    assert unanswered == lost > 0
    assert verdicts(where.results()) == expected
    assert sum(entry["outcome"] == "lost" for entry in where.results()["spend"]) == lost
    assert any(f"{lost} request(s) left and their answers were lost" in note for note in where.results()["summary"]["notes"])
