"""Parameters: valid requests are served, invalid ones refused, values honoured."""

import pytest

from proofsheet.plugin import settle
from proofsheet.results.model import Finding

pytestmark = pytest.mark.area("parameters")


def test_parameters(verified: list[Finding]) -> None:
    """Every finding of the case holds."""
    settle(verified)
