"""What a set says about itself, and how a run is made of that again: the target without its keys, and what it could reach."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from proofsheet.cases.surroundings import Pictures
from proofsheet.exchange.targets import Credential, Secret, Target, target_from_mapping

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class About:
    """The content of set.json.

    ``provenance`` is who answered: ``reference`` (our own gateway: simulated), ``vendor`` (the documented host) or
    ``gateway`` (any other). ``target`` has the shape of a target in targets.toml, with the variables' names as
    credentials. ``hosts`` are the addresses that names had. ``digest`` is over all of the set.
    """

    target: Mapping[str, Any]
    provenance: str
    recorded_at: str
    tool_version: str
    specs_sha256: str
    complete: bool
    heads_only: bool
    requests: int
    pictures: Mapping[str, str | None] = field(default_factory=dict)
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hosts: Mapping[str, Any] = field(default_factory=dict)
    selection: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    schema_version: str = SCHEMA_VERSION

    @property
    def simulated(self) -> bool:
        """Whether our own reference gateway answered."""
        return self.provenance == "reference"

    @property
    def time(self) -> datetime:
        """When it was recorded."""
        return datetime.fromisoformat(self.recorded_at)

    def sealed(self, sums: str) -> About:
        """With the digest over everything: these facts, and the sums of all files."""
        content = json.dumps(asdict(replace(self, digest="")), sort_keys=True) + sums
        return replace(self, digest=hashlib.sha256(content.encode("utf-8")).hexdigest())


def described(target: Target, pictures: Pictures) -> dict[str, Any]:
    """``target``, ``keys`` and ``pictures`` of set.json: everything that decides which requests are made, and no key."""
    raw: dict[str, Any] = {
        "provider": target.provider, "base_url": target.base_url, "paid": target.paid, "headers": dict(target.headers), "models": dict(target.models),
        "unsupported": list(target.unsupported), "mirror_hosts": list(target.mirror_hosts), "key_mode": target.key_mode,
        "states": {name: _plain({"headers": dict(s.headers), "json": dict(s.json), "credential": s.credential}) for name, s in target.states.items()},
        "asset_hosts": None if target.asset_hosts is None else list(target.asset_hosts),
        "request_timeout": target.request_timeout, "reference_image_url": target.reference_image_url,
        "price": None if target.usd_per_unit is None else {"usd_per_unit": _decimal(target.usd_per_unit)},
        "balance": None if target.balance is None else asdict(target.balance),
        "pace": _plain(asdict(target.pace)),
    }  # fmt: skip
    return {
        "target": {"name": target.name, **_plain(raw)},
        "keys": {name: _key_facts(target, name) for name in target.credentials},
        "pictures": _plain(asdict(pictures)),
    }


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if value is not None}


def _decimal(value: Fraction) -> str:
    return f"{float(value):.12f}".rstrip("0").rstrip(".") if value.denominator != 1 else str(value.numerator)


def _key_facts(target: Target, name: str) -> dict[str, str]:
    """What is known of a key: its variable, how its kind begins (as in ``sk-``), and which other name has the very same key."""
    key = target.credentials[name].key.reveal()
    start, dash, _ = key.partition("-")
    same = next(other for other, credential in target.credentials.items() if credential.key.reveal() == key)
    return {"variable": target.credentials[name].variable, "kind": start + dash if dash and len(start) <= 4 else "", "same_as": same}


def recorded_target(about: About) -> Target:
    """The target again, with keys that nobody has in place of the real ones. Raises TargetError."""
    raw = {name: value for name, value in about.target.items() if name != "name"}
    keys = {name: f"{facts['kind']}replayed.{facts['same_as']}.{facts['variable']}" for name, facts in about.keys.items()}
    target = target_from_mapping(str(about.target["name"]), {**raw, "credentials": keys})
    credentials = {name: Credential(about.keys[name]["variable"], Secret(key)) for name, key in keys.items()}
    return replace(target, credentials=credentials)


def recorded_pictures(about: About) -> Pictures:
    """The pictures that the target could fetch."""
    return Pictures(**about.pictures)
