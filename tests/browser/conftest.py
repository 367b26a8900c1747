"""Debian's chromium, driven by playwright. Whoever asks for these tests must have both: a missing one fails, it does not skip."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from report.evaluation.samples import huge, poisoned, results, written

from .opening import Opened, write_page


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.fail("playwright is missing: pip install -e '.[browser]'", pytrace=False)
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("chromium is missing: apt-get install -y chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Opener:
    """Opens pages, each in a context of its own, and closes them."""

    browser: Any
    contexts: list[Any] = field(default_factory=list)

    def __call__(self, path: Path, place: str = "", **options: Any) -> Opened:
        """Open a file, with the options of a browser context such as ``viewport`` or ``java_script_enabled``."""
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        self.contexts.append(context)
        return Opened(context.new_page()).go(path, place)


@pytest.fixture
def opened(chromium: Any) -> Iterator[Opener]:
    opener = Opener(chromium)
    yield opener
    for context in opener.contexts:
        context.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of evaluations: small.html of a live and a simulated target, poisoned.html, huge.html of four times five thousand findings."""
    folder = tmp_path_factory.mktemp("evaluations")
    several = [results("alpha"), results("beta", provenance="simulated"), results("gamma", provider="bolt")]
    write_page(folder / "small.html", [written(folder / one.run["target"]["name"], one, prints=True) for one in several])
    write_page(folder / "live.html", [folder / "alpha"])
    write_page(folder / "poisoned.html", [written(folder / "poison", poisoned())])
    write_page(folder / "huge.html", [written(folder / f"huge-{number}", huge(f"vendor-{number}", f"acme{number}")) for number in range(4)])
    return folder
