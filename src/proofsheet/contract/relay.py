"""What is known of a gateway that stands between a client and a model: the ``relay`` section, the faults, the requirements."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofsheet.contract.complaints import suggestion
from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import folder_digest, specs_root, validated
from proofsheet.contract.locations import Location, Locator
from proofsheet.contract.matrix import Matrix, Requirement
from proofsheet.contract.patterns import matches_any
from proofsheet.contract.requests import ABSENT
from proofsheet.contract.shared import roles_of, shared_requirements

if TYPE_CHECKING:
    from proofsheet.contract.model import Contract, Operation

#: What a prompt carries through a gateway: a token by which a request is known again, and perhaps a fault's id.
MARKER = re.compile(r"\[ps-([0-9a-f]{12})(?:\.([a-z0-9-]+))?\]")
#: The folders of data that every provider shares: the wire formats of models, and what any gateway owes.
UPSTREAMS, RELAY = "upstreams", "relay"


@dataclass(frozen=True, slots=True)
class RelayFault:
    """Something that goes wrong behind a gateway. ``expect`` is refuse, serve or see; ``status`` what is right for the client."""

    id: str
    title: str
    expect: str
    status: tuple[int | str, ...] = ()
    retry_after: int | None = None
    told: bool = False
    shapes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """Something that clients send and that no role names: where it stands, and what must be seen upstream."""

    id: str
    set: tuple[tuple[Location, Any], ...]
    role: str
    value: Any
    on: tuple[str, ...] = ("**",)


@dataclass(frozen=True, slots=True)
class Relay:
    """The ``relay`` section of a contract. Without one, everything is open: every shape, every operation."""

    shapes: tuple[str, ...] = ()
    operations: tuple[str, ...] = ("**",)
    told: tuple[Locator, ...] = ()
    translate: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    carry: tuple[Carried, ...] = ()
    statuses: Mapping[str, tuple[int | str, ...]] = field(default_factory=dict)
    faults: tuple[RelayFault, ...] = ()
    wait: tuple[Locator, ...] = ()

    def speaks_of(self, operation: Operation) -> bool:
        """Whether an operation gets relay cases."""
        return operation.purpose != "refuse" and (matches_any(self.operations, operation.name) or matches_any(self.operations, operation.key))

    def upstream_terms(self, role: str, own: Any) -> tuple[str, ...] | None:
        """What may stand upstream for one of our own terms; None where nothing need."""
        terms = self.translate.get(role, {}).get(str(own))
        return (str(own),) if terms is None else terms or None


def marker(token: str, fault: str | None = None) -> str:
    """The text that a prompt carries."""
    return f"[ps-{token}.{fault}]" if fault else f"[ps-{token}]"


def read_relay(raw: Mapping[str, Any] | None) -> Relay:
    """The section as a value. Raises LocationError."""
    raw = raw or {}
    return Relay(
        shapes=tuple(raw.get("shapes", ())),
        operations=tuple(raw.get("operations", ("**",))),
        told=tuple(Locator.parse(entry) for entry in raw.get("told", ())),
        translate={role: {own: tuple(terms) for own, terms in table.items()} for role, table in raw.get("translate", {}).items()},
        carry=tuple(_carried(entry) for entry in raw.get("carry", ())),
        statuses={name: tuple(statuses) for name, statuses in raw.get("statuses", {}).items()},
    )


def _carried(raw: Mapping[str, Any]) -> Carried:
    changes = tuple((Location.parse(place), ABSENT if value is None else value) for place, value in raw["set"].items())
    return Carried(raw["id"], changes, raw["role"], raw["value"], tuple(raw.get("on", ("**",))))


def upstream_key(port: int) -> str:
    """The key that a gateway must send: the same for a port in every run, so that a gateway is configured once. It opens nothing else."""
    return "ps-upstream-" + hashlib.sha256(f"the model behind a gateway, on port {port}".encode()).hexdigest()[:32]


def shape_names(root: Path) -> list[str]:
    """The wire formats that there are."""
    return sorted(path.stem for path in (root / UPSTREAMS).glob("*.yaml"))


def shared_root(root: Path | None) -> Path:
    """Where the shared data of relays is: in a folder of specs that has its own, else among those that ship."""
    return root if root is not None and (root / RELAY).is_dir() else specs_root()


def with_relay(contract: Contract, root: Path | None = None) -> Contract:
    """The contract with all that a run on both sides of a gateway needs. Raises ContractError.

    The shared faults join its section, the shared requirements its matrix, and their digest the contract's.
    """
    base = shared_root(root)
    shared = validated(base / RELAY / "faults.yaml", "relay-faults.schema.json")
    wait = tuple(Locator.parse(entry) for entry in shared["wait"])
    relay = replace(contract.relay, faults=_faults(shared, base, contract.relay), wait=wait)
    _check(contract, {entry["id"] for entry in shared["faults"]}, shape_names(base))
    matrix = contract.matrix
    digests = [contract.sha256, folder_digest(base / RELAY), folder_digest(base / UPSTREAMS)]
    return replace(
        contract,
        relay=relay,
        matrix=Matrix((*matrix.requirements, *relay_requirements(base, roles_of(contract))), matrix.disputes, matrix.silent),
        sha256=hashlib.sha256("".join(digests).encode()).hexdigest(),
    )


def relay_requirements(root: Path, roles: Collection[str] | None = None) -> tuple[Requirement, ...]:
    """What any gateway owes; with ``roles``, what can be asked of one that knows these. Raises ContractError."""
    return shared_requirements(root / RELAY / "requirements.yaml", "relay-requirements.schema.json", roles)


def _faults(shared: Mapping[str, Any], root: Path, relay: Relay) -> tuple[RelayFault, ...]:
    wanted = relay.shapes or tuple(shape_names(root))
    worded = {name: validated(root / UPSTREAMS / f"{name}.yaml", "upstream.schema.json")["faults"] for name in wanted if name in shape_names(root)}
    found = []
    for entry in shared["faults"]:
        shapes = tuple(name for name, faults in worded.items() if entry["id"] in faults)
        status = relay.statuses.get(entry["id"], tuple(entry.get("status", ())))
        fault = RelayFault(entry["id"], entry["title"], entry["expect"], status, entry.get("retry_after"), entry.get("told", False), shapes)
        found += [fault] if shapes else []
    return tuple(found)


def _check(contract: Contract, faults: set[str], shapes: list[str]) -> None:
    where = str(Path(contract.folder) / "contract.yaml")
    for name in contract.relay.shapes:
        if name not in shapes:
            raise ContractError(where, f"relay/shapes names '{name}'{suggestion(name, shapes)}")
    for name in contract.relay.statuses:
        if name not in faults:
            raise ContractError(where, f"relay/statuses names the fault '{name}'{suggestion(name, sorted(faults))}")
