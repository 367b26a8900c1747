"""A small gateway for users of SDKs that does right: OpenAI's images, with edits as multipart, and generateContent."""

from __future__ import annotations

import base64
import binascii
import email.parser
import email.policy
import io
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image
from tests.relay.gateway import SCALES, SIDES

MODELS = ("google/gemini-3.1-flash-image-preview-beta", "google/gemini-2.5-flash-image", "gemini-3.1-flash-image-preview")
OWN_KEY, POOR_KEY, RUSHED_KEY = "key-of-the-first-account", "key-of-an-empty-account", "key-of-a-hurried-account"
URL_SAFE = str.maketrans("-_", "+/")
WORDS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 502: "UNAVAILABLE"}


class Refused(Exception):
    """A status, and why."""


@dataclass(frozen=True)
class Asked:
    """One request. ``sdk`` says whether an SDK has made it and not the harness; ``native`` whose format it has."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def sdk(self) -> bool:
        return not self.headers.get("user-agent", "").startswith("proofsheet/")

    @property
    def native(self) -> bool:
        return "generateContent" in self.path


@dataclass(frozen=True)
class Answered:
    """An answer; ``raw`` is sent to the socket as it stands, and the connection is closed. ``raw`` of nothing drops it."""

    status: int
    body: bytes = field(repr=False, default=b"")
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    raw: bytes | None = None

    def having(self, **headers: str) -> Answered:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = tuple(one for one in self.headers if one[0] not in named)
        return Answered(self.status, self.body, (*kept, *named.items()))


def need(held: bool, why: str, status: int = 400) -> None:
    if not held:
        raise Refused(status, why)


class Gateway:
    """What it keeps: every request, and files by name. Everything that a fault may change is a method of its own."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.files: dict[str, bytes] = {}
        self.base = ""
        self.lock = threading.Lock()

    def answer(self, asked: Asked) -> Answered:
        if asked.method == "GET":
            return self.file(asked)
        with self.lock:
            self.asked.append(asked)
        try:
            self.admit(asked)
            if asked.native:
                return self.served(asked, self.content(asked))
            need(asked.path.startswith("/v1/images/"), "there is nothing here", 404)
            return self.served(asked, self.images(asked))
        except Refused as refused:
            return self.refused(asked, *refused.args)

    def file(self, asked: Asked) -> Answered:
        found = self.files.get(asked.path.rpartition("/")[2])
        return Answered(404) if found is None else Answered(200, found, (("Content-Type", self.kind),))

    # -- who asks -------------------------------------------------------------------------------------------------

    def admit(self, asked: Asked) -> None:
        key = self.key(asked)
        need(key in (OWN_KEY, POOR_KEY, RUSHED_KEY), "the API key is not valid", 401)
        need(key != POOR_KEY, "the balance is too low", 402)
        need(key != RUSHED_KEY, "too many requests", 429)
        need(asked.headers.get("x-state") != "upstream_error", "the model failed", 502)

    def key(self, asked: Asked) -> str:
        return asked.headers.get("x-goog-api-key") or asked.headers.get("authorization", "").removeprefix("Bearer ")

    # -- what is asked --------------------------------------------------------------------------------------------

    def images(self, asked: Asked) -> Any:
        if asked.path == "/v1/images/edits":
            fields, files = multipart(asked)
            self.uploads(files)
        else:
            fields = json.loads(asked.body)
            need("files" not in fields, "files are for edits")
        self.model(str(fields.get("model")))
        count = int(fields.get("n") or 1)
        return {"created": 1, "data": [self.datum(self.drawn(*self.shape(fields))) for _ in range(count)]}

    def shape(self, fields: dict[str, Any]) -> tuple[Any, Any]:
        return fields.get("aspect_ratio"), fields.get("resolution")

    def uploads(self, files: list[tuple[str, bytes]]) -> None:
        need(bool(files), "an edit needs a picture")
        for name, content in files:
            self.field(name, len(files))
            self.reference(content)

    def field(self, name: str, count: int) -> None:
        need(name in ("image", "image[]"), f"there is no field {name}")

    def reference(self, content: bytes) -> None:
        try:
            Image.open(io.BytesIO(content)).load()
        except (OSError, SyntaxError, ValueError):
            raise Refused(400, "a picture cannot be read") from None

    def content(self, asked: Asked) -> Any:
        self.model(self.named(asked.path))
        sent = json.loads(asked.body)
        parts = [part for turn in sent["contents"] for part in turn["parts"]]
        self.inline([part[name] for part in parts for name in ("inlineData", "inline_data") if name in part])
        config = sent.get("generationConfig") or sent.get("generation_config") or {}
        return self.told([self.part(self.drawn(*self.ratio_and_size(config.get("imageConfig") or config.get("image_config") or {})))])

    def named(self, path: str) -> str:
        return re.sub(r"^/v1(beta)?/models/|:generateContent.*$", "", path)

    def ratio_and_size(self, config: dict[str, Any]) -> tuple[Any, Any]:
        return config.get("aspectRatio", config.get("aspect_ratio")), config.get("imageSize", config.get("image_size"))

    def inline(self, found: list[dict[str, Any]]) -> None:
        for one in found:
            need(self.media_type(one) in ("image/png", "image/jpeg", "image/webp"), "mimeType is not supported")
            self.reference(self.decoded(one["data"]))

    def media_type(self, one: dict[str, Any]) -> Any:
        return one.get("mimeType", one.get("mime_type"))

    def decoded(self, text: str) -> bytes:
        try:
            return base64.b64decode(text.translate(URL_SAFE), validate=True)
        except binascii.Error:
            raise Refused(400, "a picture is no base64") from None

    def model(self, name: str) -> None:
        need(name in MODELS, f"there is no model '{name}'", 404)

    # -- what comes of it -----------------------------------------------------------------------------------------

    kind = "image/png"

    def drawn(self, ratio: Any, size: Any) -> bytes:
        need(ratio is None or ratio in SIDES, f"the ratio '{ratio}' is not supported")
        need(size is None or size in SCALES, f"the size '{size}' is not supported: \"1K\" is,\nfür alle")
        scale = SCALES[size or "1K"]
        width, height = SIDES[ratio or "1:1"]
        buffer = io.BytesIO()
        Image.new("L", (round(width * scale), round(height * scale)), 128).save(buffer, self.kind.partition("/")[2].upper())
        return buffer.getvalue()

    def base64(self, content: bytes) -> str:
        return base64.b64encode(content).decode()

    def datum(self, content: bytes) -> dict[str, Any]:
        return {"b64_json": self.base64(content)}

    def part(self, content: bytes) -> dict[str, Any]:
        return {"inlineData": {"mimeType": self.kind, "data": self.base64(content)}}

    def told(self, parts: list[Any]) -> Any:
        return {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}]}

    def served(self, asked: Asked, document: Any) -> Answered:
        return Answered(200, json.dumps(document).encode())

    def refused(self, asked: Asked, status: int, why: str) -> Answered:
        return Answered(status, json.dumps(self.error(asked, status, why), ensure_ascii=False).encode())

    def error(self, asked: Asked, status: int, why: str) -> Any:
        if asked.native:
            return {"error": {"code": status, "message": why, "status": WORDS.get(status, "UNKNOWN")}}
        return {"error": {"message": why, "type": "invalid_request_error", "param": None, "code": None}}

    def kept(self, content: bytes) -> str:
        name = f"{len(self.files)}.png"
        self.files[name] = content
        return f"{self.base}/files/{name}"


def multipart(asked: Asked) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    head = f"Content-Type: {asked.headers.get('content-type', '')}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + asked.body)
    need(message.is_multipart(), "an edit is multipart/form-data")
    fields, files = {}, []
    for part in message.iter_parts():
        name, content = str(part.get_param("name", header="content-disposition")), part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename() is None:
            fields[name] = content.decode()
        else:
            files.append((name, content))
    return fields, files


class Handler(BaseHTTPRequestHandler):
    """HTTP around the gateway."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        body = self.body()
        answer = self.server.gateway.answer(Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        try:
            if answer.raw is not None:
                self.close_connection = True
                self.wfile.write(answer.raw)
                return
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            if not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in answer.headers):
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
        except OSError:
            self.close_connection = True  # the client has gone

    do_POST = do_GET

    def body(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    gateway: Gateway


@contextmanager
def served(gateway: Gateway) -> Iterator[str]:
    """Serve a gateway on a free port; its base URL."""
    server = Server(("127.0.0.1", 0), Handler)
    server.gateway = gateway
    gateway.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield gateway.base
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def slowly(seconds: float) -> None:
    time.sleep(seconds)
