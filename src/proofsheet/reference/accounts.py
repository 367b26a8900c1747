"""Keys, the accounts behind them, and their balances in the provider's unit."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from proofsheet.contract.model import Endpoint, SecurityScheme
from proofsheet.reference.incoming import Incoming

#: Every account of a reference gateway: name, what stands in it at the start.
ACCOUNTS = {"default": Fraction(10**9), "second_account": Fraction(10**9), "insufficient_balance": Fraction(0), "rate_limited": Fraction(10**9)}
_MARK = "psk"


@dataclass(slots=True)
class Account:
    """One account. ``balance`` only changes on the event loop."""

    name: str
    key: str
    balance: Fraction

    @property
    def limited(self) -> bool:
        """Whether it is always over its rate."""
        return self.name == "rate_limited"


class Accounts:
    """The accounts by their keys; a key that isn't given is random."""

    def __init__(self, keys: Mapping[str, str] | None = None) -> None:
        chosen = {name: f"{_MARK}-{secrets.token_urlsafe(18)}" for name in ACCOUNTS} | dict(keys or {})
        self.by_name = {name: Account(name, key, ACCOUNTS.get(name, Fraction(10**9))) for name, key in chosen.items()}
        self._by_key = {account.key: account for account in self.by_name.values()}

    def find(self, key: str) -> Account | None:
        """The account of a key."""
        return self._by_key.get(key)

    @property
    def keys(self) -> dict[str, str]:
        """Every account's key, by the account's name."""
        return {name: account.key for name, account in self.by_name.items()}


def presented_keys(endpoint: Endpoint, schemes: Mapping[str, SecurityScheme], incoming: Incoming) -> tuple[list[str], bool]:
    """Keys at the places where this endpoint takes one, and whether something stands there that is none."""
    keys: list[str] = []
    malformed = False
    for name in endpoint.security:
        scheme = schemes[name]
        value = _presented(scheme, incoming)
        if value is None:
            continue
        key = value[len(scheme.prefix) :].strip() if value.lower().startswith(scheme.prefix.lower()) else ""
        key = _decoded(key) if scheme.base64 else key
        if key and " " not in key:
            keys.append(key)
        else:
            malformed = True
    return keys, malformed


def _presented(scheme: SecurityScheme, incoming: Incoming) -> str | None:
    if scheme.place == "query":
        return incoming.request.query.get(scheme.name)
    if scheme.place == "header":
        return incoming.headers.get(scheme.name)
    pairs = (pair.strip().partition("=") for pair in incoming.headers.get("cookie", "").split(";"))
    return next((value for name, _, value in pairs if name == scheme.name), None)


def _decoded(text: str) -> str:
    """What base64 holds; empty where it is none."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except ValueError:
        return ""


def amount_text(amount: Fraction) -> str:
    """A decimal where it is exact, else a fraction such as ``4/3``."""
    scaled = amount * 10**9
    if scaled.denominator != 1:
        return str(amount)
    whole, rest = divmod(abs(scaled.numerator), 10**9)
    text = f"{whole}.{rest:09d}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"-{text}" if amount < 0 else text
