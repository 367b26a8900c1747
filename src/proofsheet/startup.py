"""What must happen before anything slow is imported."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_NAME = "rfc3987_syntax"


def defer_slow_imports() -> None:
    """Put off building the IRI grammar until a schema really asks for that format.

    jsonschema imports ``rfc3987_syntax`` as soon as it is installed, and that takes about a second: it builds a parser on import.
    Call this before jsonschema is imported; later it changes nothing.
    """
    if _NAME in sys.modules or "jsonschema" in sys.modules:
        return
    stand_in = ModuleType(_NAME)

    def is_valid_syntax(term: str, value: str) -> bool:
        if sys.modules.get(_NAME) is stand_in:
            del sys.modules[_NAME]
        return bool(importlib.import_module(_NAME).is_valid_syntax(term, value))

    stand_in.is_valid_syntax = is_valid_syntax  # type: ignore[attr-defined]
    sys.modules[_NAME] = stand_in
