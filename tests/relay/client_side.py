"""The small gateway's own side: what three providers' clients send and get, written from their documents."""

from __future__ import annotations

import base64
import binascii
import io
import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from PIL import Image

RATIOS = ("1:1", "1:4", "1:8", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1", "9:16", "16:9", "21:9")
SIZES = ("512", "1K", "2K", "4K")
MODEL = "gemini-3.1-flash-image-preview"
URL_SAFE = str.maketrans("-_", "+/")


class Refused(Exception):
    """A status, why, and headers."""


@dataclass
class Order:
    """What a client wants, in no provider's words."""

    prompt: str
    ratio: str | None = None
    size: str | None = None
    count: int = 1
    references: tuple[tuple[str, bytes], ...] = ()
    search: bool = False
    seed: int | None = None
    format: str | None = None


def need(held: bool, why: str, status: int = 400) -> None:
    if not held:
        raise Refused(status, why, {})


def picture(content: bytes) -> tuple[str, bytes]:
    try:
        image = Image.open(io.BytesIO(content))
        image.load()
    except (OSError, ValueError, SyntaxError):
        raise Refused(400, "a reference image cannot be decoded", {}) from None
    return f"image/{str(image.format).lower()}", content


def decoded(text: Any) -> bytes:
    need(isinstance(text, str), "base64 must be a string")
    try:
        return base64.b64decode(text.translate(URL_SAFE), validate=True)
    except binascii.Error:
        raise Refused(400, "a reference image is not base64", {}) from None


def reference(text: Any) -> tuple[str, bytes]:
    need(isinstance(text, str), "a reference must be a string")
    if text.startswith("data:"):
        return picture(decoded(text.partition(",")[2]))
    try:
        with urllib.request.urlopen(text, timeout=5) as answer:
            return picture(answer.read())
    except (OSError, ValueError):
        raise Refused(400, "a reference image cannot be fetched", {}) from None


def checked(order: Order, most: int) -> Order:
    need(isinstance(order.prompt, str) and bool(order.prompt), "prompt must be a text")
    need(order.ratio is None or order.ratio in RATIOS, "the ratio is not supported")
    need(order.size is None or order.size in SIZES, "the size is not supported")
    need(type(order.count) is int and 1 <= order.count <= most, "the number of images is not supported")
    need(len(order.references) <= 14, "there are too many reference images")
    return order


class Native:
    """Google's own format, in and out."""

    path = f"/v1beta/models/{MODEL}:generateContent"
    provider, key_header, unsupported = "xairouter", "x-goog-api-key", ()

    def read(self, sent: Any) -> Order:
        parts = sent["contents"][0]["parts"]
        config = sent.get("generationConfig") or sent.get("generation_config") or {}
        image = config.get("imageConfig") or config.get("image_config") or {}
        inline = [part.get("inlineData") or part.get("inline_data") for part in parts if "inlineData" in part or "inline_data" in part]
        need(len(inline) <= 14, "there are too many reference images")
        return checked(Order(
            prompt="".join(part["text"] for part in parts if "text" in part),
            ratio=image.get("aspectRatio", image.get("aspect_ratio")),
            size=image.get("imageSize", image.get("image_size")),
            references=tuple(picture(decoded(one["data"])) for one in inline),
            search=any("google_search" in tool or "googleSearch" in tool for tool in sent.get("tools", [])),
            seed=config.get("seed"),
        ), 1)  # fmt: skip

    def answer(self, pictures: list[tuple[str, bytes]], urls: list[str]) -> Any:
        parts = [{"inlineData": {"mimeType": kind, "data": base64.b64encode(content).decode()}} for kind, content in pictures]
        return {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}]}

    def error(self, status: int, why: str) -> Any:
        words = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}
        return {"error": {"code": status, "message": why, "status": words.get(status, "INTERNAL")}}


class Images:
    """Something like OpenAI's images: a size that is a ratio, URLs as results."""

    path = "/v1/images/generations"
    provider, key_header, unsupported = "apimaster", "authorization", ("async",)

    def read(self, sent: Any) -> Order:
        need(sent.get("model") == MODEL, "there is no such model", 404)
        for name in set(sent) - {"model", "prompt", "size", "resolution", "n", "image_urls", "google_search"}:
            raise Refused(400, f"{name} is not supported", {})
        size = sent.get("resolution", "1K")
        need(isinstance(size, str), "resolution must be a text")
        need(len(sent.get("image_urls", [])) <= 14, "there are too many reference images")
        return checked(Order(
            prompt=sent["prompt"],
            ratio=sent.get("size"),
            size={"0.5K": "512"}.get(size.upper(), size.upper()) if size != "512" else "none",
            count=sent.get("n", 1),
            references=tuple(reference(one) for one in sent.get("image_urls", [])),
            search=sent.get("google_search") is True,
        ), 1)  # fmt: skip

    def answer(self, pictures: list[tuple[str, bytes]], urls: list[str]) -> Any:
        return {"created": 1, "data": [{"url": url} for url in urls]}

    def error(self, status: int, why: str) -> Any:
        return {"error": {"message": why, "type": "invalid_request_error" if status < 500 else "server_error", "code": str(status)}}


class Tasks:
    """Submit and poll; several images, in a format of the client's choice."""

    path = "/v1/images/gemini/3.1/flash/generate/"
    provider, key_header, unsupported = "threedaistudio", "authorization", ("edits",)

    def read(self, sent: Any) -> Order:
        for name in set(sent) - {"prompt", "aspect_ratio", "resolution", "num_images", "output_format"}:
            raise Refused(400, f"{name} is not supported", {})
        ratio, size, kind = sent.get("aspect_ratio", "auto"), sent.get("resolution", "1K"), sent.get("output_format", "png")
        need(kind in ("png", "jpeg", "webp"), "output_format is not supported")
        need(size in ("512px", "1K", "2K", "4K"), "resolution is not supported")
        return checked(Order(
            prompt=sent["prompt"], ratio=None if ratio == "auto" else ratio, size=size.removesuffix("px"), count=sent.get("num_images", 1), format=kind,
        ), 4)  # fmt: skip

    def answer(self, pictures: list[tuple[str, bytes]], urls: list[str]) -> Any:
        results = [{"asset_url": url, "asset": url, "asset_type": "IMAGE", "thumbnail": url} for url in urls]
        return {"status": "FINISHED", "progress": 100, "failure_reason": None, "results": results}

    def failed(self, why: str) -> Any:
        return {"status": "FAILED", "progress": 50, "failure_reason": why, "results": []}

    def error(self, status: int, why: str) -> Any:
        return {"code": "validation_failed" if status == 400 else "error", "message": why}


def readable(body: bytes) -> Any:
    try:
        sent = json.loads(body)
    except ValueError:
        raise Refused(400, "the body is no JSON", {}) from None
    need(isinstance(sent, dict), "the body is no object")
    return sent
