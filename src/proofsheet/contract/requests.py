"""A request as a value: what the cases are made of and what the client sends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from proofsheet.contract.locations import Location, drop_pointer, get_pointer, plain_text, set_pointer

#: The value that takes a field out of the request.
ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT", "__bool__": lambda self: False})()


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart request."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request before it has a host and a key.

    ``path`` may hold ``{name}`` for each entry of ``path_params``. At most one of ``json``, ``form``/``files``
    and ``raw`` is set. ``raw`` is sent as it stands, with ``media_type``.
    """

    method: str
    path: str
    path_params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = ABSENT
    form: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[tuple[str, Upload], ...] = ()
    raw: bytes | None = None
    media_type: str | None = None

    def get(self, at: Location, default: Any = None) -> Any:
        """The value at a place, or ``default``."""
        if at.kind == "json":
            return get_pointer(self.json, at.place, default)
        if at.kind == "file":
            found = [upload for name, upload in self.files if name == at.place]
            return found or default
        return self._mapping(at.kind).get(at.place, default)

    def put(self, at: Location, value: Any) -> Request:
        """The request with ``value`` at the place; ABSENT takes the place out."""
        if at.kind == "json":
            body = None if self.json is ABSENT else self.json
            return replace(self, json=drop_pointer(body, at.place) if value is ABSENT else set_pointer(body, at.place, value))
        if at.kind == "file":
            others = tuple(pair for pair in self.files if pair[0] != at.place)
            added = () if value is ABSENT else tuple((at.place, upload) for upload in (value if isinstance(value, list) else [value]))
            return replace(self, files=others + added)
        mapping = {name: old for name, old in self._mapping(at.kind).items() if name != at.place}
        if value is not ABSENT:
            mapping[at.place] = value if at.kind == "form" else plain_text(value)
        if at.kind == "header":
            return replace(self, headers=mapping)
        if at.kind == "query":
            return replace(self, query=mapping)
        return replace(self, path_params=mapping) if at.kind == "path" else replace(self, form=mapping)

    def _mapping(self, kind: str) -> Mapping[str, Any]:
        return {"header": self.headers, "query": self.query, "path": self.path_params, "form": self.form}[kind]

    @property
    def target_path(self) -> str:
        """The path with its parameters filled in, as they stand (a slash stays a slash)."""
        path = self.path
        for name, value in self.path_params.items():
            path = path.replace("{" + name + "}", value)
        return path

    def signature(self) -> str:
        """A digest that two requests share exactly when they would be sent alike."""
        files = [[name, upload.name, upload.media_type, hashlib.sha256(upload.content).hexdigest()] for name, upload in self.files]
        body = None if self.json is ABSENT else ["json", self.json]
        parts = [self.method, self.target_path, sorted(self.headers.items()), sorted(self.query.items()), body, sorted(self.form.items()), files,
                 None if self.raw is None else hashlib.sha256(self.raw).hexdigest(), self.media_type]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
