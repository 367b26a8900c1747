"""Errors: the error catalogue."""

import pytest

from proofsheet.plugin import settle
from proofsheet.results.model import Finding

pytestmark = pytest.mark.area("errors")


def test_errors(verified: list[Finding]) -> None:
    """Every finding of the case holds."""
    settle(verified)
