"""Lifecycles: submit, poll, end."""

import pytest

from proofsheet.plugin import settle
from proofsheet.results.model import Finding

pytestmark = pytest.mark.area("lifecycles")


def test_lifecycles(verified: list[Finding]) -> None:
    """Every finding of the case holds."""
    settle(verified)
