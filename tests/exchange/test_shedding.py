"""What an exchange keeps once its pictures are known: everything that is said of it, and not the pictures."""

import asyncio
import base64
import json
import os

import pytest

from checks.subjects import exchange
from proofsheet.exchange.redact import Redactor
from proofsheet.exchange.shedding import shed
from proofsheet.results.entries import exchange_entry

PNG = b"\x89PNG\r\n\x1a\n"
INLINE = base64.b64encode(os.urandom(60_000)).decode()
ANSWER = {"data": [{"b64_json": INLINE, "revised_prompt": "a cat " * 600}, {"url": "https://img.acme.example/1.png"}], "usage": {"tokens": 1290, "price": 0.039}, "none": None}


def after(came):
    asyncio.run(shed(came))
    return came


@pytest.mark.parametrize(
    "body",
    [
        ANSWER,
        {"data": [{"b64_json": INLINE * 4}]},
        [INLINE],
        {"é": INLINE, "prompt": "né"},
        json.dumps(ANSWER, indent=2).encode(),
        json.dumps({"é": INLINE}, ensure_ascii=False).encode(),
        {"a": ["data:image/png;base64," + INLINE]},
    ],
)
def test_what_is_told_of_it_stays(body):
    redactor = Redactor({"KEY": "key-0123456789"})
    before = exchange_entry(exchange(body=body), None, redactor)
    came = after(exchange(body=body))
    assert exchange_entry(came, None, redactor) == before
    assert len(came.body) < 8000 < before["bytes"]


def test_fields_and_words_stay():
    document = after(exchange(body=ANSWER)).json
    assert document["data"][0]["revised_prompt"] == ANSWER["data"][0]["revised_prompt"]
    assert document["data"][0]["b64_json"] == INLINE[:1024]
    assert {**document, "data": document["data"][1:]} == {**ANSWER, "data": ANSWER["data"][1:]}


@pytest.mark.parametrize(
    "body",
    [{"data": [{"b64_json": "QUJD"}]}, b"<html>" + b"x" * 10_000, b"x" * 10_000, b'{"a": "\xff' + b"x" * 10_000 + b'"}', b"[" * 500 + b'"' + b"x" * 9000 + b'"' + b"]" * 500],
)
def test_what_is_no_picture_is_kept_as_it_came(body):
    came = exchange(body=body)
    whole = came.body
    if whole.startswith(b"["):
        assert after(came).json is not None
    else:
        assert after(came).body == whole
        assert came.whole is None


def test_a_picture_that_is_the_whole_body():
    content = PNG + os.urandom(30_000)
    came = exchange(body=content, headers={"content-type": "image/png"})
    before = exchange_entry(came, None, Redactor({}))
    assert exchange_entry(after(came), None, Redactor({})) == before
    assert len(came.body) < 1000
    assert came.body[:8] == content[:8]


def test_it_is_shed_once():
    came = after(exchange(body=ANSWER))
    kept, whole = came.body, came.whole
    assert after(came).body is kept
    assert came.whole is whole
