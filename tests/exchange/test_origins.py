"""Origins and kinds of addresses."""

from __future__ import annotations

import httpx2
import pytest

from proofsheet.exchange.origins import Origin, UnusableURL, address_class, http_url, is_local_host, literal_address, origin_of


@pytest.mark.parametrize(
    ("url", "origin", "text"),
    [
        ("http://A.example/x", Origin("http", "a.example", 80), "http://a.example"),
        ("https://a.example:443", Origin("https", "a.example", 443), "https://a.example"),
        ("HTTPS://a.example:8443/", Origin("https", "a.example", 8443), "https://a.example:8443"),
        ("http://[::1]:9/", Origin("http", "::1", 9), "http://[::1]:9"),
    ],
)
def test_origin(url: str, origin: Origin, text: str) -> None:
    assert origin_of(http_url(url)) == origin
    assert str(origin) == text


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        ("/b?c=1", "http://h.example:1/b?c=1"),
        ("b", "http://h.example:1/a/b"),
        ("//other.example/x", "http://other.example/x"),
        ("https://x.example/", "https://x.example/"),
    ],
)
def test_relative_urls(given: str, resolved: str) -> None:
    assert str(http_url(given, httpx2.URL("http://h.example:1/a/"))) == resolved


@pytest.mark.parametrize("given", ["http:", "http:/x", "http://", "mailto:a@b.example", "//", "http://a:-1/", "http://a:port/"])
def test_unusable_urls(given: str) -> None:
    with pytest.raises(UnusableURL):
        http_url(given)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("127.0.0.1", "private"),
        ("::1", "private"),
        ("10.0.0.1", "private"),
        ("fd12::1", "private"),
        ("100.64.0.1", "private"),
        ("8.8.8.8", "public"),
        ("2606:4700::1111", "public"),
        ("169.254.0.1", "forbidden"),
        ("fe80::1%eth0", "forbidden"),
        ("0.0.0.0", "forbidden"),
        ("240.0.0.1", "forbidden"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::808:808", "public"),
        ("64:ff9b::7f00:1", "private"),
    ],
)
def test_address_classes(text: str, kind: str) -> None:
    address = literal_address(text)
    assert address is not None
    assert address_class(address) == kind


def test_names_are_no_addresses() -> None:
    assert literal_address("cdn.example") is None
    assert is_local_host("api.localhost.")
    assert is_local_host("LOCALHOST")
    assert not is_local_host("notlocalhost")
