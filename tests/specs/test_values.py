"""The specs say what the documents say: compared with tables typed by hand, without loading them through the product."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pins import SPECS, changed, first_difference, load
from pins_all import PINS, PROVIDERS


@pytest.mark.parametrize("file", sorted(PINS))
def test_a_spec_file_says_what_the_documents_say(file: str) -> None:
    PINS[file](load(SPECS / file))


def test_every_spec_file_is_compared() -> None:
    unread = {"requirements.yaml", "reference.yaml"}  # the matrix is held by digest, the reference gateway by its own runs
    files = {path.relative_to(SPECS).as_posix() for folder in (*PROVIDERS, "presets") for path in (SPECS / folder).rglob("*") if path.is_file() and path.name not in unread}
    assert files == set(PINS)


def test_the_tables_are_read_without_the_product() -> None:
    modules = ", ".join(f"pins_{name}" for name in ("presets", *PROVIDERS))
    script = f"import sys; sys.path.insert(0, {str(SPECS.parent / 'tests' / 'specs')!r}); import {modules}; print('proofsheet' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "False"


@pytest.mark.parametrize(
    ("found", "expected", "at"),
    [
        (1, True, ": 1 is not True"),
        ({"a": 1}, {"a": 1, "b": 2}, "/b: missing"),
        ({"a": 1, "b": 2}, {"a": 1}, "/b: not expected"),
        ([1, [2]], [1, [3]], "/1/0: 2 is not 3"),
        ([1], [1, 2], ": [1] is not [1, 2]"),
    ],
)
def test_a_difference_is_named(found: object, expected: object, at: str) -> None:
    assert first_difference(found, expected) == at


@pytest.mark.parametrize("value", [True, 0, 1.5, "x", "", None])
def test_a_changed_value_differs(value: object) -> None:
    assert first_difference(changed(value), value) is not None
