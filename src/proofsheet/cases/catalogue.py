"""Looking things up in the error catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofsheet.contract.model import ErrorCase

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground


def entry_for(ground: Ground, provoke: str) -> ErrorCase | None:
    """The catalogue's entry for a provocation on this operation, or None where the contract is silent."""
    entries = ground.contract.errors.catalogue
    return next((entry for entry in entries if entry.provoke == provoke and entry.applies(ground.operation)), None)


def invalid_entry(ground: Ground, parameter: str | None = None) -> ErrorCase | None:
    """How a refusal of an invalid request must look: the entry for this role first, then the general one."""
    entries = [entry for entry in ground.contract.errors.catalogue if entry.provoke == "invalid" and entry.applies(ground.operation)]
    special = (entry for entry in entries if parameter is not None and entry.parameter == parameter)
    return next(special, next((entry for entry in entries if entry.parameter is None), None))
