"""Redirects and URLs that a target gives: a key never leaves the target's origin."""

from __future__ import annotations

import asyncio

import pytest

from exchange.hostile import KEY, Raw, Seen, answer, raw_server, target
from exchange.test_client import BEARER, COOKIE, DEFAULT, GET, HEADER, POST, QUERY
from proofsheet.contract.requests import Request
from proofsheet.exchange.client import Client, Reply, SecurityUse


def redirecting(status: int, location: str | None) -> bytes:
    return answer(f"{status} Elsewhere", b"moved", *([f"Location: {location}"] if location is not None else []), media_type="text/plain")


async def redirected(status: int, location: str | None, request: Request, use: SecurityUse = DEFAULT, follow: bool = True) -> tuple[Raw, Reply]:
    """The first request is redirected, every later one answered."""

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(redirecting(status, location) if len(server.requests) == 1 else answer(body=b'{"there": true}'))

    async with raw_server(script) as server, Client(target(server.url)) as client:
        return server, await client.send(request, use, follow=follow)


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (301, GET),
        (302, GET),
        (303, GET),
        (307, GET),
        (308, GET),
        (307, POST),
        (308, POST),
        (307, Request("PUT", "/v1/images", json={"a": 1})),
    ],
)
def test_a_redirect_on_the_target_is_followed_with_key_and_body(status: int, request_: Request) -> None:
    server, reply = asyncio.run(redirected(status, "/there?x=1", request_))
    assert reply.exchange.json == {"there": True}
    assert reply.exchange.problem is None
    assert reply.incidents == ()
    first, second = server.requests
    assert second.line == f"{request_.method} /there?x=1 HTTP/1.1"
    assert second.body == first.body
    assert second.headers["authorization"] == f"Bearer {KEY}"
    assert reply.exchange.sent.url == server.url + "/v1/images"


@pytest.mark.parametrize("status", [301, 302, 303])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_redirect_that_would_make_a_get_of_it_is_left_to_the_caller(status: int, method: str) -> None:
    server, reply = asyncio.run(redirected(status, "/there", Request(method, "/v1/images", json={})))
    assert (reply.exchange.problem, reply.exchange.status, reply.exchange.headers["location"]) == ("redirect", status, "/there")
    assert len(server.requests) == 1
    assert reply.incidents == ()


def test_following_can_be_turned_off() -> None:
    server, reply = asyncio.run(redirected(303, "/there", GET, follow=False))
    assert (reply.exchange.problem, reply.exchange.status, len(server.requests)) == ("redirect", 303, 1)


@pytest.mark.parametrize("location", [None, "", "http://", "file:///etc/passwd", "javascript:alert(1)", "http://a b/", "http://u:p@127.0.0.1/"])
def test_a_location_that_cannot_be_used(location: str | None) -> None:
    server, reply = asyncio.run(redirected(307, location, POST))
    assert reply.exchange.problem == "redirect"
    assert len(server.requests) == 1
    assert "Location" in reply.exchange.detail


def test_a_key_in_the_query_follows_within_the_target_and_is_not_shown() -> None:
    server, reply = asyncio.run(redirected(307, f"/there?key={KEY}&y=2", POST, SecurityUse("default", QUERY)))
    assert server.requests[1].line == f"POST /there?y=2&key={KEY} HTTP/1.1"
    assert KEY not in repr(reply)


def test_a_loop_ends() -> None:
    async def run() -> tuple[Raw, Reply]:
        async with raw_server(redirecting(307, "/again")) as server, Client(target(server.url)) as client:
            return server, await client.send(POST, DEFAULT)

    server, reply = asyncio.run(run())
    assert (reply.exchange.problem, reply.exchange.detail, len(server.requests)) == ("redirect", "more than 3 redirects", 4)


@pytest.mark.parametrize("scheme", [BEARER, HEADER, QUERY, COOKIE])
@pytest.mark.parametrize(("status", "request_"), [(307, POST), (308, POST), (302, POST), (302, GET), (303, GET), (307, GET)])
def test_a_redirect_to_another_origin_is_an_incident_and_never_followed(scheme: object, status: int, request_: Request) -> None:
    async def run() -> tuple[Raw, Reply]:
        async with (
            raw_server(answer()) as thief,
            raw_server(redirecting(status, thief.url + "/take")) as server,
            Client(target(server.url)) as client,
        ):
            return thief, await client.send(request_, SecurityUse("default", scheme))  # type: ignore[arg-type]

    thief, reply = asyncio.run(run())
    assert thief.connections == 0
    assert reply.exchange.problem == "redirect"
    assert reply.exchange.status == status
    assert [incident.kind for incident in reply.incidents] == ["redirect_elsewhere"]
    assert f"127.0.0.1:{thief.port}" in reply.incidents[0].detail


@pytest.mark.parametrize(
    "spelling",
    [
        "//127.0.0.1:{port}/x",
        "https://127.0.0.1:{own}/x",
        "http://localhost:{own}/x",
        "http:\\\\127.0.0.1:{port}/x",
        "http://127.0.0.1:{own}@127.0.0.1:{port}/",
    ],
)
def test_other_origins_in_other_spellings(spelling: str) -> None:
    async def run() -> tuple[Raw, Raw, Reply]:
        async with raw_server(answer()) as thief:

            async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
                writer.write(redirecting(307, spelling.format(port=thief.port, own=server.port)))

            async with raw_server(script) as server, Client(target(server.url)) as client:
                return thief, server, await client.send(POST, DEFAULT)

    thief, _, reply = asyncio.run(run())
    assert thief.connections == 0
    assert reply.exchange.problem == "redirect"


def test_a_redirect_elsewhere_after_one_at_home() -> None:
    async def run() -> tuple[Raw, Raw, Reply]:
        async with raw_server(answer()) as thief:

            async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
                writer.write(redirecting(307, "/home" if len(server.requests) == 1 else thief.url))

            async with raw_server(script) as server, Client(target(server.url)) as client:
                return thief, server, await client.send(POST, DEFAULT)

    thief, server, reply = asyncio.run(run())
    assert (thief.connections, len(server.requests)) == (0, 2)
    assert [incident.kind for incident in reply.incidents] == ["redirect_elsewhere"]


async def fetched(url: str, base: str | None = None, use: SecurityUse = DEFAULT) -> tuple[Raw, Raw, Reply]:
    """What a poll of ``url`` did, with {own} for the target's URL and {other} for another server's."""
    async with (
        raw_server(answer()) as other,
        raw_server(answer()) as server,
        Client(target(server.url + "/api", headers={"X-Region": "eu"})) as client,
    ):
        return server, other, await client.fetch_api_url(url.format(own=server.url, other=other.url), use, base=base and base.format(own=server.url))


@pytest.mark.parametrize(
    ("url", "base", "line"),
    [
        ("{own}/v1/tasks/1?model=m", None, "GET /v1/tasks/1?model=m HTTP/1.1"),
        ("/v1/tasks/1", None, "GET /v1/tasks/1 HTTP/1.1"),
        ("tasks/1", None, "GET /api/tasks/1 HTTP/1.1"),
        ("tasks/1", "{own}/v1/images", "GET /v1/tasks/1 HTTP/1.1"),
    ],
)
def test_a_url_of_the_target_is_fetched_with_its_key(url: str, base: str | None, line: str) -> None:
    server, _, reply = asyncio.run(fetched(url, base))
    assert server.requests[0].line == line
    assert (server.requests[0].headers["authorization"], server.requests[0].headers["x-region"]) == (f"Bearer {KEY}", "eu")
    assert reply.exchange.ok
    assert reply.incidents == ()
    assert KEY not in repr(reply)


def test_a_key_in_the_query_of_a_url_of_the_target() -> None:
    server, _, reply = asyncio.run(fetched("{own}/t?key=mine&a=1", use=SecurityUse("default", QUERY)))
    assert server.requests[0].line == f"GET /t?a=1&key={KEY} HTTP/1.1"
    assert reply.exchange.sent.url == f"{server.url}/t?a=1&key=$PROOFSHEET_DEFAULT_KEY"


@pytest.mark.parametrize(
    "url", ["{other}/v1/tasks/1", "file:///etc/passwd", "http://", "gopher://127.0.0.1/", "http://user:pass@127.0.0.1/", "http://[::1", "\x00"]
)
def test_a_url_elsewhere_is_an_incident_and_never_fetched(url: str) -> None:
    server, other, reply = asyncio.run(fetched(url))
    assert (server.connections, other.connections) == (0, 0)
    assert (reply.exchange.problem, reply.exchange.status) == ("elsewhere", None)
    assert [incident.kind for incident in reply.incidents] == ["poll_elsewhere"]
