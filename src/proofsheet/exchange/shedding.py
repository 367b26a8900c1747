"""Answers whose pictures have been looked at let go of them: what is to be said of a picture is known by then.

A run keeps every exchange to its end; with the pictures in them it would hold as much memory as all images together.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
from typing import Any

from proofsheet.exchange.inspection import kind_of
from proofsheet.exchange.model import Exchange, Whole

#: A smaller body is kept as it is.
LEAST = 4096
#: A longer text without a blank near its beginning is no words but data; so much of its beginning is kept.
_LONG_TEXT, _LOOKED_AT, _KEPT_TEXT = 2048, 256, 1024
#: Characters of the whole body that are kept as they stood, for people: results show less.
_BEGINNING = 4096
#: Bytes of a body from which this is done beside the event loop and not in it.
_IN_THREAD = 100_000
#: Bytes of a body from which what is left of it is not left to the garbage collector's own time.
_IN_CYCLES = 1024 * 1024


async def shed(exchange: Exchange) -> None:
    """Let an exchange keep only what is read of it once its pictures are known. What it says stays: fields, types, short texts."""
    if len(exchange.body) <= LEAST or exchange.whole is not None:
        return
    if len(exchange.body) > _IN_THREAD:
        await asyncio.to_thread(shed_now, exchange)
    else:
        shed_now(exchange)


def shed_now(exchange: Exchange) -> None:
    """The same, at once."""
    body = exchange.body
    if len(body) <= LEAST or exchange.whole is not None:
        return
    if kind_of(body) is not None:
        exchange.keep(body[:_LOOKED_AT], Whole(hashlib.sha256(body).hexdigest(), len(body)))
        return
    document = exchange.json
    if not isinstance(document, (dict, list)):
        return
    try:
        text = "" if body.isascii() else body.decode("utf-8")
        kept = json.dumps(_shortened(document)).encode("ascii")
    except (UnicodeDecodeError, RecursionError):
        return  # nothing that a picture comes in: kept as it is
    exchange.keep(kept, Whole(hashlib.sha256(body).hexdigest(), len(body), len(text or body), text[:_BEGINNING] or body[:_BEGINNING].decode("ascii")))
    if len(body) > _IN_CYCLES:
        # A client's answers and some searches hold themselves in circles, with the body in them: a few would fill the memory.
        gc.collect(1)


def _shortened(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _shortened(inner) for name, inner in node.items()}
    if isinstance(node, list):
        return [_shortened(inner) for inner in node]
    if isinstance(node, str) and len(node) > _LONG_TEXT and not any(character.isspace() for character in node[:_LOOKED_AT]):
        return node[:_KEPT_TEXT]
    return node
