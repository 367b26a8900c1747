"""Faulty gateways, on the way to the model: what is lost, changed, added, or should not have been asked at all."""

from __future__ import annotations

import html
import io
import json
import threading
import unicodedata
from dataclasses import replace
from typing import Any

from PIL import Image
from tests.relay.client_side import Order, Refused
from tests.relay.declared import fault
from tests.relay.gateway import Relay


class Changed(Relay):
    """Changes an order after it was read."""

    def change(self, order: Order) -> Order:
        raise NotImplementedError

    def read(self, sent: Any) -> Order:
        return self.change(super().read(sent))


class Said(Changed):
    """Changes the prompt."""

    def said(self, prompt: str) -> str:
        raise NotImplementedError

    def change(self, order: Order) -> Order:
        return replace(order, prompt=self.said(order.prompt))


@fault("native", "carried", "cell/*")
class DropsRatio(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, ratio=None)


@fault("native", "carried", "cell/*")
class DropsSize(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, size=None)


@fault("images", "carried", "cell/16:9@*")
class TurnsDimensions(Relay):
    def dimensions(self, order: Order) -> str:
        return "x".join(reversed(super().dimensions(order).split("x")))


@fault("images", "carried", "cell/*")
class AlwaysOneK(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, size="1K")


@fault("tasks", "carried", "cell/*")
class OneTierLower(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, size={"4K": "2K", "2K": "1K", "1K": "512"}.get(order.size or "", order.size))


@fault("images", "carried", "cell/21:9@*")
class NearestOfThree(Relay):
    """Only the three sizes that another model knows."""

    def dimensions(self, order: Order) -> str:
        width, height = (int(side) for side in super().dimensions(order).split("x"))
        return "1024x1024" if width == height else "1536x1024" if width > height else "1024x1536"


@fault("tasks", "carried", "count/*")
class DropsCount(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, count=1)


@fault("tasks", "carried", "count/4")
class AtMostTwo(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, count=min(order.count, 2))


@fault("images", "carried", "search/*")
class DropsSearch(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, search=False)


@fault("native", "carried", "carry/seed")
class DropsSeed(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, seed=None)


@fault("native", "carried", "carry/seed")
class AnotherSeed(Changed):
    def change(self, order: Order) -> Order:
        return order if order.seed is None else replace(order, seed=0)


@fault("native", "carried", "carry/snake-case")
class OnlyCamelCase(Relay):
    def read(self, sent: Any) -> Order:
        return super().read({name: value for name, value in sent.items() if name != "generation_config"})


@fault("tasks", "invented", "base")
class TwoKUnlessTold(Relay):
    def read(self, sent: Any) -> Order:
        return super().read({"resolution": "2K", **sent})


@fault("native", "invented", "base")
class AlwaysSearches(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, search=True)


@fault("native", "invented", "base")
class BrandsPictures(Changed):
    def change(self, order: Order) -> Order:
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8), (200, 0, 0)).save(buffer, "PNG")
        return replace(order, references=(*order.references, ("image/png", buffer.getvalue())))


@fault("native", "prompt", "prompt/blanks")
class StripsPrompt(Said):
    def said(self, prompt: str) -> str:
        return prompt.strip()


@fault("tasks", "prompt", "prompt/blanks")
class OneLine(Said):
    def said(self, prompt: str) -> str:
        return prompt.replace("\r\n", " ").replace("\n", " ")


@fault("images", "prompt", "prompt/long")
class CutsPrompt(Said):
    def said(self, prompt: str) -> str:
        return prompt[:4000]


@fault("native", "prompt", "prompt/unicode")
class Normalises(Said):
    def said(self, prompt: str) -> str:
        return unicodedata.normalize("NFC", prompt)


@fault("native", "prompt", "prompt/unicode")
class OnlyAscii(Said):
    def said(self, prompt: str) -> str:
        return prompt.encode("ascii", "ignore").decode()


@fault("images", "prompt", "prompt/unicode")
class WrongCharset(Said):
    def said(self, prompt: str) -> str:
        return prompt.encode().decode("latin-1")


@fault("images", "prompt", "prompt/markup")
class Escapes(Said):
    def said(self, prompt: str) -> str:
        return html.escape(prompt)


@fault("tasks", "prompt", "prompt/markup")
class Unescapes(Said):
    def said(self, prompt: str) -> str:
        return html.unescape(prompt)


@fault("native", "prompt", "prompt/markup")
class FillsTemplates(Said):
    def said(self, prompt: str) -> str:
        return prompt.replace("{{name}}", "")


@fault("images", "prompt", "base")
class AddsQuality(Said):
    def said(self, prompt: str) -> str:
        return f"{prompt}, masterpiece, high quality"


@fault("native", "prompt", "base")
class Lowers(Said):
    def said(self, prompt: str) -> str:
        return prompt.lower()


@fault("images", "prompt", "prompt/json")
class ReadsJsonInPrompts(Said):
    def said(self, prompt: str) -> str:
        if not prompt.startswith("{"):
            return prompt
        found, end = json.JSONDecoder().raw_decode(prompt)
        return f"{found['prompt']}{prompt[end:]}"


@fault("tasks", "prompt", "prompt/flags")
class TakesFlags(Said):
    def said(self, prompt: str) -> str:
        return prompt.partition(" --")[0]


@fault("native", "references", "references/inline-png-3")
class FirstReference(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, references=order.references[:1])


@fault("native", "references", "references/inline-png-14")
class FourReferences(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, references=order.references[:4])


@fault("native", "references", "references/*-1")
class NoReferences(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, references=())


@fault("images", "references", "references/data_uri-png-3")
class TurnsReferences(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, references=order.references[::-1])


def redrawn(content: bytes, kind: str, side: int) -> bytes:
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        image.convert("RGB").resize((side, side)).save(buffer, kind, quality=40)
    return buffer.getvalue()


@fault("native", "references", "references/inline-png-1")
class LossyReferences(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, references=tuple(("image/jpeg", redrawn(content, "JPEG", 64)) for _, content in order.references))


@fault("images", "references", "references/url-png-1")
class SmallReferences(Changed):
    def change(self, order: Order) -> Order:
        return replace(order, references=tuple(("image/png", redrawn(content, "PNG", 32)) for _, content in order.references))


@fault("native", "refused", "refused/no-key", "refused/unknown-key")
class KeyComesLast(Relay):
    asked = threading.local()

    def admit(self, headers: Any) -> None:
        self.asked.headers = headers

    def finished(self, order: Order, pictures: list[tuple[str, bytes]]) -> Any:
        super().admit(self.asked.headers)
        return super().finished(order, pictures)


@fault("images", "refused", "refused/unknown-key")
class AnyKey(Relay):
    def admit(self, headers: Any) -> None:
        if not headers.get(self.client.key_header):
            raise Refused(401, "the API key is missing", {})


class Lenient(Relay):
    """Mends what a client sent before it is read."""

    def mended(self, sent: Any) -> Any:
        raise NotImplementedError

    def read(self, sent: Any) -> Order:
        return super().read(self.mended(sent))


@fault("images", "refused", "refused/ratio-7:3")
class SquareInstead(Lenient):
    def mended(self, sent: Any) -> Any:
        return {**sent, "size": "1:1"} if sent.get("size") == "7:3" else sent


@fault("tasks", "refused", "refused/count-0")
class AtLeastOne(Lenient):
    def mended(self, sent: Any) -> Any:
        return {**sent, "num_images": sent.get("num_images", 1) or 1}


@fault("images", "refused", "refused/size-3K")
class SomeSize(Lenient):
    def mended(self, sent: Any) -> Any:
        return {**sent, "resolution": "1K"} if sent.get("resolution") == "3K" else sent


@fault("images", "refused", "refused/too-many")
class CutsReferences(Lenient):
    def mended(self, sent: Any) -> Any:
        return {**sent, "image_urls": sent["image_urls"][:14]} if "image_urls" in sent else sent


@fault("images", "refused", "refused/unknown-model")
class AnyModel(Lenient):
    def mended(self, sent: Any) -> Any:
        return {**sent, "model": "gemini-3.1-flash-image-preview"}


@fault("native", "refused", "refused/ratio-7:3")
class LeavesItToTheModel(Relay):
    """Asks the model for what must be refused, and passes its refusal on."""

    def read(self, sent: Any) -> Order:
        config = sent["generationConfig"]["imageConfig"]
        order = super().read({**sent, "generationConfig": {"imageConfig": {**config, "aspectRatio": "1:1"}}})
        return replace(order, ratio=str(config.get("aspectRatio", "1:1")))


@fault("native", "key", "base")
class PassesKeyOn(Relay):
    def admit(self, headers: Any) -> None:
        super().admit(headers)
        self.client_key = headers[self.client.key_header]

    def credentials(self, order: Order) -> dict[str, str]:
        return {**super().credentials(order), "X-Forwarded-Authorization": self.client_key}


@fault("images", "key", "base")
class KeyAsUser(Relay):
    def images_request(self, order: Order) -> tuple[str, str, bytes]:
        path, kind, body = super().images_request(order)
        return path, kind, body.replace(b'"n": 1', b'"n": 1, "user": "' + self.keys[0].encode() + b'"')
