"""One pattern language for ids: what each word of it stands for."""

from __future__ import annotations

import pytest

from proofsheet.contract.patterns import matches, matches_any


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("a/b", ["a/b"], ["a", "a/b/", "xa/b", "a/bx", ""]),
        ("a.b", ["a.b"], ["axb"]),
        ("*", ["", "a", "a.b-c"], ["a/b", "/"]),
        ("a/*", ["a/", "a/b"], ["a", "a/b/c", "ab"]),
        ("a/*-z", ["a/-z", "a/b-z"], ["a/b/c-z", "a/b"]),
        ("**", ["", "a", "a/b/c"], []),
        ("a/**", ["a", "a/", "a/b", "a/b/c"], ["ab", "b/a", "a.b"]),
        ("**/z", ["z", "a/z", "a/b/z"], ["az", "z/a"]),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["az", "a/bz", "ab/z", "a/z/b"]),
        ("a**z", ["az", "a/b/z", "abz"], ["a", "zaz "]),
        ("*/**", ["a", "a/b", "a/b/c"], []),
        ("a/*/c/**", ["a/b/c", "a/b/c/d/e"], ["a/b/d/c", "a/c"]),
    ],
)
def test_a_pattern_fits_whole_names(pattern: str, fits: list[str], fits_not: list[str]) -> None:
    assert [name for name in fits if not matches(pattern, name)] == []
    assert [name for name in fits_not if matches(pattern, name)] == []


@pytest.mark.parametrize(("patterns", "fits"), [((), False), (("b",), False), (("b", "a"), True), (("*", "b"), True)])
def test_one_pattern_that_fits_is_enough(patterns: tuple[str, ...], fits: bool) -> None:
    assert matches_any(patterns, "a") is fits
