"""No secret in what is kept, the same stand-in each time, and pictures untouched."""

from __future__ import annotations

import base64

import httpx2
import pytest

from proofsheet.contract.model import SecurityScheme
from proofsheet.exchange.targets import target_from_mapping
from proofsheet.recording.secrets import Secrets
from recording.test_bodies import PNG

KEY, OTHER = "sk-canary-1234567890abcdef", "sk-another-0987654321"
TARGET = target_from_mapping("t", {"provider": "inkwell", "base_url": "http://127.0.0.1:1", "credentials": {"default": KEY, "second_account": OTHER}})
SCHEMES = {
    "bearer": SecurityScheme("bearer", "header", "Authorization", "Bearer "),
    "own": SecurityScheme("own", "header", "X-Any-Key"),
    "query": SecurityScheme("query", "query", "key"),
    "cookie": SecurityScheme("cookie", "cookie", "session"),
    "basic": SecurityScheme("basic", "header", "X-Basic", "Basic ", base64=True),
}
SECRETS = Secrets(TARGET, SCHEMES)


def test_a_key_becomes_the_name_of_its_account() -> None:
    encoded = base64.b64encode(KEY.encode()).decode()
    headers = SECRETS.request_headers({"authorization": f"Bearer {KEY}", "x-any-key": OTHER, "x-basic": f"Basic {encoded}", "cookie": f"session={KEY}; other=abc"})
    assert headers == {
        "authorization": "Bearer $PROOFSHEET_DEFAULT_KEY",
        "x-any-key": "$PROOFSHEET_SECOND_ACCOUNT_KEY",
        "x-basic": "Basic $PROOFSHEET_DEFAULT_KEY",
        "cookie": "session=$PROOFSHEET_DEFAULT_KEY; other=[redacted]",
    }
    assert SECRETS.request_headers(headers) == headers


def test_keys_that_are_none_stay_apart() -> None:
    assert SECRETS.request_headers({"authorization": "not a key"}) == {"authorization": "not a key"}
    assert SECRETS.request_headers({"authorization": "Bearer sk-unknown"}) == {"authorization": "Bearer sk-unknown"}


def test_a_key_in_a_query() -> None:
    assert SECRETS.url(httpx2.URL(f"http://h/v1?key={KEY}&a=1")) == "http://h/v1?key=$PROOFSHEET_DEFAULT_KEY&a=1"


@pytest.mark.parametrize(
    "url",
    [
        "https://b.example/x.png?X-Amz-Signature=abc123&X-Amz-Credential=me%2Fyou&X-Amz-Security-Token=t&X-Amz-Date=1",
        "https://b.example/x.png?Expires=1&Signature=a~b-c__&Key-Pair-Id=K2",
        "https://b.example/x.png?sv=1&sig=a%2Fb%3D",
        "https://b.example/x.png?OSSAccessKeyId=me&Signature=q&token=zz",
        "https://b.example/x.png?access_token=t0ken&size=1",
    ],
)
def test_signatures_of_urls(url: str) -> None:
    kept = SECRETS.text(url)
    for secret in ("abc123", "me%2Fyou", "Token=t&", "a~b-c__", "=K2", "a%2Fb%3D", "=me&", "=q&", "zz", "t0ken"):
        assert secret not in kept
    assert SECRETS.text(kept) == kept
    assert kept.startswith("https://b.example/x.png?")


def test_a_signed_url_is_the_same_in_an_answer_and_in_the_request_that_follows_it() -> None:
    said = SECRETS.text('{"url":"https://b.example/x.png?a=1\\u0026sig=a%2Fb%3D"}')
    asked = SECRETS.url(httpx2.URL("https://b.example/x.png?a=1&sig=a%2Fb%3D"))
    assert said.split("sig=")[1].rstrip('"}') == asked.split("sig=")[1]
    assert SECRETS.url(httpx2.URL(asked)) == asked


def test_different_signatures_stay_different() -> None:
    assert SECRETS.text("http://h/x?sig=one") != SECRETS.text("http://h/x?sig=two")


def test_cookies_of_answers_keep_their_names() -> None:
    headers = {"set-cookie": ["id=secret-value; Path=/; HttpOnly", "not a cookie"], "location": ["http://h/x?sig=abc"], "x": [f"a {KEY}"]}
    kept = SECRETS.response_headers(headers)
    assert kept["set-cookie"] == ["id=[redacted]", "[redacted]"]
    assert "abc" not in kept["location"][0]
    assert kept["x"] == ["a $PROOFSHEET_DEFAULT_KEY"]


def test_texts_and_bytes_lose_keys_in_every_spelling() -> None:
    encoded = base64.b64encode(f"user:{KEY}".encode()).decode()
    assert KEY not in SECRETS.text(f'{{"echo": "{KEY}"}}')
    assert encoded[8:-8] not in SECRETS.text(encoded)
    assert KEY.encode() not in SECRETS.bytes(b"\xff\x00" + KEY.encode() + b"\xff")


def test_pictures_are_untouched() -> None:
    text = base64.b64encode(PNG).decode()
    assert SECRETS.bytes(PNG) == PNG
    assert SECRETS.text(text) == text


def test_text_that_only_looks_like_a_query_changes_nothing_else() -> None:
    assert SECRETS.text("what is the key? a monkey=1, key=2") == "what is the key? a monkey=1, key=2"
