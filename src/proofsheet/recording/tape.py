"""The recorded exchanges of one probe while they are played."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextvars import ContextVar

import httpx2

from proofsheet.exchange.transfer import NotRecorded
from proofsheet.recording.cassette import Asked, Interaction
from proofsheet.recording.matching import difference, fingerprint

Find = Callable[[str], tuple[Interaction, ...]]


class Tape:
    """The recorded exchanges of one probe, each played once: the same request again gets the next answer to it.

    ``keys`` are the fingerprints of the recorded requests, where they are known. ``find`` looks for a cassette by the
    fingerprint of its first request, where there is none of the probe's name.
    """

    def __init__(self, interactions: tuple[Interaction, ...], keys: Sequence[str] | None = None, find: Find | None = None) -> None:
        self.lacks: str | None = None
        self._find = find
        self._load(interactions, keys or [fingerprint(interaction.asked) for interaction in interactions])

    def _load(self, interactions: tuple[Interaction, ...], keys: Sequence[str]) -> None:
        self._interactions = interactions
        self._left: dict[str, deque[int]] = {}
        for number, key in enumerate(keys):
            self._left.setdefault(key, deque()).append(number)
        self.now = interactions[0].at if interactions else 0.0

    def play(self, request: Asked, key: str | None = None) -> Interaction:
        """The next answer to this request. Raises NotRecorded, which says what differs."""
        key = key or fingerprint(request)
        if not self._interactions and self._find is not None:
            found = self._find(key)
            self._load(found, [fingerprint(interaction.asked) for interaction in found])
        waiting = self._left.get(key)
        if not waiting:
            self.lacks = self.lacks or self._why(request, known=waiting is not None)
            raise NotRecorded(self.lacks)
        interaction = self._interactions[waiting.popleft()]
        self.now = max(self.now, interaction.at + interaction.seconds)
        return interaction

    @property
    def unused(self) -> int:
        """How many exchanges nobody has asked for."""
        return sum(map(len, self._left.values()))

    def _why(self, request: Asked, *, known: bool) -> str:
        what = f"{request.method} {httpx2.URL(request.uri).path[:80]}"
        if not self._interactions:
            return f"the recording has no cassette for it ({what})"
        if known:
            return f"the recording has {what} less often than it is asked now"
        differences = min((difference(request, interaction.asked) for interaction in self._interactions), key=len)
        return f"the recording lacks {what}: it differs from the nearest recorded request in {', '.join(differences[:4])}"[:300]


#: The tape of the probe that the current task performs.
TAPE: ContextVar[Tape | None] = ContextVar("tape", default=None)
