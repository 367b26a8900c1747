"""Templates of answers: JSON with ``${placeholders}``, filled in from names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}")


class TemplateError(LookupError):
    """A template uses a name that nothing stands for."""


def look_up(names: Mapping[str, Any], dotted: str) -> Any:
    """The value of ``a.b.c``. A callable is called; anything with ``step`` is asked for its parts.

    What a client sent may be anything: a step into a number or a text leads nowhere.
    """
    first, *rest = dotted.split(".")
    if first not in names:
        raise TemplateError(f"'${{{dotted}}}' is no placeholder; there are: {', '.join(sorted(names))}")
    value = names[first]
    value = value() if callable(value) else value
    for step in rest:
        if value is None or isinstance(value, (str, int, float, list)):
            return None
        value = value.get(step) if isinstance(value, Mapping) else value.step(step)
    return value


def render(node: Any, names: Mapping[str, Any]) -> Any:
    """``node`` with every placeholder filled in. One that stands alone keeps its value's type."""
    if isinstance(node, str):
        return _text(node, names)
    if isinstance(node, list):
        return [rendered for item in node for rendered in _items(item, names)]
    if isinstance(node, Mapping):
        if "$each" in node:
            return list(_items(node, names))
        return {key: _part(value, names) for key, value in node.items() if _stands(value, names)}
    return node


def _text(text: str, names: Mapping[str, Any]) -> Any:
    alone = _PLACEHOLDER.fullmatch(text)
    if alone:
        return look_up(names, alone.group(1))
    return _PLACEHOLDER.sub(lambda match: str(look_up(names, match.group(1))), text)


def _items(item: Any, names: Mapping[str, Any]) -> Iterable[Any]:
    if isinstance(item, Mapping) and "$each" in item:
        for element in look_up(names, item["$each"]):
            yield render(item["as"], {**names, "image": element})
    elif _stands(item, names):
        yield _part(item, names)


def _part(value: Any, names: Mapping[str, Any]) -> Any:
    return render(value["as"] if isinstance(value, Mapping) and "$when" in value else value, names)


def _stands(value: Any, names: Mapping[str, Any]) -> bool:
    """Whether a conditional part is to be there; every other part is."""
    if not (isinstance(value, Mapping) and "$when" in value):
        return True
    found = look_up(names, value["$when"])
    if "has" not in value:
        return found is not None
    return value["has"] in found if isinstance(found, (list, tuple)) else bool(found == value["has"])


def used_names(node: Any) -> set[str]:
    """The first steps of every placeholder in a template."""
    if isinstance(node, str):
        return {match.split(".")[0] for match in _PLACEHOLDER.findall(node)}
    if isinstance(node, list):
        return set().union(*(used_names(item) for item in node))
    if isinstance(node, Mapping):
        conditions = {str(node["$when"]).split(".")[0]} if "$when" in node else set()
        return conditions.union(*(used_names(value) for value in node.values()))
    return set()
