"""Pictures found in answers of any documented shape, fetched and judged."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from exchange.hostile import KEY, Raw, Seen, answer, raw_server, target
from proofsheet.contract.model import Answer, ImageRule
from proofsheet.contract.pictures import sample_picture
from proofsheet.exchange.assets import Assets
from proofsheet.exchange.model import Exchange, Picture, Sent
from proofsheet.exchange.pictures import Found, collect, extract

PNG = sample_picture("png", 1)
JPEG = sample_picture("jpeg", 2)


def exchange(body: Any, media_type: str = "application/json") -> Exchange:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("x1", Sent("POST", "http://127.0.0.1/", {}), 200, {"content-type": media_type}, content)


def found(body: Any, *rules: ImageRule, media_type: str = "application/json") -> list[Found]:
    return extract(Answer("a", rules), exchange(body, media_type))


LIST = ImageRule(each="$.data[*]", url="$.url", base64="$.b64", media_type="$.type", more_urls={"thumbnail": "$.thumb"})


def test_urls_one_or_many_and_further_ones() -> None:
    body = {"data": [{"url": "http://a/1", "type": "image/png", "thumb": "http://a/t"}, {"url": ["http://a/2", "http://a/3"]}, {"url": None}, {}]}
    assert found(body, LIST) == [
        Found("url", url="http://a/1", declared="image/png"),
        Found("url", "thumbnail", url="http://a/t"),
        Found("url", url="http://a/2"),
        Found("url", url="http://a/3"),
    ]


def test_elements_that_are_the_url_themselves() -> None:
    assert found({"urls": ["http://a/1"]}, ImageRule(each="$.urls[*]", url="$")) == [Found("url", url="http://a/1")]


def test_a_rule_without_elements_reads_the_whole_answer() -> None:
    assert found({"result": {"url": "http://a/1"}}, ImageRule(url="$.result.url")) == [Found("url", url="http://a/1")]


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: text,
        lambda text: text.rstrip("="),
        lambda text: text.replace("+", "-").replace("/", "_"),
        lambda text: text.replace("+", "-").replace("/", "_").rstrip("="),
        lambda text: "\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
        lambda text: f"data:image/png;base64,{text}",
        lambda text: f"DATA:image/png;charset=x;BASE64,{text}",
    ],
)
def test_every_spelling_of_base64(spell: Any) -> None:
    content = bytes(range(256)) + b"x"
    (one,) = found({"data": [{"b64": spell(base64.b64encode(content).decode())}]}, LIST)
    assert (one.source, one.content, one.problem) == ("base64", content, None)


def test_data_uris_in_the_place_of_urls() -> None:
    (one,) = found({"data": [{"url": PNG.data_uri, "type": "image/other"}]}, LIST)
    assert (one.source, one.content, one.declared, one.url) == ("base64", PNG.content, "image/png", None)
    (two,) = found({"data": [{"url": "data:,a%20b"}]}, LIST)
    assert (two.content, two.declared) == (b"a b", None)
    (three,) = found({"data": [{"url": "data:image/png;base64"}]}, LIST)
    assert three.problem == "undecodable"


@pytest.mark.parametrize(
    ("element", "source", "problem", "said"),
    [
        ({"url": 12}, "url", "unsafe", "a number"),
        ({"url": {"a": 1}}, "url", "unsafe", "an object"),
        ({"url": True}, "url", "unsafe", "a boolean"),
        ({"url": [3]}, "url", "unsafe", "a number"),
        ({"url": ""}, "url", "unsafe", "empty"),
        ({"b64": 12}, "base64", "undecodable", "a number"),
        ({"b64": ["x"]}, "base64", "undecodable", "an array"),
        ({"b64": ""}, "base64", "undecodable", "empty"),
        ({"b64": "*?*"}, "base64", "undecodable", "not base64"),
        ({"b64": "\u00e9"}, "base64", "undecodable", "not base64"),
        ({"b64": "A"}, "base64", "undecodable", "not base64"),
    ],
)
def test_what_is_no_picture_is_a_problem(element: dict[str, Any], source: str, problem: str, said: str) -> None:
    (one,) = found({"data": [element]}, LIST)
    assert (one.source, one.problem, one.url, one.content) == (source, problem, None, None)
    assert said in one.detail


def test_an_empty_field_beside_a_picture_is_not_a_second_one() -> None:
    (one,) = found({"data": [{"url": "", "b64": PNG.base64}]}, LIST)
    assert one.content == PNG.content
    (two,) = found({"data": [{"url": "http://a/1", "b64": ""}]}, LIST)
    assert two.url == "http://a/1"


@pytest.mark.parametrize("body", [b"", b"{not json", b"[]", b"null", b"3", b'{"data": null}', b'{"data": {"url": 1}}', b"[" * 100_000])
def test_answers_without_pictures(body: bytes) -> None:
    assert [one for one in found(body, LIST) if one.problem is None] == []


def test_the_body_itself() -> None:
    rule = ImageRule(body=True)
    assert found(PNG.content, rule, media_type="image/png") == [Found("body", content=PNG.content, declared="image/png")]
    assert found(PNG.content, rule, media_type="text/plain")[0].declared == "text/plain"
    assert found(b"broken", rule, media_type="image/png")[0].content == b"broken"
    assert found({"error": 1}, rule) == []
    assert found(b"", rule, media_type="image/png") == []


def collected(body: Any, rule: ImageRule = LIST, **more: Any) -> tuple[Raw, tuple[Picture, ...]]:
    """The pictures of an answer in which {here} is a server with /1.png, /2.jpg, /html and nothing else."""

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        path = seen.line.split()[1]
        known = {
            "/1.png": (PNG.content, "image/png"),
            "/2.jpg": (JPEG.content, "image/png"),
            "/html": (b"<p>no", "text/html"),
            "/half": (PNG.content[:-20], "image/png"),
        }
        writer.write(answer(body=known[path][0], media_type=known[path][1]) if path in known else answer("404 Not Found", b"{}"))

    async def run() -> tuple[Raw, tuple[Picture, ...]]:
        async with raw_server(script) as server, Assets(target(server.url, **more), ()) as assets:
            text = json.dumps(body).replace("{here}", server.url)
            return server, await collect(Answer("a", (rule,)), exchange(text.encode()), assets)

    return asyncio.run(run())


def test_pictures_are_fetched_once_each_and_judged_by_their_bytes() -> None:
    server, pictures = collected(
        {
            "data": [
                {"url": "{here}/1.png", "thumb": "{here}/1.png"},
                {"url": "{here}/2.jpg", "type": "image/webp"},
                {"b64": JPEG.base64, "type": "image/jpeg"},
            ]
        }
    )
    first, thumbnail, second, inline = pictures
    assert (first.source, first.name, first.kind, first.width, first.height, first.complete, first.problem) == ("url", "", "png", 64, 64, True, None)
    assert (first.declared, first.bytes, first.exchange) == ("image/png", len(PNG.content), "a00001")
    assert (thumbnail.name, thumbnail.digest, thumbnail.exchange) == ("thumbnail", first.digest, "a00001")
    assert (second.kind, second.declared) == ("jpeg", "image/png")
    assert (inline.source, inline.kind, inline.declared, inline.url, inline.exchange, inline.digest) == (
        "base64",
        "jpeg",
        "image/jpeg",
        None,
        "x1",
        second.digest,
    )
    assert sorted(seen.line for seen in server.requests) == ["GET /1.png HTTP/1.1", "GET /2.jpg HTTP/1.1"]
    assert all(KEY.encode() not in seen.raw for seen in server.requests)


@pytest.mark.parametrize(
    ("url", "problem", "complete", "asked"),
    [
        ("{here}/gone", "status", False, 1),
        ("{here}/html", "undecodable", False, 1),
        ("{here}/half", None, False, 1),
        ("http://elsewhere.example/1.png", "unlisted", False, 0),
        ("http://169.254.169.254/1.png", "unsafe", False, 0),
        ("file:///etc/passwd", "unsafe", False, 0),
        ("relative.png", "unsafe", False, 0),
    ],
)
def test_urls_that_give_no_picture(url: str, problem: str | None, complete: bool, asked: int) -> None:
    server, (picture,) = collected({"data": [{"url": url}]})
    assert (picture.problem, picture.complete, len(server.requests), picture.url is not None) == (problem, complete, asked, True)
    assert picture.detail
    assert (picture.exchange is not None) == bool(asked)


def test_a_problem_in_the_answer_becomes_a_picture_with_that_problem() -> None:
    _, (picture,) = collected({"data": [{"url": 5}]})
    assert (picture.problem, picture.url, picture.exchange) == ("unsafe", None, "x1")


def test_large_answers_are_read_beside_the_event_loop() -> None:
    _, pictures = collected({"data": [{"b64": PNG.base64}], "signature": "x" * 200_000})
    assert pictures[0].complete
