"""Taking keys out of everything that is kept: texts, bytes, headers, whole documents."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"
#: A shorter secret also turns up by chance inside other words and inside pictures: it is replaced only where it stands alone.
_SHORT = 8
#: Texts up to this length are mostly ids, names and messages that come again and again in one run's results.
_REPEATING = 160
#: Bytes that are looked through at once.
_STRETCH = 1024 * 1024
_ALONE = r"(?<![A-Za-z0-9+/_=-])", r"(?![A-Za-z0-9+/_=-])"
_BASIC = re.compile(r"(?i)\b(basic(?:\s|%20|\+)+)([A-Za-z0-9+/_=-]{4,})")


class Redactor:
    """Replaces configured credentials by ``$NAME``, and their encoded forms by ``[redacted]``.

    ``secrets`` maps the name of the environment variable to its value; empty values are left out. Encoded forms
    are percent-encoding, JSON and HTML escapes, and base64 (alone, inside longer base64, or in a Basic credential).
    Redacting twice changes nothing more, and base64 that holds no secret stays as it is.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = tuple(value for value in secrets.values() if value)
        forms: dict[str, str] = {}
        for name, value in sorted(secrets.items()):
            if value:
                forms.setdefault(value, f"${name}")
        for value in self._secrets:
            for form in _encoded(value):
                forms.setdefault(form, REDACTED)
        self._forms = forms
        # What was put in before comes first, so that a secret which is part of such a mark doesn't break it up.
        marks = sorted({re.escape(mark) for mark in forms.values()}, key=len, reverse=True)
        longest_first = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join([*marks, *(f"({_guarded(form)})" for form in longest_first)])) if forms else None
        self._ordered = longest_first
        self._byte_forms = tuple(form.encode() for form in forms)
        self._remembered = lru_cache(maxsize=8192)(self._redacted)

    def text(self, text: str) -> str:
        """The text without any configured secret."""
        if self._pattern is None:
            return text
        return self._remembered(text) if len(text) <= _REPEATING else self._redacted(text)

    def _redacted(self, text: str) -> str:
        text = _BASIC.sub(self._basic, text) if "basic" in text.lower() else text
        if self._pattern is None or not any(form in text for form in self._ordered):
            return text
        return self._pattern.sub(self._mark, text)

    def bytes(self, content: bytes) -> bytes:
        """The bytes without any configured secret; binary content without one stays as it is."""
        if self._pattern is None or not (any(form in content for form in self._byte_forms) or _names_basic(content)):
            return content
        return self.text(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers without any configured secret, in names and in values."""
        return {self.text(name): self.text(value) for name, value in headers.items()}

    def value(self, value: Any) -> Any:
        """A JSON document with every string in it redacted, keys too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.value(inner) for name, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(inner) for inner in value]
        return value

    def _mark(self, match: re.Match[str]) -> str:
        return match.group(0) if match.lastindex is None else self._forms[self._ordered[match.lastindex - 1]]

    def _basic(self, match: re.Match[str]) -> str:
        decoded = _decoded(match.group(2))
        return match.group(1) + REDACTED if any(secret in decoded for secret in self._secrets) else match.group(0)


def _names_basic(content: bytes) -> bool:
    """Whether ``basic`` stands there, in any case; without a second copy of a body of megabytes."""
    here = 0
    while here < len(content):
        if b"basic" in content[here : here + _STRETCH].lower():
            return True
        here += _STRETCH - len(b"basic")
    return False


def _guarded(form: str) -> str:
    before, after = _ALONE if len(form) < _SHORT else ("", "")
    return before + re.escape(form) + after


def _encoded(value: str) -> Iterator[str]:
    """The other forms in which a value may be written. A form equal to the value itself adds nothing."""
    for percent in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield percent
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match.group(0).lower(), percent)
    for escaped in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield escaped
        yield escaped.replace("/", "\\/")
    yield html.escape(value)
    if len(value) >= _SHORT:
        yield from _base64_forms(value.encode())


def _base64_forms(raw: bytes) -> Iterator[str]:
    """What base64 shows of these bytes wherever they stand: one form for each of the three alignments."""
    yield base64.b64encode(raw).decode()
    yield base64.urlsafe_b64encode(raw).decode()
    for shift in range(3):
        # The first and last characters also hold bits of the neighbours: only whole characters of our own are compared.
        first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        padded = b"\0" * shift + raw + b"\0" * 2
        yield base64.b64encode(padded).decode()[first:last]
        yield base64.urlsafe_b64encode(padded).decode()[first:last]


def _decoded(text: str) -> str:
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
