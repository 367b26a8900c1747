"""The contract: a provider's documents as frozen values. Nothing here sends anything."""

from proofsheet.contract.errors import ContractError
from proofsheet.contract.loading import load_contract, provider_names
from proofsheet.contract.model import Contract

__all__ = ["Contract", "ContractError", "load_contract", "provider_names"]
