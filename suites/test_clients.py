"""Clients: what the SDKs make of the API, and whether the documents' examples work."""

import pytest

from proofsheet.plugin import settle
from proofsheet.results.model import Finding

pytestmark = pytest.mark.area("clients")


def test_clients(verified: list[Finding]) -> None:
    """Every finding of the case holds."""
    settle(verified)
