"""Billing: what requests cost."""

import pytest

from proofsheet.plugin import settle
from proofsheet.results.model import Finding

pytestmark = pytest.mark.area("billing")


def test_billing(verified: list[Finding]) -> None:
    """Every finding of the case holds."""
    settle(verified)
