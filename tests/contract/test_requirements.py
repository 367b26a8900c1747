"""Reading the traceability matrix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proofsheet.contract.errors import ContractError
from proofsheet.contract.model import Dispute, Matrix, Requirement, Silent, Source
from proofsheet.contract.requirements import line_numbers, read_matrix

SOURCE = {"document": "d", "lines": "1"}
DISPUTE = {"id": "q", "statement": "Odd.", "readings": ["a", "b"], "judged": "not", "sources": [SOURCE, {"document": "e", "lines": "2-3"}]}


def requirement(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "level": "must", "statement": "It does so.", "source": SOURCE, **({} if "checks" in more else {"excluded": "a sample"}), **more}


def read(folder: Path, *requirements: dict[str, Any], provider: str | None = None, **more: Any) -> Matrix:
    path = folder / "r.yaml"
    path.write_text(json.dumps({"provider": "plain", "requirements": requirements, **more}), encoding="utf-8")
    return read_matrix(path, provider)


def test_a_matrix_is_read_as_it_stands(tmp_path: Path) -> None:
    checks = {"errors.status": "a/**", "errors.code": ["b", "c"]}
    matrix = read(
        tmp_path,
        requirement("p.a", source=[SOURCE, SOURCE | {"lines": "4"}], level="info", standard="RFC 1"),
        requirement("p.b", checks=checks, implies=["p.a"]),
        disputes=[DISPUTE, DISPUTE | {"id": "w", "number": 7, "requirements": ["p.b", "p.a"]}],
        silent=[{"document": "d", "lines": ["1", "2-4"], "why": "a title"}],
    )
    one, sources = Source("d", "1"), (Source("d", "1"), Source("e", "2-3"))
    assert matrix == Matrix(
        (
            Requirement("p.a", "info", "It does so.", (one, Source("d", "4")), {}, "a sample", "RFC 1", ()),
            Requirement("p.b", "must", "It does so.", (one,), {"errors.status": ("a/**",), "errors.code": ("b", "c")}, None, None, ("p.a",)),
        ),
        (Dispute("q", "Odd.", ("a", "b"), "not", sources, (), None), Dispute("w", "Odd.", ("a", "b"), "not", sources, ("p.b", "p.a"), 7)),
        (Silent("d", ("1", "2-4"), "a title"),),
    )


def test_an_empty_matrix(tmp_path: Path) -> None:
    assert read(tmp_path) == Matrix((), (), ()) == read(tmp_path, provider="plain")


@pytest.mark.parametrize(
    ("requirements", "more", "said"),
    [
        ([], {"provider": "other"}, "provider is 'plain', but the folder is 'other'"),
        ([requirement("p.b"), requirement("p.a"), requirement("p.b"), requirement("p.a")], {}, "the requirement p.a stands twice"),
        ([requirement("p.a", implies=["p.b"])], {}, "the requirement p.a implies p.b, which is not there"),
        ([requirement("p.a", implies=["p.c", "p.b"]), requirement("p.d", implies=["p.e"])], {}, "the requirement p.a implies p.c, which is not there"),
        ([requirement("p.a", implies=["p.a"])], {}, "requirements imply each other in a circle: p.a → p.a"),
        ([requirement("p.a", implies=["p.b"]), requirement("p.b", implies=["p.a"])], {}, "in a circle: p.a → p.b → p.a"),
        ([requirement("p.x", implies=["p.a"]), requirement("p.a", implies=["p.b"]), requirement("p.b", implies=["p.a"])], {}, "in a circle: p.a → p.b → p.a"),
        ([requirement("p.a")], {"disputes": [DISPUTE | {"requirements": ["p.a", "p.c", "p.b"]}]}, "the dispute q names the requirement p.c, which is not there"),
    ],
)
def test_what_does_not_fit_is_told(requirements: list[dict[str, Any]], more: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as told:
        read(tmp_path, *requirements, **more)
    assert str(told.value).startswith(str(tmp_path / "r.yaml"))
    assert said in str(told.value)


def test_two_ways_to_the_same_requirement_are_no_circle(tmp_path: Path) -> None:
    diamond = {"p.a": ["p.b", "p.c"], "p.b": ["p.d"], "p.c": ["p.d"], "p.d": []}
    matrix = read(tmp_path, *(requirement(name, **({"implies": implied} if implied else {})) for name, implied in diamond.items()))
    assert [entry.implies for entry in matrix.requirements] == [("p.b", "p.c"), ("p.d",), ("p.d",), ()]


@pytest.mark.parametrize(("lines", "numbers"), [("3", [3]), ("1-3, 7", [1, 2, 3, 7]), ("5-5", [5]), ("9,2-3", [9, 2, 3])])
def test_lines_are_read_as_a_person_writes_them(lines: str, numbers: list[int]) -> None:
    assert line_numbers(lines) == numbers
