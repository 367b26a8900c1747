"""junit.xml, summary.md and the index over several targets."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from proofsheet.contract.files import shipped_validator
from proofsheet.exchange.redact import Redactor
from proofsheet.report.index import Entry, write_index
from proofsheet.report.junit import junit_xml, write_junit
from proofsheet.report.markdown import escaped, fenced, markdown, write_markdown
from proofsheet.results.errors import ReportError
from proofsheet.results.writing import write_results
from results.samples import HOSTILE, finding, results

BASE = "acme/draw/parameters/base"
HOSTILE_FINDING = finding(verdict="fail", message=HOSTILE, expected=HOSTILE, actual=HOSTILE + "x" * 10_000_000, curl=f"curl '{HOSTILE}'", case=HOSTILE)


def test_junit_has_a_testcase_a_case_and_a_failure_a_finding() -> None:
    findings = (
        finding(exchanges=("e1",)), finding("errors.status", "acme.ratio", "fail", expected="4xx", actual="200", curl="curl x"), finding(verdict="fail", message="twice"),
        finding(case="acme/draw/errors/broke", verdict="not_testable", message="no such account"),
        finding(case="acme/draw/errors/known", verdict="known_failure"), finding(case="acme/draw/pixels/1:1", verdict="error", message="KeyError"),
        finding(case="acme/draw/pixels/16:9", verdict="not_testable"), finding("pixels.ratio", case="acme/draw/pixels/16:9"),
        finding("errors.message", "acme.message", "warn", "should", case="acme/draw/pixels/16:9", message="no message"),
    )
    root = ElementTree.fromstring(junit_xml(results(findings)))
    assert {name: root.get(name) for name in ("name", "tests", "failures", "errors", "skipped", "time")} == {
        "name": "proofsheet candidate", "tests": "5", "failures": "1", "errors": "1", "skipped": "2", "time": "12.500"}
    suites = {suite.get("name"): suite for suite in root}
    assert {name: suite.get("tests") for name, suite in suites.items()} == {"acme.parameters": "1", "acme.errors": "2", "acme.pixels": "2"}
    cases = {case.get("name"): case for case in root.iter("testcase")}
    failures = cases[BASE].findall("failure")
    assert [failure.get("type") for failure in failures] == ["errors.status", "parameters.served"]
    assert failures[0].text == "check errors.status, must: as documented\nexpected: 4xx\nactual: 200\ntry: curl x"
    assert (cases[BASE].get("time"), cases[BASE].get("classname")) == ("0.250", "acme.parameters")
    assert cases["acme/draw/errors/broke"].find("skipped").get("message") == "no such account"
    assert cases["acme/draw/errors/known"].find("skipped") is not None
    assert cases["acme/draw/pixels/1:1"].find("error").get("message") == "acme.served: KeyError"
    assert cases["acme/draw/pixels/16:9"].find("skipped") is None
    assert "warn errors.message acme.message: no message" in cases["acme/draw/pixels/16:9"].find("system-out").text
    properties = {entry.get("name"): entry.get("value") for entry in suites["acme.pixels"].find("properties")}
    assert properties["run.provenance"] == "live"
    assert properties["target"] == "candidate" and properties["base_url"] == "http://127.0.0.1:9301"


def test_junit_survives_everything_a_target_says(tmp_path: Path) -> None:
    path = write_junit(tmp_path, results((HOSTILE_FINDING,)))
    raw = path.read_bytes()
    assert len(raw) < 50_000
    assert not any(byte in raw for byte in (b"\x1b", b"\x00", b"\x08", b"<script"))
    [case] = ElementTree.fromstring(raw).iter("testcase")
    assert "<script>alert(1)</script>" in case.get("name") and "]]>" in case.find("failure").text


def test_an_empty_result_is_a_document_too() -> None:
    assert ElementTree.fromstring(junit_xml(results(()))).get("tests") == "0"
    assert "incomplete" in markdown(results(()))


def test_markdown_tells_the_same_story(tmp_path: Path) -> None:
    findings = (finding(), finding("parameters.refused", "acme.ratio", "fail", message="was served", expected="4xx", actual="200", curl="curl x"),
                finding("errors.message", "acme.message", "not_testable", message="no second account"))
    text = write_markdown(tmp_path, results(findings, provenance="simulated")).read_text(encoding="utf-8")
    assert text.startswith("## candidate does not conform\n\n**SIMULATED**")
    assert "| area | pass | fail | not testable |\n|---|---:|---:|---:|\n| parameters | 1 | 1 | 0 |\n| errors | 0 | 0 | 1 |" in text
    assert "Requirements: 5 in all, 1 passed, 1 failed, 2 unproven, 1 excluded. 7 requests, 2 paid images, 12.5 s." in text
    assert "- failed, must: acme.ratio: what acme.ratio states" in text
    assert "**1 × parameters.refused**, acme.ratio: was served" in text
    assert "- expected: 4xx\n- actual: 200" in text and "```sh\ncurl x\n```" in text
    assert "- 1 case(s) not testable: no second account" in text


def test_markdown_takes_no_markup_from_a_target() -> None:
    text = markdown(results((HOSTILE_FINDING,)))
    outside = [line for line in text.splitlines() if not line.startswith("curl '")]
    assert len(text) < 20_000
    assert not any("<script" in line or "@team" in line or "\x1b" in line for line in outside)
    assert escaped("[a](http://x) www.x | *b* `c`") == "\\[a\\]\\(http\\://x\\) www\\.x \\| \\*b\\* \\`c\\`"
    assert fenced("a ```` b") == "`````sh\na ```` b\n`````"


class Page(HTMLParser):
    """What a browser would see: tags, links, texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_index_names_every_target_and_what_lies_there(tmp_path: Path) -> None:
    good, bad = results(), results((finding(verdict="fail"),), provenance="simulated")
    for name, result in (("good", good), ("bad one", bad)):
        write_results(tmp_path / name, result, Redactor({}))
    write_junit(tmp_path / "good", good)
    write_index(tmp_path, [Entry("good", good), Entry("bad one", bad)])
    document = json.loads((tmp_path / "index.json").read_text())
    shipped_validator("index.schema.json").validate(document)
    assert [(row["directory"], row["conforms"]) for row in document["targets"]] == [("good", True), ("bad one", False)]
    assert document["targets"][0]["files"] == {"results.json": "good/results.json", "junit.xml": "good/junit.xml"}
    page = Page((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert page.links == ["good/", "good/results.json", "good/junit.xml", "bad%20one/", "bad%20one/results.json"]
    assert "conforms" in page.texts and "does not conform" in page.texts and "SIMULATED" in page.texts


def test_the_index_takes_no_markup_from_a_target(tmp_path: Path) -> None:
    hostile = results()
    hostile = replace(hostile, run={**hostile.run, "target": {"name": HOSTILE, "provider": HOSTILE, "base_url": ""}},
                      summary={**hostile.summary, "conforms": None, "why": [HOSTILE]})
    write_index(tmp_path, [Entry('"><img src=x onerror=alert(1)>', hostile)])
    raw = (tmp_path / "index.html").read_text(encoding="utf-8")
    page = Page(raw)
    assert not {"script", "img", "iframe", "link"} & set(page.tags)
    assert page.links == ["%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E/"]
    assert any("<script>alert(1)</script>" in text for text in page.texts)
    assert "default-src 'none'" in raw and "color-scheme:light dark" in raw and len(raw) < 10_000


@pytest.mark.parametrize("write", [lambda where: write_junit(where, results()), lambda where: write_markdown(where, results()), lambda where: write_index(where, [])])
def test_an_unwritable_place_is_one_clear_error(tmp_path: Path, write: object) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ReportError, match="--report-dir"):
        write(tmp_path / "taken")  # type: ignore[operator]


def test_no_secret_in_any_report(tmp_path: Path) -> None:
    key = "canary/key+12345"
    leaky = results((finding(message=f"Bearer {key}", actual=key, curl=f"curl {key}", verdict="fail"),))
    clean = write_results(tmp_path, leaky, Redactor({"CANARY": key}))
    write_junit(tmp_path, clean)
    write_markdown(tmp_path, clean)
    write_index(tmp_path, [Entry(".", clean)])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 5
    assert not any(b"canary/key" in path.read_bytes() for path in files)
