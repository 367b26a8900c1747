"""Preset tables: pixels and tokens by what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from proofsheet.contract.complaints import suggestion
from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import validated
from proofsheet.contract.model import Cell, Observed, PresetTable


def read_table(name: str, folders: tuple[Path, ...]) -> PresetTable:
    """The table of this name, from the first folder that has it. Raises ContractError."""
    for folder in folders:
        path = folder / f"{name}.yaml"
        if path.is_file():
            return _table(path, validated(path, "preset.schema.json"))
    known = sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})
    raise ContractError(str(folders[0] / f"{name}.yaml"), f"there is no preset table of this name{suggestion(name, known)}")


def _table(path: Path, raw: Mapping[str, Any]) -> PresetTable:
    axes = tuple(raw["axes"])
    cells = tuple(_cell(path, axes, cell) for cell in raw["cells"])
    if len({cell.at for cell in cells}) != len(cells):
        raise ContractError(str(path), "a cell stands twice")
    observed = tuple(
        Observed(tuple(entry["at"]), entry["width"], entry["height"], entry["date"], entry.get("where", "")) for entry in raw.get("observed", [])
    )
    return PresetTable(str(raw["table"]), axes, cells, observed, raw.get("open", False))


def _cell(path: Path, axes: tuple[str, ...], raw: Mapping[str, Any]) -> Cell:
    if len(raw["at"]) != len(axes):
        raise ContractError(str(path), f"the cell {raw['at']} needs one value for each of the axes {', '.join(axes)}")
    dispute = raw.get("disputed") or {}
    also = tuple((int(w), int(h)) for w, h in (text.split("x") for text in dispute.get("also", [])))
    return Cell(tuple(raw["at"]), raw["width"], raw["height"], raw.get("tokens"), also, dispute.get("why"))
