"""What never reaches the disk: keys wherever they stand, cookies, and the signatures of signed URLs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import unquote

import httpx2

from proofsheet.contract.model import SecurityScheme
from proofsheet.exchange.encoding import SecurityUse, key_text
from proofsheet.exchange.redact import Redactor
from proofsheet.exchange.targets import Target

#: Query parameters that give whoever holds the URL a right. Their values become ``redacted-`` and eight characters that only
#: tell different values apart, so that a recorded URL still differs where the real ones did.
_SIGNED = re.compile(
    r"(?i)((?:[?&;]|\\u0026)"
    r"(?:[\w.~-]*(?:signature|credential|security[-_]token|access[-_]?token|access[-_]?key(?:[-_]?id)?|api[-_]?key|key-pair-id|hmac)|sig|sign|token|key|auth|policy)"
    r"=)(?!redacted-[0-9a-f]{8}|\$[A-Z])([^&\"'\s<>#\\]+)"
)
_COOKIE_HEADERS = ("set-cookie",)
#: A shorter secret also turns up by chance inside binary data.
_SHORTEST_IN_BINARY = 8


class Secrets:
    """Takes a target's secrets out of what is kept, the same way each time: a replayed request becomes the recorded one.

    Keys become ``$VARIABLE``, so that a recording still says which account was used.
    """

    def __init__(self, target: Target, schemes: Mapping[str, SecurityScheme]) -> None:
        keys = {credential.variable: credential.key.reveal() for credential in target.credentials.values()}
        self._redactor = Redactor(keys)
        self._in_binary = Redactor({name: key for name, key in keys.items() if len(key) >= _SHORTEST_IN_BINARY})
        self._places = tuple(schemes.values())
        self._shown = _shown(target, self._places)

    def text(self, text: str) -> str:
        """Text without any secret."""
        return _SIGNED.sub(lambda match: match.group(1) + _stand_in(match.group(2)), self._redactor.text(text))

    def bytes(self, content: bytes) -> bytes:
        """Bytes without any key; those of a picture stay as they are."""
        try:
            return self.text(content.decode("utf-8")).encode("utf-8")
        except UnicodeDecodeError:
            return self._in_binary.bytes(content)

    def url(self, url: httpx2.URL) -> str:
        """A request's URL, with the account's name where a key stood."""
        for scheme in self._places:
            if scheme.place == "query" and scheme.name in url.params:
                shown = self._shown.get((scheme.id, url.params[scheme.name]))
                url = url if shown is None else url.copy_set_param(scheme.name, shown)
        return self.text(str(url).replace("%24", "$"))

    def request_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """A request's headers, with the account's name where a key stood."""
        kept = {name: value for name, value in headers.items() if name.lower() != "cookie"}
        for scheme in self._places:
            if scheme.place == "header":
                kept = {name: self._shown.get((scheme.id, value), value) if name.lower() == scheme.name.lower() else value for name, value in kept.items()}
        cookies = next((value for name, value in headers.items() if name.lower() == "cookie"), None)
        if cookies is not None:
            kept["cookie"] = "; ".join(self._cookie(part.strip()) for part in cookies.split(";"))
        return {name: self.text(value) for name, value in kept.items()}

    def response_headers(self, headers: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """An answer's headers; of cookies the names stay."""
        return {
            self.text(name): [_nameless(value) if name.lower() in _COOKIE_HEADERS else self.text(value) for value in values] for name, values in headers.items()
        }

    def _cookie(self, pair: str) -> str:
        name, _, value = pair.partition("=")
        scheme = next((scheme for scheme in self._places if scheme.place == "cookie" and scheme.name == name), None)
        return f"{name}={value if value.startswith('$') else '[redacted]'}" if scheme is None else f"{name}={self._shown.get((scheme.id, value), value)}"


def _shown(target: Target, schemes: tuple[SecurityScheme, ...]) -> dict[tuple[str, str], str]:
    """What stands in a scheme's place for each of the target's keys, and what is kept of it. Of two names for one key the first counts."""
    found: dict[tuple[str, str], str] = {}
    for scheme in schemes:
        for credential in target.credentials:
            key = key_text(SecurityUse(credential, scheme), target)
            if key is not None:
                found.setdefault((scheme.id, key.sent), key.shown)
    return found


def _stand_in(value: str) -> str:
    return f"redacted-{hashlib.sha256(unquote(value).encode()).hexdigest()[:8]}"


def _nameless(value: str) -> str:
    """A Set-Cookie header without its value."""
    try:
        names = list(SimpleCookie(value))
    except CookieError:
        names = []
    return f"{names[0]}=[redacted]" if names else "[redacted]"
