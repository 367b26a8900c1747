"""The books of one run: nothing that may be paid passes beside its budget, its ledger and its journal."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import httpx2

from proofsheet.cases.model import Probe
from proofsheet.contract.model import Contract, Operation
from proofsheet.contract.patterns import matches_any
from proofsheet.contract.requests import Request
from proofsheet.exchange.client import Reply
from proofsheet.exchange.clock import Clock
from proofsheet.exchange.model import Exchange, Performance, Picture
from proofsheet.exchange.pages import Page, Pages
from proofsheet.exchange.states import task_ref
from proofsheet.money.amounts import decimal_text
from proofsheet.money.budget import Budget, NotAfforded
from proofsheet.money.journal import Journal, Kept, Key, Leaf
from proofsheet.money.leaving import LeavingTransport, Slip, slipped
from proofsheet.money.ledger import Entry, Ledger
from proofsheet.money.lines import Flusher
from proofsheet.money.prices import cost_of_probe, unit_of

#: A task's id in the ledger is for people and cut beyond this; the journal has the whole answer.
_LONGEST_TASK = 200


@dataclass(frozen=True, slots=True)
class Expected:
    """What the run's cases say of one probe: the case that needs it first, and what it costs on a conforming target."""

    case: str
    amount: Fraction


class Books(Pages):
    """Opens a page for each performance. ``epoch`` is the ``time.monotonic()`` at which the run began."""

    def __init__(self, contract: Contract, budget: Budget, ledger: Ledger, journal: Journal, kept: Kept, expected: Mapping[str, Expected], epoch: float) -> None:
        self.contract, self.budget, self.ledger, self.journal, self.kept = contract, budget, ledger, journal, kept
        self.expected = expected
        self.flusher = Flusher(journal, ledger)
        self._epoch = epoch
        self._attempts: Counter[str] = Counter()

    @property
    def seen(self) -> int:
        """The highest number of an exchange that an earlier run has made."""
        return max((int(name[1:]) for name in self.kept.names), default=0)

    def transport(self, inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
        """What the API's requests go through: nothing leaves without its line in the ledger."""
        return LeavingTransport(inner)

    def open(self, probe: Probe, clock: Clock) -> Page:
        """The page of a probe's next performance: what an earlier run has seen of it stands there already."""
        self._attempts[probe.id] += 1
        return BookedPage(self, probe, (probe.id, self._attempts[probe.id]), clock)

    def now(self) -> float:
        """Seconds since the run began; the time between a run and its resumption does not count."""
        return time.monotonic() - self._epoch

    def why_not(self, amount: Fraction) -> str:
        """Why a request was not let out."""
        unit, limit = unit_of(self.contract), self.budget.limit or Fraction(0)
        return (
            f"the budget of {decimal_text(limit)} {unit} does not hold the {decimal_text(amount)} that this request may cost "
            f"({decimal_text(self.budget.spent)} are spent): raise --max-spend, and go on with --resume"
        )

    def close(self) -> None:
        """Close the files. Safe to call twice."""
        self.ledger.close()
        self.journal.close()


class BookedPage(Page):
    """One performance. What stands in the journal is read from it; only then the wire is asked."""

    def __init__(self, books: Books, probe: Probe, key: Key, clock: Clock) -> None:
        super().__init__(clock)
        self._books, self._probe, self._key = books, probe, key
        self._kept = books.kept.length(key)
        self._place = 0
        self._t = books.now()
        self._held = Fraction(0)
        self._entry: Entry | None = None

    async def order(self, request: Request, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send what may be paid, once the budget holds it, and keep its answer. Raises NotSent, Halt."""
        kept = self._next()
        if kept is not None and kept.reply is not None:
            self._entry = None if kept.number is None else self._books.ledger.entries[kept.number]
            if self._entry is not None and self._entry.outcome is None:
                # The run was killed between the answer's line in the journal and the one in the ledger.
                self._settle(self._entry, kept.reply.exchange)
                self._books.budget.settle(Fraction(0), self._entry.amount - self._entry.reserved)
            return kept.reply
        cost = cost_of_probe(self._books.contract, self._probe)
        if cost.worst == 0:
            return self._keep(Leaf(self._place, self._books.now(), reply=await ask(), order=True))
        await self._reserve(cost.worst)
        said = self._books.expected.get(self._probe.id)
        case, expected = (None, cost.worst) if said is None else (said.case, said.amount)
        slip = Slip(self._books.ledger, self._books.flusher, Entry(0, *self._key, request.signature(), cost.images, cost.worst, cost.worst, expected, case))
        try:
            with slipped(slip):
                reply = await ask()
        except BaseException:
            self._lost(slip)
            raise
        # Both lines are written before anything else happens: a kill finds them. A power cut may find neither or one.
        self._keep(Leaf(self._place, self._books.now(), reply=reply, order=True, number=slip.entry.number if slip.left else None))
        self._answered(slip, reply.exchange)
        await self._books.flusher.flush()
        return reply

    async def reply(self, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send what costs nothing, and keep its answer."""
        kept = self._next()
        return kept.reply if kept is not None and kept.reply is not None else self._keep(Leaf(self._place, self._books.now(), reply=await ask()))

    async def pictures(self, look: Callable[[], Awaitable[tuple[Picture, ...]]]) -> tuple[Picture, ...]:
        """Fetch pictures and keep what they are; their bytes are not kept."""
        kept = self._next()
        if kept is not None and kept.pictures is not None:
            return kept.pictures
        found = await look()
        self._write(Leaf(self._place, self._books.now(), pictures=found))
        return found

    def now(self) -> float:
        """When the last answer came: the same for one that is read from the journal as it was for the one that wrote it."""
        return self._t

    async def sleep(self, seconds: float) -> None:
        """Wait, where the next answer does not stand in the journal already."""
        if self._place >= self._kept:
            await self._clock.sleep(seconds)

    def close(self, performance: Performance | None) -> None:
        """Settle with the budget what the target has served: only now it is known how the task has ended and what came."""
        if self._entry is None or self._entry.outcome is None:
            return
        entry, known = self._entry, self._entry.amount
        amount = known if performance is None else self._final(entry, performance)
        held, self._held = self._held, Fraction(0)
        if amount != known:
            outcome = "failed" if amount == 0 else entry.outcome or ""
            self._books.ledger.settle(entry.number, outcome, amount, entry.status, entry.task)
        self._books.budget.settle(held, amount if held else amount - known)

    # -- the journal ----------------------------------------------------------------------------------------------

    def _next(self) -> Leaf | None:
        if self._place >= self._kept:
            return None
        leaf = self._books.kept.leaf(self._key, self._place)
        self._place += 1
        self._t = leaf.t
        return leaf

    def _keep(self, leaf: Leaf) -> Reply:
        assert leaf.reply is not None
        self._write(leaf)
        return leaf.reply

    def _write(self, leaf: Leaf) -> None:
        self._books.journal.write(self._key, leaf)
        self._place += 1
        self._t = leaf.t

    # -- money ----------------------------------------------------------------------------------------------------

    async def _reserve(self, amount: Fraction) -> None:
        said = self._books.expected.get(self._probe.id)
        try:
            await self._books.budget.reserve(amount, amount if said is None else said.amount)
        except NotAfforded:
            raise NotAfforded(self._books.why_not(amount)) from None
        self._held = amount

    def _lost(self, slip: Slip) -> None:
        """Nobody will hear the answer. What has left may have been charged."""
        held, self._held = self._held, Fraction(0)
        self._books.budget.settle(held, held if slip.left else Fraction(0))
        if slip.left:
            self._books.ledger.lose(slip.entry.number)
        elif slip.written:  # nothing of it has gone out
            self._books.ledger.settle(slip.entry.number, "unsent", Fraction(0), None, None)

    def _answered(self, slip: Slip, exchange: Exchange) -> None:
        if not slip.left:
            held, self._held = self._held, Fraction(0)
            self._books.budget.settle(held, Fraction(0))
            return
        self._settle(slip.entry, exchange)

    def _settle(self, entry: Entry, exchange: Exchange) -> None:
        """Write what the answer says. What was served stays held until the performance has ended."""
        outcome, amount = self._outcome(exchange, entry.reserved)
        lifecycle = self._probe.operation.lifecycle
        task = task_ref(lifecycle, exchange) if lifecycle is not None and exchange.ok else None
        self._books.ledger.settle(entry.number, outcome, amount, exchange.status, None if task is None else str(task)[:_LONGEST_TASK])
        self._entry = self._books.ledger.entries[entry.number]
        if outcome != "served" and self._held:
            held, self._held = self._held, Fraction(0)
            self._books.budget.settle(held, amount)

    def _outcome(self, exchange: Exchange, reserved: Fraction) -> tuple[str, Fraction]:
        status = exchange.status or 0
        if exchange.problem == "unsendable":
            return "unsent", Fraction(0)
        if 200 <= status < 300:
            return "served", reserved
        if 400 <= status < 500:
            return "refused", Fraction(0)
        if status >= 500 and exchange.problem is None and failures_are_free(self._books.contract, self._probe.operation):
            return "failed", Fraction(0)
        return "unknown", reserved

    def _final(self, entry: Entry, performance: Performance) -> Fraction:
        """What a served request has cost: nothing where its task failed and that is documented as free, more where more came than was asked for."""
        if entry.outcome != "served":
            return entry.amount
        if performance.outcome == "failed" and failures_are_free(self._books.contract, self._probe.operation):
            return Fraction(0)
        came = sum(not picture.name for picture in performance.pictures)
        prices = self._books.contract.prices
        return entry.reserved if prices is not None and prices.per != "image" else entry.reserved / entry.images * max(came, entry.images)


def failures_are_free(contract: Contract, operation: Operation) -> bool:
    """Whether the document says that what fails is not charged."""
    case = f"{contract.provider}/{operation.key}/billing/failed"
    wanted = (requirement for requirement in contract.matrix.requirements if requirement.level != "info" and requirement.excluded is None)
    return any(matches_any(requirement.checks.get("billing.free", ()), case) for requirement in wanted)
