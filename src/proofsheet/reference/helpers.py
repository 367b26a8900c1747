"""Endpoints beside the contract: balance, clock, counts and sample pictures, for those who test with the gateway."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING

from proofsheet.contract.model import Endpoint
from proofsheet.contract.pictures import sample_picture
from proofsheet.reference.accounts import amount_text, presented_keys
from proofsheet.reference.incoming import Incoming
from proofsheet.reference.replies import Reply

if TYPE_CHECKING:
    from proofsheet.reference.gateway import Gateway

PREFIX = "/_reference/"


def random_word() -> str:
    """A fresh random word."""
    return secrets.token_hex(13).upper()


def random_uuid() -> str:
    """A fresh UUID."""
    return str(uuid.uuid4())


async def reply(gateway: Gateway, incoming: Incoming) -> Reply:
    """Answer one of the helper endpoints."""
    method, name = incoming.request.method, incoming.request.path[len(PREFIX) :]
    if (method, name) == ("GET", "balance"):
        return _balance(gateway, incoming)
    if (method, name) == ("POST", "clock"):
        return _clock(gateway, incoming)
    if (method, name) == ("GET", "stats"):
        return _json(200, dict(gateway.stats))
    kind = name.removeprefix("sample.")
    if method == "GET" and kind in ("png", "jpeg", "webp"):
        picture = sample_picture(kind)
        return Reply(200, body=picture.content, media_type=picture.media_type)
    if method == "GET" and kind in ("html", "txt"):
        text, media_type = (b"<!doctype html><p>No picture.</p>", "text/html") if kind == "html" else (b"No picture.", "text/plain")
        return Reply(200, body=text, media_type=f"{media_type}; charset=utf-8")
    return _json(404, {"message": "no such helper"})


def _json(status: int, body: object) -> Reply:
    return Reply(status, json=body, media_type="application/json")


def _balance(gateway: Gateway, incoming: Incoming) -> Reply:
    schemes = gateway.contract.security_schemes
    anywhere = Endpoint("balance", "GET", PREFIX, (), {}, {}, tuple(schemes))
    keys, _ = presented_keys(anywhere, schemes, incoming)
    account = next((account for key in keys if (account := gateway.accounts.find(key))), None)
    if account is None:
        return _json(401, {"message": "an API key is required"})
    unit = gateway.contract.prices.unit if gateway.contract.prices else "units"
    return _json(200, {"balance": amount_text(account.balance), "unit": unit})


def _clock(gateway: Gateway, incoming: Incoming) -> Reply:
    body = incoming.request.json
    seconds = body.get("advance") if isinstance(body, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return _json(400, {"message": 'send {"advance": seconds}'})
    gateway.advanced += seconds
    return _json(200, {"now": gateway.now()})
