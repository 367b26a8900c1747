"""Faults in runs whose requests are shared: the requirement that is broken is named, and none that is kept."""

from __future__ import annotations

import pytest


def broken(findings):
    return {finding.requirement for finding in findings if finding.verdict in ("fail", "warn")}


@pytest.mark.parametrize(
    "fault",
    [
        "refuse-valid:edit:output_format", "refuse-cell:generate:16:9@2K", "fewer-images:generate", "overcharge:generate",
        "ignore-parameter:generate:format", "neighbour-ratio:generate:4:3", "intermittent",
    ],
)  # fmt: skip
def test_shared_requests_blame_what_separate_ones_do(bench, plan, fault):
    """Whoever is blamed in a whole run, where requests are shared, is also blamed where each case sends its own."""
    found = plan("threedaistudio", fault)
    together = broken(bench("threedaistudio").findings([fault]))
    every = [case.id for case in bench("threedaistudio").cases]
    apart = broken(bench("threedaistudio").findings([fault], every))
    assert together & found.named
    if fault != "intermittent":  # which request meets it depends on how many there are
        assert together == apart
