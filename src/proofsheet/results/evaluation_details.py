"""What lies behind the first screen: answers to errors, traces of lifecycles, charges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from proofsheet.results.model import AREAS, Finding, Results

#: The situations of the error matrix, each with the status that documents use for it; the last two have no row of their own there.
SITUATIONS = {"request": "400", "key": "401", "balance": "402", "timeout": "408", "rate": "429", "upstream": "5xx", "task": "404", "other": "other"}
#: Traces that are drawn for one target: enough to see each operation, and whatever went wrong.
MOST_TRACES, MOST_BAD = 12, 4
_GRAVITY = ("pass", "info", "not_supported", "not_run", "not_testable", "known_failure", "flaky", "warn", "error", "fail")


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """One way in which a target answered a situation, and how often.

    ``codes`` are the documented ones. ``retry`` is what it advised about trying again: empty where nothing, None where nobody looked.
    """

    status: str
    documented: str
    code: str
    codes: tuple[str, ...]
    retry: str | None
    message: str
    verdict: str
    provoked: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """A state from the look that saw it first to the look that saw another; ``word`` is the target's own. Seconds since the submission."""

    word: str
    state: str
    begin: float
    end: float
    progress: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One lifecycle as it was watched. ``looks`` are the moments of all polls."""

    case: str
    outcome: str
    steps: tuple[Step, ...]
    looks: tuple[float, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Charge:
    """What a request was charged by the account's balance, against what the document says."""

    case: str
    kind: str
    documented: str
    observed: str
    verdict: str
    message: str


def error_lines(results: Results) -> dict[str, tuple[ErrorLine, ...]]:
    """Answers to errors by situation; equal answers are one line. Invalid parameters count among the invalid requests."""
    verdicts: dict[str, str] = {}
    for finding in results.findings:
        if finding.area in ("errors", "parameters") and finding.level != "info":
            held = verdicts.get(finding.case, "pass")
            verdicts[finding.case] = max(held, finding.verdict, key=_GRAVITY.index)
    lines: dict[str, dict[tuple[str, ...], list[Mapping[str, Any]]]] = {}
    for entry in results.refusals:
        status = str(entry["status"]) if entry["status"] is not None else str(entry.get("problem") or "no answer")
        retry = f"Retry-After: {entry['retry_after']}" if entry["retry_after"] else entry["retry_advice"]
        key = (status, entry["documented"], entry["code"], retry, verdicts.get(entry["case"], "info"))
        lines.setdefault(entry["situation"], {}).setdefault(key, []).append(entry)
    found = {situation: [_line(key, entries) for key, entries in group.items()] for situation, group in lines.items()}
    found.setdefault("request", []).extend(_parameters(results.findings))
    return {situation: tuple(sorted(found[situation], key=lambda line: -_GRAVITY.index(line.verdict))) for situation in SITUATIONS if found.get(situation)}


def _line(key: tuple[str, ...], entries: list[Mapping[str, Any]]) -> ErrorLine:
    status, documented, code, retry, verdict = key
    provoked = tuple(dict.fromkeys(str(entry["case"]).rpartition("/")[2] for entry in entries))
    return ErrorLine(status, documented, code, tuple(entries[0]["codes"]), retry, entries[0].get("message", ""), verdict, provoked, len(entries))


def _parameters(findings: Iterable[Finding]) -> list[ErrorLine]:
    """Invalid values of parameters, by what they were answered with."""
    seen: dict[str, tuple[str, str, str]] = {}
    for finding in findings:
        if finding.check == "parameters.refused" and finding.level != "info":
            held = seen.get(finding.case)
            if held is None or _GRAVITY.index(finding.verdict) > _GRAVITY.index(held[2]):
                seen[finding.case] = (finding.actual, finding.expected, finding.verdict)
    counted = Counter(seen.values())
    return [ErrorLine(actual, expected, "", (), None, "", verdict, ("invalid parameters",), count) for (actual, expected, verdict), count in counted.most_common()]


def traces(results: Results) -> tuple[Trace, ...]:
    """The traces to draw: of each operation the plainest and the slowest, then those that did not end well."""
    everything = [_trace(entry) for entry in results.lifecycles if entry["trace"]]
    bad = [trace for trace in everything if trace.outcome not in ("served", "watched")]
    by_operation: dict[str, list[Trace]] = {}
    for trace in everything:
        if trace not in bad:
            by_operation.setdefault(_operation_of(trace.case), []).append(trace)
    good = [trace for group in by_operation.values() for trace in dict.fromkeys((_plainest(group), max(group, key=lambda one: one.seconds)))]
    return (*good[: MOST_TRACES - min(len(bad), MOST_BAD)], *bad[:MOST_BAD])


def _operation_of(case: str) -> str:
    """What stands between the provider and the area in a case's id."""
    steps = case.split("/")
    area = next((place for place, step in enumerate(steps) if place > 1 and step in AREAS), len(steps))
    return "/".join(steps[1:area])


def _plainest(group: list[Trace]) -> Trace:
    return next((trace for trace in group if trace.case.endswith("/lifecycles/run")), group[0])


def _trace(entry: Mapping[str, Any]) -> Trace:
    """A word counts from the look that saw it first to the look that saw another one."""
    looks = tuple(float(poll["t"]) for poll in entry["trace"])
    steps: list[Step] = []
    for poll, look in zip(entry["trace"], looks, strict=True):
        word, progress = str(poll.get("state") or "no word" if poll["status"] is None else poll["status"]), "" if poll["progress"] is None else str(poll["progress"])
        if steps:
            steps[-1] = replace(steps[-1], end=look)
        if steps and steps[-1].word == word:
            steps[-1] = replace(steps[-1], progress=progress or steps[-1].progress)
        else:
            steps.append(Step(word, str(poll.get("state", "")), look, look, progress))
    return Trace(str(entry["case"]), str(entry.get("outcome", "watched")), tuple(steps), looks, looks[-1])


def charges(findings: Iterable[Finding]) -> tuple[Charge, ...]:
    """What the balance says of each request whose charge could be read, once a case: the gravest verdict."""
    found: dict[str, Charge] = {}
    for finding in findings:
        if finding.area != "billing" or not finding.actual or finding.actual == "served":
            continue
        charge = Charge(finding.case, finding.check.partition(".")[2], finding.expected, finding.actual, finding.verdict, finding.message)
        held = found.get(finding.case)
        if held is None or _GRAVITY.index(charge.verdict) > _GRAVITY.index(held.verdict) or held.verdict == "info":
            found[finding.case] = charge
    return tuple(found.values())
