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

from proofsheet.contract.errors import ContractError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _SpecLoader(_Loader):  # type: ignore[misc]
    """YAML as JSON means it: a date stays a string, so do ``on`` and ``no``, and a key that stands twice is an error."""


_SpecLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_SpecLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def _mapping(loader: Any, node: Any, deep: bool = False) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen and not isinstance(key_node.value, list):
            raise yaml.constructor.ConstructorError(None, None, f"the key '{key}' stands twice", key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


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
        raise ContractError(str(path), f"is not valid YAML: {' '.join(str(error).split())}") from None


@lru_cache(maxsize=32)
def shipped_validator(name: str) -> Any:
    """The validator of a schema in ``specs/schemas/``."""
    schema = json.loads((specs_root() / "schemas" / name).read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


def validated(path: Path, schema_name: str) -> Mapping[str, Any]:
    """Read a file and validate it. Raises ContractError naming the place and the mend."""
    document = read_document(path)
    error = jsonschema.exceptions.best_match(shipped_validator(schema_name).iter_errors(document))
    if error is not None:
        place = "/".join(str(step) for step in error.absolute_path) or "the top"
        raise ContractError(str(path), f"at {place}: {error.message[:300]}")
    assert isinstance(document, Mapping)
    return document


def folder_digest(folder: Path) -> str:
    """sha256 over the names and bytes of a folder's files, in order."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
