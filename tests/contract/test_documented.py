"""docs/add-a-provider.md is true: its provider verifies, its fragments are valid, its lists are complete."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.invented.running import verify

from proofsheet.contract.__main__ import main
from proofsheet.contract.files import read_document, specs_root
from proofsheet.reference.wording import NAMES

PAGE = (Path(__file__).parent.parent.parent / "docs" / "add-a-provider.md").read_text(encoding="utf-8")
FILES = re.findall(r"^`(pebble/[^`]+)`\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FRAGMENTS = re.findall(r"^```yaml (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def schema_of(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((specs_root() / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


@pytest.fixture
def pebble(tmp_path: Path) -> Path:
    for name, text in FILES:
        path = tmp_path / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "specs" / "pebble"


def test_the_smallest_provider_is_valid(pebble: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(FILES) == 7
    assert main([str(pebble)]) == 0
    assert "warning" not in capsys.readouterr().out


def test_the_smallest_provider_conforms(pebble: Path, tmp_path: Path) -> None:
    outcome = verify("pebble", tmp_path, specs=pebble.parent)
    assert outcome.code == 0, outcome.said
    assert outcome.requirements("passed") == {"pebble.served", "pebble.size", "pebble.invalid", "pebble.key"}


@pytest.mark.parametrize(("kind", "text"), FRAGMENTS, ids=[f"{number}-{kind}" for number, (kind, _) in enumerate(FRAGMENTS)])
def test_a_fragment_is_valid(kind: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "fragment.yaml"
    path.write_text(text, encoding="utf-8")
    schema = schema_of(kind) | {"required": []}
    jsonschema.Draft202012Validator(schema).validate(read_document(path))


def test_every_word_of_an_example_is_explained() -> None:
    section = PAGE[PAGE.index("## examples.yaml") : PAGE.index("## reference.yaml")]
    entry = schema_of("examples")["properties"]["examples"]["items"]["properties"]
    words = [
        *entry,
        *entry["replace"]["properties"],
        *entry["broken"]["properties"],
        *entry["kind"]["enum"],
        *entry["gives"]["enum"],
        *entry["broken"]["properties"]["fails"]["properties"],
    ]
    assert [word for word in words if f"`{word}`" not in section and f"{word}:" not in section] == []


def test_every_word_of_the_language_is_explained() -> None:
    missing = {kind: [word for word in words if f"`{word}`" not in PAGE and f"{word}:" not in PAGE] for kind, words in _words().items()}
    assert missing == {kind: [] for kind in missing}


def _words() -> dict[str, list[str]]:
    contract, requirements, reference, preset = (schema_of(name) for name in ("contract", "requirements", "reference", "preset"))
    parts = contract["$defs"]
    provocations = parts["provocation"]["anyOf"][0]["enum"]
    return {
        "contract": list(contract["properties"]),
        **{name: list(parts[name]["properties"]) for name in ("answer", "lifecycle", "role", "pixels", "operation", "errors", "assets", "prices")},
        "image": list(parts["answer"]["properties"]["images"]["items"]["properties"]),
        "catalogue": list(parts["errors"]["properties"]["catalogue"]["items"]["properties"]),
        "requirement": list(requirements["$defs"]["requirement"]["properties"]),
        "reference": list(reference["properties"]),
        "preset": list(preset["properties"]),
        "provocations": provocations,
    }


def test_every_check_is_listed() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE[PAGE.index("### Checks") : PAGE.index("## reference.yaml")], re.MULTILINE)
    named = set()
    for row in rows:
        area = ""
        for word in re.findall(r"`([a-z_.]+)`", row):
            area = area if word.startswith(".") else word.partition(".")[0]
            named.add(area + word if word.startswith(".") else word)
    listed = schema_of("requirements")["$defs"]["requirement"]["properties"]["checks"]["propertyNames"]["enum"]
    assert named == set(listed)


def test_every_placeholder_is_listed() -> None:
    section = PAGE[PAGE.index("| placeholder | is |") :]
    named = {name.partition(".")[0] for name in re.findall(r"\$\{([a-z_.]+)\}", section)}
    assert named == NAMES - {"images"}


@pytest.mark.parametrize("scenario", ["missing", "enum", "below-minimum", "above-maximum", "too-short", "too-long", "too-few", "too-many", "pattern", "format", "multiple", "rule"])
def test_every_scenario_is_listed(scenario: str) -> None:
    assert f"`{scenario}`" in PAGE
