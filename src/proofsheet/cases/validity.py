"""Whether a body keeps its schema, as jsonschema sees it: the judge of every generated case before it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema

from proofsheet.contract.same import Same


@lru_cache(maxsize=256)
def _validator(canonical: str) -> Any:
    return jsonschema.Draft202012Validator(json.loads(canonical), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


@lru_cache(maxsize=256)
def _validator_of(same: Same[Mapping[str, Any]]) -> Any:
    return _validator(json.dumps(same.value, sort_keys=True))


def validator(schema: Mapping[str, Any]) -> Any:
    """A validator of this schema with format checks; compiled once for each schema. Schemas don't change once they are loaded."""
    return _validator_of(Same(schema))


def is_valid(schema: Mapping[str, Any], body: Any) -> bool:
    """True when the body keeps the schema."""
    return bool(validator(schema).is_valid(body))


def violation(schema: Mapping[str, Any], body: Any) -> jsonschema.ValidationError | None:
    """The violation that best explains why a body is invalid, or None."""
    found: jsonschema.ValidationError | None = jsonschema.exceptions.best_match(validator(schema).iter_errors(body))
    return found


def explain(error: jsonschema.ValidationError, limit: int = 200) -> str:
    """A violation in one short line; messages of jsonschema can hold the whole instance."""
    place = "/".join(str(step) for step in error.absolute_path) or "the body"
    message = error.message if len(error.message) <= limit else error.message[:limit] + "…"
    return f"{place}: {message}"
