"""Runs that are killed at random moments and gone on with: what was paid twice, what was lost, what was found.

    python benchmarks/kills.py [--kills 50] [--seed 1] [--provider P ...]

Each trial starts `proofsheet verify --max-spend` on a paid target, ends it with `kill -9` at a random moment of the run,
resumes it, now and then kills that too, and lets the last resumption come to its end. The target is a gateway that was
written by hand and keeps its own account: every request that it has served, and whether its answer was read (a client that
is killed while bytes are still unread resets the connection). Compared are

- the requests that it served although it had answered them before: there may be none,
- the `lost` lines of the ledger with the served requests whose answer nobody read,
- the images served with those of a run that nobody killed, plus those that were lost,
- findings, verdicts and requirements with those of the run that nobody killed.

Two moments cannot be told apart from either side. An answer can be read in the very moment of the kill, before it could be
written down: the gateway calls it answered, and the ledger lost. And a request can be written down as leaving and be killed
before its bytes are: the ledger calls it lost, and the gateway has never seen it. Both are milliseconds, more on a busy machine.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.money.running import Place, place, verdicts  # noqa: E402
from tests.money.servers import Account, Counted, CountedSync, CountedTasks, counting  # noqa: E402

PROVIDERS: dict[str, tuple[type[Counted], str]] = {"xairouter": (CountedSync, "1000 USD"), "threedaistudio": (CountedTasks, "100000 credits")}
SELECTION = ("--tier", "full", "--only", "**/pixels/*@1K", "--only", "**/pixels/count-*", "--only", "**/parameters/*/invalid/**", "--only", "**/lifecycles/run")
#: Seconds that an image takes, so that requests are on their way when the kill comes.
IMAGE_SECONDS = 0.4
#: How often a resumption is killed too.
AGAIN = 0.25


@dataclass
class Trial:
    """What one trial has shown."""

    kills: list[float] = field(default_factory=list)
    twice: int = 0
    unanswered: int = 0
    lost: int = 0
    extra: int = 0
    same: bool = False


def whole(kind: type[Counted], provider: str, spend: str, folder: Path) -> tuple[dict[str, object], Account, float]:
    """A run that nobody kills: what it finds, what was served, how long it takes."""
    with counting(kind, IMAGE_SECONDS) as (url, account):
        where = place(folder, provider, url)
        began = time.monotonic()
        code, said = where.run("--max-spend", spend, *SELECTION)
        took = time.monotonic() - began
        account.settled()
        if code not in (0, 1):
            raise SystemExit(f"the run that nobody kills ended with {code}:\n{said}")
        return verdicts(where.results()), account, took


def killed(where: Place, options: tuple[str, ...], after: float) -> bool:
    """Start a run and kill it; whether it was still running and had begun its ledger."""
    process = where.start(*options)
    time.sleep(after)
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return alive


def trial(kind: type[Counted], provider: str, spend: str, folder: Path, dice: random.Random, expected: tuple[dict[str, object], Account, float]) -> Trial:
    """One run, killed once or more often, and resumed."""
    found, undisturbed, took = expected
    shown = Trial()
    resume = ("--resume", str(folder / "report"), *SELECTION)
    with counting(kind, IMAGE_SECONDS) as (url, account):
        where = place(folder, provider, url)
        begin = ("--max-spend", spend, *SELECTION)
        options = begin
        while not shown.kills or dice.random() < AGAIN:
            shown.kills.append(round(dice.uniform(0.3, took), 3))
            killed(where, options, shown.kills[-1])
            options = resume if (where.report / "ledger.ndjson").exists() and where.ledger() else begin
        code, said = where.run(*options)
        if code == 4 and "is finished" in said:
            code = 0  # the last kill came too late
        if code not in (0, 1):
            raise SystemExit(f"resumed after {shown.kills}, it ended with {code}:\n{said}")
        account.settled()
        time.sleep(0.1)
        once, answered, unread = undisturbed.served(answered=True), account.served(answered=True), account.served(answered=False)
        shown.twice = sum((answered - once).values())
        shown.unanswered = sum(unread.values())
        shown.lost = sum(line["line"] == "lost" for line in where.ledger())
        shown.extra = len(account.orders) - len(undisturbed.orders)
        seen = verdicts(where.results())
        shown.same = seen == found
        for name in found if not shown.same else ():
            print(f"    {name}: {difference(found[name], seen[name])}")
        return shown


def difference(old: object, new: object) -> str:
    """What one run has found and the other has not."""
    if not isinstance(old, list) or not isinstance(new, list):
        return "" if old == new else f"{old} became {new}"
    return " ".join([*(f"-{one}" for one in old if one not in new), *(f"+{one}" for one in new if one not in old)])[:1500]


def main() -> None:
    """Print one line a trial and the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="trials for each provider")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--provider", action="append", choices=sorted(PROVIDERS), default=[])
    options = parser.parse_args()
    dice = random.Random(options.seed)
    for provider in options.provider or sorted(PROVIDERS):
        kind, spend = PROVIDERS[provider]
        with tempfile.TemporaryDirectory() as folder:
            expected = whole(kind, provider, spend, Path(folder, "whole"))
            print(f"{provider}: undisturbed {expected[2]:.1f} s, {len(expected[1].orders)} paid requests", flush=True)
            trials = []
            for number in range(options.kills):
                trials.append(trial(kind, provider, spend, Path(folder, str(number)), dice, expected))
                print(f"  {number + 1:3} {trials[-1]}", flush=True)
        print(
            f"{provider}: {len(trials)} trials, {sum(len(one.kills) for one in trials)} kills; served again though answered: {sum(one.twice for one in trials)}; "
            f"lost lines {sum(one.lost for one in trials)}, unanswered by the server's count {sum(one.unanswered for one in trials)}, "
            f"equal in {sum(one.lost == one.unanswered for one in trials)} trials; served beyond the undisturbed run {sum(one.extra for one in trials)}; "
            f"same findings in {sum(one.same for one in trials)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
