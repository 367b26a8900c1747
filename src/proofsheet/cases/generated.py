"""Bodies that no reading of a request schema can serve, from schemathesis' own negative data generation.

The same schema gives the same bodies on every machine: the seed is fixed, nothing is kept from one generation to the
next, and hypothesis must not do what it does by default, which is to take constants out of the source files that
happen to be imported. It has no setting for that; its version is pinned, as schemathesis' is.
"""

from __future__ import annotations

import contextlib
import json
import unittest
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from proofsheet.cases.remembered import remembered
from proofsheet.cases.validity import is_valid
from proofsheet.cases.walk import json_type

#: Bodies for one schema; how many of them may be hopeless for one and the same reason while there are others.
BODIES, ALIKE = 8, 2
LONGEST = 20_000
_SEEDS, _EXAMPLES = (1, 2, 3, 4), 50
#: How deep a schema is told to the generator: what is hopeless shows at the top, and what lies deeper takes it seconds.
_DEPTH = 2


def hopeless_bodies(schema: Mapping[str, Any], given: Sequence[str] = ()) -> tuple[dict[str, Any], ...]:
    """Up to ``BODIES`` objects, each invalid by jsonschema and each with a reason that no lenient server can get over.

    ``given`` are names at the top that somebody else gives a value: they are unknown to the generator, and no reason.
    """
    asked = _shallow(_without(schema, given))
    return tuple(json.loads(text) for text in _texts(json.dumps(asked, sort_keys=True)))


@lru_cache(maxsize=64)
def _texts(canonical: str) -> tuple[str, ...]:
    schema = json.loads(canonical)
    return tuple(text for (text,) in remembered(["hopeless", schema], lambda: [[text] for text in _chosen(schema)])) if reasons(schema, {}) else ()


def _chosen(schema: Mapping[str, Any]) -> list[str]:
    """The first bodies that will do, those with reasons of their own before those alike."""
    found: dict[str, str] = {}
    alike: dict[str, str] = {}

    def keep(body: Any) -> bool:
        """Take a body if it will do; whether there are enough of them."""
        text = as_text(body) if isinstance(body, dict) else None
        reason = reasons(schema, body) if text is not None else ""
        if text is not None and reason and not is_valid(schema, json.loads(text)):
            (found if text in found or list(found.values()).count(reason) < ALIKE else alike).setdefault(text, reason)
        return len(found) >= BODIES

    _generate(schema, keep)
    return [*found, *alike][:BODIES]


def _without(schema: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """A schema that does not know these properties: what is generated goes wrong elsewhere."""
    properties = {name: part for name, part in (schema.get("properties") or {}).items() if name not in names}
    return {**schema, "properties": properties, "required": [name for name in schema.get("required") or () if name not in names]}


def _shallow(schema: Any, depth: int = _DEPTH) -> Any:
    """A schema without what it says of values more than ``depth`` levels down: what breaks this breaks the whole one."""
    if isinstance(schema, list):
        return [_shallow(part, depth) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {word: value for word, value in schema.items() if word not in _WORDS and (depth > 0 or word not in _INWARD)}
    inner = {name: _shallow(part, depth - 1) for name, part in (kept.get("properties") or {}).items()}
    kept |= {"properties": inner} if "properties" in kept else {}
    return kept | {word: _shallow(kept[word], depth - 1 if word == "items" else depth) for word in ("items", "allOf", "anyOf", "oneOf") if word in kept}


#: What is said to people; schemas that differ in nothing else give the same.
_WORDS = frozenset({"title", "description"})
_INWARD = frozenset({"properties", "required", "items", "prefixItems", "allOf", "anyOf", "oneOf", "if", "then", "else", "additionalProperties"})


def as_text(body: dict[str, Any]) -> str | None:
    """An object as the JSON that is sent; None for what JSON or UTF-8 has no words for, and for what is too long."""
    try:
        text = json.dumps(body, allow_nan=False, ensure_ascii=False)
        return text if len(text.encode()) < LONGEST and json.loads(text) == body else None
    except (ValueError, TypeError, RecursionError):
        return None


def reasons(schema: Mapping[str, Any], body: Mapping[str, Any], given: Sequence[str] = ()) -> str:
    """Which required properties at the top are missing or of a wrong JSON type, in words; empty where none is."""
    words = []
    for name in schema.get("required") or ():
        allowed = _types((schema.get("properties") or {}).get(name))
        held = json_type(body[name]) if body.get(name) is not None else "missing"
        # One thing where a list of such is wanted is taken for a list of one by some.
        if name not in given and held not in allowed and not (held == "object" and allowed == {"array"}):
            words.append(f"{name}: {held}")
    return ", ".join(words)


def _types(schema: Any) -> set[str]:
    """The JSON types that a property's schema names, numbers as one; every one where it names none, and so gives no reason."""
    named = schema.get("type") if isinstance(schema, Mapping) else None
    if named is None:
        return {"string", "number", "boolean", "array", "object"}
    return {"number" if name == "integer" else name for name in ([named] if isinstance(named, str) else named)}


def _generate(schema: Mapping[str, Any], keep: Callable[[Any], bool]) -> None:
    """Give schemathesis' negative bodies for a schema to ``keep``, one after the other, until it says that there are enough."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
    from schemathesis.generation import GenerationMode

    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    operation = {"operationId": "fuzz", "requestBody": body, "responses": {"200": {"description": "ok"}}}
    document = {"openapi": "3.1.0", "info": {"title": "fuzz", "version": "1"}, "paths": {"/fuzz": {"post": operation}}}
    # A configuration of its own: none is looked for in the folder that the command happens to run in.
    loaded: Any = schemathesis.openapi.from_dict(document, config=schemathesis.Config())

    def look(case: Any) -> None:
        if keep(case.body):
            raise unittest.SkipTest("enough")  # the documented way to end a generation early

    quiet = settings(max_examples=_EXAMPLES, database=None, deadline=None, derandomize=False, phases=[Phase.generate], verbosity=Verbosity.quiet,
                     suppress_health_check=list(HealthCheck), backend="hypothesis")  # fmt: skip
    strategy = loaded["/fuzz"]["POST"].as_strategy(generation_mode=GenerationMode.NEGATIVE)
    with contextlib.suppress(unittest.SkipTest), _no_constants_of_ours():
        for number in _SEEDS:
            test: Callable[[], None] = seed(number)(quiet(given(strategy)(look)))  # type: ignore[no-untyped-call]
            test()


@contextlib.contextmanager
def _no_constants_of_ours() -> Iterator[None]:
    """Have hypothesis draw no constants from the modules that are imported now."""
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    own = providers._get_local_constants  # noqa: SLF001 -- there is no public way
    providers.CONSTANTS_CACHE.cache.clear()
    providers._get_local_constants = Constants  # noqa: SLF001
    try:
        yield
    finally:
        providers._get_local_constants = own  # noqa: SLF001
        providers.CONSTANTS_CACHE.cache.clear()
