"""A real HTTP server that the drivers' SDKs talk to: the first segment of the path says how it answers, and all it is sent is kept."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

#: Bytes whose base64 has - and _ where the alphabet is the URL-safe one, and + and / where it is not.
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes([0xFB, 0xEF, 0xBE, 0xFF, 0xFF, 0xFE]) * 2
PLAIN, SAFE = base64.b64encode(PICTURE).decode(), base64.urlsafe_b64encode(PICTURE).decode()


class Sent(NamedTuple):
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> list[tuple[str, str | None, str, bytes]]:
        """Name, file name, media type and content of each part."""
        message = message_from_bytes(f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode() + self.body, policy=policy.HTTP)
        return [
            (part.get_param("name", header="content-disposition"), part.get_filename(), part.get_content_type(), part.get_payload(decode=True)) for part in message.iter_parts()
        ]


def content(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP", **more}]}


INLINE = {"inlineData": {"mimeType": "image/png", "data": PLAIN}}
#: How each first segment is answered: status, media type, body.
ANSWERS: dict[str, tuple[int, str, Any]] = {
    "base64": (200, "application/json", {"created": 1, "data": [{"b64_json": PLAIN}]}),
    "url": (200, "application/json", {"created": 1, "data": [{"url": "https://pictures.test/1.png"}]}),
    "half": (200, "application/json", {"created": 1, "data": [{"b64_json": PLAIN}, {}]}),
    "task": (200, "application/json", {"code": 200, "data": [{"status": "submitted", "id": "t-1"}]}),
    "no-data": (200, "application/json", {"created": 1}),
    "empty": (200, "application/json", {"created": 1, "data": []}),
    "content": (200, "application/json", content({"text": "Here"}, INLINE)),
    "safe": (200, "application/json", content({"inlineData": {"mimeType": "image/png", "data": SAFE}})),
    "thoughts": (200, "application/json", content({"thought": True, "text": "Hm"}, {"thought": True, **INLINE}, INLINE)),
    "only-thoughts": (200, "application/json", content({"thought": True, **INLINE})),
    "words": (200, "application/json", content({"text": "No picture"})),
    "no-parts": (200, "application/json", {"candidates": [{"content": {"role": "model"}, "finishReason": "SAFETY"}]}),
    "no-content": (200, "application/json", {"candidates": [{"finishReason": "SAFETY"}]}),
    "no-candidates": (200, "application/json", {"candidates": []}),
    "blocked": (200, "application/json", {"promptFeedback": {"blockReason": "SAFETY"}}),
    "operation": (200, "application/json", {"name": "operations/1", "done": False}),
    "accepted": (202, "application/json", {"name": "operations/1", "done": False}),
    "html": (200, "text/html", "<html>hello</html>"),
    "broken": (200, "application/json", '{"created": 1, "da'),
    "html-error": (502, "text/html", "<html>bad gateway</html>"),
}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a connection that has to wait for its place would wait a second

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sent: list[Sent] = []
        self.stopping = threading.Event()

    def base(self, answer: str, rest: str = "/v1") -> str:
        return f"http://127.0.0.1:{self.server_port}/{answer}{rest}"

    def to(self, answer: str) -> list[Sent]:
        """What came for one answer."""
        return [each for each in self.sent if each.path.split("/")[1] == answer]

    def handle_error(self, request, client_address) -> None:
        """A client that gave up is no matter."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = self._body()
        self.server.sent.append(Sent(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        name = self.path.split("/")[1]
        if name == "hung":
            self.server.stopping.wait(60)
            self.close_connection = True
            return
        status = re.match(r"status-(\d+)", name)
        error = {"error": {"message": "as told", "code": "told", "status": "TOLD", "type": "x"}}
        code, media_type, answer = (int(status[1]), "application/json", error) if status else ANSWERS[name]
        data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(code)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _body(self) -> bytes:
        if "content-length" in self.headers:
            return self.rfile.read(int(self.headers["content-length"]))
        chunks = []
        while size := int(self.rfile.readline().strip() or b"0", 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
