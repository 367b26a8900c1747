"""Tiny servers on loopback that are wrong in one way each. Written by hand: nothing here reads the specs."""

from __future__ import annotations

import base64
import io
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

KEY = "miniature-key-of-the-first-account"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    numbers: Iterator[int]


class Miniature(BaseHTTPRequestHandler):
    """Reads a request; ``answer`` says something."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers.get("content-length") or 0)))

    do_GET = do_POST

    def answer(self, body: bytes) -> None:
        raise NotImplementedError

    def key(self) -> str | None:
        return self.headers.get("x-goog-api-key") or (self.headers.get("authorization") or "").removeprefix("Bearer ") or None

    def say(self, status: int, document: Any) -> None:
        self.say_bytes(status, "application/json", json.dumps(document).encode())

    def say_bytes(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def google_answer(content: bytes, tokens: int) -> dict[str, Any]:
    parts = [{"inlineData": {"mimeType": "image/png", "data": base64.b64encode(content).decode()}}]
    counted = [{"modality": "IMAGE", "tokenCount": tokens}]
    return {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}], "usageMetadata": {"candidatesTokensDetails": counted}}


class Always200(Miniature):
    """Everything is fine, and nothing comes."""

    def answer(self, body: bytes) -> None:
        self.say(200, {})


class Always500(Miniature):
    """Everything fails, politely."""

    def answer(self, body: bytes) -> None:
        self.say(500, {"error": {"code": 500, "message": "something went wrong", "status": "INTERNAL", "type": "server_error"}, "message": "something went wrong"})


class Always400(Miniature):
    """Refuses everything just as the documents say that an invalid request is refused."""

    def answer(self, body: bytes) -> None:
        error = {"code": 400, "message": "the API key or a parameter is not valid", "status": "INVALID_ARGUMENT", "type": "invalid_request_error"}
        self.say(400, {"error": error, "code": "validation_failed", "message": error["message"]})


class OtherKey(Miniature):
    """Knows one key, which is not ours."""

    def answer(self, body: bytes) -> None:
        assert self.key() != "the key of somebody else"
        error = {"code": 401, "message": "the API key is not valid", "status": "UNAUTHENTICATED", "type": "authentication_error"}
        self.say(401, {"error": error, "code": "invalid_api_key", "message": error["message"]})


class Echo(Miniature):
    """Sends back what it was sent, headers included."""

    def answer(self, body: bytes) -> None:
        try:
            sent = json.loads(body)
        except ValueError:
            sent = body.decode("utf-8", "replace")
        more = sent if isinstance(sent, dict) else {}
        self.say(200, {**more, "sent": sent, "headers": dict(self.headers), "message": self.path})


class OneImage(Miniature):
    """Has one picture in its cache, and serves it whatever it is asked by whomever."""

    cached = google_answer(png(1024, 1024), 1120)

    def answer(self, body: bytes) -> None:
        self.say(200, self.cached)


@contextmanager
def served(miniature: type[Miniature]) -> Iterator[str]:
    """Serve on a free port; its base URL."""
    server = Server(("127.0.0.1", 0), miniature)
    server.numbers = itertools.count()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
