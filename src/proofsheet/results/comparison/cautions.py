"""What a reader of a comparison must know first: how the two runs differ in how they were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from proofsheet.results.model import Results

_SOURCES = {"live": "LIVE", "recorded": "RECORDED", "simulated": "SIMULATED"}


def alarms(old: Results, new: Results) -> Iterator[str]:
    """What nobody may overlook: a simulated run says nothing about a vendor."""
    kinds = [str(results.run["provenance"]) for results in (old, new)]
    if "simulated" in kinds and kinds[0] != kinds[1]:
        yield (
            f"{_SOURCES[kinds[0]]} against {_SOURCES[kinds[1]]}: one of these runs was answered by the reference gateway. "
            "What is told as worse or better here is the difference between a simulation and a service, not between two days"
        )


def cautions(old: Results, new: Results) -> Iterator[str]:
    """The other differences, in sentences."""
    before, now = old.run, new.run
    if before["id"] == now["id"] and before["target"] == now["target"]:
        yield "this is one and the same run"
    elif _time(now) < _time(before):
        yield f"the new run ({now['started_at']}) is older than the old one ({before['started_at']}): name them the other way round to see what changed since"
    for name, what in (("name", "target"), ("base_url", "address")):
        if before["target"][name] != now["target"][name]:
            yield f"another {what}: {before['target'][name]} and {now['target'][name]}"
    for name, what in (("mode", "mode"), ("provenance", "provenance"), ("tier", "tier"), ("tool_version", "version of this tool")):
        if before[name] != now[name]:
            yield f"another {what}: {before[name]} and {now[name]}"
    if before["specs_sha256"] != now["specs_sha256"]:
        yield f"other specs: {before['specs_sha256'][:12]} and {now['specs_sha256'][:12]}: what appeared or vanished may come from them"
    if _selection(before) != _selection(now):
        yield f"other cases were chosen: {_selection(before) or 'all'} and {_selection(now) or 'all'}"
    for which, results in (("old", old), ("new", new)):
        yield from _unfinished(which, results)


def _unfinished(which: str, results: Results) -> Iterator[str]:
    if not results.run["complete"]:
        cases = len({finding.case for finding in results.findings if finding.verdict == "not_run"})
        why = "; ".join(str(reason) for reason in results.summary.get("why", ()))
        yield f"the {which} run is incomplete{f', {cases} case(s) were not run' if cases else ''}{f': {why}' if why else ''}"


def chosen_alike(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether both runs meant to perform the same cases, so far as they say so."""
    return bool(_selection(old) == _selection(new) and old["tier"] == new["tier"])


def _selection(run: Mapping[str, Any]) -> str:
    chosen = {name: value for name, value in run.get("selection", {}).items() if value}
    return ", ".join(f"{name} {' '.join(value) if isinstance(value, list) else value}" for name, value in sorted(chosen.items()))


def _time(run: Mapping[str, Any]) -> float:
    try:
        return datetime.fromisoformat(str(run["started_at"])).timestamp()
    except ValueError:
        return 0.0
