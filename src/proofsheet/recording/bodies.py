"""Bodies as text that a person can read: pictures and everything binary stand in the store, with a reference in their place.

``pack`` and ``unpack`` are inverse byte for byte. A reference is ``blob:sha256:<digest>:<form>``; the form says how the
stored bytes were written: ``raw``, ``text`` (characters), or ``base64`` in one of its variants.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable

from proofsheet.exchange.inspection import kind_of

MARK = "blob:sha256:"
#: A longer text goes to the store whole: a cassette stays a file that one can read.
LONGEST = 40_000
#: Characters from which on a run of base64 is worth a reference: where it holds a picture, and where it holds anything else.
#: (A backslash stands in JSON's escaped slashes and line ends; one simple class keeps the search fast in megabytes.)
_RUN = re.compile(r"[A-Za-z0-9+/_\\-]{256,}={0,2}")
_LONG_RUN = 4096
_TOKEN = re.compile(rb"blob:sha256:([0-9a-f]{64}):(raw|text|base64(?:url)?(?:-unpadded)?(?:-escaped)?)")
#: Characters that YAML would have to escape, or that editors change: with them a body is no text to read.
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_BOUNDARY = re.compile(r'boundary="?([^";,]+)', re.IGNORECASE)

Put = Callable[[bytes], str]
Get = Callable[[str], bytes]
Clean = Callable[[str], str]


def digest_only(content: bytes) -> str:
    """A ``Put`` that keeps nothing: for comparing."""
    return hashlib.sha256(content).hexdigest()


def pack(body: bytes, media_type: str, put: Put, clean: Clean, clean_bytes: Callable[[bytes], bytes]) -> str:
    """The body as text. ``clean`` takes secrets out of text, ``clean_bytes`` out of what goes to the store whole."""
    boundary = boundary_of(media_type)
    text = _text(body)
    if text is not None and MARK not in text:
        text = clean(_RUN.sub(lambda match: _reference(match.group(0), put, clean), text))
    elif text is None and boundary is not None and MARK.encode() not in body:
        text = _text(_without_files(body, boundary, put, clean_bytes))
        text = None if text is None else clean(text)
    else:
        text = None
    return _token(put(clean_bytes(body)), "raw") if text is None or len(text) > LONGEST else text


def unpack(text: str, get: Get) -> bytes:
    """The body again, byte for byte. Raises RecordingError where the store lacks something."""
    return _TOKEN.sub(lambda match: _written(match.group(2).decode(), get(match.group(1).decode())), text.encode("utf-8"))


def references(text: str) -> list[str]:
    """The digests of everything that a packed body holds in the store."""
    return [match.group(1).decode() for match in _TOKEN.finditer(text.encode("utf-8"))]


def boundary_of(media_type: str) -> str | None:
    """The boundary of a multipart body; None for another media type."""
    found = _BOUNDARY.search(media_type) if media_type.lower().startswith("multipart/") else None
    return found.group(1).strip() if found else None


def _text(body: bytes) -> str | None:
    """The body as readable text; None where it is none."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _UNREADABLE.search(text) else text


def _without_files(body: bytes, boundary: str, put: Put, clean_bytes: Callable[[bytes], bytes]) -> bytes:
    """A multipart body whose binary parts are references."""
    line = b"--" + boundary.encode("utf-8", "replace")
    parts = []
    for part in body.split(line):
        head, gap, content = part.partition(b"\r\n\r\n")
        if gap and _text(content) is None:
            end = b"\r\n" if content.endswith(b"\r\n") else b""
            content = _token(put(clean_bytes(content[: len(content) - len(end)])), "raw").encode("ascii") + end
        parts.append(head + gap + content)
    return line.join(parts)


def _token(digest: str, form: str) -> str:
    return f"{MARK}{digest}:{form}"


def _reference(run: str, put: Put, clean: Clean) -> str:
    """What stands in place of a run of base64 characters: a reference to its picture, to its text, or the run itself."""
    for form in _forms_of(run):
        content = _decoded(run)
        if content is not None and kind_of(content) is not None and _written(form, content).decode("ascii") == run:
            return _token(put(content), form)
    return _token(put(clean(run).encode("utf-8")), "text") if len(run) >= _LONG_RUN else run


def _forms_of(run: str) -> list[str]:
    """The variants of base64 that this run may be written in: the one that gives it back is right."""
    escaped = "-escaped" if "\\/" in run else ""
    names = ["base64url"] if "-" in run or "_" in run else ["base64"]
    return [f"{name}{padding}{escaped}" for name in names for padding in (("",) if run.endswith("=") else ("", "-unpadded"))]


def _decoded(run: str) -> bytes | None:
    plain = run.replace("\\/", "/").rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _written(form: str, content: bytes) -> bytes:
    """Stored bytes as they stood in the body."""
    name, *variants = form.split("-")
    if name in ("raw", "text"):
        return content
    text = base64.urlsafe_b64encode(content) if name == "base64url" else base64.b64encode(content)
    text = text.rstrip(b"=") if "unpadded" in variants else text
    return text.replace(b"/", b"\\/") if "escaped" in variants else text
