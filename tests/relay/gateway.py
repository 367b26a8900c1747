"""A small gateway that does right: it reads a client's order, asks a model for pictures, and gives them back."""

from __future__ import annotations

import base64
import http.client
import io
import json
import re
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image
from tests.relay.client_side import MODEL, Images, Native, Order, Refused, Tasks, need, readable

SIDES = {
    "1:1": (1024, 1024), "1:4": (512, 2048), "1:8": (384, 3072), "2:3": (848, 1264), "3:2": (1264, 848), "3:4": (896, 1200), "4:1": (2048, 512),
    "4:3": (1200, 896), "4:5": (928, 1152), "5:4": (1152, 928), "8:1": (3072, 384), "9:16": (768, 1376), "16:9": (1376, 768), "21:9": (1584, 672),
}  # fmt: skip
SCALES = {"512": 0.5, "1K": 1, "2K": 2, "4K": 4}
BLOCKED = ("IMAGE_SAFETY", "PROHIBITED_CONTENT", "SAFETY")


class Relay:
    """The gateway. What it keeps: tasks and files by name. Everything that a fault may change is a method of its own."""

    timeout = 20.0

    def __init__(self, client: Native | Images | Tasks, port: int, key: str, keys: tuple[str, ...]) -> None:
        self.client, self.port, self.key, self.keys = client, port, key, keys
        self.tasks: dict[str, Any] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.base = ""

    # -- the client's side ----------------------------------------------------------------------------------------

    def post(self, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        try:
            self.admit(headers)
            need(path == self.client.path, "there is nothing here", 404)
            try:
                order = self.read(readable(body))
            except (KeyError, IndexError, TypeError, AttributeError, ValueError):
                raise Refused(400, "the request cannot be understood", {}) from None
            if isinstance(self.client, Tasks):
                return self.say(200, {"task_id": self.submit(order), "created_at": "2026-11-20T12:00:00Z"}, {})
            return self.say(200, self.finished(order, self.pictures(order)), {})
        except Refused as refused:
            return self.refuse(refused)

    def admit(self, headers: Any) -> None:
        key = (headers.get(self.client.key_header) or "").removeprefix("Bearer ")
        need(key in self.keys, "the API key is not valid", 401)

    def read(self, sent: Any) -> Order:
        return self.client.read(sent)

    def refuse(self, refused: Refused) -> tuple[int, dict[str, str], bytes]:
        status, why, headers = refused.args
        return self.say(status, self.client.error(status, why), headers)

    def say(self, status: int, document: Any, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        return status, {"Content-Type": "application/json", **headers}, json.dumps(document).encode()

    def finished(self, order: Order, pictures: list[tuple[str, bytes]]) -> Any:
        return self.client.answer(pictures, [self.keep(*one) for one in pictures])

    def keep(self, kind: str, content: bytes) -> str:
        name = secrets.token_hex(12)
        self.files[name] = (kind, content)
        return f"{self.base}/files/{name}"

    def submit(self, order: Order) -> str:
        task = f"{secrets.token_hex(4)}-0000-4000-8000-{secrets.token_hex(6)}"
        self.tasks[task] = {"status": "PENDING", "progress": 0, "failure_reason": None, "results": []}
        threading.Thread(target=self.work, args=(task, order), daemon=True).start()
        return task

    def work(self, task: str, order: Order) -> None:
        assert isinstance(self.client, Tasks)
        try:
            self.tasks[task] = self.finished(order, self.pictures(order))
        except Refused as refused:
            self.tasks[task] = self.client.failed(refused.args[1])

    # -- the model's side -----------------------------------------------------------------------------------------

    def pictures(self, order: Order) -> list[tuple[str, bytes]]:
        return [self.formatted(order, one) for _ in range(order.count) for one in self.one(order)]

    def one(self, order: Order) -> list[tuple[str, bytes]]:
        path, kind, body = self.images_request(order) if self.as_images(order) else self.native_request(order)
        status, headers, answer = self.ask(path, {"Content-Type": kind, **self.credentials(order)}, body)
        if status != 200:
            raise self.failure(status, headers, answer)
        return [self.whole(content) for content in self.contents(answer)]

    def as_images(self, order: Order) -> bool:
        """OpenAI's images cannot search."""
        return isinstance(self.client, Images) and not order.search

    def credentials(self, order: Order) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.as_images(order) else {"x-goog-api-key": self.key}

    def ask(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            raise Refused(502, "the model does not answer", {}) from None
        finally:
            connection.close()

    def failure(self, status: int, headers: Any, answer: bytes) -> Refused:
        wait = headers.get("Retry-After") or next(iter(re.findall(r'"retryDelay": "([0-9]+)', answer.decode("utf-8", "replace"))), None)
        if status == 429:
            return Refused(429, "the model is asked too often", {"Retry-After": wait} if wait else {})
        if status == 400:
            return Refused(400, "the model refuses this request", {})
        return Refused({503: 503, 504: 504}.get(status, 502), "the model failed", {})

    def native_request(self, order: Order) -> tuple[str, str, bytes]:
        image = {name: value for name, value in (("aspectRatio", order.ratio), ("imageSize", order.size)) if value is not None}
        parts: list[Any] = [{"text": order.prompt}]
        parts += [{"inlineData": {"mimeType": kind, "data": base64.b64encode(content).decode()}} for kind, content in order.references]
        config = {"responseModalities": ["IMAGE"], "imageConfig": image, **({"seed": order.seed} if order.seed is not None else {})}
        sent = {"contents": [{"role": "user", "parts": parts}], "generationConfig": config, **({"tools": [{"google_search": {}}]} if order.search else {})}
        return f"/v1beta/models/{MODEL}:generateContent", "application/json", json.dumps(sent).encode()

    def dimensions(self, order: Order) -> str:
        width, height = SIDES[order.ratio or "1:1"]
        scale = SCALES[order.size or "1K"]
        return f"{round(width * scale)}x{round(height * scale)}"

    def images_request(self, order: Order) -> tuple[str, str, bytes]:
        fields = {"model": MODEL, "prompt": order.prompt, "size": self.dimensions(order), "n": 1}
        if not order.references:
            return "/v1/images/generations", "application/json", json.dumps(fields).encode()
        line = secrets.token_hex(16)
        parts = [f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
        for number, (kind, content) in enumerate(order.references):
            head = f'--{line}\r\nContent-Disposition: form-data; name="image[]"; filename="{number}.png"\r\nContent-Type: {kind}\r\n\r\n'
            parts.append(head.encode() + content + b"\r\n")
        return "/v1/images/edits", f"multipart/form-data; boundary={line}", b"".join(parts) + f"--{line}--\r\n".encode()

    def contents(self, answer: bytes) -> list[bytes]:
        """The picture in the model's answer. Raises Refused where there is none."""
        try:
            said = json.loads(answer)
            if "data" in said:
                return [base64.b64decode(one["b64_json"]) for one in said["data"][:1]] or self.nothing("")
            reason = (said.get("promptFeedback") or {}).get("blockReason") or next((one.get("finishReason") for one in said.get("candidates", [])), "")
            parts = [part for one in said.get("candidates", []) for part in (one.get("content") or {}).get("parts", [])]
            found = [base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part and not part.get("thought")]
            return found[:1] or self.nothing(reason)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused(502, "the model's answer cannot be read", {}) from None

    def nothing(self, reason: str) -> list[bytes]:
        raise Refused(422 if reason in BLOCKED else 502, "the model made no picture", {})

    def whole(self, content: bytes) -> tuple[str, bytes]:
        try:
            with Image.open(io.BytesIO(content)) as image:
                image.load()
                return f"image/{str(image.format).lower()}", content
        except (OSError, SyntaxError):
            raise Refused(502, "the model's picture is broken", {}) from None

    def formatted(self, order: Order, one: tuple[str, bytes]) -> tuple[str, bytes]:
        kind, content = one
        if order.format is None or kind == f"image/{order.format}":
            return one
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(content)) as image:
            image.convert("RGB").save(buffer, order.format.upper(), quality=80)
        return f"image/{order.format}", buffer.getvalue()


class Handler(BaseHTTPRequestHandler):
    """HTTP around the gateway."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        self.send(*self.server.relay.post(self.path, self.headers, self.rfile.read(int(self.headers.get("content-length") or 0))))

    def do_GET(self) -> None:
        relay, name = self.server.relay, self.path.strip("/").split("/")
        if name[0] == "files" and name[-1] in relay.files:
            kind, content = relay.files[name[-1]]
            self.send(200, {"Content-Type": kind}, content)
        elif len(name) > 2 and name[2] in relay.tasks:
            self.send(*relay.say(200, relay.tasks[name[2]], {}))
        else:
            self.send(404, {"Content-Type": "application/json"}, b'{"message": "there is nothing here"}')

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client has gone

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    relay: Relay
