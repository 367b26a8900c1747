"""Pictures are fetched without any credential, from listed hosts only, and within limits."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest
import respx

from exchange.hostile import KEY, Raw, Seen, answer, closing, raw_server, target
from proofsheet.exchange.assets import Assets, Fetched, resolve
from proofsheet.exchange.targets import Target, target_from_mapping

PICTURE = answer(body=b"picture", media_type="image/png")


def local(url: str, **more: Any) -> Assets:
    return Assets(target(url, headers={"X-Region": "eu"}, **more), (), max_body=100_000)


def public(*documented: str, addresses: dict[str, tuple[str, ...]] | None = None, **more: Any) -> Assets:
    """Assets of a target on a public address; ``addresses`` stands in for the name server."""

    async def known(host: str) -> tuple[str, ...]:
        if host not in (addresses or {}):
            raise OSError("no such host")
        return (addresses or {})[host]

    described = {"provider": "someone", "base_url": "https://gateway.example", "credentials": {"default": KEY}, **more}
    return Assets(target_from_mapping("public", described), documented, resolver=known)


def fetched(assets: Callable[[], Assets], url: Any) -> Fetched:
    async def run() -> Fetched:
        async with assets() as opened:
            return await opened.fetch_asset(url, timeout=30)

    return asyncio.run(run())


def from_server(content: bytes, **more: Any) -> tuple[Raw, Fetched]:
    async def run() -> tuple[Raw, Fetched]:
        async with raw_server(content) as server, local(server.url, **more) as assets:
            return server, await assets.fetch_asset(server.url + "/a.png?x=1", timeout=30)

    return asyncio.run(run())


def test_a_picture_is_fetched_with_nothing_that_says_who_asks() -> None:
    server, got = from_server(PICTURE)
    assert (got.problem, got.exchange.body, got.exchange.status, got.exchange.media_type) == (None, b"picture", 200, "image/png")
    request = server.requests[0]
    assert request.line == "GET /a.png?x=1 HTTP/1.1"
    assert set(request.headers) == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert KEY.encode() not in request.raw
    assert got.exchange.sent.headers == {}
    assert got.exchange.id == "a00001"


def test_cookies_do_not_stay() -> None:
    async def run() -> Raw:
        async with raw_server(answer("200 OK", b"x", "Set-Cookie: a=b")) as server, local(server.url) as assets:
            await assets.fetch_asset(server.url)
            await assets.fetch_asset(server.url)
            return server

    assert ["cookie" in seen.headers for seen in asyncio.run(run()).requests] == [False, False]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/a",
        "data:image/png;base64,AA==",
        "/relative.png",
        "127.0.0.1/a.png",
        "",
        "http://",
        "http:///a",
        "http://u:p@127.0.0.1/a",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:70000/",
        "http://[::1",
        "\x00",
        "http://a b/",
        12,
        ["http://127.0.0.1/"],
        None,
        "javascript:alert(1)",
        pytest.param("http://" + "a" * 70_000, id="long"),
    ],
)
def test_what_is_no_http_url_is_unsafe(url: Any) -> None:
    got = fetched(lambda: local("http://127.0.0.1:9"), url)
    assert (got.problem, got.exchange.problem, got.exchange.status) == ("unsafe", "elsewhere", None)


def test_a_host_that_is_not_listed_is_not_asked() -> None:
    async def run() -> tuple[Raw, Fetched]:
        async with raw_server(PICTURE) as thief, local("http://127.0.0.2:9") as assets:
            return thief, await assets.fetch_asset(thief.url + "/a.png")

    thief, got = asyncio.run(run())
    assert (got.problem, thief.connections) == ("unlisted", 0)
    assert "127.0.0.1" in got.detail
    assert "127.0.0.2" in got.detail


@pytest.mark.parametrize(
    ("more", "documented", "host", "listed"),
    [
        ({}, ("cdn.example",), "cdn.example", True),
        ({}, ("cdn.example",), "CDN.Example", True),
        ({}, ("cdn.example",), "evil.cdn.example", False),
        ({}, ("cdn.example",), "cdn.example.evil.example", False),
        ({}, (), "gateway.example", True),
        ({"asset_hosts": ["own.example"]}, ("cdn.example",), "own.example", True),
        ({"asset_hosts": ["own.example"]}, ("cdn.example",), "cdn.example", False),
        ({"asset_hosts": []}, ("cdn.example",), "cdn.example", False),
        ({"mirror_hosts": ["mirror.example"]}, ("cdn.example",), "mirror.example", True),
        ({"mirror_hosts": ["mirror.example"]}, ("cdn.example",), "cdn.example", True),
    ],
)
def test_which_hosts_are_listed(more: dict[str, Any], documented: tuple[str, ...], host: str, listed: bool) -> None:
    got = fetched(lambda: public(*documented, **more), f"https://{host}/a.png")
    assert got.problem == ("unreachable" if listed else "unlisted")


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "0.0.0.0",
        "224.0.0.1",
        "[::]",
        "255.255.255.255",
    ],
)
def test_special_addresses_are_refused(address: str) -> None:
    for assets in (lambda: local("http://127.0.0.1:9"), lambda: public(address.strip("[]"))):
        got = fetched(assets, f"http://{address}/latest/meta-data")
        assert (got.problem, got.exchange.status) == ("unsafe", None), (address, got.detail)


def test_a_special_address_may_be_listed_by_the_target_file(httpx2_mock: respx.Router) -> None:
    """The connection is a stand-in: a real one could reach a cloud's own service."""
    httpx2_mock.get("http://169.254.169.254/a.png").respond(200, content=b"listed")
    assert fetched(lambda: public(asset_hosts=["169.254.169.254"]), "http://169.254.169.254/a.png").exchange.body == b"listed"


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]", "10.0.0.1", "192.168.0.1", "172.16.0.1", "[fd12::1]", "100.64.0.1"])
def test_private_addresses_are_refused_to_a_public_target(address: str) -> None:
    assert fetched(public, f"http://{address}/a").problem == "unsafe"
    assert fetched(lambda: public(address.strip("[]")), f"http://{address}/a").problem == "unsafe"


@pytest.mark.parametrize(
    ("addresses", "problem"),
    [
        (("127.0.0.1",), "unsafe"),
        (("93.184.216.34", "10.0.0.1"), "unsafe"),
        (("169.254.169.254",), "unsafe"),
        (("::ffff:127.0.0.1",), "unsafe"),
    ],
)
def test_a_documented_name_that_leads_inside(addresses: tuple[str, ...], problem: str) -> None:
    got = fetched(lambda: public("cdn.example", addresses={"cdn.example": addresses}), "https://cdn.example/a.png")
    assert got.problem == problem
    assert "address" in got.detail


def test_a_name_that_the_target_file_lists_may_lead_inside_but_not_to_special_addresses() -> None:
    async def run() -> Fetched:
        async with raw_server(PICTURE) as server:
            port = server.port
            async with public(asset_hosts=["localhost"], addresses={"localhost": ("127.0.0.1",)}) as assets:
                return await assets.fetch_asset(f"http://localhost:{port}/a.png", timeout=30)

    assert asyncio.run(run()).exchange.body == b"picture"
    special = fetched(lambda: public(asset_hosts=["own.example"], addresses={"own.example": ("169.254.169.254",)}), "http://own.example/a.png")
    assert special.problem == "unsafe"


def test_a_name_that_changes_between_look_up_and_connection() -> None:
    """The look-up says a public address, and the connection lands on loopback: nothing of the answer is read."""

    async def run() -> Fetched:
        async with raw_server(PICTURE) as server, public("localhost", addresses={"localhost": ("93.184.216.34",)}) as assets:
            return await assets.fetch_asset(f"http://localhost:{server.port}/a.png", timeout=30)

    got = asyncio.run(run())
    assert (got.problem, got.exchange.problem, got.exchange.body) == ("unsafe", "elsewhere", b"")


def test_without_a_resolver_names_need_not_resolve(httpx2_mock: respx.Router) -> None:
    httpx2_mock.get("https://cdn.example/a.png").respond(200, content=b"recorded")

    async def run() -> Fetched:
        async with Assets(Target("t", "someone", "https://gateway.example", paid=True), ("cdn.example",), resolver=None) as assets:
            return await assets.fetch_asset("https://cdn.example/a.png")

    assert asyncio.run(run()).exchange.body == b"recorded"


def test_resolve_gives_addresses() -> None:
    assert asyncio.run(resolve("127.0.0.1")) == ("127.0.0.1",)


async def redirected(location: Callable[[Raw], str]) -> tuple[Raw, Fetched]:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(PICTURE if len(server.requests) > 1 else answer("302 There", b"", f"Location: {location(server)}"))

    async with raw_server(script) as server, local(server.url, asset_hosts=["localhost"]) as assets:
        return server, await assets.fetch_asset(server.url + "/a.png", timeout=30)


def test_redirects_to_listed_hosts_are_followed() -> None:
    for where in (lambda server: "/b.png", lambda server: f"http://localhost:{server.port}/b.png"):
        server, got = asyncio.run(redirected(where))
        assert (got.problem, got.exchange.body, len(server.requests)) == (None, b"picture", 2)


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("http://127.0.0.2:1/", "unlisted"),
        ("https://elsewhere.example/a", "unlisted"),
        ("http://169.254.169.254/", "unsafe"),
        ("file:///etc/passwd", "unsafe"),
        ("http://u:p@localhost/", "unsafe"),
    ],
)
def test_redirects_elsewhere_are_not(where: str, problem: str) -> None:
    server, got = asyncio.run(redirected(lambda _: where))
    assert (got.problem, got.exchange.problem, len(server.requests)) == (problem, "elsewhere", 1)
    assert "redirect" in got.detail


def test_a_redirect_loop_ends() -> None:
    server, got = from_server(answer("302 Again", b"", "Location: /again"))
    assert (got.problem, got.detail, len(server.requests)) == ("unreachable", "more than 3 redirects", 4)


@pytest.mark.parametrize(("status", "detail"), [("404 Not Found", "404"), ("403 Forbidden", "403"), ("500 Oops", "500"), ("304 Same", "304")])
def test_a_host_that_refuses(status: str, detail: str) -> None:
    got = from_server(answer(status, b""))[1]
    assert (got.problem, got.detail) == ("status", detail)


def test_a_redirect_without_a_location() -> None:
    assert from_server(answer("302 Where", b""))[1].problem == "unsafe"


@pytest.mark.parametrize(
    "content",
    [
        answer(body=b"x" * 100_001),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        answer("200 OK", gzip.compress(b"\0" * 10_000_000, mtime=0), "Content-Encoding: gzip"),
    ],
    ids=["body", "announced", "bomb"],
)
def test_too_large(content: bytes) -> None:
    got = from_server(content)[1]
    assert (got.problem, got.exchange.body) == ("too_large", b"")


def faulty(content: bytes) -> Fetched:
    async def run() -> Fetched:
        async with raw_server(closing(content)) as server, local(server.url) as assets:
            return await assets.fetch_asset(server.url, timeout=30)

    return asyncio.run(run())


def test_hosts_that_break_off() -> None:
    assert faulty(b"").problem == "unreachable"
    assert faulty(b"nonsense\r\n\r\n").problem == "unreachable"
    assert faulty(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n").problem == "unreachable"
    half = faulty(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    assert (half.problem, half.exchange.problem, half.exchange.body) == (None, "broken", b"half")


def test_a_host_that_stalls_and_one_that_is_not_there() -> None:
    async def silence(_: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def run() -> Fetched:
        async with raw_server(silence) as server, local(server.url) as assets:
            return await assets.fetch_asset(server.url, timeout=0.2)

    stalled = asyncio.run(run())
    assert (stalled.problem, stalled.exchange.problem) == ("unreachable", "timeout")
    assert fetched(lambda: local("http://127.0.0.1:1"), "http://127.0.0.1:1/").problem == "unreachable"
