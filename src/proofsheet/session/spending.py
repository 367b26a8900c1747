"""What a run may spend, and which earlier run it goes on with: from options to the run's books, and from these to its results."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from proofsheet import __version__
from proofsheet.cases.model import Probe
from proofsheet.contract.model import Contract
from proofsheet.exchange.targets import Target
from proofsheet.money.amounts import AmountError, decimal_text, exact_text, parse_amount
from proofsheet.money.books import Books, Expected
from proofsheet.money.budget import Budget
from proofsheet.money.figures import Figures, alone_of, cheapest_first, example_budget, expectations, figures_of
from proofsheet.money.journal import BODIES, JOURNAL_FILE, NOTHING_KEPT, Journal, Kept, read_journal
from proofsheet.money.ledger import LEDGER_FILE, Entry, Ledger, Recorded, boot_id, read_ledger
from proofsheet.money.lines import LedgerBroken, LedgerUnreadable
from proofsheet.money.prices import unit_of, usd_rate
from proofsheet.session.options import Options, UsageError

if TYPE_CHECKING:
    from proofsheet.session.run import TargetRun


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier run that did not come to its end: where it is, what it paid and what it saw."""

    directory: Path
    ledger: Recorded
    kept: Kept

    @property
    def run_id(self) -> str:
        """Its id, which it keeps."""
        return str(self.ledger.header["run"]["id"])

    @property
    def started_at(self) -> datetime:
        """When it was begun."""
        return datetime.fromisoformat(self.ledger.header["run"]["started_at"])

    @property
    def ports(self) -> tuple[int, int]:
        """The ports of the pictures that its requests refer to, and of those that nobody serves; 0 where there were none."""
        pictures = self.ledger.header.get("pictures", {})
        return urlsplit(pictures.get("base") or "").port or 0, urlsplit(pictures.get("unreachable") or "").port or 0


def earlier_runs(directory: Path) -> dict[str, Earlier]:
    """The runs of a report directory that can be gone on with, by their targets' names. Raises UsageError."""
    places = [path.parent for path in (directory / LEDGER_FILE, *sorted(directory.glob(f"*/{LEDGER_FILE}"))) if path.is_file()]
    if not places:
        raise UsageError(f"{directory}: there is no {LEDGER_FILE} here: name the report directory of a run on a paid target, or of one with --max-spend")
    found = {}
    for place in places:
        try:
            run = Earlier(place, read_ledger(place / LEDGER_FILE), read_journal(place))
        except LedgerUnreadable as error:
            raise UsageError(str(error)) from None
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise UsageError(f"{place / JOURNAL_FILE}: cannot be read ({type(error).__name__}: {error}); the run cannot be gone on with") from None
        found[str(run.ledger.header["target"]["name"])] = run
    return found


def earlier_runs_of(options: Options) -> dict[str, Earlier]:
    """The runs that ``--resume`` names; none without it. Raises UsageError."""
    if options.resume is None:
        return {}
    if options.mode != "live":
        raise UsageError(f"--resume goes on with a live run: leave out --mode {options.mode}")
    if options.upstream is not None:
        raise UsageError("what a model behind the gateway saw is not kept, so such a run cannot be gone on with: leave out --resume, or --upstream")
    if options.report_dir is not None and options.report_dir.resolve() != options.resume.resolve():
        raise UsageError("--resume writes into the directory of the run that it goes on with: leave out --report-dir")
    return earlier_runs(options.resume.resolve())


@dataclass(frozen=True, slots=True)
class Spending:
    """What one run was allowed: the words of ``--max-spend``, the run of ``--resume``, and the options that choose what is sent."""

    max_spend: str | None = None
    earlier: Earlier | None = None
    run_id: str = ""
    selection: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, options: Options, run_id: str, earlier: Earlier | None) -> Spending:
        """As the options say."""
        selection = {"only": list(options.only), "skip": list(options.skip), "tier": options.tier, "seed": options.seed, "repeat": options.repeat}
        return cls(options.max_spend, earlier, run_id, {**selection, "shard": list(options.shard or ())})

    def plan(self, run: TargetRun, probes: Sequence[Probe]) -> Allowed | None:
        """What may be spent on these probes; None where nobody counts. Sends and writes nothing. Raises UsageError."""
        contract, target = run.contract, run.target
        if not target.paid and self.max_spend is None and self.earlier is None:
            return None
        expected = expectations(contract, run.selected)
        figures = figures_of(contract, probes, expected, alone_of(run.selected))
        header = self._header(run, probes)
        if self.earlier is not None:
            _same_run(self.earlier, header)
        return Allowed(self, run, tuple(probes), header, expected, figures, self._limit(contract, target, figures))

    def _limit(self, contract: Contract, target: Target, figures: Figures) -> Fraction | None:
        if self.max_spend is not None:
            try:
                return parse_amount(self.max_spend, contract, usd_rate(contract, target))
            except AmountError as error:
                raise UsageError(f"--max-spend: {error}") from None
        if self.earlier is not None:
            return _budget_of(self.earlier)
        if not target.paid:
            return None
        cost = figures.in_words(unit_of(contract), usd_rate(contract, target))
        raise UsageError(
            f"the target {target.name} is paid (paid = true, or its address is public): this run would cost {cost}. Say how much may be spent, such as "
            f"--max-spend '{example_budget(contract, figures)}', choose less with --only or --tier, or set paid = false for a target that costs nothing"
        )

    def _header(self, run: TargetRun, probes: Sequence[Probe]) -> dict[str, Any]:
        target, pictures = run.target, run.pictures
        requests = hashlib.sha256("\n".join(sorted(probe.id for probe in probes)).encode()).hexdigest()
        return {
            "run": {"id": self.run_id, "started_at": run.started_at.isoformat(timespec="milliseconds"), "tool_version": __version__},
            "target": {"name": target.name, "provider": target.provider, "base_url": target.base_url, "definition": _definition(target)},
            "specs_sha256": run.contract.sha256,
            "selection": {**self.selection, "requests": requests},
            "pictures": {"base": pictures.base, "unreachable": pictures.unreachable, "single": pictures.single},
            "unit": unit_of(run.contract),
        }


def _budget_of(earlier: Earlier) -> Fraction | None:
    budget = earlier.ledger.header["budget"]
    return None if budget is None else Fraction(budget)


def _definition(target: Target) -> str:
    """A digest of what decides which requests go to a target. Keys may change between a run and its resumption."""
    facts = (
        sorted(target.headers.items()), sorted(target.models.items()), sorted(target.unsupported), sorted(target.credentials), target.reference_image_url,
        sorted((name, sorted(state.headers.items()), repr(state.json), state.credential) for name, state in target.states.items()), repr(target.balance),
    )  # fmt: skip
    return hashlib.sha256(repr(facts).encode()).hexdigest()


_COMPARED = (
    ("target", "name", "the target"), ("target", "provider", "the provider"), ("target", "base_url", "the target's base_url"),
    ("target", "definition", "the target's definition (headers, models, unsupported, credentials' names, states, balance)"),
    ("run", "tool_version", "the version of proofsheet"), ("selection", "only", "--only"), ("selection", "skip", "--skip"), ("selection", "tier", "--tier"),
    ("selection", "seed", "--seed"), ("selection", "repeat", "--repeat"), ("selection", "shard", "--shard"), ("selection", "requests", "the selected requests"),
)  # fmt: skip


def _same_run(earlier: Earlier, header: Mapping[str, Any]) -> None:
    if earlier.ledger.finished:
        raise UsageError(f"the run in {earlier.directory} is finished: there is nothing to go on with; its results are in {earlier.directory / 'results.json'}")
    old = earlier.ledger.header
    pairs = [(name, old[part].get(key), header[part].get(key)) for part, key, name in _COMPARED]
    pairs.append(("the specs", old["specs_sha256"], header["specs_sha256"]))
    differ = [f"{name} (was {_shown(was)}, is {_shown(now)})" for name, was, now in pairs if was != now]
    if differ:
        raise UsageError(f"the run in {earlier.directory} cannot be gone on with, because it was another one: {'; '.join(differ)}. Start anew, or run it as it was")


def _shown(value: Any) -> str:
    text = str(value)
    return f"{text[:12]}…" if len(text) == 64 else text[:80]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be spent on a plan, before anything is sent."""

    spending: Spending
    run: TargetRun
    probes: tuple[Probe, ...]
    header: Mapping[str, Any]
    expected: Mapping[str, Expected]
    figures: Figures
    limit: Fraction | None

    def open(self) -> Books:
        """Open the run's books in its directory. Raises ReportError, LedgerBroken."""
        earlier, run = self.spending.earlier, self.run
        last = max(earlier.ledger.last, earlier.kept.last) if earlier is not None else 0.0
        run.epoch = time.monotonic() - last
        epoch = run.epoch
        ledger = Ledger(run.directory / LEDGER_FILE, lambda: time.monotonic() - epoch)
        if earlier is None:
            ledger.begin({**self.header, "budget": None if self.limit is None else exact_text(self.limit)})
        else:
            run.started_at = earlier.started_at
            ledger.resume(earlier.ledger, self.limit)
            _clear_up(earlier, ledger)
        kept = earlier.kept if earlier is not None else NOTHING_KEPT
        return Books(run.contract, Budget(self.limit, ledger.spent), ledger, Journal(run.directory), kept, self.expected, epoch)

    def in_order(self, books: Books) -> tuple[Probe, ...]:
        """The probes in the order in which they are to be sent."""
        left = None if self.limit is None else self.limit - books.budget.spent
        return cheapest_first(self.probes, self.expected, self.figures, left)


def _clear_up(earlier: Earlier, ledger: Ledger) -> None:
    """Say what became of the requests whose answer the journal does not hold."""
    for entry in earlier.ledger.entries:
        # A power cut may have left the ledger's line of an answer, and taken the journal's.
        if entry.outcome not in (None, "served", "failed", "unknown") or entry.number in earlier.kept.answered:
            continue
        if entry.left or not earlier.ledger.boot or earlier.ledger.boot != boot_id():
            ledger.lose(entry.number)
        else:
            ledger.settle(entry.number, "unsent", Fraction(0), None, None)


def close_books(books: Books, directory: Path, *, complete: bool) -> None:
    """The run has ended. Where it came to its own end nothing is kept to go on with but the ledger."""
    with contextlib.suppress(LedgerBroken):  # a broken ledger has stopped the run, which says so
        books.ledger.end(complete=complete)
    books.close()
    if complete:
        (directory / JOURNAL_FILE).unlink(missing_ok=True)
        shutil.rmtree(directory / BODIES, ignore_errors=True)


def spend_entries(entries: Iterable[Entry]) -> tuple[dict[str, Any], ...]:
    """The ``spend`` of results.json: every request that was paid, or may have been."""
    return tuple(
        {
            "number": entry.number, "case": entry.case, "probe": entry.probe, "attempt": entry.attempt, "request": entry.request, "images": entry.images,
            "reserved": decimal_text(entry.reserved), "amount": decimal_text(entry.amount), "outcome": entry.outcome or "lost", "status": entry.status, "task": entry.task,
        }
        for entry in entries
        if entry.amount
    )  # fmt: skip


def spend_notes(entries: Iterable[Entry], unit: str) -> list[str]:
    """What a reader must know of the money: requests that nobody heard the answer of."""
    notes = []
    for outcome, what in (
        ("lost", "left and their answers were lost"), ("unheard", "that must be refused left and their refusals were lost"),
        ("unknown", "had no usable answer and may have been charged"),
    ):  # fmt: skip
        found = [entry for entry in entries if (entry.outcome or "lost") == outcome]
        if found:
            amount = decimal_text(sum((entry.amount for entry in found), Fraction(0)))
            cases = ", ".join(dict.fromkeys(entry.case or entry.probe for entry in found))
            again = "" if outcome == "unknown" else "; each was sent again where the budget held it"
            notes.append(f"{len(found)} request(s) {what}: {amount} {unit} count as spent{again} ({cases[:600]})")
    return notes


def paid(books: Books, contract: Contract, target: Target) -> tuple[int, dict[str, Any]]:
    """How many images were paid, and the ``spend`` of a summary, by the ledger."""
    entries = [entry for entry in books.ledger.entries.values() if entry.amount]
    return sum(entry.images for entry in entries), summed_up(contract, target, books.ledger.spent, unit_of(contract))


def summed_up(contract: Contract, target: Target, amount: Fraction, unit: str) -> dict[str, Any]:
    """The ``spend`` of a summary: USD is None where nobody said what a unit is worth."""
    rate = usd_rate(contract, target)
    return {"amount": decimal_text(amount), "unit": unit, "usd": None if rate is None else decimal_text(amount * rate), "exact": str(amount),
            "usd_per_unit": None if rate is None else str(rate)}  # fmt: skip
