"""Where the packages of Node are, for runs through SDKs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.clients.drivers.conftest import node_folder

from proofsheet.clients.availability import NODE_FOLDER

__all__ = ["node_folder"]


@pytest.fixture(scope="module")
def npm(request: pytest.FixtureRequest, node_folder: Callable[[], Path]) -> Iterator[None]:
    """They are installed where a chosen test of this module needs them, and not otherwise."""
    needed = any(item.get_closest_marker("node") is not None for item in request.session.items if item.path == request.path)
    with pytest.MonkeyPatch.context() as patch:
        if needed:
            patch.setenv(NODE_FOLDER, str(node_folder()))
        yield
