"""All the runs of one command: which targets, where their reports go, and what they say together."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from proofsheet.cases.surroundings import Pictures
from proofsheet.cases.tiers import in_tier
from proofsheet.contract import load_contract, provider_names
from proofsheet.contract.clients import with_clients
from proofsheet.contract.model import Contract
from proofsheet.contract.relay import with_relay
from proofsheet.exchange.targets import Target, TargetError, load_target, target_from_mapping, target_from_options
from proofsheet.reference.process import ReferenceProcess, start_reference
from proofsheet.report.index import Entry, write_index
from proofsheet.results.known import KnownList, read_known
from proofsheet.results.model import Results
from proofsheet.results.summary import CONFORMS, HARNESS_FAILED, INCOMPLETE, NONCONFORMITIES, exit_code
from proofsheet.session.clients import check_clients, with_agency
from proofsheet.session.history import remember
from proofsheet.session.interrupts import Interrupts
from proofsheet.session.options import Options, UsageError, selected_in
from proofsheet.session.outcome import conclude
from proofsheet.session.pictures import RunningPictures
from proofsheet.session.repeats import Repeats
from proofsheet.session.run import TargetRun
from proofsheet.session.shards import Part, split
from proofsheet.session.spending import Earlier, Spending, earlier_runs_of
from proofsheet.session.upstream import start_upstream, watching
from proofsheet.session.wires import MakeWire, against, live_wire, recorder_for, recordings, replay_of

if TYPE_CHECKING:
    from proofsheet.upstream import RunningUpstream


class Plan(NamedTuple):
    """One target, what it can fetch, what it is reached through, the tier of cases (None where the target decides), and which of them."""

    target: Target
    pictures: Pictures
    make_wire: MakeWire
    tier: str | None
    selects: Callable[[str], bool]


#: The name of the embedded reference gateway as a target.
REFERENCE = "reference"


def new_run_id() -> str:
    """A run's id: when it began, and what tells it from another one of the same second."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


class Runs:
    """The runs of one command, one for each target. ``stop`` ends whatever was started.

    With ``eager`` each run begins to send as soon as its cases are known: nothing can be deselected later. A run's
    first request then doesn't wait for the other providers' cases.
    """

    def __init__(self, options: Options, *, eager: bool = False) -> None:
        self.options = options
        self.eager = eager
        self.run_id = new_run_id()
        self.directory = (options.report_dir or Path("reports") / self.run_id).resolve()
        self.runs: list[TargetRun] = []
        self.results: list[Results] = []
        self.parts: dict[int, Part] = {}
        self.planned: dict[int, int] = {}
        self._reference: ReferenceProcess | None = None
        self._pictures: RunningPictures | None = None
        self._earlier: dict[str, Earlier] = {}
        self.upstream: RunningUpstream | None = None
        self._timer: threading.Timer | None = None
        self.interrupts = Interrupts(self._interrupted)

    def prepare(self) -> None:
        """Start what must be started and make the cases. Raises UsageError, TargetError, ContractError, Unreachable, ReportError, RecordingError."""
        known = read_known(self.options.known) if self.options.known is not None else KnownList()
        check_clients(self.options)
        self.upstream = start_upstream(self.options)
        self.interrupts.check()
        self._go_on()
        plans = self._replays() if self.options.mode == "replay" else self._sending()
        for target, pictures, make_wire, tier, selects in plans:
            self.interrupts.check()
            contract = self._contract(target.provider)
            check_features(target, [feature.id for feature in contract.features])
            directory = self._directory(target, several=len(plans) > 1)
            run = TargetRun(contract, target, directory, pictures, make_wire, sends=self.options.mode != "replay", seed=self.options.seed, tier=tier)
            run.choose(selects)
            if self.options.mode == "replay":
                run.select(case for case in in_tier(contract, run.selected, self.options.tier or run.tier) if self.options.selects(case.id))
            if not run.selected:
                continue
            if self.options.shard is not None:
                chosen, self.parts[id(run)] = split(run.selected, *self.options.shard)
                run.select(chosen)
            self.planned[id(run)] = len(run.selected)
            run.against = against(self.options, target.name)
            run.spending = Spending.of(self.options, self.run_id, self._earlier.get(target.name))
            run.known, run.repeats = known, Repeats(self.options.repeat)
            self.runs.append(run)
            if self.eager:
                run.start()
                self.interrupts.check()
        if not self.runs:
            raise UsageError("no case is left by --only and --skip: they are patterns of whole case ids, such as '*/*/pixels/**'")

    @property
    def upstream_told(self) -> str | None:
        """What is to be known of the model behind the target; None where nobody plays it."""
        if self.upstream is None:
            return None
        return self.upstream.told if self._reference is None else f"upstream: the reference gateway asks the model on {self.upstream.address} for each picture"

    def _contract(self, provider: str) -> Contract:
        contract = load_contract(provider, self.options.specs)
        contract = contract if self.upstream is None else with_relay(contract, self.options.specs)
        return with_clients(contract, self.options.specs) if self.options.uses_clients else contract

    def _sending(self) -> list[Plan]:
        """What is sent to whom, with a picture server beside it for targets on this machine."""
        targets = self._targets()
        self._pictures = self._picture_server()
        make_wire = watching(self.upstream) if self.upstream is not None else recorder_for(self.options) if self.options.mode == "record" else live_wire
        make_wire = with_agency(make_wire) if self.options.uses_clients else make_wire
        return [Plan(target, self._pictures.pictures if on_loopback(target) else Pictures(), make_wire, self.options.tier, self.options.selects) for target in targets]

    def _go_on(self) -> None:
        """Find the runs that this one goes on with. Raises UsageError."""
        self._earlier = earlier_runs_of(self.options)
        if self.options.resume is not None:
            self.directory = self.options.resume.resolve()
            self.run_id = next(iter(self._earlier.values())).run_id

    def _directory(self, target: Target, *, several: bool) -> Path:
        """Where the reports on one target go: those of a run that goes on stay where they are."""
        if self.options.resume is None:
            return self.directory / target.name if several else self.directory
        if target.name not in self._earlier:
            raise UsageError(f"{self.directory}: holds no run on the target {target.name} that could be gone on with, but one on {', '.join(self._earlier)}")
        return self._earlier[target.name].directory

    def _picture_server(self) -> RunningPictures:
        ports = next((earlier.ports for earlier in self._earlier.values()), (0, 0))
        try:
            return RunningPictures(ports)
        except OSError:
            message = f"the ports {ports[0]} and {ports[1]} of this machine are taken, and the requests of that run refer to pictures there: free them, and try again"
            raise UsageError(message) from None

    def _replays(self) -> list[Plan]:
        """What is replayed. Raises RecordingError."""
        from proofsheet.recording.about import recorded_pictures, recorded_target

        return [
            Plan(recorded_target(one.about), recorded_pictures(one.about), replay_of(one, self.options), one.about.selection.get("tier", "full"), selected_in(one.about.selection))
            for one in recordings(self.options)
        ]

    def _targets(self) -> list[Target]:
        named = named_target(self.options)
        return self._reference_targets() if named is None else [named]

    def _reference_targets(self) -> list[Target]:
        """The embedded reference gateway: one target for each provider that has answers for it."""
        names = [self.options.provider] if self.options.provider else provider_names(self.options.specs)
        self._reference = start_reference(names, self.options.specs, variants=self.options.variants, upstream=None if self.upstream is None else self.upstream.port)
        found = []
        for name, served in self._reference.providers.items():
            raw = {key: value for key, value in served.target.items() if key != "reference_image_url"}
            found.append(replace(target_from_mapping(name, raw), name=f"{REFERENCE}-{name}"))
        return found

    def narrow(self, run: TargetRun, ids: Collection[str]) -> None:
        """Leave out what pytest has deselected, and what was only sent for its sake.

        A recording keeps the patterns that chose its cases and nothing else, and a part of a plan was cut from the whole:
        there, a case keeps the request that it shares.
        """
        if len(ids) < len(run.selected) and self.options.mode == "live" and self.options.shard is None:
            run.choose(ids.__contains__)
        else:
            run.select(case for case in run.selected if case.id in ids)

    def start(self) -> None:
        """Begin to send, on all targets at once. A run that has begun goes on."""
        for run in self.runs:
            self.interrupts.check()
            run.start()
        if self.options.max_time is not None:
            self._timer = threading.Timer(self.options.max_time, self._out_of_time)
            self._timer.daemon = True
            self._timer.start()

    def _out_of_time(self) -> None:
        for run in self.runs:
            run.stop(f"--max-time {self.options.max_time:g} was reached")

    def _interrupted(self) -> None:
        """Let no one wait for an answer any more."""
        for run in self.runs:
            if run.engine is not None:
                run.engine.end()

    def conclude(self, *, complete: bool, reason: str | None = None) -> int:
        """Stop sending, weigh what was seen, write the reports. Returns the exit code."""
        for run in self.runs:
            if not complete and reason is not None:
                run.stop(reason)
            whole = complete and not run.reasons
            self.results.append(conclude(run, self.options, complete=whole, run_id=self.run_id, part=self.parts.get(id(run)), planned=self.planned.get(id(run))))
        if len(self.runs) > 1:
            write_index(self.directory, [Entry(run.directory.name, results) for run, results in zip(self.runs, self.results, strict=True)])
        remember(self.options, self.directory, self.results)
        return together([exit_code(results.summary) for results in self.results])

    def abandon(self) -> None:
        """Close the logs without a footer, which says that the run did not end. One that has its footer keeps it."""
        for run in self.runs:
            run.stop()
            if run.log is not None:
                run.log.abandon()

    def stop(self) -> None:
        """End everything that was started. Safe to call twice."""
        if self._timer is not None:
            self._timer.cancel()
        for run in self.runs:
            run.stop()
            run.wire.abandon()
            if run.books is not None:
                run.books.close()
        if self._pictures is not None:
            self._pictures.stop()
            self._pictures = None
        if self.upstream is not None:
            self.upstream.stop()
            self.upstream = None
        if self._reference is not None:
            self._reference.stop()
            self._reference = None


def named_target(options: Options, environ: Mapping[str, str] | None = None) -> Target | None:
    """The target that the options name; None where they mean the reference gateway. Raises UsageError, TargetError."""
    if options.base_url is not None:
        if options.provider is None:
            raise UsageError("--base-url needs --provider: which provider's contract is to be checked")
        return target_from_options(options.provider, options.base_url, options.credentials, environ)
    if options.target is None or (options.target == REFERENCE and not _defines(options.targets_file, REFERENCE)):
        return None
    target = load_target(options.targets_file, options.target, environ)
    if options.provider not in (None, target.provider):
        raise UsageError(f"the target {target.name} claims to keep the contract of {target.provider}: leave out --provider {options.provider}")
    return target


def together(codes: Sequence[int]) -> int:
    """One exit code for several targets: the harness's own fault first, then a nonconformity, then what is incomplete."""
    return next((code for code in (HARNESS_FAILED, NONCONFORMITIES, INCOMPLETE) if code in codes), CONFORMS)


def _defines(path: Path, name: str) -> bool:
    """Whether a targets file has a target of this name."""
    try:
        load_target(path, name, dict(os.environ))
    except TargetError as error:
        return path.is_file() and "no target" not in str(error)
    return True


def on_loopback(target: Target) -> bool:
    """Whether the target runs on this machine, so that it can fetch pictures from it."""
    host = target.origin.host
    return host == "localhost" or host.startswith("127.") or host == "::1"


def check_features(target: Target, known: list[str]) -> None:
    """A target can lack only what its provider has. Raises UsageError."""
    for name in target.unsupported:
        if name not in known:
            raise UsageError(f"the target {target.name} declares '{name}' unsupported, but the provider has no such feature (it has {', '.join(known) or 'none'})")
