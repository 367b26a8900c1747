"""Reference images of a request: found by the documented forms, fetched or decoded, and looked at."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from PIL import Image

from proofsheet.contract.model import Operation, Role
from proofsheet.contract.requests import Request, Upload
from proofsheet.reference.refusals import Refusal

_MOST_BYTES = 20 << 20
_SECONDS = 5.0
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_SHAPES = {"url": r"https?://\S+", "data_uri": r"data:[^,]*,[\s\S]*", "media_type": r"[\w.+-]+/[\w.+-]+", "base64": r"[\s\S]*"}


class _NotAPictureError(ValueError):
    """What was given as a reference image is none."""


class Fetcher:
    """Fetches references given by URL, with one client for the gateway's whole life: a client is slow to make."""

    def __init__(self) -> None:
        self._client: Any = None

    async def fetched(self, url: str) -> bytes:
        """The bytes behind a URL."""
        import httpx2

        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=_SECONDS, follow_redirects=True, max_redirects=3, trust_env=False)
        try:
            async with self._client.stream("GET", url) as answer:
                if answer.status_code != 200:
                    raise _NotAPictureError(f"the reference image's URL answered {answer.status_code}")
                content = b""
                async for chunk in answer.aiter_bytes():
                    content += chunk
                    if len(content) > _MOST_BYTES:
                        raise _NotAPictureError("a reference image is too large")
                return content
        except _NotAPictureError:
            raise
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError):
            raise _NotAPictureError("the reference image's URL cannot be fetched") from None


async def read_references(fetcher: Fetcher, operation: Operation, request: Request) -> tuple[tuple[bytes, ...], Refusal | None]:
    """The bytes of a request's references, and why they are refused; None where they are fine or the operation takes none."""
    role = operation.roles.get("references")
    if role is None:
        return (), None
    found: list[bytes] = []
    try:
        given = list(_given(role, request))
        if role.max is not None and len(given) > role.max:
            raise _NotAPictureError(f"at most {role.max} reference images are allowed")
        if role.min is not None and len(given) < role.min:
            raise _NotAPictureError(f"at least {role.min} reference images are needed")
        for one in given:
            found.append(await _content(fetcher, one))
            kind = kind_of(found[-1])
            if role.formats and kind not in role.formats:
                raise _NotAPictureError(f"a reference image must be one of {', '.join(role.formats)}")
    except _NotAPictureError as error:
        return (), Refusal("invalid", f"{role.at.name}: {error}", role="references", field=role.at.name)
    return tuple(found), None


def _given(role: Role, request: Request) -> Iterator[dict[str, Any]]:
    """Each reference as what its form's placeholders stand for."""
    for at in (role.at, *role.also):
        value = request.get(at)
        if value is None:
            continue
        for element in value if isinstance(value, list) else [value]:
            if isinstance(element, Upload):
                yield {"file": element}
                continue
            found = _fitted_by(role, element)
            if found is not None:
                yield found
            elif not role.append:
                raise _NotAPictureError("a reference image must have one of the forms " + ", ".join(role.forms))


def strangers(role: Role, request: Request, prompt: Role | None) -> bool:
    """Whether a list that references stand in beside a prompt holds anything else."""
    if not role.append:
        return False
    step = prompt.at.name if prompt is not None else ""
    elements = [element for at in (role.at, *role.also) if isinstance(found := request.get(at), list) for element in found]
    return any(_fitted_by(role, element) is None and not (isinstance(element, Mapping) and isinstance(element.get(step), str)) for element in elements)


def _fitted_by(role: Role, element: Any) -> dict[str, str] | None:
    return next((match for form in role.forms.values() if (match := fitted(form, element)) is not None), None)


def fitted(form: Any, value: Any) -> dict[str, str] | None:
    """What the placeholders of a form stand for in a value; None where the value has another form."""
    if isinstance(form, str):
        found = _pattern(form).fullmatch(value) if isinstance(value, str) else None
        return found.groupdict() if found else None
    if isinstance(form, Mapping):
        if not isinstance(value, Mapping):
            return None
        together: dict[str, str] = {}
        # A field's name in snake_case is the same name: formats that have the one spelling take the other.
        plain = {_plain(key): item for key, item in value.items()}
        for key, part in form.items():
            inner = fitted(part, plain[_plain(key)]) if _plain(key) in plain else None
            if inner is None:
                return None
            together |= inner
        return together
    return {} if form == value else None


def _plain(name: object) -> str:
    return str(name).replace("_", "").lower()


@lru_cache(maxsize=64)
def _pattern(form: str) -> re.Pattern[str]:
    pieces = _PLACEHOLDER.split(form)
    literals, names = [re.escape(piece) for piece in pieces[::2]], [f"(?P<{name}>{_SHAPES.get(name, '.*')})" for name in pieces[1::2]]
    return re.compile("".join(literal + name for literal, name in zip(literals, [*names, ""], strict=True)))


async def _content(fetcher: Fetcher, given: Mapping[str, Any]) -> bytes:
    if "file" in given and isinstance(given["file"], Upload):
        return given["file"].content
    if "url" in given:
        return await fetcher.fetched(given["url"])
    if "data_uri" in given:
        head, _, data = given["data_uri"].partition(",")
        if not head.endswith(";base64"):
            raise _NotAPictureError("a data URI must hold base64")
        return decoded(data)
    if "base64" in given:
        return decoded(given["base64"])
    raise _NotAPictureError("a reference image has no picture in it")


def decoded(text: str) -> bytes:
    """Bytes from standard or URL-safe base64, padded or not."""
    plain = re.sub(r"\s+", "", text).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _NotAPictureError("the base64 of a reference image is broken") from None


def kind_of(content: bytes) -> str:
    """``png``, ``jpeg``, ``webp``, … by the bytes themselves."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            return str(image.format).lower()
    except Exception:  # noqa: BLE001 -- Pillow's decoders raise almost anything on broken bytes, and all of it means the same
        raise _NotAPictureError("a reference image is no picture") from None
