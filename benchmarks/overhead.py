"""How much longer a whole run takes than a bare loop that sends the same requests. Prints ratios from one run.

    python benchmarks/overhead.py [--provider P ...] [--rounds 3]

All cases of a provider's operations that answer at once (nothing polls and waits) against its reference gateway, in a
process of its own. The harness is `proofsheet verify` in a fresh process: interpreter, contract, cases, requests, images
decoded, judged, all reports written. The bare loop is `bare.py` in a fresh process: httpx2 alone sends the very same bytes
and reads every answer, fetches the same result URLs, at the same concurrency; what the harness may only send one after
another (requests around which it reads a balance) it sends so too. Both are timed from outside, from start to exit; the
second ratio is from the first request to the last report, against the loop's own time.
"""

from __future__ import annotations

import argparse
import os
import pickle
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path

import httpx2
from common import BIN, HERE, Place, machine, median, ran, reference, verified

from proofsheet.cases.model import Probe
from proofsheet.contract import load_contract
from proofsheet.exchange.transfer import FreshTransport
from proofsheet.exchange.wire import Wire
from proofsheet.session.options import Options
from proofsheet.session.run import TargetRun
from proofsheet.session.runs import Plan, Runs
from proofsheet.session.verify import run_suites

CONCURRENCY = 32
_SERIAL: ContextVar[bool] = ContextVar("serial", default=False)
Note = tuple[int, str, str, Mapping[str, str], bytes]


class Listening(Wire):
    """The network, and a note of every request as it leaves."""

    def __init__(self, notes: list[Note]) -> None:
        super().__init__()
        self._notes = notes

    def transport(self, keep: int) -> httpx2.AsyncBaseTransport:
        """Connections that are listened to."""
        return _Noting(self._notes, super().transport(keep))

    @asynccontextmanager
    async def probing(self, probe: Probe) -> AsyncIterator[None]:
        """Whether what is sent may go with everything else."""
        token = _SERIAL.set(probe.serial)
        try:
            yield
        finally:
            _SERIAL.reset(token)


class _Noting(httpx2.AsyncBaseTransport):
    def __init__(self, notes: list[Note], inner: httpx2.AsyncBaseTransport | None = None) -> None:
        self._notes, self._inner = notes, inner or FreshTransport(CONCURRENCY)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "content-length")}
        self._notes.append((int(_SERIAL.get()), request.method, str(request.url), headers, await request.aread()))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Noting(Runs):
    """Runs that note what they send."""

    def __init__(self, options: Options) -> None:
        super().__init__(options, eager=True)
        self.notes: list[Note] = []

    def _sending(self) -> list[Plan]:
        def listening(_: TargetRun) -> Wire:
            return Listening(self.notes)

        return [(target, pictures, listening, *rest) for target, pictures, _, *rest in super()._sending()]  # type: ignore[misc]


def waiting(provider: str) -> list[str]:
    """``--skip`` for the operations that have a lifecycle."""
    operations = load_contract(provider, matrix=False).operations
    return [f"{provider}/{operation.key}/**" for operation in operations if operation.lifecycle is not None]


def one_provider(provider: str, rounds: int, folder: Path) -> None:
    """Measure one provider and print its ratios."""
    with reference(provider, folder, max_concurrency=CONCURRENCY) as place:
        skip = waiting(provider)
        noting = _noted(place, folder, skip)
        try:  # the pictures that requests name are served from here as long as the bare loop needs them
            file = folder / "notes.pickle"
            file.write_bytes(pickle.dumps(noting.notes))
            rows = [_round(place, folder / f"round-{number}", file, skip) for number in range(rounds)]
        finally:
            noting.stop()
    cases = sum(len(run.selected) for run in noting.runs)
    for row in rows:
        print(f"  verify {row['verify']:.2f} s ({row['sending']:.2f} s from the first request), bare {row['bare']:.2f} s ({row['loop']:.2f} s its loop), "
              f"processor time {row['worked']:.2f} s and {row['bare_worked']:.2f} s")  # fmt: skip
    whole, exchange = (median([row[a] / row[b] for row in rows]) for a, b in (("verify", "bare"), ("sending", "loop")))
    per = median([row["verify"] - row["bare"] for row in rows]) / cases * 1000
    print(f"{provider}: {cases} cases, {len(noting.notes)} requests: {whole:.2f} x from start to exit, {exchange:.2f} x from the first request on; {per:.1f} ms more a case")


def _noted(place: Place, folder: Path, skip: list[str]) -> Noting:
    """A run that isn't timed: notes what is sent, and lets the gateway make its pictures."""
    os.environ.update(place.env)
    noting = Noting(Options(target="measured", targets_file=place.file, skip=tuple(skip), report_dir=folder / "noted"))
    noting.prepare()
    code = run_suites(noting)
    assert code == 0, f"the reference gateway did not conform: exit {code}"
    return noting


def _round(place: Place, report: Path, notes: Path, skip: list[str]) -> dict[str, float]:
    bare = ran([str(BIN / "python"), str(HERE / "bare.py"), str(notes), str(CONCURRENCY)])
    verify = verified(place, report, *(part for pattern in skip for part in ("--skip", pattern)))
    return {"verify": verify.ran.seconds, "sending": verify.sending, "bare": bare.seconds, "loop": float(bare.said), "worked": verify.ran.worked, "bare_worked": bare.worked}


def main() -> None:
    """Print the median of some rounds, provider by provider."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--provider", action="append", help="default: maxapi, xairouter and apimaster, which answer at once")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(machine())
    for provider in given.provider or ("maxapi", "xairouter", "apimaster"):
        with tempfile.TemporaryDirectory() as folder:
            one_provider(provider, given.rounds, Path(folder))


if __name__ == "__main__":
    main()
