"""A value compared by identity, for what is remembered of documents: they hold mappings, and have no hash of their own or a slow one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, eq=False, slots=True)
class Same(Generic[Value]):
    """Holds its value, so that nothing else can come to have the same identity."""

    value: Value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value
