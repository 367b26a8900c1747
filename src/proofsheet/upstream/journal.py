"""What reached the upstream, in order. Written on its own thread, read from others."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from proofsheet.exchange.model import Drawn, UpstreamCall

#: A shorter text can stand in a request by chance.
_SHORTEST_SECRET = 8


@dataclass
class Journal:
    """All calls, and the keys of the client's that must not be among them."""

    secrets: dict[str, str] = field(default_factory=dict)
    passthrough: bool = False
    _calls: list[tuple[str | None, UpstreamCall]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watch_for(self, secrets: Mapping[str, str], *, passthrough: bool) -> None:
        """Look for these keys of the client's from now on, by name. ``passthrough``: they are meant to travel."""
        with self._lock:
            self.secrets.update({name: key for name, key in secrets.items() if len(key) >= _SHORTEST_SECRET})
            self.passthrough = self.passthrough or passthrough

    def begin(self, token: str | None, call: UpstreamCall) -> int:
        """Keep a call that has just come; its number."""
        with self._lock:
            self._calls.append((token, replace(call, number=len(self._calls), began=time.monotonic())))
            return len(self._calls) - 1

    def attempt(self, token: str | None) -> int:
        """How many calls with this token there have been."""
        with self._lock:
            return sum(token is not None and one == token for one, _ in self._calls)

    def settle(self, number: int, outcome: str, status: int | None, drawn: tuple[Drawn, ...]) -> None:
        """How a call is answered."""
        self._change(number, outcome=outcome, status=status, drawn=drawn)

    def end(self, number: int) -> None:
        """A call's answer is out, or its connection has ended."""
        self._change(number, ended=time.monotonic())

    def _change(self, number: int, **values: object) -> None:
        with self._lock:
            token, call = self._calls[number]
            self._calls[number] = (token, replace(call, **values))  # type: ignore[arg-type]

    def position(self) -> int:
        """The number that the next call will have."""
        with self._lock:
            return len(self._calls)

    def calls(self, token: str, since: int = 0, epoch: float = 0.0) -> tuple[UpstreamCall, ...]:
        """The calls with this token from a position on, their times in seconds since ``epoch``."""
        with self._lock:
            found = [call for one, call in self._calls[since:] if one == token]
        return tuple(replace(call, began=call.began - epoch, ended=None if call.ended is None else call.ended - epoch) for call in found)

    def reached(self) -> bool:
        """Whether any call with a token has come."""
        with self._lock:
            return any(token is not None for token, _ in self._calls)

    def since(self, position: int) -> tuple[UpstreamCall, ...]:
        """All calls from a position on."""
        with self._lock:
            return tuple(call for _, call in self._calls[position:])

    def leaked(self, *texts: str) -> tuple[str, ...]:
        """The names of the client's keys that stand in one of these texts."""
        return tuple(name for name, key in self.secrets.items() if any(key in text for text in texts))

    def owner(self, key: str | None, own: str) -> str:
        """Whose key it is: upstream, client, other or none."""
        if not key:
            return "none"
        if key == own:
            return "upstream"
        return "client" if key in self.secrets.values() else "other"
