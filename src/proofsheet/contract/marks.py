"""A number drawn in a picture so large that it survives every honest re-encoding, and no other picture."""

from __future__ import annotations

import hashlib
import io
import zlib

from PIL import Image, ImageDraw

#: The mark is a square of so many fields a side: 24 bits of the number, 12 that only fit that number.
SIDE = 6
_NUMBER_BITS = 24
_CHECK_BITS = SIDE * SIDE - _NUMBER_BITS
#: How many numbers there are.
NUMBERS = 1 << _NUMBER_BITS
_BRIGHT = 128
#: A field smaller than this many pixels cannot be told from its neighbours' edges.
_SMALLEST = 2


def draw_mark(image: Image.Image, number: int) -> None:
    """Draw ``number`` into the middle of a dark picture, in white."""
    draw = ImageDraw.Draw(image)
    for (left, top, right, bottom), bit in zip(_fields(image.width, image.height), _bits(number), strict=True):
        if bit:
            draw.rectangle((round(left), round(top), round(right) - 1, round(bottom) - 1), fill=255)


def read_mark(image: Image.Image) -> int | None:
    """The number in a picture, which may be scaled down; None where there is none."""
    fields = _fields(image.width, image.height)
    if fields[0][2] - fields[0][0] < _SMALLEST:
        return None
    bits = [_bright(image, field) for field in fields]
    number = sum(bit << place for place, bit in enumerate(bits[:_NUMBER_BITS]))
    return number if bits == _bits(number) else None


def _fields(width: int, height: int) -> list[tuple[float, float, float, float]]:
    """The boxes of the fields: a centred square of three quarters of the shorter side."""
    unit = min(width, height) * 3 / 4 / SIDE
    left, top = (width - unit * SIDE) / 2, (height - unit * SIDE) / 2
    return [(left + unit * x, top + unit * y, left + unit * (x + 1), top + unit * (y + 1)) for y in range(SIDE) for x in range(SIDE)]


def _bits(number: int) -> list[bool]:
    check = zlib.crc32(number.to_bytes(3, "big"))
    return [bool(number >> place & 1) for place in range(_NUMBER_BITS)] + [bool(check >> place & 1) for place in range(_CHECK_BITS)]


def _bright(image: Image.Image, field: tuple[float, float, float, float]) -> bool:
    """Whether the middle of a field is bright: its edges may be blurred."""
    x, y, reach = (field[0] + field[2]) / 2, (field[1] + field[3]) / 2, min((field[2] - field[0]) / 8, 8.0)
    box = (int(x - reach), int(y - reach), int(x - reach) + max(1, int(2 * reach)), int(y - reach) + max(1, int(2 * reach)))
    level = image.crop(box).convert("L").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return isinstance(level, (int, float)) and level >= _BRIGHT


def digests(content: bytes) -> tuple[str, str]:
    """What a picture is known by: its bytes, and its pixels where they can be decoded (else its bytes again)."""
    by_bytes = hashlib.sha256(content).hexdigest()
    try:
        with Image.open(io.BytesIO(content)) as image:
            pixels = image.convert("RGBA")
    except Exception:  # noqa: BLE001 -- hostile bytes make decoders raise nearly anything
        return by_bytes, by_bytes
    return by_bytes, hashlib.sha256(f"{pixels.size}".encode() + pixels.tobytes()).hexdigest()
