"""A small HTTP server that can also do what no honest one does: end in the middle of an answer, or say nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

import h11

_CHUNK = 1 << 16
_HEAD = 1 << 17
#: Fourteen large reference images in base64, and room to spare.
LONGEST_BODY = 256 << 20
_IDLE_SECONDS = 75.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came. ``headers`` has lower-case names; ``target`` is the path with its query, as sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> dict[str, str]:
        """The query; the first of equal names counts."""
        return dict(reversed(parse_qsl(self.target.partition("?")[2], keep_blank_values=True)))


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. Without a ``media_type`` the headers say what there is to say.

    ``cut`` is the part of the body after which the connection ends; ``drop``: it ends before anything is said.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str | None = "application/json"
    after: float = 0.0
    cut: float | None = None
    drop: bool = False


Answerer = Callable[[Heard], Awaitable[tuple[Said, Callable[[], None]]]]


@asynccontextmanager
async def listening(answer: Answerer, port: int = 0, server: str | None = None) -> AsyncIterator[int]:
    """A server on 127.0.0.1 as long as it is used; its port, which 0 leaves to the system. Raises OSError."""
    open_now: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        task.add_done_callback(open_now.discard)
        with contextlib.suppress(asyncio.CancelledError):  # the server is being closed
            await serve_connection(reader, writer, answer, server)

    listener = await asyncio.start_server(connected, "127.0.0.1", port, limit=_HEAD, backlog=512)
    try:
        yield int(listener.sockets[0].getsockname()[1])
    finally:
        listener.close()
        for task in tuple(open_now):
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)
        await asyncio.sleep(0)  # what was closed just now is closed by the loop's next turn


async def serve_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answerer, server: str | None = None) -> None:
    """Answer the requests of one connection until it ends. ``answer`` also gives what to call when its answer is out.

    Without a ``server`` nothing is said about who answers.
    """
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 17)
    try:
        with contextlib.suppress(OSError, h11.RemoteProtocolError, TimeoutError, h11.LocalProtocolError):
            while await _one(connection, reader, writer, answer, server):
                connection.start_next_cycle()
    finally:
        writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _one(connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answerer, server: str | None) -> bool:
    """Answer one request; whether another may follow on this connection."""
    heard = await _heard(connection, reader, writer)
    if heard is None:
        return False
    said, done = await answer(heard)
    try:
        return await _say(connection, writer, said, server)
    finally:
        done()


async def _heard(connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Heard | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            async with asyncio.timeout(_IDLE_SECONDS):
                connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > LONGEST_BODY:
                return None
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in head.headers}
            return Heard(head.method.decode("ascii"), head.target.decode("latin-1"), headers, bytes(body))
        else:
            return None


async def _say(connection: h11.Connection, writer: asyncio.StreamWriter, said: Said, server: str | None) -> bool:
    if said.after:
        await asyncio.sleep(said.after)
    if said.drop:
        writer.transport.abort()
        return False
    own = [("Server", server), ("Content-Type", said.media_type), ("Content-Length", str(len(said.body)))]
    headers = [(name.encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in (*own, *said.headers) if value is not None]
    writer.write(connection.send(h11.Response(status_code=said.status, headers=headers)) or b"")
    if said.cut is not None:
        writer.write(said.body[: int(len(said.body) * said.cut)])
        await writer.drain()
        return False
    writer.write(connection.send(h11.Data(data=said.body)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await writer.drain()
    return connection.our_state is h11.DONE and connection.their_state is h11.DONE
