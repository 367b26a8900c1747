"""Requests that cases are made of: the base request, references laid on it, states laid over it, what one asks for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from proofsheet.cases.model import Probe
from proofsheet.contract.loading import merged
from proofsheet.contract.model import Operation, Role
from proofsheet.contract.pictures import SamplePicture, sample_picture
from proofsheet.contract.requests import ABSENT, Request, Upload

#: The forms a reference can take, cheapest to judge first: a URL depends on what the target can reach.
_FORM_ORDER = ("data_uri", "inline", "file", "base64")
#: Our own terms that stand for "any value but a picture".
NOT_A_PICTURE = SamplePicture("image/png", b"this is no picture, whatever its media type says")


def base_request(operation: Operation) -> Request:
    """The smallest documented valid request: the contract's, with one reference image where the operation edits."""
    references = operation.roles.get("references")
    if operation.purpose != "edit" or references is None or _has_references(operation.base, references):
        return operation.base
    form = next((name for name in _FORM_ORDER if name in references.forms), next(iter(references.forms)))
    return with_references(operation.base, references, form, [sample_picture("png")])


def _has_references(request: Request, role: Role) -> bool:
    held = request.get(role.at)
    return isinstance(held, list) and bool(held) and not role.append


def with_references(request: Request, role: Role, form: str, pictures: list[SamplePicture], urls: list[str] | None = None) -> Request:
    """``request`` with these pictures as references in one of the role's forms; ``urls`` stand for ``${url}``."""
    template = role.forms[form]
    if role.at.kind == "file":
        uploads = [Upload(f"reference-{i}.{p.media_type.rpartition('/')[2]}", p.media_type, p.content) for i, p in enumerate(pictures)]
        return request.put(role.at, uploads)
    items = [_filled(template, picture, urls[i] if urls else "") for i, picture in enumerate(pictures)]
    if role.append:
        held = request.get(role.at)
        items = [*(held if isinstance(held, list) else []), *items]
    return request.put(role.at, items)


def with_real_references(operation: Operation, request: Request) -> Request:
    """``request`` with as many real pictures as it has references: an example's own name pictures that nobody serves."""
    role = operation.roles.get("references")
    held = request.get(role.at) if role is not None and not role.append else None
    if role is None or not isinstance(held, list) or not held:
        return request
    form = next((name for name in _FORM_ORDER if name in role.forms), None)
    if form is None:
        return request
    return with_references(request.put(role.at, ABSENT), role, form, [sample_picture("png", number) for number in range(len(held))])


def _filled(template: Any, picture: SamplePicture, url: str) -> Any:
    if isinstance(template, Mapping):
        return {key: _filled(value, picture, url) for key, value in template.items()}
    if not isinstance(template, str):
        return template
    values = {"url": url, "data_uri": picture.data_uri, "base64": picture.base64, "media_type": picture.media_type}
    return re.sub(r"\$\{(\w+)\}", lambda match: values[match.group(1)], template)


def with_role(request: Request, role: Role, own: Any) -> Request:
    """``request`` with a role's value, given in our own terms."""
    return request.put(role.at, ABSENT if own is None else role.wire(own))


def with_overlay(request: Request, overlay: Mapping[str, Any]) -> Request:
    """``request`` with a state's headers and JSON laid over it."""
    changed = replace(request, headers={**request.headers, **{k: str(v) for k, v in (overlay.get("headers") or {}).items()}})
    if overlay.get("json") and changed.json is not ABSENT:
        changed = replace(changed, json=merged(changed.json, overlay["json"]))
    elif overlay.get("json") and changed.json is ABSENT and (changed.form or changed.files):
        changed = replace(changed, form={**changed.form, **overlay["json"]})
    return changed


def asked(operation: Operation, request: Request) -> dict[str, Any]:
    """What a request asks for: role values in our own terms, for every role that it sends."""
    values: dict[str, Any] = {}
    for name, role in operation.roles.items():
        for place in (role.at, *role.also):
            held = request.get(place, ABSENT)
            if held is not ABSENT and held is not None and name not in ("prompt", "references"):
                values[name] = role.own(held)
                break
    return values


def probe(operation: Operation, request: Request, **options: Any) -> Probe:
    """A probe whose id is the digest of all that makes it differ from another one."""
    text = "|".join([operation.key, request.signature(), *(f"{key}={value}" for key, value in sorted(options.items()))])
    return Probe(id=hashlib.sha256(text.encode()).hexdigest()[:16], operation=operation, request=request, **options)
