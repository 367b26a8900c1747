"""What is read of an answer's bytes."""

from __future__ import annotations

from typing import Any

import pytest

from proofsheet.exchange.model import Exchange, Sent


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b' [1.0, "\xc3\xa9"]\r\n', [1.0, "é"]),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b"null", None),
        (b"", None),
        (b"<html>", None),
        (b'{"a": 1} and more', None),
        (b'{"a": NaN}', None),
        (b'{"a": -Infinity}', None),
        (b'{"a": "NaN"}', {"a": "NaN"}),
        ('{"a": 1}'.encode("utf-16"), None),
        (b'{"a": "\xff"}', None),
        (b"[" * 100_000, None),
    ],
)
def test_json_is_what_every_reader_takes_for_it(body: bytes, found: Any) -> None:
    exchange = Exchange("x", Sent("POST", "http://h/", {}), 200, {}, body)
    assert exchange.json == found
    assert exchange.json == found
