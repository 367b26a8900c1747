"""What the client puts on the wire, and where it lets a key go."""

from __future__ import annotations

import asyncio
import json
import re

import httpx2
import pytest
import respx

from exchange.hostile import KEY, Raw, Seen, answer, raw_server, target
from proofsheet.cases.model import MALFORMED_KEY, NO_KEY, UNKNOWN_KEY
from proofsheet.contract.model import SecurityScheme
from proofsheet.contract.requests import Request, Upload
from proofsheet.exchange.client import Client, Reply, SecurityUse
from proofsheet.exchange.targets import Target, TargetError

BEARER = SecurityScheme("bearer", "header", "Authorization", "Bearer ")
HEADER = SecurityScheme("header", "header", "X-Key")
QUERY = SecurityScheme("query", "query", "key")
COOKIE = SecurityScheme("cookie", "cookie", "session")
DEFAULT = SecurityUse("default", BEARER)
POST = Request("POST", "/v1/images", json={"prompt": "a cat"})
GET = Request("GET", "/v1/images")


async def sent_to(request: Request, use: SecurityUse | None = DEFAULT, **more: object) -> tuple[Seen, Reply]:
    """What a server saw of a request, and the reply."""
    async with raw_server(answer()) as server, Client(target(server.url, **more)) as client:
        reply = await client.send(request, use)
        return server.requests[0], reply


def seen(request: Request, use: SecurityUse | None = DEFAULT, **more: object) -> tuple[Seen, Reply]:
    return asyncio.run(sent_to(request, use, **more))


def test_json_goes_out_compact_in_utf8_and_as_it_is() -> None:
    request, reply = seen(Request("POST", "/v1/a", json={"n": 1.0, "prompt": "Käse 猫", "x": [None, True]}))
    assert request.body == '{"n":1.0,"prompt":"Käse 猫","x":[null,true]}'.encode()
    assert request.headers["content-type"] == "application/json"
    assert request.line == "POST /v1/a HTTP/1.1"
    assert (reply.exchange.status, reply.exchange.json, reply.exchange.problem, reply.incidents) == (200, {}, None, ())
    assert reply.exchange.sent.body == request.body


def test_a_lone_surrogate_goes_as_an_escape() -> None:
    assert seen(Request("POST", "/a", json={"p": "\ud800"}))[0].body == b'{"p":"\\ud800"}'


def test_raw_bytes_and_media_type_go_out_as_they_stand() -> None:
    request, _ = seen(Request("POST", "/a", raw=b"{not json", media_type="text/plain"))
    assert (request.body, request.headers["content-type"]) == (b"{not json", "text/plain")
    request, _ = seen(Request("POST", "/a"))
    assert request.body == b""
    assert "content-type" not in request.headers
    assert request.headers["content-length"] == "0"


def test_multipart_is_the_same_bytes_every_time() -> None:
    upload = Upload('a "b".png', "image/png", b"\x89PNG\r\n--x")
    request = Request("POST", "/a", form={"n": 2, "tag": ["x", "y"], "deep": {"a": 1.0}}, files=(("image", upload), ("image", upload)))
    (first, _), (second, _) = seen(request), seen(request)
    assert first.body == second.body
    assert first.headers["content-type"] == second.headers["content-type"]
    boundary = re.fullmatch(r"multipart/form-data; boundary=(\S+)", first.headers["content-type"])
    assert boundary
    parts = first.body.split(b"--" + boundary[1].encode())
    assert parts[0] == b""
    assert parts[-1] == b"--\r\n"
    names = [part.split(b"\r\n")[1] for part in parts[1:-1]]
    disposition = b'Content-Disposition: form-data; name="'
    assert names[:4] == [disposition + b'n"', disposition + b'tag"', disposition + b'tag"', disposition + b'deep"']
    assert names[4:] == [disposition + b'image"; filename="a %22b%22.png"'] * 2
    assert parts[1].endswith(b"\r\n\r\n2\r\n")
    assert parts[4].endswith(b'\r\n\r\n{"a":1.0}\r\n')
    assert parts[5].endswith(upload.content + b"\r\n")


def test_a_form_without_files_can_be_urlencoded() -> None:
    request, _ = seen(Request("POST", "/a", form={"a": "x y", "b": True}, media_type="application/x-www-form-urlencoded"))
    assert (request.body, request.headers["content-type"]) == (b"a=x%20y&b=true", "application/x-www-form-urlencoded")


def test_path_query_and_headers() -> None:
    request = Request(
        "GET", "/v1/{model}:go/{id}", {"model": "google/x", "id": "a b?c#d%2Fé"}, {"X-Region": "mine", "X-Two": "ü"}, {"q": "a&b=c", "r": "1.0"}
    )
    got, reply = seen(request, headers={"x-region": "theirs", "X-Three": "3"})
    assert got.line == "GET /v1/google/x:go/a%20b%3Fc%23d%252F%C3%A9?q=a%26b%3Dc&r=1.0 HTTP/1.1"
    assert (got.headers["x-region"], got.headers["x-three"]) == ("mine", "3")
    assert got.headers["x-two"].encode("latin-1").decode() == "ü"
    assert reply.exchange.sent.headers == {"X-Three": "3", "X-Region": "mine", "X-Two": "ü", "Authorization": "Bearer $PROOFSHEET_DEFAULT_KEY"}


@pytest.mark.parametrize(
    ("use", "header", "value", "shown"),
    [
        (SecurityUse("default", BEARER), "authorization", f"Bearer {KEY}", "Bearer $PROOFSHEET_DEFAULT_KEY"),
        (SecurityUse("default", HEADER), "x-key", KEY, "$PROOFSHEET_DEFAULT_KEY"),
        (SecurityUse("default", COOKIE), "cookie", f"session={KEY}", "session=$PROOFSHEET_DEFAULT_KEY"),
        (SecurityUse("second_account", BEARER), "authorization", "Bearer sk-another-secret-09876", "Bearer $PROOFSHEET_SECOND_ACCOUNT_KEY"),
        (SecurityUse(MALFORMED_KEY, BEARER), "authorization", "not a key", "not a key"),
        (SecurityUse(MALFORMED_KEY, HEADER), "x-key", "not a key", "not a key"),
    ],
)
def test_a_key_goes_where_its_scheme_says_and_is_not_shown(use: SecurityUse, header: str, value: str, shown: str) -> None:
    request, reply = seen(POST, use)
    assert request.headers[header] == value
    assert next(text for name, text in reply.exchange.sent.headers.items() if name.lower() == header) == shown
    assert KEY not in repr(reply)


def test_a_key_in_the_query() -> None:
    request, reply = seen(Request("GET", "/a", query={"z": "1"}), SecurityUse("default", QUERY))
    assert request.line == f"GET /a?z=1&key={KEY} HTTP/1.1"
    assert reply.exchange.sent.url.endswith("/a?z=1&key=$PROOFSHEET_DEFAULT_KEY")
    request, reply = seen(GET, SecurityUse(MALFORMED_KEY, QUERY))
    assert request.line == "GET /v1/images?key=not%20a%20key HTTP/1.1"


@pytest.mark.parametrize("use", [None, SecurityUse(NO_KEY, BEARER), SecurityUse(NO_KEY, QUERY), SecurityUse(NO_KEY, COOKIE)])
def test_no_key_at_all(use: SecurityUse | None) -> None:
    request, _ = seen(POST, use)
    assert not {"authorization", "cookie", "x-key"} & set(request.headers)
    assert request.line == "POST /v1/images HTTP/1.1"


def test_an_unknown_key_looks_like_one_and_stays_the_same() -> None:
    (first, reply), (second, _) = seen(POST, SecurityUse(UNKNOWN_KEY, BEARER)), seen(POST, SecurityUse(UNKNOWN_KEY, BEARER))
    assert re.fullmatch(r"Bearer sk-[0-9a-f]{48}", first.headers["authorization"])
    assert first.headers["authorization"] == second.headers["authorization"] == reply.exchange.sent.headers["Authorization"]


def test_a_credential_the_target_has_not() -> None:
    with pytest.raises(TargetError, match="has no credential 'rate_limited'"):
        seen(POST, SecurityUse("rate_limited", BEARER))


def test_a_key_that_the_target_echoes_is_taken_out() -> None:
    async def run() -> Reply:
        body = json.dumps({"error": f"the key {KEY} is wrong"}).encode()
        async with raw_server(answer("401 Unauthorized", body, f"X-You-Sent: {KEY}")) as server, Client(target(server.url)) as client:
            return await client.send(POST, DEFAULT)

    reply = asyncio.run(run())
    assert reply.exchange.json == {"error": "the key $PROOFSHEET_DEFAULT_KEY is wrong"}
    assert reply.exchange.headers["x-you-sent"] == "$PROOFSHEET_DEFAULT_KEY"


def test_a_cookie_that_the_target_sets_is_not_sent_back() -> None:
    async def run() -> Raw:
        async with raw_server(answer("200 OK", b"{}", "Set-Cookie: a=b; Path=/")) as server, Client(target(server.url)) as client:
            await client.send(POST, DEFAULT)
            await client.send(POST, DEFAULT)
            return server

    server = asyncio.run(run())
    assert len(server.requests) == 2
    assert server.connections == 1
    assert "cookie" not in server.requests[1].headers


def test_the_environments_proxy_and_passwords_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert seen(POST, None)[1].exchange.status == 200


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request("POST", "/a", headers={"X-A": "one\r\nX-B: two"}, json={}), "'X-A' cannot carry its value"),
        (Request("POST", "/a", headers={"X-ä": "1"}, json={}), "cannot carry its value"),
        (Request("POST", "/a", headers={"X A": "1"}, json={}), "cannot be sent"),
        (Request("POST", "/a", json={"n": float("nan")}), "cannot be encoded"),
        (Request("POST", "/a", json={"n": {1, 2}}), "cannot be encoded"),
        (Request("GET", "/a/" + "x" * 70_000), "URL cannot be used"),
        (Request("GET IT", "/a"), "cannot be sent"),
    ],
)
def test_what_http_cannot_carry_is_said_and_not_raised(request_: Request, said: str) -> None:
    async def run() -> tuple[Reply, int]:
        async with raw_server(answer()) as server, Client(target(server.url)) as client:
            return await client.send(request_, DEFAULT), len(server.requests)

    reply, requests = asyncio.run(run())
    assert reply.exchange.problem == "unsendable"
    assert said in reply.exchange.detail
    assert (reply.exchange.status, requests) == (None, 0)


def test_ids_and_times() -> None:
    async def run() -> list[Reply]:
        async with raw_server(answer()) as server, Client(target(server.url)) as client:
            return [await client.send(POST, DEFAULT) for _ in range(3)]

    exchanges = [reply.exchange for reply in asyncio.run(run())]
    assert [exchange.id for exchange in exchanges] == ["x00001", "x00002", "x00003"]
    assert 0 <= exchanges[0].started < exchanges[1].started < exchanges[2].started
    assert all(0 < exchange.seconds < 5 for exchange in exchanges)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (httpx2.ReadTimeout, "broken"),
        (httpx2.ConnectTimeout, "unreachable"),
        (httpx2.ConnectError, "unreachable"),
        (httpx2.ReadError, "broken"),
        (httpx2.WriteError, "broken"),
        (httpx2.RemoteProtocolError, "broken"),
        (httpx2.LocalProtocolError, "unsendable"),
        (OSError, "broken"),
    ],
)
def test_each_fault_of_the_library_is_a_problem(httpx2_mock: respx.Router, fault: type[Exception], problem: str) -> None:
    httpx2_mock.post("https://gateway.example/v1/images").mock(side_effect=fault("as arranged"))

    async def run() -> Reply:
        async with Client(Target("t", "someone", "https://gateway.example", paid=True)) as client:
            return await client.send(POST, None)

    reply = asyncio.run(run())
    assert (reply.exchange.problem, reply.exchange.status) == (problem, None)
    assert reply.exchange.detail
