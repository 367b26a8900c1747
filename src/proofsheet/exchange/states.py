"""What an answer to a poll means: its word, and whether the task runs, has succeeded or has failed. Pure."""

from __future__ import annotations

from typing import Any

from proofsheet.contract.locations import plain_text
from proofsheet.contract.model import Lifecycle, StateRule
from proofsheet.exchange.model import Exchange


def state_of(lifecycle: Lifecycle, exchange: Exchange) -> tuple[str | None, str]:
    """The status word (None where there is none) and running, succeeded, failed or unknown."""
    word = next((plain_text(value) for value in exchange.find(lifecycle.status.at) if isinstance(value, (str, int))), None)
    known = lifecycle.status.words
    if word is not None and word in known:
        return word, known[word]
    for rule in lifecycle.status.rules:
        if _fits(rule, exchange):
            return word, rule.state
    if exchange.problem is not None or exchange.status is None or exchange.status >= 400:
        return word, "unknown"
    if word is None and lifecycle.status.at:
        return None, "unknown"
    return word, "running" if word is None and lifecycle.status.otherwise == "running" else "unknown"


def _fits(rule: StateRule, exchange: Exchange) -> bool:
    if rule.present is not None and not exchange.find((rule.present,)):
        return False
    if rule.absent is not None and exchange.find((rule.absent,)):
        return False
    if rule.equals is not None:
        locator, value = rule.equals
        return value in exchange.find((locator,))
    return True


def task_ref(lifecycle: Lifecycle, exchange: Exchange) -> Any:
    """The id of a submission, as it stands; None where there is none."""
    return next(iter(exchange.find(lifecycle.id)), None)


def poll_url(lifecycle: Lifecycle, exchange: Exchange) -> str | None:
    """The URL that a submission gives to poll, if any."""
    return next((value for value in exchange.find(lifecycle.poll_url) if isinstance(value, str) and value.strip()), None)
