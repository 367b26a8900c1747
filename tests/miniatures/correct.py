"""A gateway that keeps document 003, written from the document and Google's page: its sizes, its errors, its keys."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from PIL import Image
from tests.miniatures.servers import KEY, Miniature, google_answer, png

PATH = "/v1beta/models/gemini-3.1-flash-image-preview:generateContent"
SIDES = {
    "1:1": (1024, 1024), "1:4": (512, 2048), "1:8": (384, 3072), "2:3": (848, 1264), "3:2": (1264, 848), "3:4": (896, 1200), "4:1": (2048, 512),
    "4:3": (1200, 896), "4:5": (928, 1152), "5:4": (1152, 928), "8:1": (3072, 384), "9:16": (768, 1376), "16:9": (1376, 768), "21:9": (1584, 672),
}  # fmt: skip
SIZES = {"512": (0.5, 747), "1K": (1, 1120), "2K": (2, 1680), "4K": (4, 2520)}
WORDS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND"}


class Refused(Exception):
    """A status and why."""


def need(held: bool, why: str, status: int = 400) -> None:
    if not held:
        raise Refused(status, why)


def read(node: Any, kind: type, name: str, default: Any) -> Any:
    value = node.get(name, default)
    need(type(value) is kind, f"{name} is of the wrong type")
    return value


def reference(inline: Any) -> None:
    need(type(inline) is dict, "inlineData is of the wrong type")
    need(read(inline, str, "mimeType", None) in ("image/png", "image/jpeg", "image/webp"), "mimeType is not supported")
    try:
        Image.open(io.BytesIO(base64.b64decode(read(inline, str, "data", None), validate=True))).load()
    except (OSError, ValueError):
        raise Refused(400, "data is no image") from None


def check_contents(contents: list[Any]) -> None:
    need(bool(contents), "contents is empty")
    references = 0
    for turn in contents:
        need(type(turn) is dict and read(turn, str, "role", "user") in ("user", "model"), "role is not known")
        parts = read(turn, list, "parts", None)
        need(bool(parts) and all(type(part) is dict for part in parts), "parts is empty or of the wrong type")
        for part in parts:
            read(part, str, "text", "")
            if "inlineData" in part:
                reference(part["inlineData"])
                references += 1
    need(references <= 14, "too many reference images")


def drawn(body: Any) -> dict[str, Any]:
    need(type(body) is dict, "the body is no object")
    check_contents(read(body, list, "contents", None))
    config = read(body, dict, "generationConfig", {})
    need(all(word in ("TEXT", "IMAGE") for word in map(str, read(config, list, "responseModalities", []))), "a modality is not known")
    image = read(config, dict, "imageConfig", {})
    ratio, size = read(image, str, "aspectRatio", "1:1"), read(image, str, "imageSize", "1K")
    need(ratio in SIDES and size in SIZES, "aspectRatio or imageSize is not supported")
    scale, tokens = SIZES[size]
    width, height = (round(side * scale) for side in SIDES[ratio])
    return google_answer(png(width, height), tokens)


class Correct(Miniature):
    def answer(self, body: bytes) -> None:
        try:
            need(self.key() is not None, "the API key is missing", 401)
            need(self.key() == KEY, "the API key is not valid", 401)
            need(self.path == PATH, "there is no such model", 404)
            try:
                sent = json.loads(body)
            except ValueError:
                raise Refused(400, "the body is no JSON") from None
            self.say(200, drawn(sent))
        except Refused as refused:
            status, why = refused.args
            self.say(status, {"error": {"code": status, "message": why, "status": WORDS[status]}})


class CorrectOldHttp(Correct):
    """The same in HTTP/1.0: no length, and the end of the connection is the end of the body."""

    protocol_version = "HTTP/1.0"

    def say_bytes(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.end_headers()
        self.wfile.write(body)


class HalfUp(Correct):
    """The same, up for every second request only."""

    first_up = 0

    def answer(self, body: bytes) -> None:
        if next(self.server.numbers) % 2 == self.first_up:
            super().answer(body)
        else:
            self.say(503, {"error": {"code": 503, "message": "overloaded, try again", "status": "UNAVAILABLE"}})


class HalfDown(HalfUp):
    """And down when the first request comes."""

    first_up = 1
