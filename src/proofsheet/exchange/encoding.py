"""A request value turned into what goes over the wire, and its key put in place."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx2

from proofsheet.cases.model import MALFORMED_KEY, NO_KEY, UNKNOWN_KEY
from proofsheet.contract.model import SecurityScheme
from proofsheet.contract.requests import ABSENT, Request
from proofsheet.exchange.origins import UnusableURL, http_url
from proofsheet.exchange.targets import Target, TargetError

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_NO_KEY_AT_ALL = "not a key"


class Unsendable(ValueError):
    """A request that HTTP has no way to carry; the message says why."""


@dataclass(frozen=True, slots=True)
class SecurityUse:
    """Which credential to carry (a name among the target's, or NO_KEY, MALFORMED_KEY, UNKNOWN_KEY), and by which scheme."""

    credential: str
    scheme: SecurityScheme


@dataclass(frozen=True, slots=True)
class KeyText:
    """What the scheme's place holds: as sent, and as it may be shown."""

    sent: str = field(repr=False)
    shown: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """A request without its key, ready for any URL of the target."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    media_type: str | None


def encode(request: Request, target: Target) -> Encoded:
    """Raises Unsendable where the request has no form on the wire."""
    try:
        media_type, body = _body(request)
        query = urlencode(list(request.query.items()), quote_via=quote)
    except (TypeError, ValueError, UnicodeError) as error:
        raise Unsendable(f"the request cannot be encoded: {error}") from None
    headers = {**_without(target.headers, request.headers), **request.headers}
    if media_type and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = media_type
    path = quote(request.target_path, safe="/:@!$&'()*+,;=~", errors="replace")
    return Encoded(request.method, target.base_url + path + (f"?{query}" if query else ""), headers, body, media_type)


def key_text(use: SecurityUse | None, target: Target) -> KeyText | None:
    """What to put into the scheme's place; None for no key. Raises TargetError for a credential the target has not."""
    if use is None or use.credential == NO_KEY:
        return None
    if use.credential == MALFORMED_KEY:
        return KeyText(_NO_KEY_AT_ALL, _NO_KEY_AT_ALL)
    prefix = use.scheme.prefix
    if use.credential == UNKNOWN_KEY:
        unknown = prefix + _written(unknown_key(target), use.scheme)
        return KeyText(unknown, unknown)
    credential = target.credentials.get(use.credential)
    if credential is None:
        raise TargetError(f"target '{target.name}' has no credential '{use.credential}'")
    return KeyText(prefix + _written(credential.key.reveal(), use.scheme), prefix + credential.placeholder)


def _written(key: str, scheme: SecurityScheme) -> str:
    return base64.b64encode(key.encode("utf-8")).decode("ascii") if scheme.base64 else key


def unknown_key(target: Target) -> str:
    """A key in the usual form that nobody has: the same in every run, so that recordings of it can be found again."""
    default = target.credentials.get("default")
    start, dash, _ = default.key.reveal().partition("-") if default else ("", "", "")
    kind = start + dash if dash and len(start) <= 4 else ""
    return kind + hashlib.sha256(b"a key that no account was ever given").hexdigest()[:48]


def url_with_key(url: httpx2.URL, use: SecurityUse | None, key: KeyText | None) -> tuple[httpx2.URL, str]:
    """The URL as sent and as shown: with the key in it where the scheme's place is the query."""
    if use is None or use.scheme.place != "query":
        return url, str(url)
    name = use.scheme.name
    bare = url.copy_remove_param(name) if name in url.params else url
    if key is None:
        return bare, str(bare)
    joint = "&" if bare.query else "?"
    keyed = httpx2.URL(f"{bare}{joint}{quote(name)}={quote(key.sent, safe='')}")
    return keyed, f"{bare}{joint}{quote(name)}={quote(key.shown, safe='$')}"


def headers_with_key(headers: Mapping[str, str], use: SecurityUse | None, key: KeyText | None) -> tuple[dict[str, str], dict[str, str]]:
    """The headers as sent and as shown."""
    if use is None or key is None or use.scheme.place == "query":
        return dict(headers), dict(headers)
    if use.scheme.place == "cookie":
        name, sent, shown = "Cookie", f"{use.scheme.name}={key.sent}", f"{use.scheme.name}={key.shown}"
    else:
        name, sent, shown = use.scheme.name, key.sent, key.shown
    others = _without(headers, {name: ""})
    return {**others, name: sent}, {**others, name: shown}


def build(method: str, url: httpx2.URL, headers: Mapping[str, str], body: bytes, client: httpx2.AsyncClient) -> httpx2.Request:
    """The client's own request value. Raises Unsendable for header values that HTTP does not allow."""
    for name, value in headers.items():
        if any(char in value for char in "\r\n\0") or not name.isascii():
            raise Unsendable(f"the header '{name[:40]}' cannot carry its value")
    try:
        raw = [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()]
        return client.build_request(method, url, headers=raw, content=body or None)
    except (ValueError, TypeError, httpx2.InvalidURL) as error:
        raise Unsendable(f"the request cannot be sent: {type(error).__name__}") from None


def checked_url(text: str) -> httpx2.URL:
    """A URL the harness has made itself. Raises Unsendable."""
    try:
        return http_url(text)
    except UnusableURL as error:
        raise Unsendable(f"the request's URL cannot be used: {error}") from None


def _without(headers: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    taken = {name.lower() for name in others}
    return {name: value for name, value in headers.items() if name.lower() not in taken}


def _body(request: Request) -> tuple[str | None, bytes]:
    if request.raw is not None:
        return request.media_type, request.raw
    if request.form or request.files:
        if request.media_type == FORM and not request.files:
            return FORM, urlencode([(name, value) for name, _, value in _fields(request)], quote_via=quote).encode("ascii")
        return _multipart(request)
    if request.json is not ABSENT:
        return request.media_type or "application/json", _json(request.json)
    return request.media_type, b""


def _json(value: Any) -> bytes:
    """Compact UTF-8; a lone surrogate, which UTF-8 lacks, goes as an escape."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")


def _fields(request: Request) -> list[tuple[str, None, str]]:
    """Form fields in order; a list is a field that stands several times."""
    found: list[tuple[str, None, str]] = []
    for name, value in request.form.items():
        found += [(name, None, item if isinstance(item, str) else _json(item).decode()) for item in (value if isinstance(value, list) else [value])]
    return found


def _multipart(request: Request) -> tuple[str, bytes]:
    """Multipart with a boundary made of the content, so that the same request is the same bytes in every run."""
    boundary = f"proofsheet-{request.signature()[:32]}"
    parts: list[bytes] = []
    for name, _, text in _fields(request):
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'.encode() + text.encode("utf-8", "replace") + b"\r\n"
        )
    for name, upload in request.files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"; filename="{_quoted(upload.name)}"\r\n'
        head += f"Content-Type: {upload.media_type}\r\n\r\n"
        parts.append(head.encode() + upload.content + b"\r\n")
    return f"{MULTIPART}; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode("ascii")


def _quoted(text: str) -> str:
    """As browsers write names in multipart headers."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
