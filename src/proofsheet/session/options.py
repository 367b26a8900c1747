"""What a run is asked to do, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
    ``variants`` are those of the embedded reference gateway.
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

    def selects(self, case_id: str) -> bool:
        """Whether a case is wanted."""
        return (not self.only or matches_any(self.only, case_id)) and not matches_any(self.skip, case_id)
