"""Relay: what a gateway carries to the model behind it, and what comes back."""

import pytest

from proofsheet.plugin import settle
from proofsheet.results.model import Finding

pytestmark = pytest.mark.area("relay")


def test_relay(verified: list[Finding]) -> None:
    """Every finding of the case holds."""
    settle(verified)
