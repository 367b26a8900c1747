"""Reading specs without the product, and comparing them with tables typed by hand.

A pin is a function that takes one loaded spec file and asserts what it says. Prose (titles, descriptions, reasons) is
left out; everything else is a value, and a pin must notice when one changes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

SPECS = Path(__file__).resolve().parents[2] / "specs"
Pin = Callable[[Any], None]

PROSE = frozenset({"$schema", "title", "description", "summary", "why", "examples", "example", "tags", "info", "about", "$comment"})
#: Below these keys the names are a provider's own, and none of them is prose.
NAMES = frozenset({"properties", "patternProperties", "$defs"})
PICTURE = "(a picture)"


#: Parts of an operation that are requests to try and no promises.
TRIES = ("request", "probes", "walk", "schema")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain YAML in which ``on`` is a word."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":bool", ":timestamp"))] for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def load(path: Path) -> Any:
    """One spec file, by plain json or yaml."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_Loader)


def values(node: Any, names: bool = False) -> Any:
    """A document without its prose; long base64 is only said to be a picture."""
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if names or not is_prose(key, value)}
        return {key: values(value, names=not names and key in NAMES) for key, value in kept.items()}
    if isinstance(node, list):
        return [values(item) for item in node]
    return PICTURE if is_picture(node) else node


def is_prose(key: Any, value: Any) -> bool:
    """Whether a key holds words for people. A title that is an object is a parameter of that name."""
    return key in PROSE and not (key in ("title", "description", "summary") and isinstance(value, dict))


def is_picture(value: Any) -> bool:
    """Whether a string is an encoded picture."""
    return isinstance(value, str) and re.fullmatch(r"(data:image/\w+;base64,)?[A-Za-z0-9+/]{80,}={0,2}", value) is not None


def held(digest: str) -> Pin:
    """A pin of a file that holds a document's own words, which the trace compares with the document: it changes with the digest alone."""

    def pin(document: Any) -> None:
        found = hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
        assert found == digest, f"the words of the document were changed, or the digest is to be: {found}"

    return pin


def promises(contract: Any) -> Any:
    """contract.yaml without prose, without features, and without what is tried where and what lies behind a gateway."""
    operations = {name: _promised(operation) for name, operation in contract["operations"].items()}
    catalogue = [{key: value for key, value in entry.items() if key != "on"} for entry in contract["errors"]["catalogue"]]
    kept = {key: value for key, value in contract.items() if key not in ("features", "relay")}
    return values({**kept, "operations": operations, "errors": {**contract["errors"], "catalogue": catalogue}})


def _promised(operation: Any) -> Any:
    kept = {key: value for key, value in operation.items() if key not in TRIES}
    if "models" in kept:
        kept["models"] = {model: _promised(difference or {}) for model, difference in kept["models"].items()}
    return kept


def promise_places(contract: Any) -> Iterator[tuple[Any, Any]]:
    """The places of what ``promises`` keeps, in the contract itself."""
    for key, section in contract.items():
        if key in ("features", "relay", "operations", "errors") or is_prose(key, section):
            continue
        if isinstance(section, (dict, list)):
            yield from places(section)
        else:
            yield contract, key
    errors = contract["errors"]
    yield from places({key: value for key, value in errors.items() if key != "catalogue"})
    for entry in errors["catalogue"]:
        yield from ((holder, key) for holder, key in places(entry) if holder is not entry.get("on"))
    for operation in contract["operations"].values():
        for part in (operation, *((operation.get("models") or {}).values())):
            for key, value in (part or {}).items():
                if key not in (*TRIES, "models"):
                    yield from places(value) if isinstance(value, (dict, list)) else [(part, key)]


def tries(contract: Any) -> Any:
    """What ``promises`` leaves out, prose aside."""
    operations = {name: _tried(operation) for name, operation in contract["operations"].items()}
    tried_on = {entry["id"]: entry.get("on") for entry in contract["errors"]["catalogue"]}
    return values({"operations": operations, "tried_on": tried_on, "features": contract.get("features", {}), "relay": contract.get("relay", {})})


def _tried(operation: Any) -> Any:
    kept = {key: value for key, value in operation.items() if key in TRIES}
    models = {model: _tried(difference or {}) for model, difference in (operation.get("models") or {}).items()}
    return {**kept, "models": models}


def operations(document: Any) -> dict[str, Any]:
    """What openapi.yaml says of each operation, in short: parameters, media types of the body, statuses, security."""
    found = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "delete", "patch"):
                found[f"{method.upper()} {path}"] = _operation(operation, item.get("parameters", []), document)
    return found


def _operation(operation: Any, shared: list[Any], document: Any) -> dict[str, Any]:
    parameters = {}
    for entry in [*shared, *operation.get("parameters", [])]:
        parameter = _followed(entry, document)
        parameters[f"{parameter['in']}:{parameter['name']}"] = {"required": parameter.get("required", False), **values(parameter["schema"])}
    body = _followed(operation.get("requestBody", {}), document).get("content", {})
    security = operation.get("security", document.get("security", []))
    return {
        "id": operation["operationId"],
        "parameters": parameters,
        "body": {media_type: sorted(_files(content["schema"])) for media_type, content in body.items()},
        "statuses": sorted(str(status) for status in operation["responses"]),
        "keys": [name for requirement in security for name in requirement],
    }


def _files(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"]
        for value in schema.values():
            yield from _files(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _files(item)


def _followed(node: Any, document: Any) -> Any:
    here = node
    while "$ref" in here:
        target = document
        for step in here["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        here = target
    return here


def places(node: Any, names: bool = False) -> Iterator[tuple[Any, Any]]:
    """Every place of a value in a document: the container and the key, prose and pictures left out."""
    pairs = list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    for key, value in pairs:
        if isinstance(node, dict) and not names and is_prose(key, value):
            continue
        if isinstance(value, (dict, list)):
            yield from places(value, names=isinstance(node, dict) and not names and key in NAMES)
        elif not is_picture(value):
            yield node, key


def changed(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return "changed" if value is None else f"{value}0"


def same(found: Any, expected: Any, where: str) -> None:
    """Assert equality with types (1 is not True), naming the first place that differs."""
    difference = first_difference(found, expected)
    assert difference is None, f"{where}{difference}"


def first_difference(found: Any, expected: Any, at: str = "") -> str | None:
    """Where two documents differ, or None."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in [*expected, *(key for key in found if key not in expected)]:
            if key not in found or key not in expected:
                return f"{at}/{key}: {'missing' if key not in found else 'not expected'}"
            difference = first_difference(found[key], expected[key], f"{at}/{key}")
            if difference:
                return difference
        return None
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        return next((d for i, (f, e) in enumerate(zip(found, expected, strict=True)) if (d := first_difference(f, e, f"{at}/{i}"))), None)
    return None if type(found) is type(expected) and found == expected else f"{at}: {found!r} is not {expected!r}"
