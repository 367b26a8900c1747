"""Small prints: of every kind of picture, once each, and of nothing that cannot be decoded."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from proofsheet.exchange.inspection import Inspector, inspect
from proofsheet.exchange.thumbnails import SIDE, Thumbnails, small_size


def picture(kind: str, size: tuple[int, int], mode: str = "RGB", **more: object) -> bytes:
    image = Image.new(mode, size, 1 if mode in "1P" else None)
    buffer = io.BytesIO()
    image.save(buffer, kind, **more)
    return buffer.getvalue()


def prints(content: bytes, folder: Path) -> list[Path]:
    inspect(content, Thumbnails(folder))
    return sorted(folder.glob("*")) if folder.exists() else []


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "1"), ("PNG", "P"), ("PNG", "L"), ("PNG", "LA"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("WEBP", "RGBA"), ("GIF", "P")]
)
@pytest.mark.parametrize("size", [(2752, 1536), (512, 512), (40, 30), (1, 1)])
def test_every_kind_has_a_small_print_of_its_shape(tmp_path, kind, mode, size):
    content = picture(kind, size, mode)
    [path] = prints(content, tmp_path / "thumbnails")
    assert path.name == f"{hashlib.sha256(content).hexdigest()}.webp"
    with Image.open(path) as small:
        assert small.format == "WEBP"
        assert small.size == small_size(*size)
        assert max(small.size) <= SIDE
    assert path.stat().st_size < 8000


def test_what_the_picture_shows_is_on_the_print(tmp_path):
    image = Image.new("RGB", (1024, 512), "blue")
    image.paste("red", (0, 0, 512, 512))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    [path] = prints(buffer.getvalue(), tmp_path)
    with Image.open(path) as small:
        left, right = small.convert("RGB").getpixel((20, 40)), small.convert("RGB").getpixel((140, 40))
    assert left[0] > 200 and left[2] < 60
    assert right[2] > 200 and right[0] < 60


def test_nothing_beside_the_pixels_is_carried_over(tmp_path):
    content = picture("WEBP", (300, 300), exif=b"Exif\0\0MM\0*secret", icc_profile=b"secret" * 200, xmp=b"secret")
    [path] = prints(content, tmp_path)
    assert b"secret" not in path.read_bytes()


def test_a_print_is_made_once_and_facts_are_the_same(tmp_path):
    content, inspector = picture("JPEG", (1024, 1024)), Inspector()
    inspector.prints = Thumbnails(tmp_path)
    assert inspector.inspect(content) == inspect(content)
    [path] = tmp_path.iterdir()
    path.write_bytes(b"touched")
    inspector.inspect(content)
    inspect(content, inspector.prints)
    assert path.read_bytes() == b"touched"


def bomb() -> bytes:
    """A PNG of a few bytes that declares 400 megapixels."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 20000, 20000, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("content", [b"", b"<html>", bomb(), picture("PNG", (64, 64))[:-30], picture("JPEG", (64, 64))[:200], b"\x89PNG\r\n\x1a\n" + b"\xff" * 64])
def test_bombs_and_broken_pictures_have_none(tmp_path, content):
    assert prints(content, tmp_path / "thumbnails") == []


def test_there_are_never_more_than_so_many(tmp_path):
    kept = Thumbnails(tmp_path, most=2)
    for side in range(1, 6):
        inspect(picture("PNG", (side, side)), kept)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_disk_that_takes_nothing_costs_no_verdict(tmp_path):
    (tmp_path / "taken").write_text("")
    assert inspect(picture("PNG", (8, 8)), Thumbnails(tmp_path / "taken")).complete
