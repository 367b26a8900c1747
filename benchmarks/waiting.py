"""How much longer many tasks take than they need. Prints ratios from one run.

    python benchmarks/waiting.py [--lifecycles 300] [--seconds 6] [--rounds 3] [--plan threedaistudio]

First: lifecycles of 6 s on the server, all at once, with `proofsheet verify` in a fresh process, against a bare asyncio and
httpx2 loop in a fresh process that makes the same submissions and looks at each task on the same schedule until it is done;
from the first request to the last report against the loop's own time. The server is the reference gateway of an invented
provider, in a process of its own. Then: the whole plan of a provider with a published rate of requests, as on its public
address, on a simulated clock, against the time that this rate alone needs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from common import BIN, HERE, Place, machine, median, ran, reference, run_of, verified

from invented import PROVIDER, RATIOS, SIZES, write_specs

#: Seconds after which a task is first looked at, and between two looks.
FIRST_POLL, POLL = 2.0, 2.0


def lifecycles(number: int, seconds: float, rounds: int, folder: Path) -> float:
    """The median ratio for so many lifecycles."""
    cells = [f"/weave{operation:04d}?{ratio}@{size}" for operation in range(-(-number // (len(RATIOS) * len(SIZES)))) for ratio in RATIOS for size in SIZES]
    specs = write_specs(folder / "specs", -(-number // (len(RATIOS) * len(SIZES))), task_seconds=seconds)
    with reference(PROVIDER, folder, specs, max_concurrency=number, first_poll_after=FIRST_POLL, poll_every=POLL, lifecycle_timeout=120) as place:
        rows = [_round(place, folder / f"round-{one}", specs, number, folder) for one in range(rounds)]
    for sending, bare, tasks, requests, worked, bare_requests in rows:
        print(f"  {tasks} lifecycles, {requests} requests: {sending:.2f} s from the first request to the last report ({worked:.2f} s of processor time); "
              f"bare loop {bare:.2f} s, {bare_requests} requests: {sending / bare:.3f} x")  # fmt: skip
    assert rows[0][2] <= len(cells)
    return median([row[0] / row[1] for row in rows])


def _round(place: Place, report: Path, specs: Path, number: int, folder: Path) -> tuple[float, float, int, int, float, int]:
    # Each picture of an operation is a lifecycle of its own; what they have in common with other cases rides on them.
    run = verified(place, report, "--specs", str(specs), "--only", f"{PROVIDER}/*/pixels/*@*")
    document = run_of(report)
    tasks = json.loads((report / "lifecycles.json").read_text()) if not document["lifecycles"] else document["lifecycles"]
    exchanges = document["exchanges"] or json.loads((report / "exchanges.json").read_text())
    submitted = [exchange["request"] for exchange in exchanges if exchange["request"]["method"] == "POST"]
    file = folder / "submissions.json"
    file.write_text(json.dumps({"base": place.base_url, "key": place.env["BENCH_DEFAULT"], "first": FIRST_POLL, "every": POLL, "at_once": number,
                                "submissions": [[request["url"], request["body"]] for request in submitted]}))  # fmt: skip
    bare = ran([str(BIN / "python"), str(HERE / "bare_waiting.py"), str(file)])
    seconds, requests = json.loads(bare.said)
    return run.sending, seconds, len(tasks), len(exchanges), run.ran.worked, requests


def main() -> None:
    """Print both ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lifecycles", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plan", default="threedaistudio", metavar="PROVIDER")
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        ratio = lifecycles(given.lifecycles, given.seconds, given.rounds, Path(folder))
    print(f"{given.lifecycles} lifecycles of {given.seconds:g} s at once: {ratio:.3f} x of a bare loop that submits and looks as often")
    done = ran([str(BIN / "python"), str(HERE / "simulated.py"), given.plan])
    print(done.said.strip())


if __name__ == "__main__":
    main()
