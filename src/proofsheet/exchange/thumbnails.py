"""Small prints of the pictures that a run looks at: one file a picture, named after its digest."""

from __future__ import annotations

import contextlib
import io
import threading
from pathlib import Path

from PIL import Image

#: The folder of prints in a report directory.
FOLDER = "thumbnails"
#: Pixels of the longer side: what a sheet of small prints needs, and a few kilobytes.
SIDE = 160
#: A run that is offered more pictures than this keeps no more: a target may put any number into one answer.
MOST = 5000
_QUALITY = 60
#: Modes that cannot be averaged as they are: these are thinned out first, so that no copy of all their pixels is made.
_COARSE = frozenset({"1", "P", "PA"})


def small_size(width: int, height: int) -> tuple[int, int]:
    """The size of a picture's print: its shape, at most SIDE long, at least one pixel wide."""
    scale = SIDE / max(width, height, SIDE)
    return max(1, round(width * scale)), max(1, round(height * scale))


class Thumbnails:
    """A folder of small prints. Usable from several threads; never raises for what a picture or a disk is like."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self.folder = folder
        self._most = most
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def wants(self, digest: str) -> bool:
        """Whether there is no print of this picture yet, and room for one."""
        with self._lock:
            return digest not in self._known and len(self._known) < self._most

    def keep(self, digest: str, opened: Image.Image) -> None:
        """Print a decoded picture. ``digest`` is our own sha256 of its bytes."""
        if not self.wants(digest):
            return
        with self._lock:
            self._known.add(digest)
        with contextlib.suppress(Exception):  # hostile pixels make libraries raise nearly anything, and a print is never worth a verdict
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{digest}.webp").write_bytes(encoded(opened))


def encoded(opened: Image.Image) -> bytes:
    """The print's bytes: WebP, without anything that the picture carried beside its pixels."""
    size = small_size(opened.width, opened.height)
    if opened.mode in _COARSE and opened.width > 4 * size[0]:
        opened = opened.resize((4 * size[0], 4 * size[1]), Image.Resampling.NEAREST)
    transparent = opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info
    if opened.mode in _COARSE:
        opened = opened.convert("RGBA" if transparent else "RGB")
    factor = (max(1, opened.width // (2 * size[0])), max(1, opened.height // (2 * size[1])))
    small = opened.reduce(factor) if factor != (1, 1) else opened
    small = small.convert("RGBA" if transparent else "RGB").resize(size, Image.Resampling.BILINEAR)
    small.info.clear()
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=_QUALITY, method=0)
    return buffer.getvalue()
