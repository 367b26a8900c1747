"""The server of reference pictures."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from proofsheet.contract.pictures import sample_picture
from proofsheet.exchange.picture_server import PictureServer


async def get(url: str, method: str = "GET") -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await client.request(method, url)


def asked(path: str, method: str = "GET") -> httpx2.Response:
    async def run() -> httpx2.Response:
        async with PictureServer() as server:
            return await get(server.url("png").removesuffix("/png/0") + path, method)

    return asyncio.run(run())


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_pictures(kind: str) -> None:
    async def run() -> list[httpx2.Response]:
        async with PictureServer() as server:
            return [await get(server.url(kind, number)) for number in (0, 3, 39)]

    for number, response in zip((0, 3, 39), asyncio.run(run()), strict=True):
        assert (response.status_code, response.headers["content-type"], response.content) == (
            200,
            f"image/{kind}",
            sample_picture(kind, number).content,
        )


def test_what_is_no_picture() -> None:
    async def run() -> tuple[httpx2.Response, httpx2.Response]:
        async with PictureServer() as server:
            return await get(server.url("html")), await get(server.url("text"))

    page, text = asyncio.run(run())
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<" in page.text
    assert (text.status_code, text.headers["content-type"]) == (200, "text/plain; charset=utf-8")


@pytest.mark.parametrize("path", ["/", "/png", "/png/40", "/png/-1", "/gif/1", "/../etc/passwd", "/png/1/2"])
def test_nothing_else_is_there(path: str) -> None:
    assert asked(path).status_code == 404


def test_other_methods() -> None:
    head = asked("/png/1", "HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(sample_picture("png", 1).content)))
    assert asked("/png/1?a=b").content == sample_picture("png", 1).content
    assert asked("/png/1", "POST").status_code == 405


def test_a_port_where_nothing_listens() -> None:
    async def run() -> None:
        async with PictureServer() as server:
            with pytest.raises(httpx2.ConnectError):
                await get(server.unreachable_url())

    asyncio.run(run())


@pytest.mark.parametrize("content", [b"", b"nonsense", b"x" * 100_000, b"\r\n\r\n", b"GET\r\n\r\n", b"\xff\xfe\r\n\r\n"])
def test_a_client_that_talks_nonsense_does_no_harm(content: bytes) -> None:
    async def run() -> httpx2.Response:
        async with PictureServer() as server:
            _, writer = await asyncio.open_connection("127.0.0.1", int(server.url("text").rsplit(":", 1)[1].split("/")[0]))
            writer.write(content)
            writer.close()
            await writer.wait_closed()
            return await get(server.url("text"))

    assert asyncio.run(run()).status_code == 200


def test_it_stops_while_someone_is_still_connected() -> None:
    async def run() -> bytes:
        async with PictureServer() as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url("text").rsplit(":", 1)[1].split("/")[0]))
            await asyncio.sleep(0.05)
        rest = await reader.read()
        writer.close()
        await writer.wait_closed()
        return rest

    assert asyncio.run(asyncio.wait_for(run(), 60)) == b""
