"""Reading requirements.yaml, the traceability matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import validated
from proofsheet.contract.model import Dispute, Matrix, Requirement, Silent, Source


def read_matrix(path: Path, provider: str | None = None) -> Matrix:
    """All requirements, disputes and silent lines, where they are this provider's. Raises ContractError."""
    raw = validated(path, "requirements.schema.json")
    if provider is not None and raw["provider"] != provider:
        raise ContractError(str(path), f"provider is '{raw['provider']}', but the folder is '{provider}'")
    requirements = tuple(_requirement(entry) for entry in raw["requirements"])
    ids = [requirement.id for requirement in requirements]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ContractError(str(path), f"the requirement {twice[0]} stands twice")
    _check_implications(path, requirements)
    disputes = tuple(_dispute(path, entry, set(ids)) for entry in raw.get("disputes", []))
    silent = tuple(Silent(entry["document"], tuple(entry["lines"]), entry["why"]) for entry in raw.get("silent", []))
    return Matrix(requirements, disputes, silent)


def _sources(raw: Any) -> tuple[Source, ...]:
    entries = raw if isinstance(raw, list) else [raw]
    return tuple(Source(entry["document"], entry["lines"]) for entry in entries)


def _requirement(raw: Mapping[str, Any]) -> Requirement:
    checks = {check: tuple([cases] if isinstance(cases, str) else cases) for check, cases in raw.get("checks", {}).items()}
    return Requirement(raw["id"], raw["level"], raw["statement"], _sources(raw["source"]), checks, raw.get("excluded"), raw.get("standard"), tuple(raw.get("implies", ())))


def _check_implications(path: Path, requirements: Sequence[Requirement]) -> None:
    """What a requirement implies is there, and no chain of implications comes back to where it began."""
    direct = {requirement.id: requirement.implies for requirement in requirements}
    unknown = next(((one, name) for one, names in direct.items() for name in names if name not in direct), None)
    if unknown is not None:
        raise ContractError(str(path), f"the requirement {unknown[0]} implies {unknown[1]}, which is not there")
    try:
        TopologicalSorter(direct).prepare()
    except CycleError as error:
        raise ContractError(str(path), f"requirements imply each other in a circle: {' → '.join(reversed(error.args[1]))}") from None


def _dispute(path: Path, raw: Mapping[str, Any], known: set[str]) -> Dispute:
    named = tuple(raw.get("requirements", []))
    unknown = [name for name in named if name not in known]
    if unknown:
        raise ContractError(str(path), f"the dispute {raw['id']} names the requirement {unknown[0]}, which is not there")
    return Dispute(raw["id"], raw["statement"], tuple(raw["readings"]), raw["judged"], _sources(raw["sources"]), named, raw.get("number"))


def line_numbers(lines: str) -> list[int]:
    """The line numbers that ``1-3, 7`` names."""
    numbers: list[int] = []
    for piece in lines.split(","):
        first, _, last = piece.strip().partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers
