"""A gateway that answers with script in every field it controls runs none: not in the evaluation, not in pytest's page, not in the Markdown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from session.command import Outcome, targets_file, verify

from .hostile import PAYLOADS, hostile
from .opening import write_page

pytestmark = pytest.mark.browser
PROVIDERS = ("threedaistudio", "maxapi")
ONLY = ("**/parameters/base", "**/errors/*", "**/lifecycles/*", "*/generat*/**/invalid/*", "*/*/pixels/1:1@*", "*/*/*/pixels/1:1@*", "**/billing/price-*")


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of runs against hostile gateways, and their evaluation."""
    from proofsheet.reference import start_reference

    folder = tmp_path_factory.mktemp("attacked")
    with start_reference(list(PROVIDERS)) as gateway:
        for provider in PROVIDERS:
            outcome = _attack(folder / provider, gateway, provider)
            assert outcome.code == 1, outcome.said
    write_page(folder / "evaluation.html", [folder / provider / "report" for provider in PROVIDERS])
    return folder


def _attack(folder: Path, gateway: object, provider: str) -> Outcome:
    folder.mkdir()
    upstream = gateway.providers[provider].target["base_url"]
    with hostile(upstream) as url:
        environ = targets_file(folder, gateway, provider, base_url=url)
        words = [word for pattern in ONLY for word in ("--only", pattern)]
        return verify(folder, "candidate", *words, "--report-dir", "report", environ=environ)


def test_the_attack_reaches_the_results_and_much_is_served_all_the_same(attacked):
    cells = []
    for provider in PROVIDERS:
        text = (attacked / provider / "report" / "results.json").read_text(encoding="utf-8")
        assert all(payload in text for payload in map(_escaped, PAYLOADS[:3]))
        results = json.loads(text)
        assert results["summary"]["verdicts"]["pass"] > 20 and results["summary"]["verdicts"]["fail"] > 5
        cells += results["cells"]
    assert any(cell["actual"] for cell in cells)


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def test_the_evaluation_runs_nothing(opened, attacked):
    for script in (True, False):
        shown = opened(attacked / "evaluation.html", java_script_enabled=script)
        shown.page.locator("#requirements details summary").first.click()
        shown.page.wait_for_timeout(300)
        assert shown.quiet, (shown.said, shown.asked, shown.fetched)
        assert shown.page.locator("script").count() == 1
        assert shown.page.locator("iframe, object, embed, [onerror], [onload], a[href^='javascript']").count() == 0
    assert "alert(1)" in shown.page.content()


def test_pytests_own_page_runs_nothing(opened, attacked):
    for provider in PROVIDERS:
        path = attacked / provider / "report" / "report.html"
        assert path.is_file()
        shown = opened(path)
        for row in shown.page.locator("tr.collapsible").all()[:4]:
            row.evaluate("row => row.firstElementChild.click()")
        shown.page.wait_for_timeout(300)
        assert shown.asked == [] and not [line for line in shown.said if line.startswith("error")], (shown.said, shown.asked)
        assert shown.page.locator("iframe, [onerror], [onload], a[href^='javascript']").count() == 0


def test_the_markdown_runs_nothing_even_where_its_reader_lets_html_through(opened, attacked, tmp_path):
    from markdown_it import MarkdownIt

    for provider in PROVIDERS:
        text = (attacked / provider / "report" / "summary.md").read_text(encoding="utf-8")
        page = tmp_path / f"{provider}.html"
        page.write_text("<!doctype html><meta charset=utf-8>" + MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text), encoding="utf-8")
        shown = opened(page)
        shown.page.wait_for_timeout(200)
        assert shown.quiet, (shown.said, shown.asked, shown.fetched)
        assert shown.page.locator("script, img, iframe, svg, a").count() == 0
        assert "alert(" in shown.page.locator("body").inner_text()


def test_a_page_that_runs_something_would_be_noticed(opened, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<!doctype html><img src=http://127.0.0.1:9/x><script>alert(1); console.error('said'); throw Error('thrown')</script>", encoding="utf-8")
    shown = opened(path)
    shown.page.wait_for_timeout(200)
    assert shown.asked == ["1"] and len(shown.said) >= 2 and shown.fetched == ["http://127.0.0.1:9/x"]
    assert not shown.quiet
