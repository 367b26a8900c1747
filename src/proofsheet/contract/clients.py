"""Who else calls a provider's API: the SDKs, what a contract says of them, and what is owed to their users."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofsheet.contract.examples import Example, examples_of
from proofsheet.contract.files import folder_digest, specs_root, validated
from proofsheet.contract.locations import Location
from proofsheet.contract.matrix import Matrix, Requirement, Source
from proofsheet.contract.patterns import matches_any
from proofsheet.contract.shared import roles_of, shared_requirements

if TYPE_CHECKING:
    from proofsheet.contract.model import Contract, Operation

#: The folder of data that every provider shares: the SDKs, and what is owed to those who use them.
CLIENTS = "clients"
#: From the lightest to the heaviest.
LEVELS = ("info", "should", "must")


@dataclass(frozen=True, slots=True)
class Sdk:
    """A package by which people call such APIs.

    ``family`` is the wire format that it speaks, ``runtime`` python or node. ``errors`` are the classes that it promises by
    status (``429``, ``5xx``), ``retries`` how often it sends again by itself, ``always`` what it sends unasked.
    """

    id: str
    title: str
    family: str
    runtime: str
    packages: tuple[str, ...]
    install: str
    calls: tuple[str, ...]
    retries: int = 0
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def promised(self, status: int) -> tuple[str, ...]:
        """The exception classes for a status."""
        return self.errors.get(str(status)) or self.errors.get(f"{status // 100}xx", ())


@dataclass(frozen=True, slots=True)
class ClientUse:
    """How SDKs of a family call some operations. ``level`` is what the document makes of it, ``sources`` where it does, ``levels`` by SDK where one is another thing.

    ``base`` is what stands in an SDK's base URL behind the target's own, ``api_version`` what must be named to it.
    ``model`` finds the model's name in the request's path, for SDKs that build the path. ``queued`` is what makes the
    operation answer with a task, laid on a request.
    """

    family: str
    call: str
    operations: tuple[str, ...]
    level: str
    base: str = ""
    api_version: str | None = None
    model: str | None = None
    queued: tuple[tuple[Location, Any], ...] = ()
    sources: tuple[Source, ...] = ()
    levels: Mapping[str, str] = field(default_factory=dict)

    def level_of(self, sdk: Sdk) -> str:
        """What the document makes of this SDK."""
        return self.levels.get(sdk.id, self.level)

    def speaks_of(self, operation: Operation) -> bool:
        """Whether an operation is called so."""
        return matches_any(self.operations, operation.name) or matches_any(self.operations, operation.key)


@dataclass(frozen=True, slots=True)
class Clients:
    """The ``clients`` section of a contract; the SDKs, and the documents' examples, where a run is to use them."""

    uses: tuple[ClientUse, ...] = ()
    sdks: tuple[Sdk, ...] = ()
    examples: tuple[Example, ...] = ()

    def of(self, operation: Operation) -> list[tuple[Sdk, ClientUse]]:
        """The SDKs that call an operation, and how."""
        return [(sdk, use) for use in self.uses if use.speaks_of(operation) for sdk in self.sdks if sdk.family == use.family and use.call in sdk.calls]


def read_clients(raw: list[Mapping[str, Any]] | None) -> Clients:
    """The section as a value. Raises LocationError."""
    return Clients(tuple(_use(entry) for entry in raw or ()))


def _use(raw: Mapping[str, Any]) -> ClientUse:
    return ClientUse(
        family=raw["family"],
        call=raw["call"],
        operations=tuple(raw["operations"]),
        level=raw["level"],
        base=raw.get("base", ""),
        api_version=raw.get("api_version"),
        model=raw.get("model"),
        queued=tuple((Location.parse(place), value) for place, value in raw.get("queued", {}).items()),
        sources=tuple(Source(*source.split(":", 1)) for source in raw.get("source", ())),
        levels=dict(raw.get("levels", {})),
    )


def clients_root(root: Path | None) -> Path:
    """Where the shared data is: in a folder of specs that has its own, else among those that ship."""
    return root if root is not None and (root / CLIENTS).is_dir() else specs_root()


def read_sdks(root: Path | None = None) -> tuple[Sdk, ...]:
    """All SDKs that there are. Raises ContractError."""
    raw = validated(clients_root(root) / CLIENTS / "sdks.yaml", "clients-sdks.schema.json")
    return tuple(
        Sdk(
            entry["id"], entry["title"], entry["family"], entry["runtime"], tuple(entry["packages"]), entry["install"], tuple(entry["calls"]), entry.get("retries", 0),
            {str(status): tuple(classes) for status, classes in entry.get("errors", {}).items()},
        )
        for entry in raw["sdks"]
    )  # fmt: skip


def with_clients(contract: Contract, root: Path | None = None) -> Contract:
    """The contract with all that a run through SDKs needs. Raises ContractError.

    The shared requirements join its matrix, each at most at the level that this document makes of any SDK.
    """
    base = clients_root(root)
    most = max((use.level for use in contract.clients.uses), key=LEVELS.index, default="info")
    sources = tuple(dict.fromkeys(source for use in contract.clients.uses for source in use.sources))
    own = tuple(_at_most(requirement, most, sources) for requirement in client_requirements(base, roles_of(contract)))
    matrix = contract.matrix
    return replace(
        contract,
        clients=replace(contract.clients, sdks=read_sdks(root), examples=examples_of(contract)),
        matrix=Matrix((*matrix.requirements, *own), matrix.disputes, matrix.silent),
        sha256=hashlib.sha256((contract.sha256 + folder_digest(base / CLIENTS)).encode()).hexdigest(),
    )


def client_requirements(root: Path, roles: Collection[str] | None = None) -> tuple[Requirement, ...]:
    """What is owed to users of SDKs and examples; with ``roles``, what can be asked of an API that knows these. Raises ContractError."""
    return shared_requirements(root / CLIENTS / "requirements.yaml", "clients-requirements.schema.json", roles)


def _at_most(requirement: Requirement, level: str, sources: tuple[Source, ...]) -> Requirement:
    """A requirement of SDKs at no more than this level; what the document's own examples promise, it promises itself."""
    if requirement.id.startswith("clients.example"):
        return requirement
    return replace(requirement, level=min(requirement.level, level, key=LEVELS.index), sources=sources)
