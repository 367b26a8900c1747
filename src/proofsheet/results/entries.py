"""Exchanges and lifecycles as entries of results.json: enough to understand a finding, not the whole of what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from proofsheet.exchange.model import Exchange, Performance
from proofsheet.exchange.redact import Redactor

#: Characters of a body that are kept: all of a refusal, the beginning of a picture.
KEPT_BODY = 2000


def exchange_entry(exchange: Exchange, case: str | None, redactor: Redactor) -> dict[str, Any]:
    """One exchange. ``digest`` is the sha256 of the answer's body; times are in seconds, ``started`` since the run began."""
    sent = exchange.sent
    return {
        "id": exchange.id,
        "case": case,
        "request": {
            "method": sent.method, "url": redactor.text(sent.url), "headers": redactor.headers(sent.headers), "media_type": sent.media_type,
            "bytes": len(sent.body), "body": _beginning(sent.body, redactor),
        },
        "status": exchange.status,
        "headers": redactor.headers(exchange.headers),
        "problem": exchange.problem,
        "detail": redactor.text(exchange.detail),
        "times": {"started": round(exchange.started, 6), "seconds": round(exchange.seconds, 6)},
        "digest": exchange.digest,
        "bytes": len(exchange.body) if exchange.whole is None else exchange.whole.bytes,
        "body": _beginning(exchange.body, redactor) if exchange.whole is None else _cut(redactor.text(exchange.whole.beginning), exchange.whole.characters or 0),
    }


def lifecycle_entry(performance: Performance, case: str) -> dict[str, Any]:
    """One lifecycle as it was watched: when, the provider's own word, and the progress it gave."""
    return {
        "case": case,
        "outcome": performance.outcome,
        "task": performance.task_ref,
        "trace": [{"t": round(poll.t, 6), "status": poll.word, "state": poll.state, "progress": poll.progress, "exchange": poll.exchange.id} for poll in performance.polls],
    }


def image_entries(performance: Performance, case: str, run_started: datetime, redactor: Redactor) -> Iterator[dict[str, Any]]:
    """Each image that a probe gave. ``since`` is when the request left: no URL in its answer can be older."""
    since = (run_started + timedelta(seconds=performance.main.started)).isoformat(timespec="milliseconds")
    for picture in performance.pictures:
        if picture.name:
            continue
        yield {
            "case": case, "exchange": performance.main.id, "source": picture.source, "url": None if picture.url is None else redactor.text(picture.url),
            "digest": picture.digest, "format": picture.kind, "width": picture.width, "height": picture.height, "bytes": picture.bytes,
            "problem": picture.problem, "since": since,
        }  # fmt: skip


def _beginning(body: bytes, redactor: Redactor) -> str:
    """The first characters of a text. Keys go before the cut, so that no half of one is left; binary bodies are left out."""
    if b"\0" in body[:KEPT_BODY]:
        return ""
    try:
        text = redactor.bytes(body).decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return _cut(text, len(text))


def _cut(text: str, characters: int) -> str:
    return text if characters <= KEPT_BODY else f"{text[:KEPT_BODY]}… ({characters} characters)"
