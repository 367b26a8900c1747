"""Faulty gateways, on the way back: pictures that are another's, errors that mislead, work for nobody, secrets told."""

from __future__ import annotations

import io
import json
import threading
import time
from typing import Any

from PIL import Image
from tests.relay.client_side import Order, Refused
from tests.relay.declared import fault
from tests.relay.gateway import Relay

Pictures = list[tuple[str, bytes]]


def redrawn(content: bytes, scale: float, crop: int = 0) -> bytes:
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        drawn = image.convert("L").crop((0, 0, image.width, image.height - crop))
        drawn.resize((round(drawn.width * scale), round(drawn.height * scale))).save(buffer, "PNG")
    return buffer.getvalue()


@fault("images", "picture", "base", "cell/*")
class HalvesPictures(Relay):
    def whole(self, content: bytes) -> tuple[str, bytes]:
        return "image/png", redrawn(content, 0.5)


@fault("tasks", "picture", "base")
class CropsPictures(Relay):
    def whole(self, content: bytes) -> tuple[str, bytes]:
        return "image/png", redrawn(content, 1, crop=8)


@fault("native", "picture", "base")
class SlightlyResampled(Relay):
    def whole(self, content: bytes) -> tuple[str, bytes]:
        return "image/png", redrawn(content, 0.99)


@fault("native", "picture", "base", "cell/16:9@*")
class Placeholder(Relay):
    """Another picture of the right size."""

    def whole(self, content: bytes) -> tuple[str, bytes]:
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(content)) as image:
            Image.new("L", image.size, 90).save(buffer, "PNG")
        return "image/png", buffer.getvalue()


@fault("native", "picture", "at-once")
class MixesUp(Relay):
    """Gives each client the picture that was made last."""

    def one(self, order: Order) -> Pictures:
        self.last = super().one(order)
        time.sleep(0.3)
        return self.last


@fault("native", "prompt", "prompt/*")
class Remembers(Relay):
    """One picture for all prompts of a size."""

    kept: Pictures | None = None
    lock = threading.Lock()

    def one(self, order: Order) -> Pictures:
        with self.lock:
            self.kept = self.kept or super().one(order)
        return self.kept


@fault("tasks", "picture", "count/*")
class DeliversCopies(Relay):
    def pictures(self, order: Order) -> Pictures:
        return [self.formatted(order, self.one(order)[0])] * order.count


@fault("native", "picture", "faults/interim")
class TakesInterim(Relay):
    def contents(self, answer: bytes) -> list[bytes]:
        return super().contents(answer.replace(b'"thought": true', b'"thought": false'))


@fault("tasks", "images", "count/*")
class OneTooMany(Relay):
    def pictures(self, order: Order) -> Pictures:
        self.one(order)
        return super().pictures(order)


@fault("native", "images", "base")
class AsksTwice(Relay):
    def one(self, order: Order) -> Pictures:
        super().one(order)
        return super().one(order)


@fault("tasks", "images", "count/2")
class LosesTheLast(Relay):
    def pictures(self, order: Order) -> Pictures:
        return super().pictures(order)[: max(1, order.count - 1)]


@fault("images", "images", "hangs-up")
class AsksAgainWhenSlow(Relay):
    """Does not wait longer than a second, and never looks whether the client is still there."""

    timeout = 0.8

    def one(self, order: Order) -> Pictures:
        try:
            return super().one(order)
        except Refused:
            return super().one(order)


class Behind(Relay):
    """Asks once more when the client has its answer."""

    def again(self, order: Order) -> None:
        def later() -> None:
            time.sleep(0.3)
            path, kind, body = self.native_request(order)
            self.ask(path, {"Content-Type": kind, **self.credentials(order)}, body)

        threading.Thread(target=later, daemon=True).start()


@fault("native", "late", "base")
class PreparesAnother(Behind):
    def finished(self, order: Order, pictures: Pictures) -> Any:
        self.again(order)
        return super().finished(order, pictures)


@fault("native", "late", "faults/internal")
class TriesOnAfterRefusing(Behind):
    def one(self, order: Order) -> Pictures:
        try:
            return super().one(order)
        except Refused:
            self.again(order)
            raise


@fault("images", "address", "base")
class NamesUpstream(Relay):
    def say(self, status: int, document: Any, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        return super().say(status, document, {**headers, "X-Upstream": f"http://127.0.0.1:{self.port}/v1"})


class Answers(Relay):
    """Another answer for the model's failure."""

    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        raise NotImplementedError

    def failure(self, status: int, headers: Any, answer: bytes) -> Refused:
        other = self.to(status, headers, answer)
        return super().failure(status, headers, answer) if other is None else Refused(*other)


@fault("native", "secret", "faults/talkative")
class RepeatsMessage(Answers):
    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        return (502, answer.decode(), {}) if answer.startswith(b"{") else None


@fault("images", "address", "faults/talkative")
class PassesHeadersOn(Answers):
    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        return 502, "the model failed", {name: value for name, value in headers.items() if name.startswith("X-")}


@fault("native", "error", "faults/key-refused")
class BlamesTheKey(Answers):
    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        return (401, "the API key is not valid", {}) if status == 401 else None


@fault("images", "error", "faults/key-forbidden")
class BlamesTheAccount(Answers):
    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        return (403, "your account may not", {}) if status == 403 else None


@fault("native", "error", "faults/overloaded")
class BlamesTheRequest(Answers):
    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        return (400, "the request failed", {}) if status == 503 else None


@fault("images", "error", "faults/rate-limited")
class NoRateLimit(Answers):
    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        return (500, "the model failed", {}) if status == 429 else None


@fault("images", "error", "faults/invalid-argument")
class InvalidIsInternal(Answers):
    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        return (500, "something went wrong", {}) if status == 400 else None


@fault("native", "retry_after", "faults/rate-limited")
class LosesRetryAfter(Answers):
    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        return (429, "the model is asked too often", {}) if status == 429 else None


@fault("native", "retry_after", "faults/rate-limited-in-body")
class ReadsOnlyTheHeader(Answers):
    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        wait = headers.get("Retry-After")
        return (429, "the model is asked too often", {"Retry-After": wait} if wait else {}) if status == 429 else None


@fault("images", "retry_after", "faults/rate-limited")
class AlwaysOneSecond(Answers):
    def to(self, status: int, headers: Any, answer: bytes) -> tuple[int, str, dict[str, str]] | None:
        return (429, "the model is asked too often", {"Retry-After": "1"}) if status == 429 else None


@fault("images", "wording", "faults/bad-gateway")
class PassesHtmlOn(Relay):
    def refuse(self, refused: Refused) -> tuple[int, dict[str, str], bytes]:
        return refused.args[0], {"Content-Type": "text/html"}, b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@fault("images", "wording", "faults/internal")
class SaysNothing(Relay):
    def refuse(self, refused: Refused) -> tuple[int, dict[str, str], bytes]:
        return self.say(refused.args[0], {"error": {}}, refused.args[2])


@fault("native", "error", "faults/dropped")
class DroppedIsInvalid(Relay):
    def ask(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        try:
            return super().ask(path, headers, body)
        except Refused:
            raise Refused(400, "the request failed", {}) from None


class Unworried(Relay):
    """Takes what it cannot read for nothing, and nothing for a success."""

    def contents(self, answer: bytes) -> list[bytes]:
        try:
            return super().contents(answer)
        except Refused:
            return []


@fault("native", "empty", "faults/broken-json")
class BrokenIsEmpty(Unworried):
    pass


@fault("native", "empty", "faults/prompt-blocked")
class BlockedIsEmpty(Unworried):
    pass


@fault("images", "empty", "faults/no-candidates")
class EmptyList(Unworried):
    pass


@fault("tasks", "empty", "faults/text-only")
class FinishedWithNothing(Unworried):
    pass


@fault("images", "empty", "faults/html")
class HtmlIsEmpty(Unworried):
    pass


@fault("native", "error", "faults/image-safety")
class BlockedIsOurFault(Relay):
    def nothing(self, reason: str) -> list[bytes]:
        raise Refused(500, "something went wrong", {})


@fault("native", "error", "faults/truncated-picture")
class NeverLooks(Relay):
    def whole(self, content: bytes) -> tuple[str, bytes]:
        return "image/png", content


@fault("images", "error", "faults/no-picture-bytes")
class NeverLooksEither(Relay):
    def whole(self, content: bytes) -> tuple[str, bytes]:
        return "image/png", content


@fault("native", "next", "faults/overloaded")
class BreaksTheCircuit(Relay):
    """Refuses everybody for a while after one failure."""

    until = 0.0

    def one(self, order: Order) -> Pictures:
        if time.monotonic() < self.until:
            raise Refused(503, "try again later", {})
        try:
            return super().one(order)
        except Refused:
            self.until = time.monotonic() + 1
            raise


@fault("tasks", "next", "faults/broken-json")
class OneWorkerThatDies(Relay):
    dead = False

    def work(self, task: str, order: Order) -> None:
        super().work(task, order) if not self.dead else None
        self.dead = self.dead or self.tasks[task]["status"] == "FAILED"


@fault("native", "served", "prompt/unicode")
class RefusesUnicode(Relay):
    def read(self, sent: Any) -> Order:
        json.dumps(sent, ensure_ascii=False).encode("latin-1")
        return super().read(sent)


@fault("native", "served", "at-once")
class OneAtATime(Relay):
    busy = threading.Lock()

    def one(self, order: Order) -> Pictures:
        if not self.busy.acquire(blocking=False):
            raise Refused(503, "busy", {})
        try:
            time.sleep(0.2)
            return super().one(order)
        finally:
            self.busy.release()


@fault("images", "served", "faults/jpeg")
class OnlyPng(Relay):
    def whole(self, content: bytes) -> tuple[str, bytes]:
        if not content.startswith(b"\x89PNG"):
            raise Refused(502, "the model's picture is broken", {})
        return super().whole(content)


@fault("tasks", "served", "faults/slow")
class Impatient(Relay):
    timeout = 0.8
