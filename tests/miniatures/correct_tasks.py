"""A gateway that keeps document 004 without its editing half: submit, poll, download. Written from the document alone."""

from __future__ import annotations

import io
import json
import re
import uuid
from typing import Any

from PIL import Image
from tests.miniatures.correct import SIDES, SIZES, Refused, need
from tests.miniatures.servers import KEY, Miniature

SUBMIT = "/v1/images/gemini/3.1/flash/generate/"
STATUS = re.compile(r"/v1/generation-request/([^/]+)/status/")
TASKS: dict[str, list[str]] = {}
FILES: dict[str, tuple[str, bytes]] = {}
LOOKS: dict[str, int] = {}


def picture(kind: str, size: tuple[int, int], number: int) -> str:
    buffer = io.BytesIO()
    Image.new("L", size, 10 * number).save(buffer, kind.upper(), **({"compress_level": 1} if kind == "png" else {}))
    name = f"/img/{uuid.uuid4()}.{kind}"
    FILES[name] = (f"image/{kind}", buffer.getvalue())
    return name


def submitted(sent: Any) -> str:
    need(type(sent) is dict, "the body is no object")
    asked = {"prompt": None, "output_format": "png", "aspect_ratio": "auto", "resolution": "1K", "num_images": 1, **sent}
    need(type(asked["prompt"]) is str and asked["prompt"].strip() != "", "prompt is missing or no text")
    need(asked["output_format"] in ("png", "jpeg", "webp"), "output_format is not known")
    need(asked["resolution"] in ("512px", "1K", "2K", "4K"), "resolution is not known")
    need(asked["aspect_ratio"] in ("auto", *SIDES), "aspect_ratio is not known")
    need(type(asked["num_images"]) is int and 1 <= asked["num_images"] <= 4, "num_images is not 1 to 4")
    scale, _ = SIZES[asked["resolution"].removesuffix("px")]
    width, height = (round(side * scale) for side in SIDES.get(asked["aspect_ratio"], (1024, 1024)))
    task = str(uuid.uuid4())
    TASKS[task] = [picture(asked["output_format"], (width, height), number) for number in range(asked["num_images"])]
    return task


class CorrectTasks(Miniature):
    def answer(self, body: bytes) -> None:
        if self.path in FILES:
            self.say_bytes(200, *FILES[self.path])
            return
        try:
            need(self.key() == KEY, "the API key is not valid", 401)
            look = STATUS.fullmatch(self.path)
            if look is None:
                need(self.path == SUBMIT and self.command == "POST", "there is nothing here", 404)
                self.say(200, {"task_id": submitted(self.sent(body)), "created_at": "2026-02-25T12:00:00Z"})
                return
            need(look.group(1) in TASKS, "there is no such task", 404)
            LOOKS[look.group(1)] = LOOKS.get(look.group(1), 0) + 1
            origin = f"http://127.0.0.1:{self.server.server_address[1]}"
            urls = [origin + name for name in TASKS[look.group(1)]]
            results = [{"asset_url": url, "asset": url, "asset_type": "IMAGE", "thumbnail": url} for url in urls]
            done = LOOKS[look.group(1)] > 2
            self.say(200, {"status": "FINISHED", "progress": 100, "results": results} if done else {"status": "IN_PROGRESS", "progress": 40})
        except Refused as refused:
            status, why = refused.args
            self.say(status, {"code": "validation_failed" if status == 400 else "refused", "message": why})

    def sent(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except ValueError:
            raise Refused(400, "the body is no JSON") from None
