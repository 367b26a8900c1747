"""What the model behind the gateway said, and how long it asks to wait."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from proofsheet.contract.locations import Locator

_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,9})?")


@dataclass(frozen=True)
class Said:
    """An answer as it came. ``headers`` has lower-case names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @cached_property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body's JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def found(self, places: Sequence[Locator]) -> list[Any]:
        """All that stands in these places."""
        return [value for place in places for value in place.find(self.status, self.headers, self.json, self.text if place.kind == "text" else "") if value is not None]


def asks_to_wait(said: Said, places: Sequence[Locator]) -> str | None:
    """The whole seconds that an answer asks to wait; None where it names none."""
    return next((wait for value in said.found(places) if (wait := _seconds(str(value).strip())) is not None), None)


def _seconds(text: str) -> str | None:
    if _SECONDS.fullmatch(text):
        return str(math.ceil(float(text)))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return str(max(0, math.ceil((moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())))
