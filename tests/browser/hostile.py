"""A gateway that puts script into every field it controls, in front of the reference gateway so that much of it is served all the same."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

PAYLOADS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "' autofocus onfocus='alert(3)", "javascript:alert(4)",
    "]]><svg onload=alert(5)>", "[click](javascript:alert(6))",
    '![x](x" onerror="alert(7))', "</style></script><script>alert(8)</script>", "<iframe srcdoc='<script>alert(9)</script>'>", "`</code><script>alert(10)</script>`",
    "<a href=javascript:alert(11)>x</a>", "--><body onload=alert(12)>", "&lt;script&gt;alert(13)&lt;/script&gt;",
)  # fmt: skip
POISON = " ".join(PAYLOADS)
_HEADERS = ("Content-Type", "Location")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    upstream: str
    numbers: Iterator[int]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        status, headers, content = self._asked(body)
        number = next(self.server.numbers)
        if headers.get("content-type", "").startswith("application/json") and content:
            content = _poisoned(content, number)
        self.send_response(status, "OK <script>alert(0)</script>")
        for name in _HEADERS:
            if headers.get(name.lower()):
                self.send_header(name, headers[name.lower()])
        for name in ("X-Request-Id", "X-Powered-By", "Server-Timing", "Content-Disposition", "Retry-After", "Via"):
            self.send_header(name, POISON)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_DELETE = do_POST

    def _asked(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        origin = urlsplit(self.server.upstream)
        connection = http.client.HTTPConnection(origin.hostname or "", origin.port, timeout=60)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection", "content-length", "accept-encoding")}
        try:
            connection.request(self.command, self.path, body or None, kept)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _poisoned(content: bytes, number: int) -> bytes:
    """Every third answer is poison throughout; the others keep what a client needs and carry it wherever else there is room."""
    document = json.loads(content)
    return json.dumps(_every(document, number) if number % 3 == 0 else _beside(document)).encode()


def _every(value: Any, number: int) -> Any:
    if isinstance(value, dict):
        return {**{name: _every(inner, number) for name, inner in value.items()}, POISON: POISON}
    if isinstance(value, list):
        return [_every(inner, number) for inner in value]
    if isinstance(value, str):
        payload = PAYLOADS[number // 3 % len(PAYLOADS)]
        return f"{value.partition('?')[0]}/{quote(payload)}?{payload}" if value.startswith("http") and number % 2 else payload if len(value) < 300 else value
    return value


#: Texts that a client shows and does not act on.
_SHOWN = frozenset({"message", "code", "detail", "error", "type"})


def _beside(value: Any) -> Any:
    if isinstance(value, dict):
        said = {name: f"{inner} {POISON}" if name in _SHOWN and isinstance(inner, str) else _beside(inner) for name, inner in value.items()}
        return {**said, "note": POISON, POISON: POISON}
    return [_beside(inner) for inner in value] if isinstance(value, list) else value


@contextmanager
def hostile(upstream: str) -> Iterator[str]:
    """The URL of a hostile gateway before another one."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.upstream, server.numbers = upstream, itertools.count(1)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
