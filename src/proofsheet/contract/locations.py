"""Places in a request and in an answer, written ``kind:place``.

In a request: ``json:/pointer``, ``header:Name``, ``query:name``, ``path:name``, ``form:field``, ``file:field``.
In an answer: ``json:$.path`` (JSONPath, RFC 9535), ``header:Name``, ``status:``, ``text:``.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonpath

from proofsheet.contract.errors import LocationError

REQUEST_KINDS = frozenset({"json", "header", "query", "path", "form", "file"})
ANSWER_KINDS = frozenset({"json", "header", "status", "text"})


@dataclass(frozen=True, slots=True)
class Location:
    """One place in a request."""

    kind: str
    place: str

    @classmethod
    def parse(cls, text: str) -> Location:
        """Read ``kind:place``. Raises LocationError."""
        kind, colon, place = text.partition(":")
        if not colon or kind not in REQUEST_KINDS or not place:
            raise LocationError(f"'{text}' is no place in a request; write one of {', '.join(sorted(REQUEST_KINDS))}, a colon and the place")
        if kind == "json" and not place.startswith("/"):
            raise LocationError(f"'{text}': a place in JSON is a pointer and starts with '/'")
        return cls(kind, place)

    def __str__(self) -> str:
        return f"{self.kind}:{self.place}"

    @property
    def name(self) -> str:
        """The last step of the place: the name a person would call the parameter by."""
        return self.place.rstrip("/").rpartition("/")[2] or self.place


@dataclass(frozen=True, slots=True)
class Locator:
    """One place in an answer, with an optional regular expression whose first group is what counts."""

    kind: str
    place: str
    pattern: str | None = None

    @classmethod
    def parse(cls, spec: str | Mapping[str, Any]) -> Locator:
        """Read ``kind:place`` or ``{at: kind:place, pattern: ...}``. Raises LocationError."""
        text = spec if isinstance(spec, str) else str(spec["at"])
        pattern = None if isinstance(spec, str) else spec.get("pattern")
        kind, colon, place = text.partition(":")
        if not colon or kind not in ANSWER_KINDS:
            raise LocationError(f"'{text}' is no place in an answer; write one of {', '.join(sorted(ANSWER_KINDS))}, a colon and the place")
        if kind == "json":
            compiled_path(place)
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise LocationError(f"'{pattern}' is no regular expression: {error}") from None
        return cls(kind, place, pattern)

    def find(self, status: int, headers: Mapping[str, str], body: Any, text: str) -> list[Any]:
        """All values at this place; an empty list where there is none.

        ``headers`` has lower-case names, ``body`` is decoded JSON or None.
        """
        values: list[Any]
        if self.kind == "status":
            values = [str(status)]
        elif self.kind == "header":
            value = headers.get(self.place.lower())
            values = [] if value is None else [value]
        elif self.kind == "text":
            values = [text] if text else []
        else:
            values = select(self.place, body)
        if self.pattern is None:
            return values
        found = (re.search(self.pattern, value) for value in values if isinstance(value, str))
        return [match.group(1) if match.groups() else match.group(0) for match in found if match]


@lru_cache(maxsize=1024)
def compiled_path(path: str) -> jsonpath.JSONPath | jsonpath.CompoundJSONPath:
    """Compile a JSONPath once. Raises LocationError."""
    try:
        return jsonpath.compile(path)
    except jsonpath.JSONPathError as error:
        # The library's message goes on with a drawing of the place; its first line says what is wrong.
        raise LocationError(f"'{path}' is no JSONPath: {next(iter(str(error).splitlines()), 'it cannot be read')}") from None


def select(path: str, document: Any) -> list[Any]:
    """Values that ``path`` selects in ``document``; in one that is no object or array only ``$`` selects anything."""
    if not isinstance(document, (dict, list)):
        return [document] if path == "$" and document is not None else []
    steps = _plain_steps(path)
    if steps is None:
        return list(compiled_path(path).findall(document))
    found = [document]
    for step in steps:
        found = [inner for node in found for inner in _inside(node, step)]
    return found


#: A path of names, indices and wildcards. Most are; they are followed here, because the library's matches hold each other,
#: and with them whole answers, until the garbage collector comes by.
_PLAIN_PATH = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\[\*\]|\[[0-9]{1,6}\])*")
_PLAIN_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\*|[0-9]+)\]")


@lru_cache(maxsize=1024)
def _plain_steps(path: str) -> tuple[str | int | None, ...] | None:
    """The names, indices and wildcards (None) of a plain path; None for one that is more than that."""
    if _PLAIN_PATH.fullmatch(path) is None:
        return None
    return tuple(name or (None if inside == "*" else int(inside)) for name, inside in _PLAIN_STEP.findall(path))


def _inside(node: Any, step: str | int | None) -> list[Any]:
    if isinstance(node, dict):
        if step is None:
            return list(node.values())
        name = str(step)  # an index finds a field of that name, as the library has it
        return [node[name]] if name in node else []
    if not isinstance(node, list) or isinstance(step, str):
        return []
    if step is None:
        return node
    return node[step : step + 1]


def plain_text(value: Any) -> str:
    """A word, a number or a boolean as it stands in JSON, without quotes."""
    return value if isinstance(value, str) else json.dumps(value)


def pointer_steps(pointer: str) -> list[str]:
    """The unescaped steps of a JSON pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def get_pointer(document: Any, pointer: str, default: Any = None) -> Any:
    """The value at a JSON pointer, or ``default``."""
    here = document
    for step in pointer_steps(pointer):
        if isinstance(here, Mapping) and step in here:
            here = here[step]
        elif isinstance(here, Sequence) and not isinstance(here, str) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return default
    return here


def set_pointer(document: Any, pointer: str, value: Any) -> Any:
    """A copy of ``document`` with ``value`` at the pointer; missing objects are made, ``-`` appends to an array."""
    steps = pointer_steps(pointer)
    if not steps:
        return copy.deepcopy(value)
    root = copy.deepcopy(document) if document is not None else {}
    here = root
    for step, following in itertools.pairwise(steps):
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, [] if following == "-" else {})
    last = steps[-1]
    if isinstance(here, list):
        if last == "-":
            here.append(copy.deepcopy(value))
        else:
            here[int(last)] = copy.deepcopy(value)
    else:
        here[last] = copy.deepcopy(value)
    return root


def drop_pointer(document: Any, pointer: str) -> Any:
    """A copy of ``document`` without what stands at the pointer; unchanged where nothing stands there."""
    root = copy.deepcopy(document)
    here, last = get_pointer(root, pointer.rpartition("/")[0]), pointer_steps(pointer)[-1]
    if isinstance(here, dict):
        here.pop(last, None)
    elif isinstance(here, list) and last.isdigit() and int(last) < len(here):
        del here[int(last)]
    return root
