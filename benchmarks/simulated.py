"""A whole plan under a provider's published rate, on a simulated clock. Prints how long it takes beside what the rate alone needs.

    python benchmarks/simulated.py [PROVIDER] [--seconds 45]

The target is the provider's own public address, so that its published pace applies; the reference gateway answers in this
process, and each of its images takes ``--seconds`` of simulated time. The loop's clock goes on whenever everybody waits.
"""

from __future__ import annotations

import argparse
import asyncio
import selectors
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2

from proofsheet.cases.build import build_cases, probes_of
from proofsheet.cases.sharing import share
from proofsheet.cases.surroundings import Pictures
from proofsheet.cases.tiers import in_tier
from proofsheet.contract import load_contract
from proofsheet.exchange.clock import Clock
from proofsheet.exchange.engine import Engine
from proofsheet.exchange.targets import target_from_mapping
from proofsheet.exchange.wire import Wire
from proofsheet.reference.server import load_gateway
from proofsheet.session.run import surroundings_of


class _Leaping(selectors.DefaultSelector):
    """Waits for nothing: where nothing is ready, the loop's clock leaps to when something will be."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0 if timeout is not None else 0.01)
        if not ready and timeout is not None and timeout > 0:
            self.now += timeout
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only by leaps. What other loops give to threads is done at once."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        """Simulated seconds."""
        return self._leaping.now

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """The function's result."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 -- whoever waits for it is to see it
            future.set_exception(error)
        return future


class _Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return SimulatedLoop()


class _SimulatedClock(Clock):
    def now(self) -> float:
        return asyncio.get_running_loop().time()


class _Inside(Wire):
    """The gateway in this process, at simulated times."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self.clock, self._app = _SimulatedClock(), app
        self.begun: list[float] = []
        self.ended = 0.0

    @property
    def resolver(self) -> None:  # type: ignore[override]
        """Names need not resolve."""
        return

    def transport(self, keep: int) -> httpx2.AsyncBaseTransport:
        """No connections."""
        return _Timed(self, httpx2.ASGITransport(self._app))


class _Timed(httpx2.AsyncBaseTransport):
    def __init__(self, wire: _Inside, inner: httpx2.AsyncBaseTransport) -> None:
        self._wire, self._inner = wire, inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            self._wire.begun.append(self._wire.clock.now())
        answer = await self._inner.handle_async_request(request)
        self._wire.ended = self._wire.clock.now()
        return answer


def simulate(provider: str, seconds: float) -> tuple[int, float, float, float]:
    """Probes, simulated seconds, seconds that the rate needs, and seconds that this took."""
    started = time.perf_counter()
    contract = load_contract(provider)
    gateway = load_gateway(provider, None)
    slow = {name: replace(wording, steps=(replace(wording.steps[-1], looks=0, seconds=seconds),)) for name, wording in gateway.wording.lifecycles.items()}
    gateway.wording = replace(gateway.wording, lifecycles=slow)
    gateway.now = lambda: asyncio.get_running_loop().time()  # type: ignore[method-assign]
    target = target_from_mapping(provider, {"provider": provider, "base_url": contract.base_url, "paid": False, "credentials": gateway.accounts.keys})
    cases = in_tier(contract, build_cases(contract, surroundings_of(target, Pictures())), "full")
    probes = probes_of(share(list(cases), pairs=True))
    wire = _Inside(gateway)
    asyncio.set_event_loop_policy(_Policy())
    engine = Engine(contract, target, lambda probe, exchange: None, wire=wire)
    engine.start(probes)
    outcomes = [engine.performance(probe).outcome for probe in probes]
    engine.stop()
    assert {"served", "refused"} >= set(outcomes) - {"failed"}, set(outcomes)
    rate = engine.pace.requests_per_minute
    assert rate, f"{provider} publishes no rate"
    return len(probes), wire.ended, (len(probes) - 1) * 60 / rate, time.perf_counter() - started


def main() -> None:
    """Print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("provider", nargs="?", default="threedaistudio")
    parser.add_argument("--seconds", type=float, default=45.0)
    given = parser.parse_args()
    probes, took, bound, real = simulate(given.provider, given.seconds)
    print(f"{given.provider}: {probes} requests and lifecycles of {given.seconds:g} s take {took:.0f} simulated s; the published rate alone needs {bound:.0f} s: "
          f"{took / bound:.3f} x ({real:.1f} s real)")  # fmt: skip


if __name__ == "__main__":
    main()
