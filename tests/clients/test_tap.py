"""The tap, between a client of the standard library and a server on loopback: what it carries, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
from dataclasses import replace

import pytest

from exchange.hostile import KEY, answer, closing, raw_server, target
from proofsheet.clients.tap import Tap, carried_headers, tapped
from proofsheet.exchange.client import Client
from proofsheet.exchange.pages import NotSent
from proofsheet.loopback import Heard

STAND_IN = "stand-in-for-a-key"
JSON = {"content-type": "application/json"}


class Answer:
    """What a client got: status, headers by lower-case name, body."""

    def __init__(self, response, body):
        self.status, self.body, self.reason = response.status, body, response.reason
        self.headers = {name.lower(): value for name, value in response.getheaders()}


def call(url, method="POST", path="/v1/images", headers=JSON, body=b'{"a": 1}', **more):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, body, dict(headers), **more)
        response = connection.getresponse()
        return Answer(response, response.read())
    except (OSError, http.client.HTTPException) as error:
        return error
    finally:
        connection.close()


def through(script, *calls, base="", timeout=10.0, **more):
    """The server, the tap and what each call got."""

    async def run():
        async with raw_server(script) as server:
            to = target(server.url + base, **more)
            async with Client(to) as client:

                async def carry(heard):
                    reply = await client.carry(heard.method, heard.target, carried_headers(heard), heard.body, {STAND_IN: "default"}, timeout=timeout)
                    return reply.exchange

                async with tapped(carry, to.base_url) as tap:
                    got = await asyncio.gather(*(asyncio.to_thread(each, tap.url) for each in calls))
                return server, tap, got

    return asyncio.run(run())


def one(script, *, base="", timeout=10.0, **how):
    server, tap, [got] = through(script, lambda url: call(url, **how), base=base, timeout=timeout)
    return server, tap, got


def test_a_request_and_its_answer_pass_as_they_stand():
    said = answer("429 Slow Down", b'{"error":\t"\xc3\xbc"}', "Retry-After: 7", "X-Request-Id: r7", "Set-Cookie: a=b")
    server, tap, got = one(said, path="/v1/images%2Fx:make?b=%20c&b=d", headers={**JSON, "X-Own": "yes", "User-Agent": "somebody/1"}, body=b'{"n":  1.0}')
    [seen] = server.requests
    assert (seen.line, seen.body) == ("POST /v1/images%2Fx:make?b=%20c&b=d HTTP/1.1", b'{"n":  1.0}')
    assert (seen.headers["x-own"], seen.headers["user-agent"], seen.headers["content-type"]) == ("yes", "somebody/1", "application/json")
    assert seen.headers["host"] == server.url.removeprefix("http://")
    assert (got.status, got.body) == (429, b'{"error":\t"\xc3\xbc"}')
    assert (got.headers["retry-after"], got.headers["x-request-id"], got.headers["set-cookie"], got.headers["content-type"]) == ("7", "r7", "a=b", "application/json")
    [exchange] = tap.exchanges
    assert (exchange.status, exchange.body, exchange.sent.url) == (429, got.body, f"{server.url}/v1/images%2Fx:make?b=%20c&b=d")


def test_headers_of_one_connection_stay_on_it():
    sent = {
        **JSON,
        "Connection": "keep-alive, X-Private",
        "X-Private": "1",
        "Keep-Alive": "9",
        "TE": "trailers",
        "Proxy-Authorization": "p",
        "Expect": "100-continue",
        "Upgrade": "h2c",
    }
    server, _, got = one(answer("200 OK", b"{}", "Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Authenticate: Basic", "Trailer: X"), headers=sent)
    assert not {"x-private", "keep-alive", "te", "proxy-authorization", "expect", "upgrade"} & set(server.requests[0].headers)
    assert not {"keep-alive", "proxy-authenticate", "trailer"} & set(got.headers)


def test_the_key_takes_the_place_of_its_stand_in_in_headers_and_query_and_nowhere_else():
    headers = {**JSON, "Authorization": f"Bearer {STAND_IN}", "X-Key": STAND_IN}
    server, tap, got = one(answer("200 OK", json.dumps({"key": KEY}).encode(), f"X-Echo: {KEY}"), path=f"/v1?key={STAND_IN}", headers=headers, body=STAND_IN.encode())
    [seen] = server.requests
    assert (seen.headers["authorization"], seen.headers["x-key"], seen.line) == (f"Bearer {KEY}", KEY, f"POST /v1?key={KEY} HTTP/1.1")
    assert seen.body == STAND_IN.encode()
    assert KEY not in str(got.headers) + got.body.decode() + repr(tap.exchanges) + str(tap.exchanges[0].sent)


def test_a_key_in_a_query_is_written_as_queries_are():
    odd = "sk-a+b/c=d&e f-1234"
    server, tap, _ = through(answer(), lambda url: call(url, path=f"/v1?key={STAND_IN}", headers={**JSON, "X-Key": STAND_IN}), credentials={"default": odd})
    assert server.requests[0].line == "POST /v1?key=sk-a%2Bb%2Fc%3Dd%26e%20f-1234 HTTP/1.1"
    assert server.requests[0].headers["x-key"] == odd
    assert "1234" not in tap.exchanges[0].sent.url


def test_headers_of_the_target_go_along():
    server, *_ = through(answer(), lambda url: call(url, headers={**JSON, "X-Mine": "client"}), headers={"X-Tenant": "t", "x-mine": "target"})
    assert (server.requests[0].headers["x-tenant"], server.requests[0].headers["x-mine"]) == ("t", "client")


@pytest.mark.parametrize(("location", "led"), [
    ("{target}/v1/other", "{tap}/v1/other"), ("{target}", "{tap}"), ("{target}?a=1", "{tap}?a=1"), ("/base/v1/other?x=1", "{tap}/v1/other?x=1"), ("other", "{tap}/v1/other"),
    ("{target}.evil.example/x", None), ("{target}evil", None), ("http://127.0.0.1:9/v1", None), ("//evil.example/v1", None), ("/outside", None), ("file:///etc/passwd", None),
    ("http://[", None),
])  # fmt: skip
def test_a_redirect_leads_through_the_tap_or_nowhere(location, led):
    async def script(seen, writer):
        own = f"http://{seen.headers['host']}/base"
        writer.write(answer("307 Temporary Redirect", b"", f"Location: {location.format(target=own)}"))

    server, tap, got = one(script, base="/base")
    assert got.status == 307
    assert got.headers.get("location") == (None if led is None else led.format(tap=tap.url))
    assert server.requests[0].line.startswith("POST /base/v1/images ")


def test_compressed_answers_come_decoded_and_nothing_is_asked_for_that_cannot_be():
    async def script(seen, writer):
        body = gzip.compress(b'{"big": 1}') if "gzip" in seen.headers["accept-encoding"] else b'{"big": 0}'
        writer.write(answer("200 OK", body, *(["Content-Encoding: gzip"] if body[:1] == b"\x1f" else [])))

    server, _, got = through(script, *(lambda url, said=said: call(url, headers={**JSON, "Accept-Encoding": said}) for said in ("gzip, br;q=1, zstd", "br")))
    assert sorted(seen.headers["accept-encoding"] for seen in server.requests) == ["gzip", "identity"]
    assert [each.body for each in got] == [b'{"big": 1}', b'{"big": 0}']
    assert all("content-encoding" not in each.headers and each.headers["content-length"] == "10" for each in got)


def test_head_has_no_body():
    server, tap, got = one(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nX-A: b\r\n\r\n", method="HEAD", body=None)
    assert (got.status, got.body, got.headers["x-a"], server.requests[0].line) == (200, b"", "b", "HEAD /v1/images HTTP/1.1")
    assert tap.exchanges[0].status == 200


def test_a_body_in_chunks_goes_on_whole():
    server, _, got = one(answer(), body=iter([b'{"a":', b" 1}"]), encode_chunked=True, headers={**JSON, "Transfer-Encoding": "chunked"})
    assert got.status == 200
    assert (server.requests[0].body, server.requests[0].headers["content-length"]) == (b'{"a": 1}', "8")
    assert "transfer-encoding" not in server.requests[0].headers


def test_what_is_no_ascii_passes():
    _, _, got = one("HTTP/1.1 200 OK\r\nX-Region: Zürich\r\nContent-Length: 2\r\n\r\n{}".encode())
    assert got.headers["x-region"].encode("latin-1").decode() == "Zürich"


@pytest.mark.parametrize(("script", "problem"), [
    (closing(b""), "broken"),
    (closing(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), "broken"),
    (closing(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), "broken"),
    (closing(b"no http at all\r\n\r\n"), "broken"),
], ids=["nothing", "cut", "no-gzip", "no-http"])  # fmt: skip
def test_what_the_target_breaks_off_is_broken_off(script, problem):
    _, tap, got = one(script)
    assert isinstance(got, (OSError, http.client.HTTPException))
    assert [exchange.problem for exchange in tap.exchanges] == [problem]


def test_a_target_that_is_not_there_is_a_connection_that_is_dropped():
    async def run():
        async with raw_server(answer()) as server:
            gone = target(server.url)
        async with Client(gone) as client:

            async def carry(heard):
                return (await client.carry(heard.method, heard.target, {}, b"", {})).exchange

            async with tapped(carry, gone.base_url) as tap:
                return tap, await asyncio.to_thread(call, tap.url)

    tap, got = asyncio.run(run())
    assert isinstance(got, (OSError, http.client.HTTPException))
    assert [exchange.problem for exchange in tap.exchanges] == ["unreachable"]


def test_no_answer_in_time_is_a_connection_that_is_dropped():
    async def silent(seen, writer):
        await asyncio.sleep(30)

    _, tap, got = one(silent, timeout=0.5)
    assert isinstance(got, (OSError, http.client.HTTPException))
    assert [exchange.problem for exchange in tap.exchanges] == ["timeout"]


def test_many_at_once_are_kept_apart():
    async def slow(seen, writer):
        await asyncio.sleep(0.05)
        writer.write(answer("200 OK", seen.body))

    bodies = [f'{{"n": {number}}}'.encode() for number in range(24)]
    server, tap, got = through(slow, *(lambda url, body=body: call(url, body=body) for body in bodies))
    assert [each.body for each in got] == bodies
    assert len(tap.exchanges) == len(server.requests) == 24
    assert (tap.under_way, tap.idle() >= 0.0) == (0, True)


def test_after_something_was_not_let_through_nothing_is():
    async def run():
        async def carry(heard):
            raise NotSent("the budget is spent")

        async with tapped(carry, "http://127.0.0.1:1") as tap:
            got = [await asyncio.to_thread(call, tap.url) for _ in range(2)]
            return tap, got

    tap, got = asyncio.run(run())
    assert all(isinstance(each, (OSError, http.client.HTTPException)) for each in got)
    assert str(tap.refused) == "the budget is spent"
    assert tap.exchanges == []


def test_who_is_still_waited_for_is_cut_off_when_the_tap_closes():
    async def run():
        begun = asyncio.Event()

        async def carry(heard):
            begun.set()
            await asyncio.sleep(60)

        async with tapped(carry, "http://127.0.0.1:1") as tap:
            waiting = asyncio.ensure_future(asyncio.to_thread(call, tap.url))
            await begun.wait()
            assert (tap.under_way, tap.idle()) == (1, 0.0)
        return await waiting

    assert isinstance(asyncio.run(run()), (OSError, http.client.HTTPException))


def test_a_client_that_has_sent_nothing_is_not_idle():
    assert Tap(carry=None, target="http://127.0.0.1:1").idle() == 0.0


def test_headers_that_a_client_calls_its_connections_own():
    heard = Heard("POST", "/", {"connection": "close, X-A", "x-a": "1", "x-b": "2", "accept-encoding": "identity;q=0.5, GZIP;q=1"}, b"")
    assert carried_headers(heard) == {"x-b": "2", "accept-encoding": "identity;q=0.5, GZIP;q=1"}
    assert carried_headers(replace(heard, headers={"x-b": "2"})) == {"x-b": "2"}
