"""The checks that requirements may name are those that exist."""

import ast
import json
from pathlib import Path

import proofsheet.checks
from proofsheet.contract.files import specs_root

AREAS = ("parameters", "errors", "lifecycles", "pixels", "assets", "usage", "billing", "relay")


def _named_in_the_checks() -> set[str]:
    found: set[str] = set()
    for path in Path(proofsheet.checks.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(".") == 1:
                area, _, name = node.value.partition(".")
                if area in AREAS and name.replace("_", "").isalpha():
                    found.add(node.value)
    return found


def test_the_schema_lists_every_check_and_no_other() -> None:
    schema = json.loads((specs_root() / "schemas" / "requirements.schema.json").read_text(encoding="utf-8"))
    listed = schema["$defs"]["requirement"]["properties"]["checks"]["propertyNames"]["enum"]
    assert len(listed) == len(set(listed))
    assert set(listed) == _named_in_the_checks()
