"""A content-addressed store: each distinct picture once, found by its sha256 and checked when it is read."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from proofsheet.exchange.inspection import kind_of
from proofsheet.recording.errors import RecordingError

FOLDER = "blobs"
#: Bytes that are kept of a picture where only heads are kept: more than any format needs to be recognised.
HEAD = 512
_HEAD_MARK = b"\nonly the head was recorded of sha256:"
#: Below this length a compressed file saves no block of the disk.
_WORTH_COMPRESSING = 512
_TRIED = 1 << 16


@dataclass(frozen=True, slots=True)
class BlobStore:
    """Blobs of one set, as files ``blobs/ab/abcd….<kind>``. The digest is always that of the content, however it is stored.

    ``bin`` holds the bytes, ``gz`` the same compressed (where that halves them), ``head`` only the beginning of a picture.
    """

    root: Path
    heads_only: bool = False

    def put(self, content: bytes) -> str:
        """Keep these bytes; returns their digest. Raises OSError."""
        digest = hashlib.sha256(content).hexdigest()
        if self._find(digest) is None:
            self._write(digest, *self._stored(content))
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of this digest. Where only the head was kept: the head and a line that names the digest. Raises RecordingError."""
        path = self._find(digest)
        if path is None:
            raise RecordingError(f"{self.root}: the bytes {digest} are missing: restore the folder from where it was recorded, or record again")
        try:
            raw = path.read_bytes()
            content = gzip.decompress(raw) if path.suffix == ".gz" else raw
        except (OSError, EOFError, ValueError) as error:
            raise RecordingError(f"{path}: cannot be read ({type(error).__name__}): restore it, or record again") from None
        if path.suffix == ".head":
            return content + _HEAD_MARK + digest.encode("ascii")
        if hashlib.sha256(content).hexdigest() != digest:
            raise RecordingError(f"{path}: was altered: its bytes are not those of its name; restore it, or record again")
        return content

    def _stored(self, content: bytes) -> tuple[str, bytes]:
        if self.heads_only and len(content) > HEAD and kind_of(content) is not None:
            return "head", content[:HEAD]
        # What does not compress at its beginning, as most pictures, is not tried whole.
        if len(content) < _WORTH_COMPRESSING or not _halved(content[:_TRIED]):
            return "bin", content
        packed = gzip.compress(content, mtime=0)
        return ("gz", packed) if len(packed) * 2 <= len(content) else ("bin", content)

    def _find(self, digest: str) -> Path | None:
        paths = (self.root / digest[:2] / f"{digest}.{kind}" for kind in ("bin", "gz", "head"))
        return next((path for path in paths if path.is_file()), None)

    def _write(self, digest: str, kind: str, raw: bytes) -> None:
        path = self.root / digest[:2] / f"{digest}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(raw)
        partial.replace(path)


def _halved(content: bytes) -> bool:
    return len(gzip.compress(content, mtime=0)) * 2 <= len(content)


def recorded_digest(content: bytes) -> str | None:
    """The digest of a picture of which only the head was kept; None for bytes that are whole."""
    _, mark, digest = content[-len(_HEAD_MARK) - 64 :].partition(_HEAD_MARK)
    return digest.decode("ascii") if mark and len(digest) == 64 else None
