"""The request as a line for a shell, so that a person can see for themselves what the harness saw."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from proofsheet.exchange.model import Sent

#: Headers that curl writes itself, or that would be wrong after an edit by hand.
_CURLS_OWN = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "user-agent"})
_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
_URL_KEY = re.compile(r"(?<=[?&])([^=&#]+=)(\$[A-Za-z_][A-Za-z0-9_]*)(?=[&#]|$)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{400,}={0,2}")
_BOUNDARY = re.compile(r"""(?i);\s*boundary=(?:"([^"]+)"|([^\s;"]+))""")
_NAMED = re.compile(r'(?i)[;\s]((?:file)?name)="((?:[^"\\]|\\.)*)"')
_PART_TYPE = re.compile(r"(?im)^content-type:[ \t]*([^\s;]+)")
_KEPT_BASE64 = 48
#: A longer line is of no use in a terminal.
_LONGEST_BODY = 6000


def curl_line(sent: Sent) -> str:
    """One line that sends this request again. Keys stand as ``$NAME``, for the shell to fill in.

    Long base64 and binary bodies are cut, and a comment at the end says so.
    """
    notes: list[str] = []
    multipart = (sent.media_type or _header(sent.headers, "content-type")).lower().startswith("multipart/")
    body = list(_form(sent, notes) if multipart else _data(sent, notes)) if sent.body else []
    words = ["curl", "-sS", "-i"]
    if sent.method.upper() != ("POST" if body else "GET"):
        words += ["-X", quoted(sent.method)]
    words.append(_url(sent.url))
    words += list(_headers(sent, multipart))
    return " ".join([*words, *body]) + "".join(f"  # {note}" for note in notes[:1])


def quoted(text: str) -> str:
    """The text as one word of a shell that reads it as it stands."""
    if text and re.fullmatch(r"[A-Za-z0-9_@%+:,./=-]+", text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "'\\''") + "'"
    return "$'" + "".join(_escaped(character) for character in text) + "'"


def _escaped(character: str) -> str:
    if character in "\\'":
        return "\\" + character
    if character.isprintable():
        return character
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    return named or (f"\\x{ord(character):02x}" if ord(character) < 128 else f"\\U{ord(character):08x}")


def _filled(text: str, variables: list[tuple[int, int]]) -> str:
    """The text as one word in which the shell fills in the variables at these places and nothing else."""
    rest = "".join(text[end:start] for end, start in zip([0, *(end for _, end in variables)], [*(start for start, _ in variables), len(text)], strict=True))
    if text.isprintable() and not re.search(r'[\\"$`!]', rest):
        return f'"{text}"'
    word, end = "", 0
    for start, stop in variables:
        word += quoted(text[end:start]) + f'"{text[start:stop]}"'
        end = stop
    return word + (quoted(text[end:]) if text[end:] else "")


def _url(url: str) -> str:
    # A target chooses parts of some URLs: only a whole query value counts as a key's place.
    places = [match.span(2) for match in _URL_KEY.finditer(url)]
    return _filled(url, places) if places else quoted(url)


def _header(headers: Mapping[str, str], wanted: str) -> str:
    return next((value for name, value in headers.items() if name.lower() == wanted), "")


def _headers(sent: Sent, multipart: bool) -> Iterator[str]:
    named = {name.lower() for name in sent.headers}
    headers = dict(sent.headers)
    if sent.media_type and sent.body and "content-type" not in named:
        headers["Content-Type"] = sent.media_type
    for name, value in headers.items():
        if name.lower() in _CURLS_OWN or (multipart and name.lower() == "content-type"):
            continue
        line = f"{name}: {value}" if value else f"{name};"
        places = [match.span() for match in _VARIABLE.finditer(line)]
        yield f"-H {_filled(line, places) if places else quoted(line)}"
    if sent.body and not multipart and "content-type" not in {name.lower() for name in headers}:
        yield "-H Content-Type:"  # else curl would claim a form


def _data(sent: Sent, notes: list[str]) -> Iterator[str]:
    try:
        text = sent.body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    cut = _shortened(text, notes)
    if "\0" in text or len(cut) > _LONGEST_BODY:
        notes.insert(0, f"put the body of {len(sent.body)} bytes into body.bin first")
        yield "--data-binary @body.bin"
    else:
        yield f"--data-raw {quoted(cut)}"


def _shortened(text: str, notes: list[str]) -> str:
    cut = _BASE64.sub(lambda match: f"{match.group(0)[:_KEPT_BASE64]}...", text)
    if cut != text:
        notes.append("base64 was cut at '...': put a whole picture there")
    return cut


def _form(sent: Sent, notes: list[str]) -> Iterator[str]:
    media_type = _header(sent.headers, "content-type") or sent.media_type or ""
    parts = list(_parts(sent.body, media_type))
    if not parts:
        notes.append(f"the multipart body of {len(sent.body)} bytes could not be taken apart: put it into body.bin first")
        yield f"-H {quoted('Content-Type: ' + media_type)} --data-binary @body.bin"
        return
    for headers, content in parts:
        yield _field(headers, content, notes)


def _parts(body: bytes, media_type: str) -> Iterator[tuple[str, bytes]]:
    """The headers and the content of each part. The body is one that this tool has put together, or something like it."""
    boundary = _BOUNDARY.search(media_type)
    if boundary is None:
        return
    mark = b"\r\n--" + (boundary[1] or boundary[2]).encode("utf-8", "surrogateescape")
    for piece in (b"\r\n" + body).split(mark)[1:]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        if piece.startswith(b"\r\n") and blank:
            yield head.decode("utf-8", "replace"), content


def _field(headers: str, content: bytes, notes: list[str]) -> str:
    names = {match[1].lower(): re.sub(r"\\(.)", r"\1", match[2]) for match in _NAMED.finditer(headers)}
    name = names.get("name", "")
    file = names.get("filename")
    if file is not None:
        notes.append("name your own files after '@'")
        kind = _PART_TYPE.search(headers)
        media_type = kind[1].lower() if kind else "text/plain"
        return f"-F {quoted(f'{name}=@{file};type={media_type}')}"
    text = _shortened(content.decode("utf-8", "replace"), notes)
    return f"--form-string {quoted(f'{name}={text}')}" if text[:1] in ("@", "<") or ";" in text else f"-F {quoted(f'{name}={text}')}"
