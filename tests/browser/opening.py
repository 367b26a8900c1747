"""A page that is open in a browser, and whatever it said or tried."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from proofsheet.cli import main


def write_page(path: Path, folders: Sequence[Path]) -> Path:
    """Write an evaluation as a user does."""
    done = CliRunner().invoke(main, ["evaluate", *map(str, folders), "-o", str(path)])
    assert done.exit_code == 0, done.output
    return path


class Opened:
    """One open page. ``said`` are console messages and errors, ``asked`` dialogs, ``fetched`` requests that are neither the page nor data in it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        self.fetched: list[str] = []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", self._dismiss)
        page.on("request", lambda request: self.fetched.append(request.url) if not request.url.startswith(("file:", "data:")) else None)

    def _dismiss(self, dialog: Any) -> None:
        self.asked.append(dialog.message)
        dialog.dismiss()

    def go(self, path: Path, place: str = "") -> Opened:
        self.page.goto(path.as_uri() + place)
        return self

    @property
    def quiet(self) -> bool:
        """Whether nothing was said, asked or fetched."""
        return not (self.said or self.asked or self.fetched)

    def shown_requirements(self) -> list[str]:
        """The ids of the requirements that are not filtered out."""
        return list(self.page.eval_on_selector_all("#requirements details:not([hidden])", "rows => rows.map(row => row.lastChild.id)"))

    def at(self) -> str | None:
        """The id of what has the focus, or of the requirement it belongs to."""
        found = self.page.evaluate("document.activeElement.id || document.activeElement.closest('details')?.lastChild.id")
        return None if found is None else str(found)

    def until(self, condition: str, seconds: float = 10.0) -> None:
        """Wait until a condition holds. The page's policy forbids what playwright's own waiting does: it evaluates a text inside the page."""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(condition):
            assert time.monotonic() < deadline, condition
            time.sleep(0.02)

    def until_said(self, beginning: str) -> None:
        """Wait until the search says so."""
        self.until(f"document.getElementById('said').textContent.startsWith({beginning!r})")

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
