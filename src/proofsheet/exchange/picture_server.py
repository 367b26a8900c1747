"""A tiny server on loopback that holds the pictures which requests refer to by URL."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from types import TracebackType
from typing import Self

from proofsheet.contract.pictures import sample_picture

_PICTURE = re.compile(r"/(png|jpeg|webp)/([0-3]?\d)")
_LONGEST_HEAD = 32 * 1024
_IDLE_SECONDS = 10.0


class PictureServer:
    """Serves ``/png/N``, ``/jpeg/N``, ``/webp/N`` with N from 0 to 39, and, as things that are no picture, ``/html`` and ``/text``.

    The ports are free ones where they are 0. Raises OSError at the start where one is taken.
    """

    def __init__(self, port: int = 0, closed_port: int = 0) -> None:
        self._ports = port, closed_port
        self._server: asyncio.Server | None = None
        self._closed_port = socket.socket()
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        # Bound and never listening: nothing else can take the port, and every connection to it is refused.
        try:
            self._closed_port.bind(("127.0.0.1", self._ports[1]))
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._ports[0], limit=_LONGEST_HEAD)
        except OSError:
            self._closed_port.close()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed_port.close()
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._open):
            writer.close()
        await self._server.wait_closed()

    def url(self, kind: str, number: int = 0) -> str:
        """The URL of a picture (png, jpeg, webp), or of ``html`` or ``text``, which are none."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/{kind}" if kind in ("html", "text") else f"http://127.0.0.1:{port}/{kind}/{number}"

    def unreachable_url(self) -> str:
        """The URL of a picture at a port where nothing listens."""
        return f"http://127.0.0.1:{self._closed_port.getsockname()[1]}/png/0"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(_answer(head))
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # Whoever asked has gone, or sent no HTTP: there is nobody to answer.
        finally:
            self._open.discard(writer)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def _answer(head: bytes) -> bytes:
    method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    status, media_type, body = _resource(path) if method in ("GET", "HEAD") else ("405 Method Not Allowed", "text/plain", b"")
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", "Cache-Control: no-store", "Connection: close")
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + (b"" if method == "HEAD" else body)


def _resource(path: str) -> tuple[str, str, bytes]:
    picture = _PICTURE.fullmatch(path)
    if picture:
        sample = sample_picture(picture[1], int(picture[2]))
        return "200 OK", sample.media_type, sample.content
    if path == "/html":
        return "200 OK", "text/html; charset=utf-8", b"<!doctype html><title>A page</title><p>This is a page and no picture."
    if path == "/text":
        return "200 OK", "text/plain; charset=utf-8", b"This is text and no picture."
    return "404 Not Found", "text/plain; charset=utf-8", b"There is nothing here."
