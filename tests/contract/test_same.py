"""A value compared by identity."""

from __future__ import annotations

from proofsheet.contract.same import Same


def test_equal_values_are_not_the_same() -> None:
    one: dict[str, int] = {"a": 1}
    other = dict(one)
    assert Same(one) == Same(one)
    assert hash(Same(one)) == hash(Same(one))
    assert Same(one) != Same(other)
    assert Same(one) != one
    assert Same(one) != type("Alike", (), {"value": one})()
    assert {Same(one): "here"}.get(Same(other), "nowhere") == "nowhere"
