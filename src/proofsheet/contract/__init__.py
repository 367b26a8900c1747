"""The contract: a provider's documents as frozen values. Nothing here sends anything."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofsheet.contract.errors import ContractError
    from proofsheet.contract.loading import load_contract, provider_names
    from proofsheet.contract.model import Contract

__all__ = ["Contract", "ContractError", "load_contract", "provider_names"]

#: Loaded when they are asked for: who only needs a pattern does not wait for the reader of contracts.
_PLACES = {"Contract": "model", "ContractError": "errors", "load_contract": "loading", "provider_names": "loading"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
