"""A picture that came from the model: whole, and in a format that the client may get."""

from __future__ import annotations

import io
from collections.abc import Collection

from PIL import Image

from proofsheet.reference.orders import Order
from proofsheet.reference.pictures import Look, saved

_QUALITY = 90


class BrokenPictureError(ValueError):
    """What came in a picture's place is none, or not all of one."""


def received(content: bytes, order: Order, number: int, allowed: Collection[str]) -> tuple[Look, bytes]:
    """The picture as the client gets it: its own bytes, unless another format was asked for. Raises BrokenPictureError."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            return _delivered(image, content, order, number, allowed)
    except Exception:  # noqa: BLE001 -- Pillow's decoders raise almost anything on broken bytes, and all of it means the same
        raise BrokenPictureError from None


def _delivered(image: Image.Image, content: bytes, order: Order, number: int, allowed: Collection[str]) -> tuple[Look, bytes]:
    kind, free = str(image.format).lower(), order.asked.get("format") is None and order.format in allowed
    # An order has the pixels of its cell, unless a declared fault has changed it: then this is a gateway that resizes.
    bent = (order.width, order.height) != (order.cell.width, order.cell.height)
    if not bent and (kind == order.format or (free and kind in allowed)):
        return Look(image.width, image.height, kind, number), content
    other = image.convert("RGB").resize((order.width, order.height)) if bent else image
    return Look(other.width, other.height, order.format, number), saved(other, order.format, _QUALITY)
