"""Real pictures of exact pixels, small in bytes: two shades and a mark that differs from image to image."""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image, ImageDraw, PngImagePlugin

from proofsheet.contract.pictures import SIMULATED_MARK

_WORKERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")
#: Bytes of pictures kept in memory; a whole table in three formats is a few megabytes.
_KEEP = 96 << 20


@dataclass(frozen=True, slots=True)
class Look:
    """What decides a picture's bytes. ``number`` tells the images of one request apart."""

    width: int
    height: int
    format: str
    number: int = 0
    declared: str | None = None

    @property
    def media_type(self) -> str:
        """The media type that is stated: the format's own unless another is declared."""
        return self.declared or f"image/{self.format}"


def encode(look: Look) -> bytes:
    """Draw and encode one picture."""
    image = Image.new("1" if look.format == "png" else "L", (look.width, look.height), 0)
    draw = ImageDraw.Draw(image)
    unit = max(1, min(look.width, look.height) // 16)
    for bit in range(8):
        if (look.number + 1) >> bit & 1:
            draw.rectangle((unit * (2 * bit), unit, unit * (2 * bit + 1), unit * 3), fill=255)
    return saved(image, look.format)


def saved(image: Image.Image, format: str, quality: int | None = None) -> bytes:
    """A picture's bytes in a format, with the mark by which what this gateway makes is known again."""
    buffer = io.BytesIO()
    if format == "png":
        note = PngImagePlugin.PngInfo()
        note.add_text("Software", SIMULATED_MARK.decode())
        image.save(buffer, "PNG", compress_level=1, pnginfo=note)
    elif format == "jpeg":
        (image if image.mode == "L" else image.convert("RGB")).save(buffer, "JPEG", quality=quality or 60, comment=SIMULATED_MARK)
    else:
        image.convert("RGB").save(buffer, "WEBP", quality=quality or 20, method=0, xmp=SIMULATED_MARK)
    return buffer.getvalue()


def shrunk(content: bytes, look: Look) -> bytes:
    """A small copy of a picture."""
    with Image.open(io.BytesIO(content)) as image:
        return saved(image.convert("RGB").resize((look.width, look.height)), look.format)


class Studio:
    """Makes each picture once, off the event loop, and keeps the latest."""

    def __init__(self) -> None:
        self._made: OrderedDict[Look, bytes] = OrderedDict()
        self._under_way: dict[Look, asyncio.Future[bytes]] = {}
        self._bytes = 0

    async def picture(self, look: Look) -> bytes:
        """The bytes of this picture."""
        made = self._made.get(look)
        if made is not None:
            self._made.move_to_end(look)
            return made
        if look not in self._under_way:
            self._under_way[look] = asyncio.get_running_loop().run_in_executor(_WORKERS, encode, look)
        content = await asyncio.shield(self._under_way[look])
        if self._under_way.pop(look, None) is not None:
            self._keep(look, content)
        return content

    def for_another_loop(self) -> Studio:
        """The same pictures, for another event loop: what the last one was still drawing is forgotten."""
        self._under_way.clear()
        return self

    def _keep(self, look: Look, content: bytes) -> None:
        self._made[look] = content
        self._bytes += len(content)
        while self._bytes > _KEEP and len(self._made) > 1:
            self._bytes -= len(self._made.popitem(last=False)[1])
