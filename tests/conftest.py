"""What the tests need beyond Python is a selection of its own: left out unless asked for, and said so at the end."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections import Counter
from typing import Any

import pytest

# Nothing is kept in, or read from, the cache of whoever runs the tests: they have one of their own, which processes share.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _CACHE = tempfile.mkdtemp(prefix="proofsheet-tests-")
    os.environ["PROOFSHEET_CACHE"] = _CACHE
    atexit.register(shutil.rmtree, _CACHE, ignore_errors=True)

#: Each marker of a selection, and what it needs that Python alone has not.
SELECTIONS = {
    "curl": "curl",
    "gateway": "a third-party gateway, and a package index to install it from",
    "browser": "Debian's chromium and playwright",
    "sdks": "the SDKs of the extra 'clients'",
    "node": "Node 20, and a registry to install npm packages from",
}
LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the selections, unless ``-m`` says what to run."""
    if config.option.markexpr:
        return
    left_out = [item for item in items if _selection(item) is not None]
    config.stash[LEFT_OUT] = Counter(filter(None, map(_selection, left_out)))
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _selection(item: pytest.Item) -> str | None:
    return next((name for name in SELECTIONS if item.get_closest_marker(name) is not None), None)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that runs a part of the tests tells the one that prints what was left out; each leaves out the same."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = dict(session.config.stash.get(LEFT_OUT, Counter()))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear what such a process has left out."""
    node.config.stash[LEFT_OUT] = Counter(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, and how to run it."""
    counts = config.stash.get(LEFT_OUT, Counter())
    if counts:
        terminalreporter.section("left out")
        for name, count in counts.items():
            tests = "1 test" if count == 1 else f"{count} tests"
            terminalreporter.line(f"{tests} that need{'s' if count == 1 else ''} {SELECTIONS[name]}: python -m pytest -m {name}")
