"""Reading spec files: YAML and JSON, validated against the schemas that ship beside them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from proofsheet.contract.accepted import accepted
from proofsheet.contract.complaints import complaint
from proofsheet.contract.errors import ContractError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _SpecLoader(_Loader):  # type: ignore[misc]
    """YAML as JSON means it: a date stays a string, so do ``on``, ``no`` and ``16:9``, and a key that stands twice is an error."""


#: How JSON writes what is no text, and what it begins with; the first that fits counts.
_PLAIN = {
    "bool": (re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    "int": (re.compile(r"^-?(?:0|[1-9][0-9]*)$"), "-0123456789"),
    "float": (re.compile(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"), "-0123456789"),
}
_NOT_AS_IN_YAML = ("tag:yaml.org,2002:timestamp", *(f"tag:yaml.org,2002:{name}" for name in _PLAIN))
_SpecLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag not in _NOT_AS_IN_YAML] for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
for _name, (_written, _first) in _PLAIN.items():
    _SpecLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", _written, list(_first))


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    _refuse_twice(node)
    loader.flatten_mapping(node)
    return {_key(loader, key_node): loader.construct_object(value_node, deep=True) for key_node, value_node in node.value}


def _key(loader: Any, node: Any) -> Any:
    key = loader.construct_object(node)
    if isinstance(key, (list, dict)):
        raise yaml.constructor.ConstructorError(None, None, "a key must be a word or a number; put text with braces or brackets in quotes", node.start_mark)
    return key


def _refuse_twice(node: Any) -> None:
    """Before ``<<`` is laid under a mapping: a key of its own may hide one that comes from there, but not another of its own."""
    seen: set[str] = set()
    for key_node, _ in node.value:
        key = key_node.value
        if isinstance(key, str) and key_node.tag != "tag:yaml.org,2002:merge":
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key '{key}' stands twice", key_node.start_mark)
            seen.add(key)


_SpecLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def specs_root() -> Path:
    """The folder of specs: inside the installed package, else at the top of the checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent.parent / "specs"


def read_document(path: Path) -> Any:
    """Read one YAML or JSON file. Raises ContractError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ContractError(str(path), "this file is missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(str(path), f"cannot be read: {error}") from None
    try:
        return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_SpecLoader)  # noqa: S506 -- a safe loader
    except json.JSONDecodeError as error:
        raise ContractError(str(path), f"is not valid JSON: {error}") from None
    except yaml.YAMLError as error:
        raise ContractError(str(path), f"is not valid YAML: {_yaml_problem(error)}") from None


#: What usually lies behind a message of the YAML reader.
_YAML_MENDS = {
    "tab character": "indent with spaces, never with tabs",
    "cannot start any token": "indent with spaces, never with tabs; put text that begins with @, ` or % in quotes",
    "mapping values are not allowed": "put text that holds a colon in quotes",
    "expected ',' or": "put text that holds braces, brackets or commas in quotes",
    "did not find expected key": "look at the indentation of this line and the one above",
}


def _yaml_problem(error: yaml.YAMLError) -> str:
    """What is wrong and where, in one line."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return " ".join(str(error).split())
    mark = error.problem_mark or error.context_mark
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    problem = " ".join(part for part in (error.context, error.problem) if part) or "it cannot be read"
    mend = next((mend for sign, mend in _YAML_MENDS.items() if sign in problem), None)
    return where + problem + (f" ({mend})" if mend else "")


@lru_cache(maxsize=32)
def shipped_validator(name: str) -> Any:
    """The validator of a schema in ``specs/schemas/``."""
    return jsonschema.Draft202012Validator(json.loads(_shipped_text(name)))


@lru_cache(maxsize=32)
def _shipped_text(name: str) -> str:
    return (specs_root() / "schemas" / name).read_text(encoding="utf-8")


def validated(path: Path, schema_name: str) -> Mapping[str, Any]:
    """Read a file and validate it. Raises ContractError naming the place and the mend."""
    return checked(read_document(path), schema_name, str(path))


def checked(document: Any, schema_name: str, where: str) -> Mapping[str, Any]:
    """A document that fits a shipped schema. Raises ContractError."""
    schema, text = _shipped_text(schema_name), _as_text(document)
    if text is None or not accepted().knows(schema, text):
        error = jsonschema.exceptions.best_match(shipped_validator(schema_name).iter_errors(document))
        if error is not None:
            raise ContractError(where, complaint(error, document))
        if text is not None:
            accepted().add(schema, text)
    mapping: Mapping[str, Any] = document  # Each shipped schema asks for one.
    return mapping


def _as_text(document: Any) -> str | None:
    """The document as one text; None where JSON would not tell it apart from another one."""
    try:
        text = json.dumps(document)
    except (TypeError, ValueError, RecursionError):
        return None
    return text if json.loads(text) == document else None


def folder_digest(folder: Path) -> str:
    """sha256 over the names and bytes of a folder's files, in order."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
