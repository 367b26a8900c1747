"""Keys, the accounts behind them, and their balances in the provider's unit."""

from __future__ import annotations

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
        value = incoming.headers.get(scheme.name) if scheme.place == "header" else incoming.request.query.get(scheme.name)
        if value is None:
            continue
        if value.lower().startswith(scheme.prefix.lower()) and value[len(scheme.prefix) :].strip():
            keys.append(value[len(scheme.prefix) :].strip())
        else:
            malformed = True
    return keys, malformed


def amount_text(amount: Fraction) -> str:
    """A decimal where it is exact, else a fraction such as ``4/3``."""
    scaled = amount * 10**9
    if scaled.denominator != 1:
        return str(amount)
    whole, rest = divmod(abs(scaled.numerator), 10**9)
    text = f"{whole}.{rest:09d}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"-{text}" if amount < 0 else text
