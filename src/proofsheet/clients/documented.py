"""Performs the documents' examples: each in a process of its own, through a tap to the target."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from proofsheet.cases.model import ClientCall, Probe
from proofsheet.clients.agency import BESIDE, carry, key_for, unheard
from proofsheet.clients.came import lack_of
from proofsheet.clients.examples import Ran, Unfit, run_example
from proofsheet.clients.tap import tapped
from proofsheet.contract.examples import Example
from proofsheet.contract.locations import plain_text
from proofsheet.exchange.model import Exchange, Handed, Performance
from proofsheet.exchange.performer import Performer
from proofsheet.exchange.shedding import shed
from proofsheet.exchange.states import task_ref


@dataclass
class Documented:
    """The examples of one run. One that needs another's task waits for it; each is performed once, whoever asks first."""

    slots: asyncio.Semaphore
    _made: dict[tuple[str, int], asyncio.Task[Performance]] = field(default_factory=dict)

    async def perform(self, performer: Performer, probe: Probe) -> Performance:
        """Run the probe's example. Raises NotSent, Halt, TargetError."""
        key = (probe.id, probe.attempt)
        if key not in self._made:
            self._made[key] = asyncio.ensure_future(self._run(performer, probe))
        return await self._made[key]

    async def _run(self, performer: Performer, probe: Probe) -> Performance:
        call = probe.client
        assert call is not None
        assert call.example is not None
        first = None if call.first is None else await self.perform(performer, replace(call.first, attempt=probe.attempt))
        task = None if first is None or first.task_ref is None else plain_text(first.task_ref)
        async with self.slots:
            stand_in, keys = key_for(performer, probe)
            async with tapped(lambda heard: carry(performer, probe, heard, keys), performer.target.base_url) as tap:
                ran = await _ran(performer, call, call.example, tap.url, stand_in, task)
                if tap.refused is not None:
                    raise tap.refused
            return await _performance(performer, probe, call.example, tap.exchanges, ran)


async def _ran(performer: Performer, call: ClientCall, example: Example, url: str, key: str, task: str | None) -> Ran:
    if call.first is not None and task is None:
        return Ran(missing=f"it needs the task of the example '{example.after}', which gave none")
    try:
        return await run_example(example, url, key, task, Path(tempfile.gettempdir()), performer.pace.request_timeout + BESIDE, _model(performer, example))
    except Unfit as error:
        return Ran(missing=str(error))


def _model(performer: Performer, example: Example) -> tuple[str, str] | None:
    """The model's name in the text and the one that this target serves it by, where that is another."""
    operation = performer.contract.operation(example.operation)
    role = operation.roles.get("model")
    if operation.model is None or role is None:
        return None
    printed = plain_text(role.wire(operation.model.id))
    served = performer.target.models.get(operation.model.id, performer.target.models.get(printed))
    return None if served is None else (printed, served)


async def _performance(performer: Performer, probe: Probe, example: Example, exchanges: list[Exchange], ran: Ran) -> Performance:
    main = exchanges[-1] if exchanges else unheard(performer)
    lack = lack_of(probe.operation, example.gives, main) if main.ok else "it is not served"
    lifecycle, answer = probe.operation.lifecycle, probe.operation.answer
    pictures = await performer.collect(answer, main) if lack is None and example.gives == "images" and answer is not None else ()
    task = task_ref(lifecycle, main) if lack is None and example.gives == "task" and lifecycle is not None else None
    for exchange in exchanges:
        await shed(exchange)
    handed = Handed(version="", requests=tuple(exchanges), message=ran.stderr, nothing=lack or "", text=ran.stdout, code=ran.code, late=ran.late, missing=ran.missing or "")
    outcome = "served" if lack is None else "refused" if main.problem is None and not main.ok else "broken"
    return Performance(probe, outcome, main, final=main, task_ref=task, pictures=pictures, handed=handed)
