"""A plain client that knows a contract: what the tests send, follow and read with."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import httpx2
from PIL import Image

from proofsheet.contract import load_contract
from proofsheet.contract.locations import select
from proofsheet.contract.model import Answer, Contract, Locators, Operation
from proofsheet.contract.pictures import sample_picture
from proofsheet.contract.requests import ABSENT, Request, Upload


@lru_cache
def contract_of(provider: str, specs: Path | None) -> Contract:
    """A contract, read once."""
    return load_contract(provider, specs, matrix=False)


def found(answer: httpx2.Response, locators: Locators) -> Any:
    """The first value at a place of an answer."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    for locator in locators:
        values = locator.find(answer.status_code, headers, body(answer), answer.text if locator.kind == "text" else "")
        if values:
            return values[0]
    return None


def body(answer: httpx2.Response) -> Any:
    """The decoded JSON, or None."""
    return answer.json() if answer.headers.get("content-type", "").startswith("application/json") else None


@dataclass(frozen=True)
class Shown:
    """One picture of an answer."""

    content: bytes
    declared: str
    url: str | None = None

    @property
    def size(self) -> tuple[int, int]:
        return Image.open(io.BytesIO(self.content)).size

    @property
    def format(self) -> str:
        return str(Image.open(io.BytesIO(self.content)).format).lower()


class Caller:
    """Sends a contract's requests to one gateway."""

    def __init__(self, provider: str, target: Mapping[str, Any], specs: Path | None) -> None:
        self.contract = contract_of(provider, specs)
        self.target = target
        self.client = httpx2.Client(base_url=target["base_url"], timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def key(self, name: str = "default") -> str:
        return str(self.target["credentials"][name])

    def auth(self, operation: Operation, key: str | None, scheme: str | None = None) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and query that carry a key."""
        if key is None:
            return {}, {}
        place = self.contract.security_schemes[scheme or operation.endpoint.security[0]]
        carried = {place.name: place.prefix + key}
        return (carried, {}) if place.place == "header" else ({}, carried)

    def base(self, operation: Operation) -> Request:
        """The base request, with one reference where the operation needs one."""
        role, request = operation.roles.get("references"), operation.base
        if role is not None and (role.min or 0) > 0 and request.get(role.at) is None:
            return request.put(role.at, [self.reference(operation, next(iter(role.forms)), "png", 0)])
        return request

    def reference(self, operation: Operation, form: str, kind: str, number: int) -> Any:
        """One reference image in one of the documented forms."""
        picture = sample_picture(kind, number)
        template = operation.roles["references"].forms[form]
        if template == "${file}":
            return Upload(f"picture.{kind}", picture.media_type, picture.content)
        values = {"url": f"{self.target['base_url']}/_reference/sample.{kind}", "data_uri": picture.data_uri, "base64": picture.base64}
        return _filled(template, {**values, "media_type": picture.media_type})

    def send(self, operation: Operation, request: Request, key: str | None = "", scheme: str | None = None, **headers: str) -> httpx2.Response:
        """One request, with the first account's key unless another or None is given."""
        carried, query = self.auth(operation, self.key() if key == "" else key, scheme)
        content: dict[str, Any] = {}
        if request.json is not ABSENT:
            content["json"] = request.json
        elif operation.media_type == "multipart/form-data":
            fields = [(name, (None, str(value).encode())) for name, value in request.form.items()]
            content["files"] = [*fields, *((name, (file.name, file.content, file.media_type)) for name, file in request.files)]
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(
            request.method, request.target_path, headers={**request.headers, **carried, **own}, params={**request.query, **query}, **content
        )

    def look(self, operation: Operation, id: str, key: str | None = "") -> httpx2.Response:
        """One look at a task."""
        cycle = operation.lifecycle
        assert cycle is not None
        carried, query = self.auth(operation, self.key() if key == "" else key)
        model = operation.model.id if operation.model else ""
        path = cycle.poll.path
        for name, template in cycle.poll_path.items():
            path = path.replace("{" + name + "}", template.replace("${id}", id))
        named = {name: template.replace("${id}", id).replace("${model}", model) for name, template in cycle.poll_query.items()}
        return self.client.get(path, headers=carried, params={**named, **query})

    def task(self, operation: Operation, answer: httpx2.Response) -> str:
        """The id that a submission answered."""
        assert operation.lifecycle is not None
        id = found(answer, operation.lifecycle.id)
        assert isinstance(id, str), answer.text
        return id

    def trace(self, operation: Operation, answer: httpx2.Response) -> list[tuple[str, Any, httpx2.Response]]:
        """Every look at a task until it has ended: state, progress, answer."""
        cycle, looks = operation.lifecycle, []
        assert cycle is not None
        id = self.task(operation, answer)
        for _ in range(10):
            seen = self.look(operation, id)
            word = found(seen, cycle.status.at)
            state = cycle.status.words.get(str(word)) or _by_rules(operation, seen)
            looks.append((state, found(seen, cycle.progress), seen))
            if state in ("succeeded", "failed"):
                break
        return looks

    def result(self, operation: Operation, answer: httpx2.Response) -> tuple[Answer, httpx2.Response]:
        """The answer that holds the pictures."""
        cycle = operation.lifecycle
        if cycle is None:
            assert operation.answer is not None
            return operation.answer, answer
        state, _, final = self.trace(operation, answer)[-1]
        assert state == "succeeded", final.text
        if cycle.result is not None:
            place = found(final, (cycle.result,))
            carried, query = self.auth(operation, self.key())
            final = self.client.get(place, headers=carried, params=query)
        return cycle.answer, final

    def pictures(self, operation: Operation, answer: httpx2.Response) -> list[Shown]:
        """Every picture of a served request."""
        assert answer.status_code < 300, answer.text
        how, final = self.result(operation, answer)
        shown: list[Shown] = []
        for rule in how.images:
            if rule.body:
                shown.append(Shown(final.content, final.headers["content-type"]))
                continue
            for element in select(str(rule.each), body(final)):
                shown += self._shown(rule, element)
        return shown

    def _shown(self, rule: Any, element: Any) -> list[Shown]:
        for url in select(rule.url, element) if rule.url else []:
            fetched = self.client.get(url)
            assert fetched.status_code == 200
            return [Shown(fetched.content, fetched.headers["content-type"], url)]
        for text in select(rule.base64, element) if rule.base64 else []:
            declared = select(rule.media_type, element)[0] if rule.media_type else ""
            return [Shown(base64.b64decode(text), declared)]
        return []

    def balance(self, key: str | None = None) -> str:
        """What stands in an account."""
        operation = self.contract.operations[0]
        carried, query = self.auth(operation, key or self.key())
        return str(self.client.get("/_reference/balance", headers=carried, params=query).json()["balance"])


def _by_rules(operation: Operation, answer: httpx2.Response) -> str:
    assert operation.lifecycle is not None
    for rule in operation.lifecycle.status.rules:
        if rule.present and found(answer, (rule.present,)) is not None:
            return rule.state
        if rule.equals and found(answer, (rule.equals[0],)) == rule.equals[1]:
            return rule.state
    return "running"


def _filled(template: Any, values: Mapping[str, str]) -> Any:
    if isinstance(template, Mapping):
        return {name: _filled(part, values) for name, part in template.items()}
    for name, value in values.items():
        template = template.replace("${" + name + "}", value)
    return template
