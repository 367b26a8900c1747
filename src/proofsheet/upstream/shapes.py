"""The wire formats that the upstream speaks, read from ``specs/upstreams``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import validated
from proofsheet.contract.locations import Locator
from proofsheet.contract.relay import UPSTREAMS, shape_names
from proofsheet.reference.presets import Preset, preset_of, read_presets
from proofsheet.reference.templates import used_names


@dataclass(frozen=True, slots=True)
class Place:
    """Where something may stand in a request: ``json`` by a JSONPath, ``form``, ``file``, ``header`` or ``query`` by a name."""

    kind: str
    name: str
    path: Locator | None = None

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read ``kind:name``. Raises LocationError."""
        kind, _, name = text.partition(":")
        return cls(kind, name, Locator.parse(text) if kind == "json" else None)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How an answer departs from the usual one: an upstream fault in a shape's own words. See upstream.schema.json."""

    times: int | None = None
    after: float = 0.0
    status: int = 200
    headers: Mapping[str, str] | None = None
    message: str | None = None
    json: Any = None
    text: str | None = None
    media_type: str | None = None
    format: str | None = None
    picture: str | None = None
    keep: float | None = None
    cut: float | None = None
    drop: bool = False

    @property
    def interim(self) -> bool:
        """Whether another picture comes beside the picture."""
        return "extra" in used_names(self.json)

    @property
    def delivers(self) -> bool:
        """Whether the picture comes whole all the same."""
        spoilt = self.drop or self.status >= 300 or any(value is not None for value in (self.message, self.text, self.picture, self.keep, self.cut))
        return not spoilt and (self.json is None or "first" in used_names(self.json))


@dataclass(frozen=True, slots=True)
class Shape:
    """One wire format."""

    name: str
    title: str
    base: str
    paths: tuple[re.Pattern[str], ...]
    keys: tuple[Place, ...]
    asks: Mapping[str, tuple[Place, ...]]
    presets: tuple[Preset, ...]
    format: str
    most: int
    most_references: int
    answer: Any
    error: Any
    words: Mapping[str, str]
    faults: Mapping[str, Behaviour]

    def preset(self, model: str) -> Preset:
        """The pixels that this model makes; the last is any model's."""
        return preset_of(self.presets, model)


def read_shapes(root: Path) -> tuple[Shape, ...]:
    """All shapes below a folder of specs. Raises ContractError."""
    return tuple(_shape(root, name) for name in shape_names(root))


def _shape(root: Path, name: str) -> Shape:
    path = root / UPSTREAMS / f"{name}.yaml"
    raw = validated(path, "upstream.schema.json")
    if raw["shape"] != name:
        raise ContractError(str(path), f"shape is '{raw['shape']}', but the file is '{name}'")
    pictures = raw["pictures"]
    try:
        paths = tuple(re.compile(pattern) for pattern in raw["paths"])
    except re.error as error:
        raise ContractError(str(path), f"paths holds no regular expression: {error}") from None
    return Shape(
        name=name,
        title=raw["title"],
        base=raw["base"],
        paths=paths,
        keys=tuple(Place.parse(text) for text in raw["keys"]),
        asks={role: tuple(Place.parse(text) for text in places) for role, places in raw["asks"].items()},
        presets=read_presets(root, path, pictures),
        format=pictures.get("formats", {}).get("default", "png"),
        most=raw["most"]["count"],
        most_references=raw["most"]["references"],
        answer=raw["answer"],
        error=raw["error"],
        words=raw["words"],
        faults={fault: Behaviour(**entry) for fault, entry in raw["faults"].items()},
    )
