"""Bodies as readable text, and back byte for byte."""

from __future__ import annotations

import base64
import io
import json
import random
from pathlib import Path

import pytest
from PIL import Image

from proofsheet.recording.blobs import HEAD, BlobStore, recorded_digest
from proofsheet.recording.bodies import LONGEST, MARK, pack, unpack
from proofsheet.recording.errors import RecordingError


def picture(width: int = 300, height: int = 200, kind: str = "PNG", seed: int = 1) -> bytes:
    image = Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(width * height * 3))
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


PNG, JPEG = picture(), picture(kind="JPEG")
STANDARD, URL_SAFE = base64.b64encode(PNG).decode(), base64.urlsafe_b64encode(PNG).decode()
WRAPPED = "\\n".join(STANDARD[start : start + 76] for start in range(0, len(STANDARD), 76))
MULTIPART = b'--b0\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na heron\r\n--b0\r\nContent-Disposition: form-data; name="image"\r\n\r\n' + PNG + b"\r\n--b0--\r\n"
BODIES = {
    "empty": (b"", ""),
    "text": ("a füll tëxt \U0001f3de\r\n".encode(), "text/plain"),
    "standard": (json.dumps({"data": [{"b64": STANDARD}]}).encode(), "application/json"),
    "url-safe": (json.dumps({"b64": URL_SAFE}).encode(), "application/json"),
    "unpadded": (json.dumps({"b64": base64.b64encode(PNG + b"x" * ((1 - len(PNG)) % 3)).decode().rstrip("=")}).encode(), "application/json"),
    "url-safe unpadded": (json.dumps({"b64": URL_SAFE.rstrip("=")}).encode(), "application/json"),
    "escaped slashes": (json.dumps({"b64": STANDARD}).replace("/", "\\/").encode(), "application/json"),
    "data uri": (json.dumps({"image": f"data:image/png;base64,{STANDARD}"}).encode(), "application/json"),
    "wrapped": (b'{"b64": "' + WRAPPED.encode() + b'"}', "application/json"),
    "two pictures": (json.dumps([STANDARD, base64.b64encode(JPEG).decode()]).encode(), "application/json"),
    "loose bits at the end": (b'"' + base64.b64encode(PNG + b"\0" * ((1 - len(PNG)) % 3))[:-3] + b'B=="', "application/json"),
    "a mixture of alphabets": (b'"' + STANDARD.encode() + b"-_/+" * 200 + b'"', "application/json"),
    "picture": (PNG, "image/png"),
    "cut picture": (PNG[: len(PNG) // 2], "image/png"),
    "multipart": (MULTIPART, "multipart/form-data; boundary=b0"),
    "multipart of text": (b'--b0\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n--b0--\r\n', "multipart/form-data; boundary=b0"),
    "binary": (bytes(range(256)) * 4, "application/octet-stream"),
    "not unicode": (b'{"a": "\xff\xfe"}', "application/json"),
    "control characters": (b'{"a": "\x00\x1b[31m\x85"}', "application/json"),
    "yaml's own": ("a: &b [*c, !d]\n- 'x' \"y\" # z\n\t|\n>\n%TAG\u2028\ufeff".encode(), "text/plain"),
    "long text": (b"x" * (LONGEST + 1), "text/plain"),
    "long words": (b"word " * 20_000, "text/plain"),
    "a reference in the text": (f"{MARK}{'0' * 64}:raw".encode(), "text/plain"),
    "a reference in multipart": (MULTIPART.replace(b"a heron", f"{MARK}{'0' * 64}:raw".encode()), "multipart/form-data; boundary=b0"),
}


def plain(text: str) -> str:
    return text


def same(content: bytes) -> bytes:
    return content


@pytest.mark.parametrize("name", BODIES)
def test_a_body_comes_back_byte_for_byte(name: str, tmp_path: Path) -> None:
    body, media_type = BODIES[name]
    store = BlobStore(tmp_path)
    packed = pack(body, media_type, store.put, plain, same)
    assert unpack(packed, store.get) == body
    assert len(packed) <= LONGEST


@pytest.mark.parametrize("name", ["standard", "url-safe", "unpadded", "url-safe unpadded", "escaped slashes", "data uri", "picture", "multipart"])
def test_a_picture_stands_in_the_store_and_not_in_the_text(name: str, tmp_path: Path) -> None:
    body, media_type = BODIES[name]
    store = BlobStore(tmp_path)
    packed = pack(body, media_type, store.put, plain, same)
    assert len(packed) < 500
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 1
    assert next(path for path in tmp_path.rglob("*") if path.is_file()).read_bytes()[:4] == b"\x89PNG"


def test_a_4k_picture_costs_a_cassette_little(tmp_path: Path) -> None:
    content = picture(4096, 2160)
    assert len(content) > 20_000_000
    for body in (json.dumps({"b64": base64.b64encode(content).decode()}).encode(), content, json.dumps({"b64": base64.encodebytes(content).decode()}).encode()):
        assert len(pack(body, "application/json", BlobStore(tmp_path).put, plain, same)) < 50_000


def test_readable_multipart_stays_readable(tmp_path: Path) -> None:
    packed = pack(MULTIPART, "multipart/form-data; boundary=b0", BlobStore(tmp_path).put, plain, same)
    assert "a heron" in packed


def test_equal_pictures_are_kept_once(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    assert store.put(PNG) == store.put(PNG)
    pack(BODIES["standard"][0], "application/json", store.put, plain, same)
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 1


def test_what_compresses_well_is_kept_compressed(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    flat = b"\x89PNG\r\n\x1a\n" + b"\0" * 100_000
    digest = store.put(flat)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert path.suffix == ".gz"
    assert path.stat().st_size < 1000
    assert store.get(digest) == flat


def test_missing_and_altered_bytes_are_told(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    digest = store.put(PNG)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(JPEG)
    with pytest.raises(RecordingError, match="was altered"):
        store.get(digest)
    path.unlink()
    with pytest.raises(RecordingError, match="are missing"):
        store.get(digest)


def test_a_head_names_the_picture_it_is_of(tmp_path: Path) -> None:
    store = BlobStore(tmp_path, heads_only=True)
    digest, text = store.put(PNG), store.put(b"no picture " * 100)
    assert store.get(digest)[:HEAD] == PNG[:HEAD]
    assert len(store.get(digest)) < HEAD + 150
    assert recorded_digest(store.get(digest)) == digest
    assert store.get(text) == b"no picture " * 100
    assert recorded_digest(PNG) is None
