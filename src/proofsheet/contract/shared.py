"""Requirements that no provider's document states: what any gateway owes, and what is owed to any user of an SDK."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from proofsheet.contract.files import validated
from proofsheet.contract.matrix import Requirement

if TYPE_CHECKING:
    from proofsheet.contract.model import Contract


def shared_requirements(path: Path, schema: str, roles: Collection[str] | None = None) -> tuple[Requirement, ...]:
    """The requirements of a file; they cite no line of a document. Raises ContractError.

    With ``roles`` those are left out that need a parameter which is not among them.
    """
    return tuple(
        Requirement(entry["id"], entry["level"], entry["statement"], (), {check: tuple(cases) for check, cases in entry["checks"].items()}, standard=entry["standard"])
        for entry in validated(path, schema)["requirements"]
        if roles is None or "needs" not in entry or entry["needs"] in roles
    )


def roles_of(contract: Contract) -> frozenset[str]:
    """What can be asked for with some effect."""
    return frozenset(name for operation in contract.operations for name, role in operation.roles.items() if not role.ignored)
