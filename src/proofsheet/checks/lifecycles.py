"""Checks of lifecycles: submit, poll trace, end, results, judged as one trace."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from proofsheet.cases.validity import explain, violation
from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Subject, allowed_statuses, is_mislabelled, what_came
from proofsheet.contract.model import Lifecycle
from proofsheet.contract.openapi import response_schema
from proofsheet.exchange.model import Exchange, Poll


def _traced(subject: Subject) -> Lifecycle | None:
    """The lifecycle of a case whose request was accepted; None where there is no trace to judge."""
    performance = subject.performance
    if performance.probe.poll_only is not None or not performance.main.ok or subject.case.kind.startswith("read-"):
        return None
    return subject.operation.lifecycle if subject.case.expect in ("serve", "fail") else None


def submitted(subject: Subject) -> Iterator[Judgement]:
    """The submission answers with an id, or a URL to poll."""
    lifecycle = _traced(subject)
    if lifecycle is None:
        return
    task, polls = subject.performance.task_ref, subject.performance.polls
    number = lifecycle.id_type == "integer"
    right = isinstance(task, int) and not isinstance(task, bool) if number else isinstance(task, str) and bool(task.strip())
    held = right or (task is None and bool(polls))
    actual = "a URL to poll" if task is None and polls else "no id" if task is None else f"{type(task).__name__} {str(task)[:60]}"
    yield Judgement("lifecycles.submitted", held, "the submission names its task" if held else "the submission gives no id that can be polled",
                    "a whole number that is an id" if number else "a text that is an id", actual)  # fmt: skip


def terminates(subject: Subject) -> Iterator[Judgement]:
    """The task ends in time."""
    if _traced(subject) is None or not subject.performance.polls:
        return
    polls = subject.performance.polls
    held = polls[-1].state in ("succeeded", "failed")
    actual = f"{polls[-1].word or what_came(polls[-1].exchange)} after {polls[-1].t:.1f} s and {len(polls)} looks"
    yield Judgement("lifecycles.terminates", held, "the task ended" if held else "the task did not end in time", "a final status", actual)


def status(subject: Subject) -> Iterator[Judgement]:
    """Every status is one that the document knows, or a word for running where it is open."""
    lifecycle, polls = _traced(subject), subject.performance.polls
    if lifecycle is None or not polls:
        return
    expected = ", ".join(lifecycle.status.words)[:160] or "a documented state"
    strange = [poll for poll in polls if poll.state == "unknown"]
    if not strange:
        yield Judgement("lifecycles.status", True, "all statuses are known", expected, ", ".join(dict.fromkeys(poll.word or poll.state for poll in polls))[:160])
        return
    ended = polls[-1].state in ("succeeded", "failed")
    wordless = any(poll.word is None for poll in strange)
    # An unknown word on the way to a documented end is the provider's freedom; no word at all is not.
    most = "info" if ended and not wordless else None
    actual = ", ".join(dict.fromkeys(poll.word or f"no status ({what_came(poll.exchange)})" for poll in strange))[:160]
    yield Judgement("lifecycles.status", False, "an answer to a poll has no known status", expected, actual, most)


def order(subject: Subject) -> Iterator[Judgement]:
    """No step back: not from running to queued, not from an end to anything else."""
    lifecycle, performance = _traced(subject), subject.performance
    if lifecycle is None or not performance.polls:
        return
    words = [poll.word or poll.state for poll in performance.polls]
    ranks = [_rank(lifecycle, poll) for poll in performance.polls]
    back = next((i for i, (before, after) in enumerate(pairwise(ranks)) if after < before), None)
    actual = " → ".join(words[max(0, (back or 0) - 1) : (back or 0) + 3] if back is not None else list(dict.fromkeys(words)))[:160]
    yield Judgement("lifecycles.order", back is None, "no step back" if back is None else "the task stepped back", "no step back", actual)


def _rank(lifecycle: Lifecycle, poll: Poll) -> int:
    if poll.state in ("succeeded", "failed"):
        return 2
    return 0 if poll.word in lifecycle.status.submitted or poll.state == "unknown" else 1


def progress(subject: Subject) -> Iterator[Judgement]:
    """Progress, where it is given, never falls and stays within 0 and 100."""
    if _traced(subject) is None:
        return
    given = [poll.progress for poll in subject.performance.polls if poll.progress is not None]
    if not given:
        return
    numbers = [_percent(value) for value in given]
    actual = " → ".join(str(value)[:12] for value in given[:12])
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        held, message = False, "progress is no number"
    elif any(not 0 <= number <= 100 for number in known):
        held, message = False, "progress is outside 0 to 100"
    else:
        held = all(before <= after for before, after in pairwise(known))
        message = "progress never falls" if held else "progress falls"
    yield Judgement("lifecycles.progress", held, message, "0 to 100, never falling", actual)


def _percent(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value.strip().rstrip("%")) if isinstance(value, str) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def results(subject: Subject) -> Iterator[Judgement]:
    """A finished task has as many results as asked for; one that is not finished or failed has none."""
    if _traced(subject) is None:
        return
    found = len(subject.images)
    if subject.performance.outcome == "served":
        wanted = subject.wanted_count
        held = found >= 1 if wanted is None else found == wanted
        yield Judgement("lifecycles.results", held, "the results are there" if held else "the task finished with another number of results",
                        "at least 1" if wanted is None else str(wanted), str(found))  # fmt: skip
    elif subject.performance.outcome == "failed":
        yield Judgement("lifecycles.results", not found, "a failed task has no results" if not found else "a failed task has results", "0", str(found))


def stable(subject: Subject) -> Iterator[Judgement]:
    """A second look at an ended task shows the same end and the same images."""
    performance = subject.performance
    if _traced(subject) is None or performance.second_look is None or not performance.polls:
        return
    last = performance.polls[-1]
    again = performance.second_state
    if again != last.state:
        yield Judgement("lifecycles.stable", False, "a second look shows another state", last.state, f"{again} ({what_came(performance.second_look)})")
        return
    before, after = _digests(subject.performance.pictures), _digests(performance.second_pictures)
    held = before == after
    message = "a second look shows the same" if held else "a second look shows other images"
    yield Judgement("lifecycles.stable", held, message, f"{last.state}, {len(before)} images", f"{again}, {'the same' if held else 'other'} {len(after)} images")


def _digests(pictures: Any) -> list[str]:
    return sorted(picture.digest or picture.problem or "" for picture in pictures if not picture.name)


def failure(subject: Subject) -> Iterator[Judgement]:
    """A task that must fail ends failed, says why, and has no results."""
    lifecycle, performance = subject.operation.lifecycle, subject.performance
    if subject.case.kind != "failure" or lifecycle is None:
        return
    expected = "failed, with a reason and without results"
    if performance.outcome == "refused":
        yield Judgement("lifecycles.failure", None, "the request was refused, so no task could fail", expected, what_came(performance.main))
    elif performance.outcome != "failed":
        yield Judgement("lifecycles.failure", False, "a task that must fail did not end failed", expected, performance.outcome)
    else:
        reason = next((value for value in performance.polls[-1].exchange.find(lifecycle.reason) if value), None)
        said = isinstance(reason, (str, dict)) and bool(reason)
        held = said and not subject.images
        message = "the task failed and says why" if held else "the task failed without a reason" if not said else "the task failed and has results"
        yield Judgement("lifecycles.failure", held, message, expected, str(reason)[:120] if said else "no reason")


def unknown(subject: Subject) -> Iterator[Judgement]:
    """An id that no task has is refused."""
    if subject.case.kind != "unknown-task":
        return
    if not subject.grounded:
        yield Judgement("lifecycles.unknown", None, "the base request was not served, so a refusal proves nothing")
        return
    yield _refusal("lifecycles.unknown", subject, subject.performance.main, "an unknown id", "an unknown id was answered like a task")


def _refusal(check: str, subject: Subject, exchange: Exchange, what: str, wrong: str) -> Judgement:
    error = subject.case.error
    status = exchange.status if exchange.problem is None else None
    held = status is not None and (error.allows(status) if error and error.status else 400 <= status < 500 and status not in (405, 408, 429))
    expected = allowed_statuses(error) if error and error.status else "a 4xx"
    message = f"{what} is refused" if held else wrong if exchange.ok else f"{what} is not refused as it should be"
    return Judgement(check, held, message, expected, what_came(exchange))


def guarded(subject: Subject) -> Iterator[Judgement]:
    """A task cannot be read without a key."""
    yield from _reading(subject, "read-without-key", "poll:(none)", "lifecycles.guarded", "a poll without a key", "a task was read without a key")


def isolated(subject: Subject) -> Iterator[Judgement]:
    """Another account cannot read a task."""
    if subject.operation.lifecycle is not None and not subject.operation.lifecycle.isolated:
        return
    yield from _reading(subject, "read-by-another", "poll:second_account", "lifecycles.isolated", "another account's poll", "another account read the task")


def _reading(subject: Subject, kind: str, name: str, check: str, what: str, wrong: str) -> Iterator[Judgement]:
    if subject.case.kind != kind:
        return
    exchange = subject.performance.others.get(name)
    if exchange is None or not subject.performance.polls or (not subject.performance.polls[-1].exchange.ok and subject.performance.outcome != "served"):
        yield Judgement(check, None, "no task could be polled with its own key, so a refusal proves nothing")
        return
    yield _refusal(check, subject, exchange, what, wrong)


def answer(subject: Subject) -> Iterator[Judgement]:
    """Every answer to a poll fits the documented shape."""
    lifecycle = _traced(subject)
    if lifecycle is None:
        return
    for poll in subject.performance.polls:
        schema = response_schema(lifecycle.poll, poll.exchange.status or 0)
        if schema is None or not poll.exchange.ok:
            continue
        error = violation(schema, poll.exchange.json)
        if error is not None:
            yield Judgement("lifecycles.answer", False, explain(error), "the documented shape", explain(error))
            return
        if is_mislabelled(poll.exchange):
            yield Judgement("lifecycles.answer", False, "the answer to a poll is JSON and says that it is not", "the media type of JSON", poll.exchange.media_type, "should")
            return
    yield from _result_answer(lifecycle, subject)
    if subject.performance.polls:
        yield Judgement("lifecycles.answer", True, "the answers to polls have the documented shape", "the documented shape", "fits")


def _result_answer(lifecycle: Lifecycle, subject: Subject) -> Iterator[Judgement]:
    """A result that an operation of its own gives has that operation's shape."""
    final = subject.performance.final
    schema = response_schema(lifecycle.fetch.endpoint, final.status or 0) if lifecycle.fetch is not None and final is not None else None
    if final is None or schema is None or not final.ok or not subject.served:
        return
    error = violation(schema, final.json)
    found = "" if error is None else explain(error)
    yield Judgement("lifecycles.answer", error is None, found or "the result has the documented shape", "the documented shape", found or "fits")


def origin(subject: Subject) -> Iterator[Judgement]:
    """The URL to poll is the target's own."""
    if _traced(subject) is None:
        return
    found = [incident for incident in subject.performance.incidents if incident.kind == "poll_elsewhere"]
    for incident in found:
        yield Judgement("lifecycles.origin", False, "the URL to poll is on another origin; no key was sent there", "the target's origin", incident.detail[:200])
    if not found and subject.performance.polls:
        yield Judgement("lifecycles.origin", True, "the task is polled on the target", "the target's origin", "the target's origin")


CHECKS = (submitted, terminates, status, order, progress, results, stable, failure, unknown, guarded, isolated, answer, origin)
