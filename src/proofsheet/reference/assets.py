"""Result URLs: what stands behind each, and for how long."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from starlette.datastructures import Headers

from proofsheet.reference.pictures import Look
from proofsheet.reference.replies import Reply

#: Where result URLs begin.
PREFIX = "/files/"


@dataclass(frozen=True, slots=True)
class Asset:
    """One URL's picture. ``made`` and ``expires`` are on the gateway's clock; None: never. ``whole`` is what it is a small copy of."""

    look: Look
    content: bytes | None
    expires: float | None
    made: float = 0.0
    whole: bytes | None = None


class Assets:
    """All result URLs of one gateway. ``content`` is None for a picture that is made when it is fetched."""

    def __init__(self, lifetime: int | None) -> None:
        self.lifetime = lifetime
        self._by_path: dict[str, Asset] = {}

    def add(self, look: Look, content: bytes | None, now: float, whole: bytes | None = None) -> str:
        """The path of a new URL."""
        path = f"{PREFIX}{secrets.token_hex(12)}.{'jpg' if look.format == 'jpeg' else look.format}"
        self._by_path[path] = Asset(look, content, None if self.lifetime is None else now + self.lifetime, now, whole)
        return path

    def find(self, path: str) -> Asset | None:
        """What was ever behind a path."""
        return self._by_path.get(path)


def asset_reply(asset: Asset, content: bytes, headers: Headers, now: float) -> Reply:
    """The picture, or the part of it that was asked for; 410 when its time is over."""
    if asset.expires is not None and now >= asset.expires:
        return Reply(410, body=b"This link has expired.", media_type="text/plain; charset=utf-8")
    reply = Reply(200, {"Accept-Ranges": "bytes"}, body=content, media_type=asset.look.media_type)
    wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", headers.get("range", ""))
    if wanted is None or not (wanted.group(1) or wanted.group(2)):
        return reply
    size = len(content)
    if wanted.group(1):
        first, last = int(wanted.group(1)), min(int(wanted.group(2) or size - 1), size - 1)
    else:
        first, last = max(0, size - int(wanted.group(2))), size - 1
    if first > last:
        return Reply(416, {"Content-Range": f"bytes */{size}"})
    reply.status, reply.body = 206, content[first : last + 1]
    reply.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return reply
