"""A target that breaks off, lies about lengths, floods or stalls: each is a problem in the exchange, never an exception."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
import zlib
from gzip import compress

import pytest

from exchange.hostile import Raw, Script, Seen, answer, closing, raw_server, target
from exchange.test_client import DEFAULT, POST
from proofsheet.exchange.client import Client, Reply
from proofsheet.exchange.model import Exchange

MEGABYTE = 1024 * 1024


def exchange_with(script: Script | bytes, timeout: float = 30.0, max_body: int = 4 * MEGABYTE) -> Exchange:
    async def run() -> Reply:
        async with raw_server(script) as server, Client(target(server.url), max_body=max_body) as client:
            return await client.send(POST, DEFAULT, timeout=timeout)

    reply = asyncio.run(run())
    assert reply.incidents == ()
    return reply.exchange


def numbered(count: int) -> list[str]:
    return [f"{number:02d}" for number in range(count)]


def encoded(body: bytes, encoding: str) -> bytes:
    return answer("200 OK", body, f"Content-Encoding: {encoding}")


def gzipped(content: bytes) -> bytes:
    """Without the time that is in it otherwise: these bytes stand in test ids, which are the same in every process."""
    return compress(content, mtime=0)


def raw_deflate(content: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(content) + squeeze.flush()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"HTTP/1.1",
        b"not http at all\r\n\r\n",
        b"\x16\x03\x01\x00\xa5" * 50,
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: what\r\n\r\n",
    ],
)
def test_answers_that_are_none(content: bytes) -> None:
    assert exchange_with(closing(content)).problem == "broken"


def test_what_came_of_a_cut_body_is_kept() -> None:
    exchange = exchange_with(closing(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half": '))
    assert (exchange.problem, exchange.status, exchange.body, exchange.ok, exchange.json) == ("broken", 200, b'{"half": ', False, None)


def test_a_reset() -> None:
    async def script(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    assert exchange_with(script).problem == "broken"


def test_nothing_listens() -> None:
    async def run() -> Reply:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            async with Client(target(f"http://127.0.0.1:{taken.getsockname()[1]}")) as client:
                return await client.send(POST, DEFAULT)

    exchange = asyncio.run(run()).exchange
    assert (exchange.problem, exchange.status) == ("unreachable", None)


def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    async def run() -> Reply:
        async with Client(target("http://gateway.invalid")) as client:
            return await client.send(POST, DEFAULT, timeout=5)

    assert asyncio.run(run()).exchange.problem == "unreachable"


def test_http_where_tls_is_meant() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async def run() -> Reply:
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        async with server, Client(target(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")) as client:
            return await client.send(POST, DEFAULT, timeout=5)

    assert asyncio.run(run()).exchange.problem == "unreachable"


async def _slow(piece: bytes, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02)


async def slow_headers(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _slow(b"X-A: b\r\n", writer)


async def slow_body(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    await _slow(b"x", writer)


async def only_informational(_: Seen, writer: asyncio.StreamWriter) -> None:
    await _slow(b"HTTP/1.1 100 Continue\r\n\r\n", writer)


async def silence(_: Seen, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("script", [slow_headers, slow_body, only_informational, silence])
def test_the_time_limit_is_for_the_whole_exchange(script: Script) -> None:
    begun = time.monotonic()
    exchange = exchange_with(script, timeout=0.3)
    assert (exchange.problem, exchange.detail) == ("timeout", "no complete answer within 0.3 s")
    assert 0.25 < exchange.seconds < 30
    assert time.monotonic() - begun < 40


def test_redirects_share_one_time_limit() -> None:
    async def script(_: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)
        writer.write(answer("307 Again", b"", "Location: /again"))

    exchange = exchange_with(script, timeout=0.35)
    assert exchange.problem == "timeout"
    assert exchange.seconds < 30


def test_headers_without_end() -> None:
    async def script(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Big: ")
        for _piece in range(100):
            writer.write(b"x" * MEGABYTE)
            await writer.drain()

    exchange = exchange_with(script)
    assert (exchange.problem, exchange.status) == ("broken", None)


def test_trailers_without_end() -> None:
    async def script(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
        for number in range(100_000):
            writer.write(b"X-%d: %s\r\n" % (number, b"y" * 1000))
            await writer.drain()

    assert exchange_with(script).problem == "broken"


async def endless(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
        await writer.drain()


def test_a_body_without_end() -> None:
    exchange = exchange_with(endless)
    assert (exchange.problem, exchange.status, exchange.body) == ("too_large", 200, b"")


def test_a_body_that_is_announced_too_large_is_not_read() -> None:
    exchange = exchange_with(closing(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"))
    assert exchange.problem == "too_large"
    assert "99999999999" in exchange.detail


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzipped(b"\0" * (64 * MEGABYTE))),
        ("deflate", zlib.compress(b"\0" * (64 * MEGABYTE))),
        ("gzip", gzipped(b"\0" * MEGABYTE) * 64),
    ],
)
def test_a_bomb_is_not_unpacked(encoding: str, bomb: bytes) -> None:
    assert len(bomb) < 200_000
    exchange = exchange_with(encoded(bomb, encoding))
    assert (exchange.problem, exchange.body) == ("too_large", b"")


@pytest.mark.parametrize(
    ("encoding", "squeezed"),
    [
        ("gzip", gzipped(b'{"a": 1}')),
        ("x-gzip", gzipped(b'{"a": 1}')),
        ("GZIP", gzipped(b'{"a"') + gzipped(b": 1}")),
        ("deflate", zlib.compress(b'{"a": 1}')),
        ("deflate", raw_deflate(b'{"a": 1}')),
        ("identity", b'{"a": 1}'),
    ],
)
def test_honest_compression(encoding: str, squeezed: bytes) -> None:
    exchange = exchange_with(encoded(squeezed, encoding))
    assert (exchange.problem, exchange.json) == (None, {"a": 1})


@pytest.mark.parametrize("size", [MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 3 * MEGABYTE])
def test_compression_across_pieces(size: int) -> None:
    exchange = exchange_with(encoded(gzipped(b"a" * size), "gzip"))
    assert (exchange.problem, len(exchange.body)) == (None, size)


def test_an_empty_body_may_claim_compression() -> None:
    exchange = exchange_with(encoded(b"", "gzip"))
    assert (exchange.problem, exchange.body) == (None, b"")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"not gzip"),
        ("gzip", gzipped(b"x" * 1000)[:-8]),
        ("gzip", gzipped(b"x" * 1000)[:-1]),
        ("gzip", gzipped(b"x") + b"trailing"),
        ("gzip", gzipped(b"x" * 1000)[:-5] + b"\0\0\0\0\0"),
        ("deflate", b"\x78\x9c\xff\xff"),
        ("br", b"x"),
        ("zstd", b"x"),
        ("gzip, gzip", b"x"),
        ("\x7f", b"x"),
    ],
)
def test_compression_that_is_none(encoding: str, body: bytes) -> None:
    exchange = exchange_with(encoded(body, encoding))
    assert exchange.problem == "broken"


def connections_after(content: bytes, times: int = 3) -> tuple[int, list[Exchange]]:
    async def run() -> tuple[Raw, list[Exchange]]:
        async with raw_server(content) as server, Client(target(server.url)) as client:
            return server, [(await client.send(POST, DEFAULT)).exchange for _ in range(times)]

    server, exchanges = asyncio.run(run())
    assert len(server.requests) == times
    return server.connections, exchanges


def test_a_connection_is_kept_and_reused() -> None:
    assert connections_after(answer())[0] == 1
    assert connections_after(answer("400 Bad Request"))[0] == 1


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Unavailable"])
def test_a_connection_that_carried_a_5xx_is_not_reused(status: str) -> None:
    connections, exchanges = connections_after(answer(status, b'{"error": 1}'))
    assert connections == 3
    assert [exchange.json for exchange in exchanges] == [{"error": 1}] * 3


def test_connections_after_5xx_under_concurrency() -> None:
    async def run() -> tuple[Raw, list[Reply]]:
        async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
            writer.write(answer("500 Oops" if len(server.requests) % 2 else "200 OK"))

        async with raw_server(script) as server, Client(target(server.url), concurrency=4) as client:
            return server, [reply for _ in range(20) for reply in await asyncio.gather(*(client.send(POST, DEFAULT) for _ in range(8)))]

    server, replies = asyncio.run(run())
    assert [reply.exchange.problem for reply in replies] == [None] * 160
    failed = {reply.exchange.status for reply in replies}
    assert failed == {200, 500}
    after_5xx = [seen.connection for number, seen in enumerate(server.requests) if number % 2 == 0]
    assert len(after_5xx) == len(set(after_5xx)) == 80


def test_extra_bytes_after_an_answer_are_not_taken_for_the_next() -> None:
    _, exchanges = connections_after(answer(body=b'{"mine": 1}') + answer(body=b'{"smuggled": 1}'))
    assert [exchange.json for exchange in exchanges] == [{"mine": 1}] * 3


def test_cancelling_stops_at_once() -> None:
    async def run() -> float:
        asked = asyncio.Event()

        async def heard(seen: Seen, writer: asyncio.StreamWriter) -> None:
            asked.set()
            await silence(seen, writer)

        async with raw_server(heard) as server, Client(target(server.url)) as client:
            task = asyncio.create_task(client.send(POST, DEFAULT))
            await asked.wait()
            begun = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - begun

    assert asyncio.run(run()) < 30
