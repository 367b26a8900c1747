"""Pixels: every preset cell, formats, counts."""

import pytest

from proofsheet.plugin import settle
from proofsheet.results.model import Finding

pytestmark = pytest.mark.area("pixels")


def test_pixels(verified: list[Finding]) -> None:
    """Every finding of the case holds."""
    settle(verified)
