"""What a picture is by its own bytes: format, size, and whether all of it is there. Safe on hostile bytes."""

from __future__ import annotations

import hashlib
import io
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from PIL import GifImagePlugin, Image, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from proofsheet.contract.marks import read_mark
from proofsheet.contract.pictures import SIMULATED_MARK
from proofsheet.exchange.thumbnails import Thumbnails, small_size

#: The largest picture that is decoded: 12288x12288, the square on the longest side of any size in use.
MAX_PIXELS = 12288 * 12288
_PNG_START = b"\x89PNG\r\n\x1a\n"
#: The chunks that make up the pixels. The others are left out of decoding, for they can only harm (text that inflates).
_PNG_PIXELS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_JPEG_SCAN, _JPEG_END = b"\xff\xda", b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a picture's bytes say.

    ``kind`` is png, jpeg, webp, gif or None; ``problem`` is a word of ``Picture.problem``, or None; ``detail`` says
    what is wrong with a picture that is not ``complete``; ``simulated``: it carries the reference gateway's mark; ``mark``: the number that is drawn in it.
    """

    digest: str
    bytes: int
    kind: str | None = None
    width: int | None = None
    height: int | None = None
    complete: bool = False
    problem: str | None = None
    detail: str = ""
    simulated: bool = False
    mark: int | None = None


class _NoPicture(Exception):
    """The bytes cannot be read as the picture they begin like."""


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """JPEG without its EXIF block, which says nothing of the pixels and about which the library can warn."""

    def getexif(self) -> Image.Exif:
        return Image.Exif()


def inspect(content: bytes, prints: Thumbnails | None = None) -> Facts:
    """The facts about ``content``; never raises, whatever the bytes are. Decodes the picture, so run it in a thread.

    ``prints`` keeps a small print of what was decoded.
    """
    kind = kind_of(content)
    facts = Facts(hashlib.sha256(content).hexdigest(), len(content), kind, simulated=SIMULATED_MARK in content)
    if kind is None:
        return replace(facts, problem="undecodable", detail="the first bytes are those of no picture" if content else "there are no bytes")
    try:
        width, height = _size(kind, content)
    except Exception as error:  # noqa: BLE001 -- hostile bytes make decoders raise nearly anything
        return replace(facts, problem="undecodable", detail=_said(error))
    facts = replace(facts, width=width, height=height)
    if width * height > MAX_PIXELS:
        return replace(facts, problem="too_large", detail=f"it declares {width}x{height} pixels; at most {MAX_PIXELS} are decoded")
    try:
        facts = replace(facts, mark=_decode(kind, content, facts.digest, prints))
        _check_end(kind, content)
    except Exception as error:  # noqa: BLE001 -- as above
        return replace(facts, detail=_said(error))
    return replace(facts, complete=True)


class Inspector:
    """``inspect`` that remembers the facts of the last distinct pictures, by digest. Usable from several threads."""

    def __init__(self, remember: int = 1024) -> None:
        self._remember = remember
        self._known: OrderedDict[str, Facts] = OrderedDict()
        self._lock = threading.Lock()
        self.prints: Thumbnails | None = None

    def inspect(self, content: bytes) -> Facts:
        """The facts about ``content``, decoded once."""
        digest = hashlib.sha256(content).hexdigest()
        known = self._recalled(digest)
        if known is not None:
            return known
        facts = inspect(content, self.prints)
        with self._lock:
            self._known[digest] = facts
            while len(self._known) > self._remember:
                self._known.popitem(last=False)
        return facts

    def recall(self, content: bytes) -> Facts | None:
        """The facts where they are known; nothing is decoded."""
        return self._recalled(hashlib.sha256(content).hexdigest())

    def _recalled(self, digest: str) -> Facts | None:
        with self._lock:
            if digest in self._known:
                self._known.move_to_end(digest)
            return self._known.get(digest)


def kind_of(content: bytes) -> str | None:
    """The format by the magic bytes."""
    if content.startswith(_PNG_START):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return "gif" if content[:6] in (b"GIF87a", b"GIF89a") else None


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]


def _size(kind: str, content: bytes) -> tuple[int, int]:
    """Width and height from the header alone: before anything is decoded or any memory taken for it."""
    width, height = {"png": _png_size, "jpeg": _jpeg_size, "webp": _webp_size, "gif": _gif_size}[kind](content)
    if width <= 0 or height <= 0:
        raise _NoPicture(f"the header declares {width}x{height} pixels")
    return width, height


def _png_size(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR" or len(content) < 24:
        raise _NoPicture("the PNG does not begin with its header chunk")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _gif_size(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", content[6:10])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    for marker, start, _ in _jpeg_segments(content):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[start + 3 : start + 7])
            return width, height
    raise _NoPicture("the JPEG has no frame header")


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment up to the first scan, which is the last one given."""
    here = 2
    while here + 4 <= len(content):
        if content[here] != 0xFF:
            raise _NoPicture("the JPEG's segments are broken")
        marker = content[here + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            here += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack(">H", content[here + 2 : here + 4])
        if length < 2:
            raise _NoPicture("the JPEG's segments are broken")
        yield marker, here + 2, here + 2 + length
        if marker == _JPEG_SCAN[1]:
            return
        here += 2 + length


def _webp_size(content: bytes) -> tuple[int, int]:
    form = content[12:16]
    if form == b"VP8X" and len(content) >= 30:
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if form == b"VP8L" and len(content) >= 25 and content[20] == 0x2F:
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 " and content[23:26] == b"\x9d\x01\x2a" and len(content) >= 30:
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise _NoPicture("the WebP has no frame header")


def _decode(kind: str, content: bytes, digest: str, prints: Thumbnails | None) -> int | None:
    """Decode every pixel; the number that is drawn in them, if any.

    The plugins are opened directly: the library's own limit is global, and ours is not.
    """
    opened: ImageFile.ImageFile
    if kind == "png":
        opened = PngImagePlugin.PngImageFile(io.BytesIO(_png_pixels(content)))
    elif kind == "jpeg":
        opened = _Jpeg(io.BytesIO(content))
    elif kind == "webp":
        opened = WebPImagePlugin.WebPImageFile(io.BytesIO(content))
    else:
        opened = GifImagePlugin.GifImageFile(io.BytesIO(content))
    with opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise _NoPicture("a second header declares more pixels than are decoded")
        if kind == "jpeg":
            # An eighth of the size: all coefficients are still read, but hardly any pixels are computed. A print needs a few more.
            least = small_size(opened.width, opened.height) if prints is not None else (1, 1)
            opened.draft(None, (max(least[0], opened.width // 8), max(least[1], opened.height // 8)))
        opened.load()
        if prints is not None:
            prints.keep(digest, opened)
        return read_mark(opened)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of each chunk up to IEND. Raises _NoPicture where they end before it."""
    here = len(_PNG_START)
    while here + 12 <= len(content):
        (length,) = struct.unpack(">I", content[here : here + 4])
        end = here + 12 + length
        if end > len(content):
            break
        yield content[here + 4 : here + 8], here, end
        if content[here + 4 : here + 8] == b"IEND":
            return
        here = end
    raise _NoPicture("the PNG ends before its end marker (IEND)")


def _png_pixels(content: bytes) -> bytes:
    """The PNG without the chunks that pixels do not need, each that remains with its checksum verified."""
    view, kept, whole, end = memoryview(content), [memoryview(_PNG_START)], True, 0
    for kind, start, end in _png_chunks(content):
        if kind not in _PNG_PIXELS:
            whole = False
            continue
        if zlib.crc32(view[start + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise _NoPicture(f"the checksum of a chunk ({kind.decode('ascii')}) is wrong")
        kept.append(view[start:end])
    return content if whole and end == len(content) else b"".join(kept)


def _check_end(kind: str, content: bytes) -> None:
    """Raises _NoPicture where the end marker is missing. Bytes after it are allowed."""
    if kind == "jpeg":
        scan = next((end for marker, _, end in _jpeg_segments(content) if marker == _JPEG_SCAN[1]), len(content))
        if content.find(_JPEG_END, scan) < 0:
            raise _NoPicture("the JPEG ends before its end marker (EOI)")
    elif kind == "webp" and int.from_bytes(content[4:8], "little") + 8 > len(content):
        raise _NoPicture("the WebP is shorter than its header says")
    elif kind == "gif" and b";" not in content[-2:]:
        raise _NoPicture("the GIF ends before its end marker")
