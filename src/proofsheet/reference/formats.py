"""How the model behind the gateway is asked: the ``client`` section of its format's data, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofsheet.contract.errors import ContractError, LocationError
from proofsheet.contract.files import validated
from proofsheet.contract.locations import Locator
from proofsheet.contract.relay import UPSTREAMS, Relay, shape_names, shared_root
from proofsheet.reference.presets import Preset, preset_of, read_presets
from proofsheet.reference.templates import used_names

#: What a template may say of a request; each stands for nothing where it is not asked for.
NAMES = frozenset({"texts", "prompt", "references", "ratio", "size", "dimensions", "count", "seed", "search", "format", "model"})

@dataclass(frozen=True, slots=True)
class Request:
    """One way to ask. Either ``json`` or ``form`` is a template; ``files`` is the form's field for reference images."""

    path: str
    json: Any
    form: Mapping[str, Any] | None
    files: str | None
    says: frozenset[str]


@dataclass(frozen=True, slots=True)
class Format:
    """One wire format as somebody uses it who asks in it. ``most`` is how many images one request may ask for."""

    name: str
    base: str
    model: str
    headers: Mapping[str, str]
    requests: tuple[Request, ...]
    pictures: tuple[Locator, ...]
    refusals: tuple[Locator, ...]
    wait: tuple[Locator, ...]
    most: int
    presets: tuple[Preset, ...]

    def pixels(self, model: str | None, terms: Mapping[str, Any]) -> tuple[int, int] | None:
        """The pixels that a model makes for these terms; None where it has none for them."""
        preset = preset_of(self.presets, model or self.model)
        found = preset.table.find(**{axis: str(terms.get(axis, preset.default.get(axis))) for axis in preset.table.axes})
        return (found[0].width, found[0].height) if found else None


def read_formats(relay: Relay, specs: Path | None) -> tuple[Format, ...]:
    """The formats that a contract names, in its order. Raises ContractError."""
    root = shared_root(specs)
    return tuple(_format(root, root / UPSTREAMS / f"{name}.yaml") for name in relay.shapes or shape_names(root))


def _format(root: Path, path: Path) -> Format:
    raw = validated(path, "upstream.schema.json")
    if "client" not in raw:
        raise ContractError(str(path), "has no section 'client', which says how the gateway asks in this format")
    client = raw["client"]
    try:
        pictures, refusals, wait = (tuple(Locator.parse(entry) for entry in client.get(name, ())) for name in ("pictures", "refusals", "wait"))
    except LocationError as error:
        raise ContractError(str(path), f"client: {error}") from None
    requests, most = tuple(_request(path, entry) for entry in client["requests"]), raw["most"]["count"]
    presets = read_presets(root, path, raw["pictures"])
    return Format(raw["shape"], raw["base"], client["model"], client["headers"], requests, pictures, refusals, wait, most, presets)


def _request(path: Path, raw: Mapping[str, Any]) -> Request:
    template = raw.get("json", raw.get("form"))
    says = used_names(raw["path"]) | used_names(template) | set(_lists(template)) | ({"references"} if "files" in raw else set())
    unknown = sorted(says - NAMES - {"image"})
    if unknown:
        raise ContractError(str(path), f"client: '{unknown[0]}' stands for nothing; there are: {', '.join(sorted(NAMES))}")
    return Request(raw["path"], raw.get("json"), raw.get("form"), raw.get("files"), frozenset(says))


def _lists(node: Any) -> Iterator[str]:
    """The names of the lists that a template goes through."""
    if isinstance(node, Mapping):
        if "$each" in node:
            yield str(node["$each"])
        for value in node.values():
            yield from _lists(value)
    elif isinstance(node, list):
        for value in node:
            yield from _lists(value)
