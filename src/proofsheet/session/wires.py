"""What a run sends through: the network, the network and a recorder, or a recording. Recordings are loaded where there are any."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofsheet.exchange.wire import Wire
from proofsheet.recording.errors import RecordingError
from proofsheet.session.options import Options, UsageError

if TYPE_CHECKING:
    from proofsheet.recording.sets import CassetteSet
    from proofsheet.session.run import TargetRun

MakeWire = Callable[["TargetRun"], Wire]
#: How the folders of the embedded reference gateway's recordings begin.
REFERENCE_PREFIX = "reference-"


def live_wire(run: TargetRun) -> Wire:
    """The network itself."""
    return Wire()


def recorder_for(options: Options) -> MakeWire:
    """Records each run into a folder of its target's name. Raises RecordingError, and UsageError where a part would replace a whole."""
    from proofsheet.recording.recorder import Recorder

    def make(run: TargetRun) -> Wire:
        place = options.cassettes / run.target.name
        if len(run.selected) < len(run.cases) and place.exists():
            raise UsageError(
                f"{place} holds a recording, and {len(run.selected)} chosen cases of {len(run.cases)} would replace all of it: "
                "record everything, or name another folder with --cassettes"
            )
        return Recorder(options.cassettes, run.contract, run.target, run.cases, run.pictures, run.epoch, heads_only=options.keep_heads,
                        selection=_selection(options, run.tier))  # fmt: skip

    return make


def _selection(options: Options, tier: str) -> dict[str, Any]:
    """What chose the cases; empty where all were recorded. It decides which of them share a request."""
    chosen = {"tier": None if tier == "full" else tier, "only": list(options.only), "skip": list(options.skip)}
    return {name: value for name, value in chosen.items() if value}


def replay_of(recording: CassetteSet, options: Options) -> MakeWire:
    """Replays one set. Raises RecordingError where it does not fit the installed specs."""
    from proofsheet.recording.player import Player

    return lambda run: Player(recording, run.contract, run.target, run.cases, max_age=options.max_age, other_specs=options.other_specs)


def against(options: Options, name: str) -> CassetteSet | None:
    """The recording that a run is compared with: the named set, or the target's in a folder of sets. Raises RecordingError."""
    if options.against is None:
        return None
    from proofsheet.recording.sets import SET_FILE, CassetteSet

    of_target = options.against / name
    return CassetteSet.open(of_target if (of_target / SET_FILE).is_file() else options.against)


def recordings(options: Options) -> list[CassetteSet]:
    """The sets that a replay is of: the named one, or those of the reference gateway. Raises RecordingError where there is none."""
    from proofsheet.recording.sets import CassetteSet

    return [CassetteSet.open(folder) for folder in _folders(options)]


def _folders(options: Options) -> list[Path]:
    if options.recording is not None:
        return [options.recording]
    if options.target is not None and options.target != REFERENCE_PREFIX.rstrip("-"):
        return [options.cassettes / options.target]
    from proofsheet.recording.sets import find_sets

    found = find_sets(options.cassettes, REFERENCE_PREFIX + (options.provider or ""))
    if not found:
        raise RecordingError(
            f"{options.cassettes}: there is no recording of the reference gateway here: record one with 'proofsheet verify --mode record', or name another folder with --cassettes"
        )
    return found
