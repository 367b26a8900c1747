"""What can be wrong with a target description, said in one line that never repeats a value: any of them could be a key."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from proofsheet.contract.files import shipped_validator

#: Headers that carry a key: a key written there would be sent with every request and stand in every report.
_KEY_HEADER = re.compile(r"(proxy-)?authorization|cookie|.*(api|auth|access|secret)[-_]?(key|token).*", re.IGNORECASE)


class TargetError(Exception):
    """A target cannot be used. The message is one line that says what to change."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def looks_like_a_key(variable: str) -> bool:
    """Whether a text that could be a variable's name is more likely a key: long, and without the ``_`` that long names have."""
    return len(variable) > 64 or (len(variable) >= 20 and "_" not in variable)


def check_document(document: Mapping[str, Any], file: str, wanted: str) -> None:
    """Check a whole targets document, and that ``wanted`` is in it. Raises TargetError."""
    targets = document.get("targets")
    if isinstance(targets, Mapping) and targets and wanted not in targets:
        raise TargetError(
            f"{file}: there is no target '{wanted}'{_did_you_mean(wanted, targets)}; the targets there are {', '.join(sorted(targets))}"
        )
    errors = sorted(shipped_validator("targets.schema.json").iter_errors(document), key=_rank)
    if errors:
        raise TargetError(f"{file}: {_explain(errors[0])}")
    for name, target in document["targets"].items():
        _check_values(file, f"targets.{name}", target)


def _check_values(file: str, where: str, target: Mapping[str, Any]) -> None:
    """What JSON Schema cannot say."""
    for header in target.get("headers", {}):
        if _KEY_HEADER.fullmatch(header):
            raise TargetError(
                f"{file}: {where}.headers: a key does not belong in '{header}'; put it into an environment variable and name that under credentials"
            )
    for place in _not_finite(target, where):
        raise TargetError(f"{file}: {place} must be a finite number")


def _not_finite(value: Any, where: str) -> Iterable[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield where
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _not_finite(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _not_finite(inner, where)


def _rank(error: Any) -> tuple[list[str], bool]:
    """By place; of one place the unknown key first, for a key that lacks is often just misspelt."""
    return [str(step) for step in error.absolute_path], error.validator != "additionalProperties"


def _explain(error: Any) -> str:
    steps = [str(step) for step in error.absolute_path]
    where = ".".join(steps) or "the file"
    if error.validator == "additionalProperties" and isinstance(error.validator_value, bool):
        known = list(error.schema["properties"])
        unknown = next(key for key in error.instance if key not in known)
        return f"{where} has an unknown key '{unknown[:40]}'{_did_you_mean(unknown, known)}; the keys known there are {', '.join(known)}"
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        wanted = error.schema["properties"][missing].get("description", "")
        return f"{where} lacks '{missing}'" + (f": {wanted}" if wanted else "")
    if len(steps) >= 2 and steps[-2] == "credentials" and isinstance(error.instance, str) and error.instance:
        return f"{where}: this looks like a key; put it into an environment variable and write the variable's name (capitals, digits and '_') here"
    wanted = error.schema.get("description", "something else")
    if error.validator == "pattern" and "propertyNames" in error.absolute_schema_path:
        return f"{where}: a name there is not allowed; write {wanted}"
    return f"{where} must be {wanted}"


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""
