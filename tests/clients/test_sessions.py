"""Runs through SDKs, which a small program plays here: their money, their end, and what cannot be asked of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.clients.faulty import pretending
from tests.clients.faulty.gateway import OWN_KEY, POOR_KEY, RUSHED_KEY, Answered, Gateway, served, slowly
from tests.clients.faulty.running import KEYS, TARGETS, cases, verify, verify_at

from proofsheet.cli import main
from proofsheet.clients import agency, driver
from proofsheet.session.options import Options, UsageError
from proofsheet.session.verify import verify as whole

PRICE = {"512": "0.045", "1K": "0.067", "2K": "0.101", "4K": "0.151", None: "0.067"}


@pytest.fixture(autouse=True)
def _pretended(monkeypatch):
    """Nothing is asked of this machine: all SDKs are there, and are this program."""
    monkeypatch.setattr("proofsheet.session.run.lacking", lambda sdks: {})
    monkeypatch.setattr("proofsheet.session.planning.surroundings_of", _all_there, raising=False)
    monkeypatch.setitem(driver._COMMANDS, "python", (sys.executable, pretending.__file__))


def _all_there(target, pictures, sdks=()):
    from proofsheet.session.run import surroundings_of

    return surroundings_of(target, pictures, ())


class Till(Gateway):
    """Charges for all that it begins to draw, whatever becomes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = Fraction(0)

    def charge(self, asked):
        config = json.loads(asked.body).get("generationConfig", {}).get("imageConfig", {})
        self.taken += Fraction(PRICE.get(config.get("imageSize"), "0"))

    def served(self, asked, document):
        with self.lock:
            self.charge(asked)
        return super().served(asked, document)


class DropsSdks(Till):
    """It charges, and nobody hears its answer."""

    def served(self, asked, document):
        answer = super().served(asked, document)
        return Answered(200, raw=b"") if asked.sdk else answer


def ledger(folder: Path):
    return [json.loads(line) for line in (folder / "report" / "ledger.ndjson").read_text(encoding="utf-8").splitlines()]


def entries(folder: Path):
    """What the ledger says of each request that has left, in its last line of it."""
    found = [line for line in ledger(folder) if "n" in line]
    return {line["n"]: {**next(one for one in found if one["n"] == line["n"]), **line} for line in found}


def test_a_right_gateway_passes(tmp_path):
    outcome = verify("native", tmp_path)
    assert outcome.broken() == set()
    assert outcome.code == 0
    assert len(outcome.of("served", "pass")) >= 6


@pytest.mark.parametrize("spend", ["0.07", "0.135", "0.202", "0.30", "0.47"])
def test_one_that_tries_again_never_spends_more_than_is_allowed(tmp_path, spend):
    till = DropsSdks()
    outcome = verify("native", tmp_path, till, only=cases("native", "call", "cell/*", "references/*"), more="paid = true", tier="full", max_spend=f"{spend} USD")
    assert 0 < till.taken <= Fraction(spend)
    assert len(entries(tmp_path)) == len(till.asked)
    assert sum(Fraction(one["amount"]) for one in entries(tmp_path).values()) == till.taken
    assert any("the budget of" in one.message for one in outcome.findings)
    assert not outcome.broken("error")


def test_each_request_has_its_line_in_the_ledger(tmp_path):
    till = DropsSdks()
    verify("native", tmp_path, till, only=cases("native", "call"), more="paid = true", tier="full", max_spend="9 USD")
    found = list(entries(tmp_path).values())
    assert len(found) == len(till.asked) == 1 + pretending.ATTEMPTS
    assert [one["status"] for one in found] == [200, None, None, None]
    assert len({one["probe"] for one in found}) == 2


def test_what_failed_is_tried_again(tmp_path):
    class Words(Gateway):
        def told(self, parts):
            return super().told([{"text": "a poster"}])

    outcome = verify("native", tmp_path, Words(), only=cases("native", "call"), repeat=3)
    assert [one.attempts for one in outcome.of("served", "fail")] == [("fail", "fail", "fail")]
    assert len(outcome.gateway.asked) == 4
    assert all("$CLIENTS_KEY" in one.curl and "stand-in" not in one.curl for one in outcome.of("served", "fail"))


def test_one_that_only_waits_is_not_waited_for(tmp_path, monkeypatch):
    class Later(Gateway):
        def refused(self, asked, status, why):
            return super().refused(asked, status, why).having(Retry_After="3600")

    monkeypatch.setattr(agency, "PATIENCE", 0.5)
    began = time.monotonic()
    outcome = verify("native", tmp_path, Later(), only=cases("native", "retries/rate-limited"))
    assert time.monotonic() - began < 20
    assert [one.actual for one in outcome.of("attempts")] == ["1 request(s), then nothing raised, it waits before it sends again, and had done so for 0.5 s"]


def test_one_that_breaks_down_is_our_own_fault_and_nobody_elses(tmp_path, monkeypatch):
    broken = tmp_path / "broken.py"
    broken.write_text("import sys\nsys.stdin.readline()\nprint('no reply')\n", encoding="utf-8")
    monkeypatch.setitem(driver._COMMANDS, "python", (sys.executable, str(broken)))
    outcome = verify("native", tmp_path, only=cases("native", "call"))
    assert outcome.broken("fail", "warn") == set()
    assert {check for check, _ in outcome.broken("error")} >= {"served"}
    assert any("Google's Gen AI SDK for Python has ended" in one.message for one in outcome.findings)


def test_only_their_cases_are_enough_to_ask_for_them():
    assert Options(only=("**/clients/**",)).uses_clients
    assert Options(only=("xairouter/native/clients/*/call",)).uses_clients
    assert Options(clients=True).uses_clients
    assert not Options(only=("**/relay/**", "**")).uses_clients


@pytest.mark.parametrize("how", [{"clients": True}, {"only": ("**/clients/**",)}])
@pytest.mark.parametrize("mode", ["record", "replay"])
def test_what_they_send_is_not_recorded(tmp_path, capsys, mode, how):
    assert whole(Options(provider="xairouter", mode=mode, report_dir=tmp_path, **how)) == 4
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"proofsheet: clients do not go with --mode {mode}")
    assert "leave out --clients" in line


def test_without_being_asked_for_there_are_none(tmp_path):
    with pytest.raises(UsageError, match="no case is left"):
        verify("native", tmp_path, only=["xairouter/native/sdk/**"])


def plan(tmp_path, *words):
    (tmp_path / "targets.toml").write_text(TARGETS.format(provider="xairouter", url="https://api.vendor.example", timeout=20, more="paid = true"), encoding="utf-8")
    done = CliRunner(env=KEYS).invoke(main, ["plan", "small", "--targets", str(tmp_path / "targets.toml"), "--json", "-", *words])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_plan_foresees_them(tmp_path):
    without, beside, alone = (plan(tmp_path, "--tier", "full", *words)["plans"][0] for words in ((), ("--clients",), ("--only", "**/clients/google-genai-python/call")))
    assert "clients" not in without["cases"]
    assert beside["requests"] == without["requests"] + beside["cases"]["clients"]["planned"]
    assert beside["images"]["planned"] > without["images"]["planned"]
    assert Fraction(beside["cost"]["expected"]) > Fraction(without["cost"]["expected"])
    assert (alone["requests"], alone["images"]["planned"], alone["cost"]["expected"]) == (2, 2, "0.134")
    assert "xairouter/native/clients/google-genai-python/call" in [paid["case"] for paid in alone["paid"]]


def left(folder: Path):
    """Processes of the small program that are still there, of those that have this folder in their environment."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if (
                process.name.isdecimal()
                and (process / "cmdline").read_bytes().split(b"\0")[1] == pretending.__file__.encode()
                and str(folder).encode() in (process / "environ").read_bytes()
            ):
                found.append(int(process.name))
        except (OSError, IndexError):
            continue
    return found


@contextmanager
def slow_gateway():
    begun = threading.Event()

    class Slow(Gateway):
        def served(self, asked, document):
            if asked.sdk:
                begun.set()
                slowly(20)
            return super().served(asked, document)

    with served(Slow()) as url:
        yield url, begun


START = """
import sys
from proofsheet.clients import agency, driver
driver._COMMANDS["python"] = (sys.executable, {program!r})
import proofsheet.session.run as run
run.lacking = lambda sdks: {{}}
from proofsheet.cli import main
main()
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_they_end_with_the_run(tmp_path, end):
    with slow_gateway() as (url, begun):
        (tmp_path / "targets.toml").write_text(TARGETS.format(provider="xairouter", url=url, timeout=60, more=""), encoding="utf-8")
        only = cases("native", "call", "references/*")
        command = [
            sys.executable,
            "-c",
            START.format(program=pretending.__file__),
            "verify",
            "small",
            "--report-dir",
            "report",
            *(word for one in only for word in ("--only", one)),
        ]
        environ = {**{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}, **KEYS, "TMPDIR": str(tmp_path)}
        process = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            assert begun.wait(60)
            [program] = left(tmp_path)
            content = Path(f"/proc/{program}/environ").read_bytes() + Path(f"/proc/{program}/cmdline").read_bytes()
            assert not any(key.encode() in content for key in (OWN_KEY, POOR_KEY, RUSHED_KEY))
            process.send_signal(end)
            deadline = time.monotonic() + 10
            while left(tmp_path) and time.monotonic() < deadline:
                time.sleep(0.02)
            assert left(tmp_path) == []
            said, _ = process.communicate(timeout=20)
        finally:
            process.kill()
            process.wait()
    assert "Traceback" not in said
    if end == signal.SIGINT:
        assert process.returncode == 2, said


def test_a_resumed_run_sends_nothing_again_that_it_has_paid_for(tmp_path):
    till = Till()
    how = {"only": cases("native", "call", "references/1"), "more": "paid = true", "tier": "full"}
    with served(till) as url:
        verify_at(url, "native", tmp_path, till, max_spend="0.14 USD", **how)
        assert len(till.asked) == 2
        outcome = verify_at(url, "native", tmp_path, till, max_spend="9 USD", resume=tmp_path / "report", **how)
    assert len(till.asked) == 3
    assert {one.verdict for one in outcome.findings} == {"pass"}
