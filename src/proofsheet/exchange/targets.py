"""Targets: one deployment that claims to keep a provider's contract, as a frozen value."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx2

from proofsheet.exchange.origins import Origin, UnusableURL, http_url, is_local_host, origin_of
from proofsheet.exchange.redact import Redactor
from proofsheet.exchange.target_files import TargetError, check_document, looks_like_a_key

__all__ = [
    "Balance",
    "Credential",
    "Secret",
    "State",
    "Target",
    "TargetError",
    "TargetPace",
    "load_target",
    "target_from_mapping",
    "target_from_options",
]

#: Characters from which on a key is looked for in what a target sends back.
_SHORTEST_SECRET = 8


class Secret:
    """A key. Only ``reveal`` gives it away; printing, logging and comparing do not."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself, to be put into a request and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("a key is not pickled")


@dataclass(frozen=True, slots=True)
class Credential:
    """One account's key, and the environment variable that stands for it in what people read."""

    variable: str
    key: Secret

    @property
    def placeholder(self) -> str:
        """What stands in place of the key in reports and curl lines."""
        return f"${self.variable}"


@dataclass(frozen=True, slots=True)
class State:
    """What brings about a state that a request alone cannot: an overlay on the base request, or another account."""

    headers: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] = field(default_factory=dict)
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Where an account's balance can be read, and in which unit."""

    url: str
    pointer: str
    unit: str


@dataclass(frozen=True, slots=True)
class TargetPace:
    """What the target's owner sets about speed, in seconds; None leaves it to the provider's contract."""

    max_concurrency: int | None = None
    requests_per_minute: float | None = None
    first_poll_after: float | None = None
    poll_every: float | None = None
    lifecycle_timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One deployment. ``asset_hosts`` is None where the hosts that the provider documents apply."""

    name: str
    provider: str
    base_url: str
    paid: bool
    headers: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    unsupported: tuple[str, ...] = ()
    asset_hosts: tuple[str, ...] | None = None
    mirror_hosts: tuple[str, ...] = ()
    request_timeout: float | None = None
    key_mode: str = "own"
    reference_image_url: str | None = None
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    states: Mapping[str, State] = field(default_factory=dict)
    usd_per_unit: Fraction | None = None
    balance: Balance | None = None
    pace: TargetPace = TargetPace()

    @property
    def origin(self) -> Origin:
        """The only place that credentials may go to."""
        return origin_of(httpx2.URL(self.base_url))

    @property
    def local(self) -> bool:
        """Whether it is on loopback or in a private network, as its address is written."""
        return is_local_host(self.origin.host)

    def model_name(self, documented: str) -> str:
        """The name this target serves a documented model by."""
        return self.models.get(documented, documented)

    def redactor(self) -> Redactor:
        """What takes this target's keys out of an answer before anything judges it.

        Short keys are left: such a text can stand in an answer by chance, and taking it out would change a verdict.
        """
        keys = {credential.variable: credential.key.reveal() for credential in self.credentials.values()}
        return Redactor({variable: key for variable, key in keys.items() if len(key) >= _SHORTEST_SECRET})


def load_target(path: Path, name: str, environ: Mapping[str, str] | None = None) -> Target:
    """The target of this name in a targets file. Raises TargetError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TargetError(f"{path}: there is no such file; write one, or name it with --targets") from None
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{path}: is not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise TargetError(f"{path}: cannot be read ({type(error).__name__}); it must be a UTF-8 text file") from None
    check_document(document, str(path), wanted=name)
    return _target(name, document["targets"][name], f"{path}: targets.{name}", os.environ if environ is None else environ)


def target_from_options(provider: str, base_url: str, credentials: Sequence[str], environ: Mapping[str, str] | None = None) -> Target:
    """The target that ``--provider``, ``--base-url`` and each ``--credential NAME=ENVVAR`` describe. Raises TargetError."""
    variables: dict[str, str] = {}
    for option in credentials:
        name, equals, variable = option.partition("=")
        if not equals:
            raise TargetError("--credential: write NAME=ENVVAR, such as default=MY_KEY with the key in the environment variable MY_KEY")
        variables[name] = variable
    raw = {"provider": provider, "base_url": base_url, "credentials": variables}
    check_document({"targets": {provider: raw}}, "command line", wanted=provider)
    return _target(provider, raw, "command line", os.environ if environ is None else environ)


def target_from_mapping(name: str, raw: Mapping[str, Any]) -> Target:
    """A target whose credentials are the keys themselves, such as a gateway that the harness has started. Raises TargetError."""
    keys = raw.get("credentials", {})
    variables = {credential: f"PROOFSHEET_{credential.upper()}_KEY" for credential in keys}
    with_variables = {**raw, "credentials": variables}
    check_document({"targets": {name: with_variables}}, "target", wanted=name)
    return _target(name, with_variables, f"target {name}", {variables[credential]: key for credential, key in keys.items()})


def _target(name: str, raw: Mapping[str, Any], where: str, environ: Mapping[str, str]) -> Target:
    base_url = _base_url(raw["base_url"], where)
    credentials = {
        credential: _credential(variable, f"{where}.credentials.{credential}", environ) for credential, variable in raw.get("credentials", {}).items()
    }
    asset_hosts = raw.get("asset_hosts")
    price = raw.get("price")
    return Target(
        name=name,
        provider=raw["provider"],
        base_url=base_url,
        paid=raw.get("paid", not is_local_host(origin_of(httpx2.URL(base_url)).host)),
        headers=dict(raw.get("headers", {})),
        models=dict(raw.get("models", {})),
        unsupported=tuple(raw.get("unsupported", ())),
        asset_hosts=None if asset_hosts is None else tuple(asset_hosts),
        mirror_hosts=tuple(raw.get("mirror_hosts", ())),
        request_timeout=raw.get("request_timeout"),
        key_mode=raw.get("key_mode", "own"),
        reference_image_url=raw.get("reference_image_url"),
        credentials=credentials,
        states={state: _state(overlay, f"{where}.states.{state}", credentials) for state, overlay in raw.get("states", {}).items()},
        usd_per_unit=Fraction(price["usd_per_unit"]) if price else None,
        balance=Balance(**raw["balance"]) if "balance" in raw else None,
        pace=TargetPace(**raw.get("pace", {})),
    )


def _base_url(text: str, where: str) -> str:
    try:
        url = http_url(text)
    except UnusableURL as error:
        raise TargetError(f"{where}: base_url cannot be used: {error}; write for example https://gateway.example or http://127.0.0.1:9301") from None
    if url.query or url.fragment or "?" in text or "#" in text:
        raise TargetError(f"{where}: base_url must end before any '?' or '#'")
    return str(url).rstrip("/")


def _credential(variable: str, where: str, environ: Mapping[str, str]) -> Credential:
    key = environ.get(variable, "")
    if not key and looks_like_a_key(variable):
        raise TargetError(f"{where}: this looks like a key; put it into an environment variable and write the variable's name here")
    if not key:
        raise TargetError(f"{where}: the environment variable {variable} is not set; set it to the key, or take this credential out")
    if not key.isascii() or not key.isprintable() or key != key.strip():
        raise TargetError(f"{where}: the key in {variable} has spaces around it or characters that no header can carry; set the variable anew")
    return Credential(variable, Secret(key))


def _state(overlay: Mapping[str, Any], where: str, credentials: Mapping[str, Credential]) -> State:
    credential = overlay.get("credential")
    if credential is not None and credential not in credentials:
        raise TargetError(
            f"{where}: credential names '{credential}', which is not among this target's credentials ({', '.join(credentials) or 'none'})"
        )
    return State(dict(overlay.get("headers", {})), dict(overlay.get("json", {})), credential)
