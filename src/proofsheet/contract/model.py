"""The contract as frozen values: what every later stage reads, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from proofsheet.contract.clients import Clients
from proofsheet.contract.locations import Location, Locator, plain_text
from proofsheet.contract.matrix import Dispute, Matrix, Requirement, Silent, Source
from proofsheet.contract.patterns import matches_any
from proofsheet.contract.relay import Relay
from proofsheet.contract.requests import Request
from proofsheet.contract.tables import Cell, Observed, PresetTable

__all__ = [
    "Answer", "Assets", "Call", "Cell", "Contract", "Dispute", "Document", "Endpoint", "Envelope", "ErrorCase", "Errors", "Feature", "ImageRule",
    "Lifecycle", "Locators", "Matrix", "Model", "Observed", "Operation", "Pace", "Pixels", "PresetTable", "PriceRule", "Prices", "Probe",
    "Requirement", "Role", "SecurityScheme", "Silent", "Source", "StateRule", "StatusRule", "Times",
]  # fmt: skip

Locators = tuple[Locator, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One provider document: its id in sources, and the digest and length the matrix was written against."""

    id: str
    title: str
    sha256: str | None = None
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model a provider serves. ``short`` stands in case ids."""

    id: str
    short: str


@dataclass(frozen=True, slots=True)
class Role:
    """What a parameter is for (``ratio``, ``size``, ``count``, ``format``, ``references``, …) and where it stands."""

    name: str
    at: Location
    also: tuple[Location, ...] = ()
    default: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)
    free: tuple[Any, ...] = ()
    ignored: bool = False
    letter_case: str | None = None
    max: int | None = None
    min: int | None = None
    formats: tuple[str, ...] = ()
    append: bool = False
    forms: Mapping[str, Any] = field(default_factory=dict)

    def wire(self, own: Any) -> Any:
        """The provider's spelling of one of our terms."""
        return self.values.get(str(own), own)

    def own(self, wire: Any) -> Any:
        """Our term for what stands on the wire (letter case ignored where the document says so)."""
        text = self.at.kind != "json" and isinstance(wire, str)  # Elsewhere numbers are text on the wire.
        for ours, theirs in self.values.items():
            if theirs == wire or (text and plain_text(theirs) == wire) or (self.letter_case == "insensitive" and str(theirs).lower() == str(wire).lower()):
                return ours
        return wire


@dataclass(frozen=True, slots=True)
class ImageRule:
    """Where images stand in an answer. Paths below ``each`` are JSONPaths from the element."""

    each: str | None = None
    body: bool = False
    url: str | None = None
    base64: str | None = None
    media_type: str | None = None
    more_urls: Mapping[str, str] = field(default_factory=dict)
    relative: bool = False
    at: Locator | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """How to read a successful answer: images, image tokens, sizes it declares.

    With ``first``, only what the first rule finds that finds anything counts; else what all of them find.
    """

    name: str
    images: tuple[ImageRule, ...]
    tokens: Locators = ()
    declared: Mapping[str, Locators] = field(default_factory=dict)
    first: bool = False


@dataclass(frozen=True, slots=True)
class StateRule:
    """What an answer means when no status word is known."""

    state: str
    present: Locator | None = None
    absent: Locator | None = None
    equals: tuple[Locator, Any] | None = None


@dataclass(frozen=True, slots=True)
class StatusRule:
    """The words of a lifecycle and what they mean: running, succeeded or failed.

    ``submitted`` are those running words that come before all others.
    """

    at: Locators = ()
    words: Mapping[str, str] = field(default_factory=dict)
    submitted: frozenset[str] = frozenset()
    rules: tuple[StateRule, ...] = ()
    otherwise: str = "unknown"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One documented operation of openapi.yaml, resolved: where, how it is secured, what may come back."""

    operation_id: str
    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    body_schemas: Mapping[str, Any]
    responses: Mapping[str, Mapping[str, Any]]
    security: tuple[str, ...]
    examples: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is made with a task's id. ``path``, ``query`` and ``json`` are templates of ``${id}`` and ``${model}``."""

    endpoint: Endpoint
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Submit, poll, result. ``poll_path``, ``poll_query`` and ``poll_json`` are templates as in Call.

    ``result`` is where the URL of the result stands; ``fetch`` is the operation that gives it (by its URL, else by the id).
    ``unknown_id`` has the documented form and belongs to no task.
    """

    name: str
    id: Locators
    poll_url: Locators
    poll: Endpoint
    poll_path: Mapping[str, str]
    poll_query: Mapping[str, str]
    status: StatusRule
    answer: Answer
    progress: Locators = ()
    reason: Locators = ()
    result: Locator | None = None
    isolated: bool = True
    poll_json: Any = None
    fetch: Call | None = None
    id_type: str = "string"
    unknown_id: str | None = None

    @property
    def look(self) -> Call:
        """The call that looks at a task."""
        return Call(self.poll, self.poll_path, self.poll_query, self.poll_json)

    @property
    def reads_redirects(self) -> bool:
        """Whether a redirect in answer to a look says something itself and is not to be followed."""
        words = [word for word in self.status.words if any(locator.kind == "status" for locator in self.status.at)]
        words += [str(rule.equals[1]) for rule in self.status.rules if rule.equals is not None and rule.equals[0].kind == "status"]
        return self.result is not None or any(word.startswith("3") for word in words)


@dataclass(frozen=True, slots=True)
class Pixels:
    """Which preset table applies, what applies when a parameter isn't sent, and which formats may come back."""

    table: PresetTable
    default: Mapping[str, str | None] = field(default_factory=dict)
    formats: tuple[str, ...] = ("png", "jpeg", "webp")


@dataclass(frozen=True, slots=True)
class Probe:
    """A case that no schema keyword says: a change to the base request, and what must follow."""

    id: str
    set: tuple[tuple[Location, Any], ...]
    expect: str
    invalid: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented way to ask for images, for one model: the unit that cases are made for.

    ``key`` is its place in case ids: ``generations`` or ``generations/<model>``. ``schema`` is the resolved JSON
    Schema of the request body (of the form fields and files for multipart).
    """

    name: str
    key: str
    purpose: str
    endpoint: Endpoint
    model: Model | None
    media_type: str | None
    schema: Mapping[str, Any] | None
    base: Request
    roles: Mapping[str, Role]
    answer: Answer | None
    lifecycle: Lifecycle | None
    pixels: Pixels | None
    skip: tuple[str, ...] = ()
    walk_body: bool = True
    cells: str = "all"
    probes: tuple[Probe, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErrorCase:
    """One entry of the error catalogue. ``provoke`` is a word, or ``credential:NAME``, ``state:NAME``."""

    id: str
    provoke: str
    on: tuple[str, ...]
    status: tuple[int | str, ...] = ()
    tolerated: tuple[int, ...] = ()
    codes: tuple[str | int, ...] = ()
    hint: str | None = None
    parameter: str | None = None
    retry_after: str | None = None

    def applies(self, operation: Operation) -> bool:
        """Whether the entry speaks of this operation."""
        return matches_any(self.on, operation.name) or matches_any(self.on, operation.key)

    def allows(self, status: int) -> bool:
        """Whether this status is one of the right ones."""
        return status in self.status or f"{status // 100}xx" in self.status


@dataclass(frozen=True, slots=True)
class Envelope:
    """The error shape that the document claims for some operations."""

    on: tuple[str, ...]
    schema: Mapping[str, Any]
    file: str


@dataclass(frozen=True, slots=True)
class Errors:
    """Where an error's message and code may stand, the claimed shapes and the catalogue."""

    message: Locators = ()
    code: Locators = ()
    media_types: tuple[str, ...] = ("application/json",)
    envelopes: tuple[Envelope, ...] = ()
    catalogue: tuple[ErrorCase, ...] = ()

    def envelope(self, operation: Operation) -> Envelope | None:
        """The claimed error shape of an operation, if any."""
        return next((e for e in self.envelopes if matches_any(e.on, operation.name) or matches_any(e.on, operation.key)), None)


@dataclass(frozen=True, slots=True)
class Assets:
    """Where result URLs live (host names), for how long (seconds), and what moves them to the mirror hosts."""

    hosts: tuple[str, ...] = ()
    mirror: tuple[str, Any] | None = None
    lifetime: int | None = None


@dataclass(frozen=True, slots=True)
class PriceRule:
    """An amount in the provider's unit for requests whose role values are those of ``when``."""

    amount: Fraction
    when: Mapping[str, Any] = field(default_factory=dict)
    operations: tuple[str, ...] = ("**",)
    models: tuple[str, ...] = ("**",)


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in the provider's own unit, per image or per call.

    ``also_called`` are other names of the unit. With ``relative``, amounts are multiples of the price whose amount is 1.
    """

    unit: str
    per: str
    rules: tuple[PriceRule, ...]
    usd_per_unit: Fraction | None = None
    relative: bool = False
    also_called: tuple[str, ...] = ()
    tokens_per_million: Fraction | None = None
    token_image: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pace:
    """What the provider publishes about speed. Seconds; None where it is silent."""

    max_concurrency: int | None = None
    requests_per_minute: float | None = None
    first_poll_after: float | None = None
    poll_every: float | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """Documented times in seconds."""

    request_timeout: float = 180.0
    lifecycle_timeout: float = 600.0
    image_seconds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """An extended feature a target may declare unsupported, and the patterns of the cases it covers."""

    id: str
    title: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """Where a key goes: ``place`` is header, query or cookie; ``prefix`` stands before the key. ``base64``: the key is encoded."""

    id: str
    place: str
    name: str
    prefix: str = ""
    base64: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything a provider promises, as data."""

    provider: str
    title: str
    base_url: str
    documents: tuple[Document, ...]
    models: tuple[Model, ...]
    operations: tuple[Operation, ...]
    endpoints: Mapping[str, Endpoint]
    security_schemes: Mapping[str, SecurityScheme]
    errors: Errors
    assets: Assets
    prices: Prices | None
    pace: Pace
    times: Times
    features: tuple[Feature, ...]
    matrix: Matrix
    sha256: str
    folder: str
    relay: Relay = field(default_factory=Relay)
    clients: Clients = field(default_factory=Clients)

    def operation(self, key: str) -> Operation:
        """The operation with this key. Raises KeyError."""
        for operation in self.operations:
            if operation.key == key:
                return operation
        raise KeyError(key)
