"""The shape of answers, without their values: which fields there are, of which types, and which words a status takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Deeper fields are not told apart: nothing that people write is nested so deeply.
_DEEPEST = 30
#: No documented answer has as many fields; one that names its fields by ids must not fill a report.
_MOST = 1000
_TYPES = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null", list: "array", dict: "object"}


@dataclass(frozen=True, slots=True)
class Shape:
    """``types`` by path (``$.data[].url``), and ``words`` by the name of what is enumerated (a status, a media type)."""

    types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference of two shapes.

    ``kind`` is ``new``, ``gone`` (fields), ``type``, ``word`` (an enumeration grew) or ``said`` (it says something else).
    """

    kind: str
    place: str
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind in ("new", "gone"):
            return f"{self.place} is {self.kind} ({', '.join(self.new or self.old)})"
        if self.kind in ("type", "said"):
            return f"{self.place} was {', '.join(self.old)} and is {', '.join(self.new)}"
        return f"{self.place} now also is {', '.join(self.new)}"


@dataclass(frozen=True, slots=True)
class Drift:
    """The changes of one kind of exchange, such as ``GET /v1/tasks/{id} 200``."""

    exchange: str
    changes: tuple[Change, ...]


def drifted(old: Mapping[str, Shape], new: Mapping[str, Shape]) -> list[Drift]:
    """What changed in answers of the same kind. A kind that only one side has is no change of shape."""
    found = (Drift(name, tuple(changes(old[name], new[name]))) for name in sorted(old.keys() & new.keys()))
    return [one for one in found if one.changes]


def shape_of(document: Any, words: Mapping[str, Iterable[str]] | None = None) -> Shape:
    """The shape of one document. ``words`` are values that count as part of the shape, by the name of their enumeration."""
    types: dict[str, set[str]] = {}
    for path, kind in _walk(document, "$", 0):
        types.setdefault(path, set()).add(kind)
    return Shape({path: frozenset(kinds) for path, kinds in types.items()}, {name: frozenset(found) for name, found in (words or {}).items()})


def _walk(node: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    yield path, _TYPES.get(type(node), type(node).__name__)
    if depth >= _DEEPEST:
        return
    if isinstance(node, Mapping):
        for name, inner in node.items():
            yield from _walk(inner, f"{path}.{name}", depth + 1)
    elif isinstance(node, list):
        for inner in node:
            yield from _walk(inner, f"{path}[]", depth + 1)


def to_document(shape: Shape) -> dict[str, dict[str, list[str]]]:
    """A shape as results.json holds it. Of an answer with endless fields only the first are kept."""
    types = {path: sorted(shape.types[path]) for path in sorted(shape.types)[:_MOST]}
    return {"types": types, "words": {name: sorted(found)[:_MOST] for name, found in sorted(shape.words.items())}}


def from_document(document: Mapping[str, Mapping[str, Iterable[str]]]) -> Shape:
    """The shape that a results.json holds."""
    sets = {part: {name: frozenset(found) for name, found in document[part].items()} for part in ("types", "words")}
    return Shape(sets["types"], sets["words"])


def together(shapes: Iterable[Shape]) -> Shape:
    """Everything that any of these shapes has."""
    types: dict[str, frozenset[str]] = {}
    words: dict[str, frozenset[str]] = {}
    for shape in shapes:
        for path, kinds in shape.types.items():
            types[path] = types.get(path, frozenset()) | kinds
        for name, found in shape.words.items():
            words[name] = words.get(name, frozenset()) | found
    return Shape(types, words)


def changes(old: Shape, new: Shape) -> list[Change]:
    """What is different in the new shape. Below a field that is new or gone nothing more is said."""
    found = [
        *(Change("new", path, (), tuple(sorted(new.types[path]))) for path in _highest(new.types, old.types)),
        *(Change("gone", path, tuple(sorted(old.types[path])), ()) for path in _highest(old.types, new.types)),
    ]
    both = [path for path in new.types if path in old.types and new.types[path] != old.types[path]]
    found += [Change("type", path, tuple(sorted(old.types[path])), tuple(sorted(new.types[path]))) for path in both]
    for name, words in new.words.items():
        grown = words - old.words.get(name, frozenset())
        if grown and name in old.words:
            found.append(Change("word", name, tuple(sorted(old.words[name])), tuple(sorted(grown))))
    return sorted(found, key=lambda change: (change.place, change.kind))


def other_words(old: Shape, new: Shape) -> list[Change]:
    """Enumerations that say something else now. Unlike in ``changes``, words that are not said any more count too."""
    names = sorted(name for name in old.words.keys() & new.words.keys() if old.words[name] != new.words[name])
    return [Change("said", name, tuple(sorted(old.words[name])), tuple(sorted(new.words[name]))) for name in names]


def _highest(here: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    """Paths of one shape that the other lacks, without those below another such path."""
    missing = [path for path in here if path not in there]
    # A container that is empty in one answer and filled in another has no fields there: its own type is compared.
    return [path for path in missing if not any(path != above and path.startswith((f"{above}.", f"{above}[")) for above in missing)]
