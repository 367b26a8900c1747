import asyncio
import time
from dataclasses import replace
from fractions import Fraction

import httpx2
import pytest

from checks.subjects import LIFECYCLE, contract, exchange, operation, picture
from proofsheet.cases.model import Probe
from proofsheet.contract.matrix import Matrix, Requirement
from proofsheet.contract.model import PriceRule, Prices
from proofsheet.contract.requests import Request
from proofsheet.exchange.client import Reply
from proofsheet.exchange.clock import Clock
from proofsheet.exchange.model import Performance
from proofsheet.money.books import Books, Expected
from proofsheet.money.budget import Budget, NotAfforded
from proofsheet.money.journal import JOURNAL_FILE, NOTHING_KEPT, Journal, read_journal
from proofsheet.money.leaving import LeavingTransport
from proofsheet.money.ledger import LEDGER_FILE, Ledger, read_ledger
from proofsheet.money.lines import LedgerBroken

NOTHING_SAID = Matrix(())
ASYNC = operation(lifecycle=LIFECYCLE)
FREE_FAILURES = Matrix((Requirement("acme.free", "must", "What fails is free.", (), {"billing.free": ("acme/*/billing/failed",)}),))
HEADER = {
    "run": {"id": "r", "started_at": "2026-01-01T00:00:00+00:00", "tool_version": "0"}, "selection": {}, "unit": "drops", "budget": "100", "specs_sha256": "s",
    "target": {"name": "t", "provider": "p", "base_url": "u", "definition": "d"},
}  # fmt: skip


class Told(httpx2.AsyncBaseTransport):
    """A connection that tells when it sends, as real ones do, and what the ledger held at that moment."""

    def __init__(self, end, path):
        self.end, self.path, self.held = end, path, None

    async def handle_async_request(self, request):
        if isinstance(self.end, httpx2.ConnectError):
            raise self.end
        trace = request.extensions["trace"]
        await trace("http11.send_request_headers.started", {})
        self.held = read_ledger(self.path).entries
        await trace("http11.send_request_body.started", {})
        if isinstance(self.end, BaseException):
            raise self.end
        if self.end is None:
            await asyncio.sleep(60)
        return httpx2.Response(200)


class Silent(Told):
    """A connection that tells nothing."""

    async def handle_async_request(self, request):
        if isinstance(self.end, BaseException):
            raise self.end
        return httpx2.Response(200)


class Bench:
    """Books in a folder, for one price: 3 drops an image."""

    def __init__(self, folder, *, limit=100, matrix=NOTHING_SAID, per="image", op=None):
        self.folder = folder
        self.contract = contract(prices=Prices("drops", per, (PriceRule(Fraction(3)),)), matrix=matrix)
        self.op = op or operation()
        self.limit = Fraction(limit)
        self.books = self.opened()

    def opened(self, kept=NOTHING_KEPT, expected=Fraction(3)):
        ledger = Ledger(self.folder / LEDGER_FILE, lambda: 0.5)
        if kept is NOTHING_KEPT:
            ledger.begin(HEADER)
        else:
            ledger.resume(read_ledger(self.folder / LEDGER_FILE), None)
        return Books(self.contract, Budget(self.limit, ledger.spent), ledger, Journal(self.folder), kept, {"p": Expected("a/case", expected)}, time.monotonic())

    def again(self):
        """The books of a run that goes on."""
        self.books.close()
        self.books = self.opened(read_journal(self.folder))

    def probe(self, **asks):
        return Probe("p", self.op, replace(self.op.base, json={**self.op.base.json, **asks}))

    def perform(self, answer, outcome="served", pictures=1, wire=Told, end=200, timeout=None, **asks):
        """One performance: what was sent through ``wire``, whose answer is ``answer``."""

        async def go():
            probe = self.probe(**asks)
            page = self.books.open(probe, Clock())
            self.wire = wire(end, self.folder / LEDGER_FILE)
            transport = LeavingTransport(self.wire)

            async def ask():
                try:
                    async with asyncio.timeout(timeout):
                        await transport.handle_async_request(httpx2.Request("POST", "http://127.0.0.1:1/draw", json={"a": 1}))
                except httpx2.HTTPError:
                    return Reply(exchange(None, problem="unreachable"))
                return Reply(answer)

            try:
                reply = await page.order(Request("POST", "/draw", json={}), ask)
                found = await page.pictures(self._look(pictures))
            except BaseException:
                page.close(None)
                raise
            page.close(Performance(probe, outcome, reply.exchange, pictures=found))
            return reply

        return asyncio.run(go())

    def _look(self, pictures):
        async def look():
            return tuple(picture() for _ in range(pictures))

        return look

    @property
    def state(self):
        """The last entry's outcome and amount, what is spent, and what is held."""
        read = read_ledger(self.folder / LEDGER_FILE).entries
        assert sum((entry.amount for entry in read), Fraction(0)) == self.books.budget.spent
        return (read[-1].outcome, read[-1].amount) if read else None, self.books.budget.spent, self.books.budget._held


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


@pytest.mark.parametrize(("status", "problem", "outcome", "amount"), [
    (200, None, "served", 3), (400, None, "refused", 0), (429, None, "refused", 0), (500, None, "unknown", 3), (302, "redirect", "unknown", 3),
    (None, "timeout", "unknown", 3), (None, "broken", "unknown", 3), (None, "unsendable", "unsent", 0), (200, "broken", "served", 3), (400, "broken", "refused", 0),
])  # fmt: skip
def test_what_an_answer_costs(bench, status, problem, outcome, amount):
    bench.perform(exchange(status, {}, problem=problem))
    assert bench.state == ((outcome, amount), amount, 0)


def test_the_line_is_on_the_disk_before_the_request_leaves(bench):
    bench.perform(exchange(200, {"images": []}))
    [held] = bench.wire.held
    assert (held.outcome, held.left, held.reserved, held.case) == (None, False, 3, "a/case")
    [entry] = read_ledger(bench.folder / LEDGER_FILE).entries
    assert entry.left


def test_what_never_left_is_not_in_the_ledger(bench):
    bench.perform(exchange(), end=httpx2.ConnectError("nobody is there"))
    assert bench.state == (None, 0, 0)


@pytest.mark.parametrize("end", [200, httpx2.ReadError("cut")])
def test_a_connection_that_tells_nothing_has_sent_when_it_ends(bench, end):
    bench.perform(exchange(200, {}), wire=Silent, end=end)
    assert len(read_ledger(bench.folder / LEDGER_FILE).entries) == 1


@pytest.mark.parametrize(("expected", "outcome"), [(3, "lost"), (0, "unheard")])
def test_what_is_broken_off_on_its_way_counts_as_spent(bench, expected, outcome):
    bench.books.close()
    (bench.folder / LEDGER_FILE).unlink()
    bench.books = bench.opened(expected=Fraction(expected))
    with pytest.raises(TimeoutError):
        bench.perform(exchange(), end=None, timeout=0.05)
    assert bench.state == ((outcome, 3), 3, 0)


def test_a_failed_task_costs_nothing_where_that_is_documented(tmp_path):
    for name, matrix, amount in (("silent", NOTHING_SAID, 3), ("free", FREE_FAILURES, 0)):
        (tmp_path / name).mkdir()
        bench = Bench(tmp_path / name, matrix=matrix, op=ASYNC)
        bench.perform(exchange(200, {"id": "task-9"}), outcome="failed", pictures=0)
        assert bench.state == (("served" if amount else "failed", amount), amount, 0)
        assert read_ledger(bench.folder / LEDGER_FILE).entries[0].task == "task-9"


def test_a_fault_of_the_server_costs_nothing_where_that_is_documented(tmp_path):
    bench = Bench(tmp_path, matrix=FREE_FAILURES)
    bench.perform(exchange(503, {}))
    assert bench.state == (("failed", 0), 0, 0)


def test_more_images_than_were_asked_for_cost_more(tmp_path):
    bench = Bench(tmp_path)
    bench.perform(exchange(200, {}), pictures=3)
    assert bench.state == (("served", 9), 9, 0)
    (tmp_path / "call").mkdir()
    by_call = Bench(tmp_path / "call", per="call")
    by_call.perform(exchange(200, {}), pictures=3)
    assert by_call.state == (("served", 3), 3, 0)


def test_what_the_budget_does_not_hold_is_not_sent(tmp_path):
    bench = Bench(tmp_path, limit=5)
    bench.perform(exchange(200, {}))
    with pytest.raises(NotAfforded, match=r"the budget of 5.00 drops does not hold the 3.00 that this request may cost \(3.00 are spent\): raise --max-spend"):
        bench.perform(exchange(200, {}))
    assert len(read_ledger(bench.folder / LEDGER_FILE).entries) == 1


def test_a_run_that_goes_on_reads_what_was_answered(bench):
    first = bench.perform(exchange(200, {"images": [1]}))
    bench.again()
    again = bench.perform(exchange(500), end=AssertionError("this was sent twice"))
    assert again == first
    assert bench.state == (("served", 3), 3, 0)


def test_an_answer_whose_ledger_line_is_missing_is_settled(bench):
    for status, spent in ((200, 3), (400, 0)):
        bench.books.close()
        for name in (LEDGER_FILE, JOURNAL_FILE):
            (bench.folder / name).unlink()
        bench.books = bench.opened()
        bench.perform(exchange(status, {}))
        path = bench.folder / LEDGER_FILE
        path.write_bytes(b"".join(line for line in path.read_bytes().splitlines(keepends=True) if b"settled" not in line))
        bench.again()
        assert bench.books.budget.spent == 3
        bench.perform(exchange(500), end=AssertionError("this was sent twice"))
        assert bench.state == (("served" if spent else "refused", spent), spent, 0)


def test_a_failure_that_is_seen_only_after_the_resumption_gives_the_money_back(tmp_path):
    bench = Bench(tmp_path, matrix=FREE_FAILURES, op=ASYNC)
    bench.perform(exchange(200, {"id": "task-9"}), outcome="unfinished", pictures=0)
    bench.again()
    assert bench.books.budget.spent == 3
    bench.perform(exchange(500), outcome="failed", end=AssertionError("this was sent twice"))
    assert bench.state == (("failed", 0), 0, 0)


def test_looking_at_a_task_is_free_and_kept(bench):
    async def go():
        page = bench.books.open(replace(bench.probe(), poll_only="task-1"), Clock())

        async def ask():
            return Reply(exchange(404, {}))

        return await page.order(Request("GET", "/tasks/task-1"), ask)

    assert asyncio.run(go()).exchange.status == 404
    assert read_ledger(bench.folder / LEDGER_FILE).entries == ()
    assert read_journal(bench.folder).length(("p", 1)) == 1


def test_nothing_leaves_when_the_ledger_cannot_be_written(bench):
    bench.books.ledger.close()
    with pytest.raises(LedgerBroken):
        bench.perform(exchange(200, {}))
    assert bench.wire.held is None
    assert bench.books.budget._held == 0
