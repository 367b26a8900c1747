"""Pictures judged by their bytes: format, size, and whether all of them is there."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import time
import warnings
import zlib
from functools import lru_cache
from typing import Any

import pytest
from PIL import Image

from proofsheet.exchange import inspection
from proofsheet.exchange.inspection import MAX_PIXELS, Inspector, inspect

SIZE = (301, 203)
KINDS = {
    "png": ("png", "RGB", {}),
    "png-palette": ("png", "P", {}),
    "png-alpha": ("png", "RGBA", {}),
    "jpeg": ("jpeg", "RGB", {}),
    "jpeg-grey": ("jpeg", "L", {}),
    "jpeg-progressive": ("jpeg", "RGB", {"progressive": True}),
    "jpeg-cmyk": ("jpeg", "CMYK", {}),
    "webp": ("webp", "RGB", {}),
    "webp-lossless": ("webp", "RGBA", {"lossless": True}),
    "gif": ("gif", "P", {}),
}
every_kind = pytest.mark.parametrize("name", sorted(KINDS))


@lru_cache(maxsize=32)
def sample(name: str) -> bytes:
    kind, mode, options = KINDS[name]
    return saved(Image.effect_noise(SIZE, 70).convert("RGB").convert(mode), kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind.upper(), **options)
    return buffer.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + b"".join(chunks) + chunk(b"IEND", b"")


@every_kind
def test_a_whole_picture(name: str) -> None:
    facts = inspect(sample(name))
    assert (facts.kind, facts.width, facts.height, facts.complete, facts.problem, facts.detail) == (KINDS[name][0], *SIZE, True, None, "")
    assert facts.digest == hashlib.sha256(sample(name)).hexdigest()
    assert facts.bytes == len(sample(name))


@every_kind
def test_every_truncation_is_noticed(name: str) -> None:
    """The JPEG is decoded at an eighth of its size, which must not hide that data is missing."""
    content = sample(name)
    cuts = [len(content) * part // 20 for part in range(1, 20)] + [len(content) - left for left in (1, 2, 3, 4, 8, 12, 40)]
    assert [cut for cut in cuts if inspect(content[:cut]).complete] == []
    half = inspect(content[: len(content) // 2])
    assert (half.kind, half.width, half.height, half.problem) == (KINDS[name][0], *SIZE, None)
    assert half.detail


@every_kind
def test_damaged_bytes_never_raise(name: str) -> None:
    content, generator = sample(name), random.Random(7)
    for _ in range(120):
        damaged = bytearray(content)
        reach = generator.choice([40, 700, len(damaged)])
        for _ in range(generator.choice([1, 4, 30])):
            damaged[generator.randrange(reach)] ^= 1 << generator.randrange(8)
        facts = inspect(bytes(damaged))
        assert facts.complete is False or facts.problem is None


def test_damaged_png_is_never_complete() -> None:
    content, generator = sample("png"), random.Random(11)
    for _ in range(100):
        at = generator.randrange(8, len(content))
        damaged = content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :]
        assert not inspect(damaged).complete, at


def test_random_bytes_behind_each_start_never_raise() -> None:
    generator = random.Random(3)
    for start in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x10\0\0\0WEBPVP8X", b"RIFF\x10\0\0\0WEBPVP8L", b"GIF89a", b""):
        for length in (0, 1, 5, 20, 3000):
            assert not inspect(start + generator.randbytes(length)).complete


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"<html>", b"\xff\xd8", b"RIFF", b"BM" + b"\0" * 60, b"II*\0" + b"\0" * 60, b"%PDF-1.4", b"<svg/>"]
)
def test_what_is_no_picture(content: bytes) -> None:
    facts = inspect(content)
    assert (facts.kind, facts.width, facts.complete, facts.problem) == (None, None, False, "undecodable")


@pytest.mark.parametrize(
    "content",
    [
        png(2**31 - 1, 2**31 - 1),
        png(MAX_PIXELS + 1, 1),
        png(100_000, 100_000, chunk(b"IDAT", zlib.compress(b""))),
        b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\xff\xff" * 2,
        b"GIF89a\xff\xff\xff\xff\0\0\0;",
        b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\0\x03\x11\0\xff\xda\0\x02\xff\xd9",
    ],
)
def test_huge_declared_sizes_are_not_decoded(content: bytes) -> None:
    begun = time.process_time()
    facts = inspect(content)
    assert (facts.problem, facts.complete) == ("too_large", False)
    assert facts.width
    assert time.process_time() - begun < 1


def test_the_largest_size_in_use_is_decoded_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        facts = inspect(saved(Image.new("1", (12288, 12288)), "png"))
    assert (facts.width, facts.height, facts.complete) == (12288, 12288, True)


def test_the_librarys_own_limit_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50_000)
    for name in ("png", "jpeg"):
        assert inspect(sample(name)).complete
    assert Image.MAX_IMAGE_PIXELS == 50_000


def test_a_frame_larger_than_its_header_says() -> None:
    """A WebP whose outer header is small and whose inner one is not, and a PNG whose data is far longer than its size."""
    webp = sample("webp")
    inner = webp[12:]
    outer = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + (9).to_bytes(3, "little") * 2
    assert not inspect(b"RIFF" + struct.pack("<I", 4 + len(outer) + len(inner)) + b"WEBP" + outer + inner).complete
    facts = inspect(png(10, 10, chunk(b"IDAT", zlib.compress(b"\0" * 100_000_000))))
    assert (facts.width, facts.height) == (10, 10)


def test_a_png_whose_text_inflates_is_decoded_without_it() -> None:
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * 100_000_000))
    facts = inspect(png(1, 1, bomb, chunk(b"acTL", b"\0\0\0\0\0\0\0\0"), chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))))
    assert facts.complete


def test_broken_exif_says_nothing_about_the_pixels() -> None:
    content = saved(Image.new("RGB", (16, 16)), "jpeg")
    exif = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40
    facts = inspect(content[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + content[2:])
    assert facts.complete


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
def test_bytes_after_the_end_are_allowed(name: str) -> None:
    assert inspect(sample(name) + b"\0trailing" * 9).complete


def test_a_jpeg_with_a_large_segment_in_front() -> None:
    content = sample("jpeg")
    manifest = b"".join(b"\xff\xeb" + struct.pack(">H", 65000) + b"\xff\xd9" * 32499 for _ in range(3))
    facts = inspect(content[:2] + manifest + content[2:])
    assert (facts.width, facts.height, facts.complete) == (*SIZE, True)
    assert not inspect(content[:2] + manifest + content[2:-2]).complete


def test_equal_bytes_are_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []
    monkeypatch.setattr(inspection, "inspect", lambda content, prints: decoded.append(content) or inspect(content))
    inspector = Inspector(remember=2)
    first = inspector.inspect(b"one")
    assert inspector.inspect(b"one") is first
    inspector.inspect(b"two")
    inspector.inspect(b"one")
    inspector.inspect(b"three")
    assert decoded == [b"one", b"two", b"three"]
    assert inspector.inspect(b"one") is first
    inspector.inspect(b"two")
    assert decoded == [b"one", b"two", b"three", b"two"]
