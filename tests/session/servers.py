"""Servers that are no gateways, and one that gives away what it is told."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    #: What was asked, a line each.
    asked: list[str]


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append(f"{self.command} {self.path}")
        self.answer(body)

    do_GET = do_PUT = do_POST

    def answer(self, body: bytes) -> None:
        raise NotImplementedError

    def say(self, status: int, media_type: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Website(_Quiet):
    """Serves HTML whatever it is asked."""

    def answer(self, body: bytes) -> None:
        self.say(200, "text/html", b"<!doctype html><title>Welcome</title>")


class Parrot(_Quiet):
    """Refuses everything and repeats all it was told, keys included, in the body, in headers and in redirects."""

    def answer(self, body: bytes) -> None:
        key = next((self.headers[name] for name in ("Authorization", "X-Goog-Api-Key", "X-Api-Key") if self.headers[name]), "none")
        said = {"error": {"message": f"the key {key} is bad", "code": key, "path": self.path, "body": body.decode("utf-8", "replace")[:200]}}
        self.say(500, "application/json", json.dumps(said).encode(), X_Echo=key)


class Silent(_Quiet):
    """Answers nothing for a long time."""

    def answer(self, body: bytes) -> None:
        threading.Event().wait(300)


@contextmanager
def serving(handler: type[_Quiet]) -> Iterator[tuple[str, list[str]]]:
    """The server's URL, and what it is asked."""
    server = _Server(("127.0.0.1", 0), handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", server.asked
    finally:
        server.shutdown()
        socketserver.TCPServer.server_close(server)
        thread.join(timeout=5)
