"""A number in a picture: read back as it was drawn, and found in no other picture."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from proofsheet.contract.marks import NUMBERS, SIDE, digests, draw_mark, read_mark


def marked(number: int, width: int = 240, height: int = 160, background: int = 0) -> Image.Image:
    image = Image.new("L", (width, height), background)
    draw_mark(image, number)
    return image


@pytest.mark.parametrize("number", [0, 1, 0xAAAAAA, 0x555555, 7_654_321, NUMBERS - 1])
@pytest.mark.parametrize(("width", "height"), [(240, 160), (160, 240), (64, 64), (17, 17), (48, 16), (1000, 30), (501, 333)])
def test_a_number_is_read_back(number: int, width: int, height: int) -> None:
    assert read_mark(marked(number, width, height)) == number


def test_there_are_as_many_numbers_as_bits_hold() -> None:
    assert NUMBERS == 2**24
    with pytest.raises(OverflowError):
        draw_mark(Image.new("L", (64, 64)), NUMBERS)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("scale", [1.0, 0.5, 0.3])
def test_a_number_outlives_another_encoding_and_scale(kind: str, scale: float) -> None:
    image = marked(123_456).convert("RGB")
    buffer = io.BytesIO()
    image.resize((int(image.width * scale), int(image.height * scale))).save(buffer, kind)
    with Image.open(buffer) as again:
        assert read_mark(again) == 123_456


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_plain_picture_has_none(level: int) -> None:
    assert read_mark(Image.new("L", (240, 160), level)) is None


@pytest.mark.parametrize(("level", "number"), [(127, 5), (128, None)])
def test_what_is_bright_begins_in_the_middle(level: int, number: int | None) -> None:
    assert read_mark(marked(5, background=level)) == number


def test_one_changed_field_is_noticed() -> None:
    unit = 160 * 3 / 4 / SIDE
    left, top = (240 - unit * SIDE) / 2, (160 - unit * SIDE) / 2
    for x in range(SIDE):
        for y in range(SIDE):
            image = marked(123_456)
            box = (int(left + unit * x), int(top + unit * y), int(left + unit * (x + 1)), int(top + unit * (y + 1)))
            image.paste(255 if image.getpixel((box[0] + 10, box[1] + 10)) == 0 else 0, box)
            assert read_mark(image) is None, (x, y)


def test_a_mark_is_white_where_it_is_and_nowhere_else() -> None:
    image = marked(NUMBERS - 1, 96, 64)
    assert image.getbbox() == (24, 8, 72, 56)
    assert marked(0, 96, 64).getpixel((24, 8)) == 0
    assert [marked(1 << place, 96, 64).getpixel((28 + 8 * (place % SIDE), 12 + 8 * (place // SIDE))) for place in range(24)] == [255] * 24


@pytest.mark.parametrize(("side", "seen"), [(16, True), (15, False), (8, False)])
def test_fields_under_two_pixels_are_not_read(side: int, seen: bool) -> None:
    image = Image.new("L", (side, side))
    draw_mark(image, 5)
    assert (read_mark(image) == 5) is seen


def test_a_picture_is_known_by_its_bytes_and_by_its_pixels() -> None:
    def encoded(image: Image.Image, **how: object) -> bytes:
        buffer = io.BytesIO()
        image.save(buffer, "png", **how)
        return buffer.getvalue()

    small, large = encoded(marked(5), compress_level=9), encoded(marked(5), compress_level=0)
    assert digests(small)[0] == hashlib.sha256(small).hexdigest() != digests(large)[0]
    assert digests(small)[1] == digests(large)[1] not in (digests(small)[0], digests(encoded(marked(6)))[1])
    assert digests(encoded(Image.new("L", (4, 2))))[1] != digests(encoded(Image.new("L", (2, 4))))[1]
    assert digests(b"no picture") == (hashlib.sha256(b"no picture").hexdigest(),) * 2
    assert digests(small[: len(small) // 2]) == (hashlib.sha256(small[: len(small) // 2]).hexdigest(),) * 2
