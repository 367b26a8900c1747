"""No configured key survives in any form, and nothing else is touched."""

from __future__ import annotations

import base64
import html
import json
import os
from urllib.parse import quote, quote_plus

import pytest

from proofsheet.exchange.redact import Redactor

KEY = "sk-ab/cd+ef==&\"é'9"
PLAIN = "canarykey1234567"
REDACTOR = Redactor({"GATEWAY_KEY": KEY, "OTHER": PLAIN, "EMPTY": "", "PIN": "4711"})


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"Bearer {KEY}!", "Bearer $GATEWAY_KEY!"),
        (f"x{PLAIN}y{PLAIN}", "x$OTHERy$OTHER"),
        ("?key=" + quote(KEY, safe=""), "?key=[redacted]"),
        ("?key=" + quote(KEY, safe="").lower(), "?key=[redacted]"),
        ("?key=" + quote_plus(KEY) + "&a=1", "?key=[redacted]&a=1"),
        (json.dumps({"echo": KEY}), '{"echo": "[redacted]"}'),
        (json.dumps(KEY).replace("/", "\\/"), '"[redacted]"'),
        (f"<b>{html.escape(KEY)}</b>", "<b>[redacted]</b>"),
        ("Basic " + base64.b64encode(f"user:{KEY}".encode()).decode(), "Basic [redacted]"),
        ("authorization: bAsIc " + base64.b64encode(f"{PLAIN}:".encode()).decode(), "authorization: bAsIc [redacted]"),
        ("Basic " + base64.b64encode(b"me:4711").decode(), "Basic [redacted]"),
        # Where a short secret is part of something else it is not the secret.
        ("pin 4711, port 47110, x4711y", "pin $PIN, port 47110, x4711y"),
        ("Basic " + base64.b64encode(b"user:harmless").decode(), "Basic " + base64.b64encode(b"user:harmless").decode()),
        ("Basic plan, nothing else", "Basic plan, nothing else"),
        ("nothing of the kind", "nothing of the kind"),
    ],
)
def test_texts(said: str, shown: str) -> None:
    assert REDACTOR.text(said) == shown
    assert REDACTOR.text(shown) == shown


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_around_a_key_is_found_at_every_alignment(before: str, encode: object) -> None:
    for secret in (KEY, PLAIN):
        encoded = encode(f"{before}{secret} and more".encode()).decode()  # type: ignore[operator]
        shown = REDACTOR.text(f"token={encoded};")
        assert "[redacted]" in shown
        assert len(shown) < len(encoded) - len(secret) + 20


def test_other_base64_and_binary_stay_as_they_are() -> None:
    picture = os.urandom(300_000)
    assert REDACTOR.bytes(picture) == picture
    encoded = base64.b64encode(picture)
    assert REDACTOR.bytes(encoded) == encoded
    assert REDACTOR.text(encoded.decode()) == encoded.decode()


def test_bytes_around_a_key_stay_as_they_are() -> None:
    assert REDACTOR.bytes(b"\xff\x00" + PLAIN.encode() + b"\x80\xfe") == b"\xff\x00$OTHER\x80\xfe"
    assert REDACTOR.bytes(KEY.encode()) == b"$GATEWAY_KEY"


def test_headers_and_documents() -> None:
    assert REDACTOR.headers({"X-Echo": f"Bearer {PLAIN}", PLAIN: "1"}) == {"X-Echo": "Bearer $OTHER", "$OTHER": "1"}
    assert REDACTOR.value({"a": [PLAIN, 1, None, {"b": (KEY,)}], PLAIN: True}) == {"a": ["$OTHER", 1, None, {"b": ["$GATEWAY_KEY"]}], "$OTHER": True}


def test_a_longer_key_that_holds_a_shorter_one_goes_whole() -> None:
    redactor = Redactor({"SHORT": "abcdefgh", "LONG": "abcdefgh-ijkl"})
    assert redactor.text("abcdefgh-ijkl abcdefgh") == "$LONG $SHORT"


def test_a_name_that_holds_its_own_value_is_not_broken_up() -> None:
    redactor = Redactor({"MY_TOKEN_NAME": "TOKEN_NAME"})
    once = redactor.text("is TOKEN_NAME")
    assert once == "is $MY_TOKEN_NAME" == redactor.text(once)


def test_without_secrets_nothing_changes() -> None:
    for redactor in (Redactor({}), Redactor({"EMPTY": ""})):
        assert redactor.text("Basic abcdefgh") == "Basic abcdefgh"
        assert redactor.bytes(b"\xff") == b"\xff"
