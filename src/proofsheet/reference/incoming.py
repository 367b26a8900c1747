"""From the wire to the contract's own Request value."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, UploadFile
from starlette.requests import Request as WireRequest

from proofsheet.contract.requests import Request, Upload

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came in. ``problem`` is None, ``empty_body``, ``malformed_json`` or ``malformed_form``; ``detail`` says more.

    ``gone`` says whether the client has hung up.
    """

    request: Request
    headers: Headers
    media_type: str
    body: bytes
    origin: str
    port: int
    problem: str | None = None
    detail: str = ""
    gone: Callable[[], Awaitable[bool]] | None = None


async def read_incoming(wire: WireRequest) -> Incoming:
    """Read and decode one request. Never raises for what a client sent."""
    body = await wire.body()
    media_type = wire.headers.get("content-type", "").partition(";")[0].strip().lower()
    request = Request(method=wire.method, path=wire.scope["path"], headers=wire.headers, query=dict(wire.query_params), media_type=media_type or None)
    problem, detail = None, ""
    if not body:
        problem = "empty_body"
    elif media_type == FORM:
        request = replace(request, form=_form_fields(body))
    elif media_type == "multipart/form-data":
        request, detail = await _with_form(request, wire, body)
        problem = "malformed_form" if detail else None
    else:
        request, detail = _with_json(request, body)
        problem = "malformed_json" if detail else None
    server = wire.scope.get("server") or ("127.0.0.1", 80)
    port = int(server[1] or 80)
    return Incoming(request, wire.headers, media_type, body, f"http://127.0.0.1:{port}", port, problem, detail, wire.is_disconnected)


def _form_fields(body: bytes) -> dict[str, Any]:
    """The fields of a URL-encoded form; one that stands several times is a list."""
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _with_json(request: Request, body: bytes) -> tuple[Request, str]:
    try:
        decoded = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return request, str(error)[:120]
    return replace(request, json=decoded), ""


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


async def _with_form(request: Request, wire: WireRequest, body: bytes) -> tuple[Request, str]:
    from starlette.formparsers import MultiPartException, MultiPartParser

    async def stream() -> AsyncIterator[bytes]:
        yield body

    try:
        parsed = await MultiPartParser(wire.headers, stream(), max_part_size=32 << 20).parse()  # type: ignore[arg-type]
    except (MultiPartException, KeyError, ValueError) as error:
        return request, str(error)[:120] or "no boundary"
    form: dict[str, Any] = {}
    files: list[tuple[str, Upload]] = []
    for name, value in parsed.multi_items():
        if isinstance(value, UploadFile):
            files.append((name, Upload(value.filename or "", value.content_type or "", await value.read())))
        elif name in form:
            form[name] = [*(form[name] if isinstance(form[name], list) else [form[name]]), value]
        else:
            form[name] = value
    await parsed.close()
    return replace(request, form=form, files=tuple(files)), ""


def form_instance(request: Request, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A multipart request as the object its schema speaks of: fields in their types, a file as a string."""
    properties = schema.get("properties", {})
    instance: dict[str, Any] = {name: coerced(value, properties.get(name, {})) for name, value in request.form.items()}
    for name in dict.fromkeys(name for name, _ in request.files):
        uploads = [upload.name or "file" for field, upload in request.files if field == name]
        listed = _types(properties.get(name, {})) == {"array"} or len(uploads) > 1
        instance[name] = uploads if listed else uploads[0]
    return instance


def coerced(value: Any, schema: Mapping[str, Any]) -> Any:
    """Text from a form, a header or a query, as the type that its schema names; unchanged where it is not of that type."""
    types = _types(schema)
    if "array" in types:
        return [coerced(item, schema.get("items", {})) for item in (value if isinstance(value, list) else [value])]
    if not isinstance(value, str) or "string" in types:
        return value
    if "boolean" in types and value in ("true", "false"):
        return value == "true"
    if types & {"integer", "number"}:
        try:
            number = json.loads(value, parse_constant=_no_constant)
        except ValueError:
            return value
        return number if isinstance(number, (int, float)) and not isinstance(number, bool) else value
    return value


def _types(schema: Mapping[str, Any]) -> set[str]:
    named = schema.get("type")
    found = {named} if isinstance(named, str) else set(named or ())
    for keyword in ("anyOf", "oneOf"):
        for branch in schema.get(keyword, ()):
            found |= _types(branch)
    if not found and any(isinstance(value, bool) for value in schema.get("enum", ())):
        found = {"boolean"}
    if isinstance(schema.get("const"), bool):
        found = {"boolean"}
    return found


def with_path(incoming: Incoming, params: Mapping[str, str]) -> Incoming:
    """The same with its path parameters."""
    return replace(incoming, request=replace(incoming.request, path_params=params))
