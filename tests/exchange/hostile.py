"""Servers on loopback that answer with whatever bytes a test wants, and remember what they were sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from proofsheet.exchange.targets import Target, target_from_mapping

KEY = "sk-a-real-secret-1234567890"

Script = Callable[["Seen", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Seen:
    """One request as it came in."""

    line: str
    headers: dict[str, str]
    body: bytes
    raw: bytes = field(repr=False)
    connection: int = 0


class Raw:
    """A server that leaves the answer to a script, byte for byte. ``requests`` and ``connections`` are what it saw."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.requests: list[Seen] = []
        self.connections = 0
        self.port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            while not writer.is_closing():
                self.requests.append(await read_request(reader, number))
                await self._script(self.requests[-1], writer)
                await writer.drain()
        writer.close()
        self._tasks.discard(task)

    async def stop(self) -> None:
        for writer in self._writers:
            writer.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader, connection: int) -> Seen:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(first, headers, body, head + body, connection)


@contextlib.asynccontextmanager
async def raw_server(script: Script | bytes) -> AsyncIterator[Raw]:
    """A server that answers every request with these bytes, or by this script."""

    async def same(_: Seen, writer: asyncio.StreamWriter) -> None:
        assert isinstance(script, bytes)
        writer.write(script)

    server = Raw(same if isinstance(script, bytes) else script)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.stop()
        await listening.wait_closed()


def answer(status: str = "200 OK", body: bytes = b"{}", *headers: str, media_type: str = "application/json") -> bytes:
    """A whole and honest HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def closing(content: bytes) -> Script:
    """Send these bytes and close the connection."""

    async def script(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        writer.close()

    return script


def target(url: str, **more: object) -> Target:
    """A target at this URL with one real key."""
    return target_from_mapping(
        "candidate", {"provider": "someone", "base_url": url, "credentials": {"default": KEY, "second_account": "sk-another-secret-09876"}, **more}
    )
