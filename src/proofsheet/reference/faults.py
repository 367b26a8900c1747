"""Declared faults (filled in below)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from proofsheet.contract.model import Contract


class Faults:
    def __init__(self, contract: Contract, ids: Iterable[str]) -> None:
        pass

    async def after(self, stage: str, gateway: Any, flow: Any) -> None:
        pass

    def asset(self, gateway: Any, incoming: Any, reply: Any) -> Any:
        return reply


class FaultError(ValueError):
    pass


def fault_ids(contract: Contract) -> list[str]:
    return []
