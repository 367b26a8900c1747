"""The page as text: whole without a script, nothing from outside, and nothing that a target said becomes markup."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from proofsheet.report.evaluation.anchors import Anchors
from proofsheet.report.evaluation.page import LARGEST_PRINT, evaluation_page
from proofsheet.results.evaluation import Source, evaluate
from proofsheet.results.model import Results

from .samples import POISON, empty, finding, huge, poisoned, results, written

NOW = "2026-11-20 12:00 UTC"
TAGS = set(
    "html head meta title style body a aside strong header h1 p nav ul li main section h2 div table caption colgroup col thead tbody tr th td b small br span article h3 h4 "
    "form label input select option button output details summary i code svg rect path footer em script img".split()
)


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def page(*several: Results, folder: Path = Path("nowhere"), **more) -> str:
    return evaluation_page(evaluate([Source(one, folder) for one in several]), NOW, **more)


def test_everything_stands_in_the_page_without_a_script():
    text = Page(page(results("one"), results("two"))).text
    for said in (
        "Vendor evaluation",
        "2 targets",
        "✗ does not conform",
        "$0.03",
        "3 credits",
        "1.25 s",
        "p95 2.30",
        "n 24",
        "✗ fail 1536×2752",
        "asked 1024×576",
        "429",
        "Retry-After: 30",
        "some_code",
        "queued",
        "4 credits",
        "✓ works POST /draw: HTTP 200",
        "✗ refused the documented example is refused POST /draw: HTTP 418",
        "i cannot work the document's example cannot work: it names what is not there",
        "Two pages differ.",
        "the first",
        "What acme.ratio states.",
        "no client can see which model answered",
        "curl -sS http://127.0.0.1/draw",
        "nothing declared missing",
        "1 case not testable: no second account",
        "live , 2026-11-20 10:00 UTC",
    ):
        assert said in text, said
    assert "SIMULATED" not in text


def test_a_simulated_target_is_called_so_wherever_it_stands():
    mixed = page(results("real"), results("fake", provenance="simulated"))
    shown = Page(mixed)
    assert "SIMULATED The reference gateway answered for fake. Those figures say nothing about any vendor." in shown.text
    assert shown.text.count("SIMULATED") >= 6
    assert '@top-center{content:"SIMULATED' in mixed
    assert "SIMULATED" not in page(results("real"))
    assert "These figures say nothing" in page(results("fake", provenance="simulated"))


def test_nothing_is_loaded_and_only_what_stands_there_runs():
    text = page(results())
    [policy] = [value for _, name, value in Page(text).attributes if name == "content" and "default-src" in value]
    assert policy.startswith("default-src 'none'; img-src data:; ") and "unsafe" not in policy
    for kind in ("style", "script"):
        for content in re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL):
            assert base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() in policy
    assert not re.search(r'(?:src|href)="(?!#|data:image/webp;base64,)', text)
    assert "style=" not in text and not re.search(r"\son[a-z]+=", text)


def test_every_link_leads_to_a_place_and_no_place_is_there_twice():
    shown = Page(page(results("one"), results("two"), results("other", provider="bolt"), empty()))
    links = {value[1:] for tag, name, value in shown.attributes if tag == "a" and name == "href"}
    assert links <= set(shown.ids)
    assert len(shown.ids) == len(set(shown.ids))
    assert "req-acme.ratio" in shown.ids and "cell-one-16x9-2k" in shown.ids
    described = [value for _, name, value in shown.attributes if name == "aria-labelledby"]
    assert described and set(described) <= set(shown.ids)


def test_nothing_that_a_target_said_becomes_markup():
    text = page(poisoned(), poisoned())
    shown = Page(text)
    assert set(shown.tags) <= TAGS
    assert shown.tags.count("script") == 1 and "img" not in shown.tags
    assert not [pair for pair in shown.attributes if pair[1].startswith("on") or pair[1] in ("srcdoc", "style", "action", "formaction", "xlink:href")]
    assert all(value.startswith("#") for _, name, value in shown.attributes if name == "href")
    assert "<script>alert(1)</script>" in shown.text and "{{7*7}}" in shown.text
    assert "\u202e" not in text and "\x1b" not in text and "\x00" not in text
    assert all(re.fullmatch(r"[a-z0-9.-]+", value) for value in shown.ids)


def test_the_poison_reaches_every_part_of_the_page():
    text = page(poisoned())
    for section in ("summary", "pixels", "sheet", "errors", "lifecycles", "charges", "disputes", "requirements"):
        part = re.search(rf'<section id="{section}".*?</section>', text, re.DOTALL)
        assert part is not None and "&lt;script&gt;" in part[0], section


def test_prints_are_embedded_once_they_are_ours(tmp_path):
    result = results("one")
    folder = written(tmp_path / "one", result, prints=True)
    assert page(result, folder=folder).count('src="data:image/webp;base64,') == 16
    assert page(result, folder=folder, thumbnails=False).count("<img") == 0
    assert page(result).count("<img") == 0


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"RIFF1234WAVE", b"RIFF\0\0\0\0WEBP" + b"x" * LARGEST_PRINT, b""])
def test_what_is_no_small_print_is_left_out(tmp_path, content):
    result = results("one")
    folder = written(tmp_path / "one", result, prints=True)
    for path in (folder / "thumbnails").iterdir():
        path.write_bytes(content)
    assert "<img" not in page(result, folder=folder)


@pytest.mark.parametrize("digest", ["../../secret", "/etc/passwd", "ab", POISON, "g" * 64])
def test_a_digest_that_is_none_names_no_file(tmp_path, digest):
    (tmp_path / "thumbnails").mkdir()
    (tmp_path / "secret.webp").write_bytes(b"RIFF\0\0\0\0WEBPsecret")
    result = results("one", cells=tuple(replace(cell, digest=digest) for cell in results().cells))
    assert "<img" not in page(result, folder=tmp_path)


def test_an_empty_run_is_a_page_too():
    text = Page(page(empty())).text
    for said in (
        "? incomplete: cannot be said",
        "nothing listens",
        "No picture of a preset was asked for",
        "No task was watched",
        "No balance was read",
        "? not tested",
        "No dispute is known",
        "No requirement was judged",
        "nothing declared missing",
        "none was watched",
        "nothing was checked",
        "no price documented",
        "none measured",
    ):
        assert said in text, said


def test_what_a_part_of_the_cases_shows_is_not_said_of_the_whole():
    part = results("part", provenance="live", findings=(finding("acme.served", "parameters.served"),), run={"selection": {"only": ["*/*/parameters/base"]}})
    whole = results("whole", findings=(finding("acme.served", "parameters.served"),))
    other = results("other")
    text = Page(page(part, other)).text
    assert "✓ conforms in the part that was tested" in text and "not part of this run" in text
    text = Page(page(whole, other)).text
    assert "in the part that was tested" not in text and "no claim to test" in text and "not part of this run" not in text


def test_every_word_of_a_verdict_is_explained():
    foot = page(results()).partition('<footer id="words">')[2]
    for word in ("✓ pass", "✓ proved", "✗ broken", "! warned", "i observed", "? unproven", "– excluded", "– not supported", "… not sent", "~ flaky", "⚠ harness error"):
        assert f">{word}</b>" in foot, word


def test_four_large_targets_stay_small():
    text = page(*(huge(f"vendor-{number}", f"acme{number}") for number in range(4)))
    assert len(text.encode()) < 2_000_000
    assert text.count("<details") == 4 * 400 + 4


def test_a_page_that_would_be_too_large_says_less_of_each_requirement_and_says_so():
    several = [huge(f"vendor-{number}", f"acme{number}", 500) for number in range(2)]
    whole, short = page(*several), page(*several, largest=len(page(*several)) * 2 // 3)
    assert len(short) < len(whole)
    assert "Lists were shortened" in short and "Lists were shortened" not in whole
    assert short.count("<details") == whole.count("<details")


def test_a_long_text_is_cut():
    text = page(results(findings=(finding("acme.served", "parameters.served", "fail", message="x" * 100_000, actual="y" * 100_000, curl="z" * 100_000),)))
    assert len(text) < 200_000


def test_places_are_readable_stable_and_never_twice_the_same():
    anchors = Anchors()
    first, second = anchors.place("req", "a b"), anchors.place("req", "a/b")
    assert (first, second, anchors.place("req", "a b")) == ("req-a-b", "req-a-b-2", "req-a-b")
    assert anchors.place("\u202e<>") == "place"
    assert len(anchors.place("x" * 500)) <= 90


def test_examples_have_a_section_where_a_run_used_clients_and_none_where_none_did():
    with_them, without = page(results("one"), empty("two")), page(empty("one"))
    assert '<section id="examples"' in with_them and '<a href="#examples">' in with_them
    assert 'id="examples"' not in without and '"#examples"' not in without
    assert "not run" in Page(page(results("one"), results("two", examples=()))).text
