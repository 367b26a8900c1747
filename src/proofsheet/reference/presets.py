"""The pixels that the model behind a gateway makes, read from its format's data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofsheet.contract.errors import ContractError
from proofsheet.contract.presets import read_table
from proofsheet.contract.tables import PresetTable


@dataclass(frozen=True, slots=True)
class Preset:
    """A table, and what applies when nothing is said. ``named`` fits the model's name; None: any model's."""

    table: PresetTable
    default: Mapping[str, str]
    named: re.Pattern[str] | None = None


def read_presets(root: Path, path: Path, raw: Mapping[str, Any]) -> tuple[Preset, ...]:
    """The section ``pictures`` of the format in ``path``: models with a table of their own, then all others. Raises ContractError."""
    return tuple(_preset(root, path, entry) for entry in (*raw.get("models", ()), raw))


def _preset(root: Path, path: Path, raw: Mapping[str, Any]) -> Preset:
    try:
        named = re.compile(raw["named"]) if "named" in raw else None
    except re.error as error:
        raise ContractError(str(path), f"models holds no regular expression: {error}") from None
    return Preset(read_table(raw["table"], (root / "presets",)), raw["default"], named)


def preset_of(presets: Sequence[Preset], model: str) -> Preset:
    """The one that applies to a model of this name."""
    return next(preset for preset in presets if preset.named is None or preset.named.search(model))
