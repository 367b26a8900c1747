"""Performs one probe: submit, poll, result, images, second look. Records everything, judges nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from proofsheet.cases.model import Probe
from proofsheet.contract.model import Answer, Call, Contract, Lifecycle, Operation
from proofsheet.contract.requests import Request
from proofsheet.exchange.calls import call_request
from proofsheet.exchange.client import Client, Reply
from proofsheet.exchange.clock import Clock
from proofsheet.exchange.encoding import SecurityUse
from proofsheet.exchange.model import Exchange, Incident, Performance, Picture, Poll
from proofsheet.exchange.pace import SENT_AGAIN, Gate, Pace, pause_of
from proofsheet.exchange.pages import Pages
from proofsheet.exchange.shedding import shed
from proofsheet.exchange.states import poll_url, state_of, task_ref
from proofsheet.exchange.targets import Target
from proofsheet.exchange.witness import Witness

Collect = Callable[[Answer, Exchange], Awaitable[tuple[Picture, ...]]]
#: A poll that fails this often in a row ends the lifecycle: the task cannot be watched any more.
POLL_FAILURES = 3
#: The credential of an account that is over its rate: what it is answered is what its cases are about.
LIMITED = "rate_limited"


class Agency(Protocol):
    """Has somebody else's client make a probe's request."""

    async def perform(self, performer: Performer, probe: Probe) -> Performance:
        """Perform a probe through its client."""
        ...

    async def stop(self) -> None:
        """End what was started."""
        ...


@dataclass(frozen=True)
class Performer:
    """All that is needed to perform probes against one target. ``on_exchange`` hears of each exchange as it ends."""

    contract: Contract
    target: Target
    client: Client
    gate: Gate
    pace: Pace
    collect: Collect
    on_exchange: Callable[[Probe, Exchange], None]
    clock: Clock = field(default_factory=Clock)
    pages: Pages = field(default_factory=Pages)
    witness: Witness | None = None
    agency: Agency | None = None

    def renamed(self, probe: Probe) -> Request:
        """The probe's request with the model name that this target serves the documented model by."""
        request, role, model = probe.request, probe.operation.roles.get("model"), probe.operation.model
        if role is None or model is None or request.get(role.at) != role.wire(model.id):
            return request
        models: Mapping[str, str] = self.target.models
        served = models.get(model.id, models.get(str(role.wire(model.id))))
        return request if served is None else request.put(role.at, served)

    async def perform(self, probe: Probe) -> Performance:
        """Perform a probe. Whatever the target does, a Performance comes back; harness errors are raised."""
        if self.witness is not None and probe.relay is not None:
            return await self.witness.perform(self, probe)
        if self.agency is not None and probe.client is not None:
            return await self.agency.perform(self, probe)
        run = _Run(self, probe)
        try:
            performance = await run.go()
        except BaseException:
            run.page.close(None)
            raise
        run.page.close(performance)
        return performance


class _Run:
    """One probe on its way."""

    def __init__(self, performer: Performer, probe: Probe) -> None:
        self.performer = performer
        self.probe = probe
        self.operation: Operation = probe.operation
        self.page = performer.pages.open(probe, performer.clock)
        self.incidents: list[Incident] = []
        self.others: dict[str, Exchange] = {}

    async def go(self) -> Performance:
        if self.probe.balance:
            await self._balance("before")
        performance = await (self._poll_only() if self.probe.poll_only is not None else self._submit())
        if self.probe.balance:
            await self._balance("after")
        return replace(performance, incidents=tuple(self.incidents), others=dict(self.others))

    # -- the wire -------------------------------------------------------------------------------------------------

    def _use(self, credential: str, scheme: str | None = None) -> SecurityUse | None:
        names = self.operation.endpoint.security
        name = scheme or (names[0] if names else None)
        return SecurityUse(credential, self.performer.contract.security_schemes[name]) if name else None

    def _heard(self, reply: Reply) -> Exchange:
        self.incidents += reply.incidents
        self.performer.on_exchange(self.probe, reply.exchange)
        return reply.exchange

    async def _send(self, request: Request, credential: str, scheme: str | None = None, *, follow: bool = True, begins: bool = False) -> Exchange:
        gate = self.performer.gate

        async def ask() -> Reply:
            async with gate.begin() if begins else gate.go_on():
                return await self.performer.client.send(request, self._use(credential, scheme), timeout=self.performer.pace.request_timeout, follow=follow)

        return self._heard(await (self.page.order(request, ask) if begins else self.page.reply(ask)))

    @property
    def _faulty(self) -> bool:
        """Whether the model behind the target was told to go wrong: its refusal is what is asked for."""
        return self.probe.relay is not None and self.probe.relay.fault is not None

    async def _begin(self, request: Request, credential: str, scheme: str | None = None, *, follow: bool = True) -> Exchange:
        """Send what begins something. What is answered 429 with a Retry-After is sent again after that pause, a few times.

        Nobody else begins anything meanwhile. The refusals stay among ``others``; the last answer is what counts.
        """
        for number in range(1, SENT_AGAIN + 1):
            exchange = await self._send(request, credential, scheme, follow=follow, begins=True)
            if exchange.status != 429 or exchange.problem is not None or credential == LIMITED or self._faulty or "retry-after" not in exchange.headers:
                return exchange
            self.others[f"limited:{number}"] = exchange
            pause = pause_of(exchange.headers["retry-after"])
            self.performer.gate.pause(pause)
            await self.page.sleep(pause)
        return await self._send(request, credential, scheme, follow=follow, begins=True)

    async def _get(self, url: str, credential: str, base: str, *, follow: bool = True) -> Exchange:
        async def ask() -> Reply:
            async with self.performer.gate.go_on():
                return await self.performer.client.fetch_api_url(
                    url, self._use(credential, self.probe.scheme), base=base, timeout=self.performer.pace.request_timeout, follow=follow
                )

        return self._heard(await self.page.reply(ask))

    async def _collect(self, answer: Answer, exchange: Exchange) -> tuple[Picture, ...]:
        with self.performer.gate.holding(len(exchange.body)):
            pictures = await self.page.pictures(lambda: self.performer.collect(answer, exchange))
            await shed(exchange)
        return pictures

    # -- one request ----------------------------------------------------------------------------------------------

    async def _submit(self) -> Performance:
        main = await self._begin(self.performer.renamed(self.probe), self.probe.credential, self.probe.scheme)
        if main.problem is not None:
            return Performance(self.probe, "broken", main)
        if not main.ok:
            return Performance(self.probe, "refused", main)
        lifecycle = self.operation.lifecycle
        if lifecycle is not None and self.probe.follow:
            return await self._watch(lifecycle, main)
        if self.operation.answer is None:
            return Performance(self.probe, "served", main, final=main)
        pictures = await self._collect(self.operation.answer, main)
        return Performance(self.probe, "served", main, final=main, pictures=pictures)

    async def _poll_only(self) -> Performance:
        lifecycle = self.operation.lifecycle
        assert lifecycle is not None
        assert self.probe.poll_only is not None
        task = int(self.probe.poll_only) if lifecycle.id_type == "integer" and self.probe.poll_only.isdecimal() else self.probe.poll_only
        main = await self._begin(self._call(lifecycle.look, task), self.probe.credential, follow=not lifecycle.reads_redirects)
        return Performance(self.probe, "broken" if main.problem else "served" if main.ok else "refused", main)

    # -- a lifecycle ----------------------------------------------------------------------------------------------

    def _call(self, call: Call, task: object) -> Request:
        role, model = self.operation.roles.get("model"), self.operation.model
        wire = str(role.wire(model.id)) if role is not None and model is not None else (model.id if model else "")
        return call_request(call, task, self.performer.target.models.get(model.id if model else "", wire))

    async def _look(self, lifecycle: Lifecycle, task: object, url: str | None, credential: str, base: str) -> Exchange:
        # A 303 to the result is something to read, not to follow blindly: the result may be anywhere.
        follow = not lifecycle.reads_redirects
        if url is not None:
            return await self._get(url, credential, base, follow=follow)
        return await self._send(self._call(lifecycle.look, task), credential, self.probe.scheme, follow=follow)

    async def _watch(self, lifecycle: Lifecycle, main: Exchange) -> Performance:
        task, url = task_ref(lifecycle, main), poll_url(lifecycle, main)
        if url is None and (task is None or isinstance(task, (dict, list)) or not str(task).strip()):
            return Performance(self.probe, "broken", main, task_ref=task)
        started = self.page.now()
        polls = await self._polls(lifecycle, main, task, url, started)
        state = polls[-1].state if polls else "unknown"
        final, pictures = await self._result(lifecycle, polls, task)
        performance = Performance(
            self.probe,
            {"succeeded": "served", "failed": "failed"}.get(state, "broken" if _gave_up(polls) else "unfinished"),
            main,
            final=final,
            task_ref=task,
            polls=tuple(polls),
            pictures=pictures,
        )
        if self.probe.look_again and state in ("succeeded", "failed"):
            performance = await self._look_again(lifecycle, performance, url)
        return performance

    async def _polls(self, lifecycle: Lifecycle, main: Exchange, task: object, url: str | None, started: float) -> list[Poll]:
        pace = self.performer.pace
        polls: list[Poll] = []
        await self.page.sleep(pace.first_poll_after)
        while True:
            exchange = await self._look(lifecycle, task, url, self.probe.credential, main.sent.url)
            word, state = state_of(lifecycle, exchange)
            polls.append(Poll(self.page.now() - started, exchange, word, state, next(iter(exchange.find(lifecycle.progress)), None)))
            if len(polls) == 1:
                await self._others(lifecycle, task, url, main.sent.url)
            if state in ("succeeded", "failed") or self.page.now() - started > pace.lifecycle_timeout or _gave_up(polls):
                return polls
            limited = exchange.status == 429
            if limited:
                self.performer.gate.refused_poll()
            await self.page.sleep(max(pace.poll_every, pause_of(exchange.headers.get("retry-after")) if limited else 0.0))

    async def _others(self, lifecycle: Lifecycle, task: object, url: str | None, base: str) -> None:
        """Other readers look while the task is there for sure."""
        for credential in self.probe.poll_as:
            self.others[f"poll:{credential}"] = await self._look(lifecycle, task, url, credential, base)

    async def _result(self, lifecycle: Lifecycle, polls: list[Poll], task: object) -> tuple[Exchange | None, tuple[Picture, ...]]:
        if not polls:
            return None, ()
        last = polls[-1].exchange
        if polls[-1].state == "failed":
            return last, await self._collect(lifecycle.answer, last)
        if polls[-1].state != "succeeded":
            return None, ()
        final = await self._final(lifecycle, last, task)
        return final, await self._collect(lifecycle.answer, final)

    async def _final(self, lifecycle: Lifecycle, last: Exchange, task: object) -> Exchange:
        """The answer that holds the results: the last poll, or what it leads to."""
        url = next((value for value in last.find((lifecycle.result,)) if isinstance(value, str)), None) if lifecycle.result else None
        if url is not None:
            return await self._get(url, self.probe.credential, last.sent.url)
        if lifecycle.fetch is not None and lifecycle.result is None:
            return await self._send(self._call(lifecycle.fetch, task), self.probe.credential, self.probe.scheme)
        return last

    async def _look_again(self, lifecycle: Lifecycle, performance: Performance, url: str | None) -> Performance:
        await self.page.sleep(self.performer.pace.poll_every)
        again = await self._look(lifecycle, performance.task_ref, url, self.probe.credential, performance.main.sent.url)
        _, state = state_of(lifecycle, again)
        pictures: tuple[Picture, ...] = ()
        if state in ("succeeded", "failed"):
            final = await self._final(lifecycle, again, performance.task_ref) if state == "succeeded" else again
            pictures = await self._collect(lifecycle.answer, final)
        return replace(performance, second_look=again, second_state=state, second_pictures=pictures)

    # -- money ----------------------------------------------------------------------------------------------------

    async def _balance(self, moment: str) -> None:
        balance = self.performer.target.balance
        if balance is not None:
            self.others[f"balance:{moment}"] = await self._get(balance.url, self.probe.credential, self.performer.target.base_url + "/")


def _gave_up(polls: list[Poll]) -> bool:
    last = polls[-POLL_FAILURES:]
    return len(last) == POLL_FAILURES and all(
        poll.state == "unknown" and poll.exchange.status != 429 and (poll.exchange.problem is not None or (poll.exchange.status or 0) >= 400) for poll in last
    )
