"""A gateway of the invented provider whose pictures are as large as wished: noise that no compression makes smaller.

    python benchmarks/big_server.py SIDE

Serves on a free loopback port and prints it. Every picture is another one: a number stands in a text chunk. Imports nothing
of the harness.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import socket
import struct
import sys
import zlib
from typing import Any

import jsonschema
import uvicorn

from invented import BODY, KEY

_NUMBERS = itertools.count()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


class Pictures:
    """PNGs of one size, as base64."""

    def __init__(self, side: int) -> None:
        self._head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        noise = b"".join(b"\0" + os.urandom(3 * side) for _ in range(side))
        self._rest = base64.b64encode(_chunk(b"IDAT", zlib.compress(noise, 0)) + _chunk(b"IEND", b""))

    def one(self) -> bytes:
        """Another one. What comes before the pixels is 57 bytes long: base64 of the two parts together is that of the whole."""
        return base64.b64encode(self._head + _chunk(b"tEXt", b"n\0%010d" % next(_NUMBERS))) + self._rest


class App:
    """The gateway."""

    def __init__(self, side: int) -> None:
        self._pictures = Pictures(side)
        self._schema = jsonschema.Draft202012Validator(BODY)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, answer = self._answer(dict(scope["headers"]).get(b"authorization", b""), body)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]})
        await send({"type": "http.response.body", "body": answer})

    def _answer(self, key: bytes, body: bytes) -> tuple[int, bytes]:
        if key != b"Bearer " + KEY.encode():
            return 401, b'{"error": "no key, or an unknown one"}'
        try:
            asked = json.loads(body)
        except ValueError:
            return 400, b'{"error": "this is no JSON"}'
        if not self._schema.is_valid(asked):
            return 400, b'{"error": "this does not fit the schema"}'
        return 200, b'{"images": ["' + b'", "'.join(self._pictures.one() for _ in range(int(asked.get("count", 1)))) + b'"]}'


async def main(side: int) -> None:
    """Serve until killed."""
    server = uvicorn.Server(uvicorn.Config(App(side), log_level="warning", access_log=False, lifespan="off"))
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    await server.serve([listener])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
