"""One reference gateway for all runs of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from proofsheet.reference import ReferenceProcess, start_reference


@pytest.fixture(scope="session")
def gateway() -> Iterator[ReferenceProcess]:
    with start_reference(["xairouter", "threedaistudio"]) as process:
        yield process
