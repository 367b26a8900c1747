"""Sums over the parts of a run."""

from __future__ import annotations

import pytest

from proofsheet.results.joining import total_spend


def spend(amount, usd, **more):
    return {"amount": amount, "unit": "credits", "usd": usd, **more}


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([spend("1.00", "0.10"), spend("2.00", "0.20")], spend("3.00", "0.30")),
        ([spend("1.00", None), spend("2.00", "0.20")], spend("3.00", None)),
        ([spend("0.33", None, exact="1/3"), spend("0.67", None, exact="2/3")], spend("1.00", None, exact="1")),
        ([spend("0.00", None, unpriced=2), spend("2.00", None)], spend("2.00", None, unpriced=2)),
        ([spend("0.00", None), spend("2.00", None, unpriced=3), spend("2.00", None, unpriced=1)], spend("4.00", None, unpriced=4)),
    ],
    ids=["dollars", "no rate for one", "fractions", "no price for some", "for some of several"],
)
def test_what_parts_have_cost(parts, whole):
    assert total_spend(parts) == whole
