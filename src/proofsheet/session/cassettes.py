"""``proofsheet judge`` and ``proofsheet cassettes pin``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from proofsheet.recording.errors import RecordingError
from proofsheet.recording.pin import pin
from proofsheet.recording.sets import SET_FILE, CassetteSet, find_sets
from proofsheet.results.errors import ResultsError
from proofsheet.results.reading import read_results
from proofsheet.results.summary import CONFORMS, INCOMPLETE, NONCONFORMITIES

_SHOWN = 20


def set_of(place: Path) -> Path:
    """The set of cassettes that a folder is, or that the run of a report directory has recorded or replayed. Raises RecordingError."""
    if (place / SET_FILE).is_file():
        return place
    try:
        recording = read_results(place).run.get("recording")
    except ResultsError:
        raise RecordingError(f"{place}: is neither a set of cassettes ({SET_FILE}) nor the report directory of a run (results.json)") from None
    if recording is None:
        raise RecordingError(f"{place}: this run was not recorded, and a report keeps only the beginnings of answers: run it with --mode record, then judge that")
    folder = Path(recording["path"])
    if not (folder / SET_FILE).is_file():
        raise RecordingError(f"{place}: its recording, {folder}, is not there any more: name the folder that it was moved to")
    if json.loads((folder / SET_FILE).read_text(encoding="utf-8")).get("digest") != recording["digest"]:
        raise RecordingError(f"{place}: its recording, {folder}, was replaced by another one: name that folder to judge what is there now")
    return folder


def pin_sets(root: Path) -> int:
    """Corrupt every recorded request once in each place and print which share a replay notices. 0 for all of them, 1 otherwise."""
    folders = [root] if (root / SET_FILE).is_file() else find_sets(root)
    if not folders:
        click.echo(f"proofsheet: {root}: there are no cassettes here", err=True)
        return INCOMPLETE
    code = CONFORMS
    for folder in folders:
        try:
            found = [pin(cassette) for cassette in CassetteSet.open(folder).cassettes()]
        except RecordingError as error:
            click.echo(f"proofsheet: {error}", err=True)
            return INCOMPLETE
        total, unnoticed = sum(one.corruptions for one in found), [place for one in found for place in one.unnoticed]
        rate = 100 * (total - len(unnoticed)) / total if total else 0.0
        click.echo(f"{folder.name}: {total - len(unnoticed)} of {total} corruptions noticed ({rate:.2f} %) in {len(found)} cassettes")
        for place in unnoticed[:_SHOWN]:
            click.echo(f"  not noticed: {place}")
        code = code if total and not unnoticed else NONCONFORMITIES
    return code
