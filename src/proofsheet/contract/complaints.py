"""What a schema has against a file, in words that say what to change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import jsonschema

_TYPES = {"object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "null": "null"}
_LONGEST = 80


def complaint(error: jsonschema.ValidationError, document: Any) -> str:
    """One line: the place, what is wrong there, and the mend where it can be guessed."""
    return f"at {_place(error.absolute_path, document)}: {_problem(error)}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` where a known word is close, else the known words."""
    words = list(known)
    close = next(iter(get_close_matches(word, words)), None)
    return f"; did you mean '{close}'?" if close else f" (known: {', '.join(words)})" if words else ""


def _place(path: Iterable[Any], document: Any) -> str:
    """The steps to a place; an element of a list by its id where it has one."""
    steps, here = [], document
    for step in path:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
        name = here.get("id") if isinstance(here, Mapping) and isinstance(step, int) else None
        steps.append(f"{step} ({name})" if isinstance(name, str) else str(step))
    return "/".join(steps) or "the top"


def _problem(error: jsonschema.ValidationError) -> str:
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    value: Any = error.instance
    said = _shown(value)
    if error.validator == "additionalProperties":
        known = schema.get("properties", {})
        word = next(name for name in value if name not in known)
        return f"'{word}' is no key here" + suggestion(str(word), known)
    if "propertyNames" in error.relative_schema_path:  # The value is a key then, and the schema one of keys.
        listed = schema.get("enum")
        return f"{said} is no key here" + suggestion(str(value), map(str, listed)) if listed else f"{said} cannot be a key here: {error.message[:200]}"
    if error.validator == "required":
        needed: Any = error.validator_value
        return f"'{next(name for name in needed if name not in value)}' is missing"
    if error.validator in ("enum", "const"):
        allowed: Any = error.validator_value if error.validator == "enum" else [error.validator_value]
        return f"{said} is not allowed here" + suggestion(str(value), map(str, allowed))
    if error.validator == "type":
        return f"{said} must be {_types(error.validator_value)}" + _quotes(value, error.validator_value)
    if "description" in schema and error.validator in ("pattern", "anyOf", "oneOf"):
        return f"{said} does not fit; here belongs {schema['description']}"
    return error.message[:300]


def _types(names: Any) -> str:
    return " or ".join(_TYPES.get(name, name) for name in ([names] if isinstance(names, str) else names))


def _quotes(value: Any, names: Any) -> str:
    return f'; write it in quotes: "{json.dumps(value)}"' if "string" in names and isinstance(value, (int, float)) else ""


def _shown(value: Any) -> str:
    """A value, cut: a whole mapping says less than its keys."""
    if isinstance(value, Mapping):
        text = "the mapping of " + (", ".join(map(str, value)) or "nothing")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        text = f"the list of {len(value)}"
    else:
        text = f"'{value}'" if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
