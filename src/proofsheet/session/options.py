"""What a run is asked to do, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from proofsheet.contract.patterns import matches_any


class UsageError(Exception):
    """The run was asked for something that cannot be done. The message says what to change; exit code 4."""


class Unreachable(Exception):
    """There is no gateway at the target's address. The message says what was tried; exit code 2."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of ``verify`` and of ``pytest suites``. ``target`` is None for the embedded reference gateway.

    ``mode`` is live, record or replay. ``recording`` is one set to replay, wherever it lies; ``other_specs`` lets it be
    judged by specs that it was not recorded with. ``seed`` decides the order of sending and judging; 0 is the stable one.
    ``variants`` are those of the embedded reference gateway. ``tier`` is smoke, core or full; None leaves it to whether the
    target is paid. ``max_spend`` is an amount and a unit, such as ``5 USD``. ``resume`` is an earlier run's report
    directory. ``known`` is a file of known failures. A case that failed is sent again until it was tried ``repeat``
    times. ``shard`` is which part of how many. ``upstream`` is the port on which the reference gateway also plays the
    model behind the target. ``clients``: requests are also made through SDKs, and the documents' examples are run.
    ``history`` is the file that the run is kept in.
    """

    target: str | None = None
    targets_file: Path = Path("targets.toml")
    provider: str | None = None
    base_url: str | None = None
    credentials: tuple[str, ...] = ()
    specs: Path | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    max_time: float | None = None
    report_dir: Path | None = None
    require_proof: bool = False
    mode: str = "live"
    cassettes: Path = Path("cassettes")
    keep_heads: bool = False
    max_age: float | None = None
    against: Path | None = None
    recording: Path | None = None
    other_specs: bool = False
    seed: int = 0
    variants: tuple[str, ...] = ()
    tier: str | None = None
    max_spend: str | None = None
    resume: Path | None = None
    known: Path | None = None
    repeat: int = 1
    shard: tuple[int, int] | None = None
    upstream: int | None = None
    clients: bool = False
    history: Path | None = None

    @property
    def uses_clients(self) -> bool:
        """Whether requests are made through other people's clients: where that was asked for, or their cases were."""
        return self.clients or any("/clients/" in pattern for pattern in self.only)

    def selects(self, case_id: str) -> bool:
        """Whether a case is wanted."""
        return _fits(self.only, self.skip, case_id)


def selected_in(selection: Mapping[str, Any]) -> Callable[[str], bool]:
    """Which cases a recorded run was asked for, by the patterns that its recording keeps."""
    return partial(_fits, tuple(selection.get("only", ())), tuple(selection.get("skip", ())))


def _fits(only: tuple[str, ...], skip: tuple[str, ...], case_id: str) -> bool:
    return (not only or matches_any(only, case_id)) and not matches_any(skip, case_id)
