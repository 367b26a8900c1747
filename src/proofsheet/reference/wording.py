"""reference.yaml as frozen values: how a conforming provider words its answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import checked, validated
from proofsheet.contract.model import Contract, Operation
from proofsheet.contract.patterns import matches_any
from proofsheet.reference.templates import used_names
from proofsheet.reference.variants import laid_over

#: Every name that a template may use.
NAMES = frozenset({
    "code", "count", "created", "created_iso", "expires", "field", "id", "image", "images", "message", "model", "now", "now_iso", "number", "origin",
    "parameter", "poll_path", "poll_url", "progress", "prompt_tokens", "random", "reason", "result_path", "result_url", "role", "sent",
    "status", "tokens", "total_tokens", "uuid", "word",
})  # fmt: skip
_NOTHING: Any = object()


@dataclass(frozen=True, slots=True)
class AnswerTemplate:
    """One answer. ``json``, ``text`` and ``image`` exclude each other; none of them is an empty body."""

    status: int = 200
    headers: Mapping[str, Any] = field(default_factory=dict)
    media_type: str | None = None
    json: Any = _NOTHING
    text: str | None = None
    image: bool = False
    word: str | int | None = None
    progress: Any = None

    @property
    def has_json(self) -> bool:
        """Whether the body is JSON."""
        return self.json is not _NOTHING


@dataclass(frozen=True, slots=True)
class Step:
    """What the first looks at a task see."""

    word: str | int | None
    progress: Any
    looks: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LifecycleWording:
    """The answers of one lifecycle. ``result_path`` is where a result of its own is, with ``${id}``."""

    id: str
    submit: AnswerTemplate
    steps: tuple[Step, ...]
    running: AnswerTemplate
    succeeded: AnswerTemplate
    failed: AnswerTemplate
    result: AnswerTemplate | None
    result_path: str | None
    result_guarded: bool


@dataclass(frozen=True, slots=True)
class ErrorWording:
    """The error shape of some operations; ``fields`` are further names by status."""

    on: tuple[str, ...]
    answer: AnswerTemplate
    fields: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Wording:
    """All of reference.yaml."""

    usual: Mapping[str, str]
    copies: Mapping[str, int]
    answers: tuple[tuple[tuple[str, ...], AnswerTemplate], ...]
    lifecycles: Mapping[str, LifecycleWording]
    errors: tuple[ErrorWording, ...]
    statuses: Mapping[str, int]
    codes: Mapping[str, Any]
    messages: Mapping[str, str]
    retry_after: int
    retry_after_as: str
    reason: str

    def retry_after_text(self) -> str:
        """What Retry-After says: seconds, or the date at which they have passed."""
        if self.retry_after_as == "date":
            return format_datetime(datetime.now(UTC) + timedelta(seconds=self.retry_after), usegmt=True)
        return str(self.retry_after)

    def answer(self, operation: Operation) -> AnswerTemplate:
        """How this operation answers. Raises KeyError."""
        for patterns, template in self.answers:
            if matches_any(patterns, operation.name) or matches_any(patterns, operation.key):
                return template
        raise KeyError(operation.key)

    def error(self, operation: Operation | None) -> ErrorWording:
        """The error shape for this operation; outside of any, the one that stands for all, else the last."""
        for wording in self.errors:
            if operation is None and "**" in wording.on:
                return wording
            if operation is not None and (matches_any(wording.on, operation.name) or matches_any(wording.on, operation.key)):
                return wording
        return self.errors[-1]


def read_wording(contract: Contract, overlays: Iterable[Mapping[str, Any]] = ()) -> Wording:
    """Load ``reference.yaml`` from the contract's folder, with what variants lay over it. Raises ContractError."""
    path = Path(contract.folder) / "reference.yaml"
    raw = validated(path, "reference.schema.json")
    for overlay in overlays:
        raw = checked(laid_over(raw, overlay), "reference.schema.json", str(path))
    if raw["provider"] != contract.provider:
        raise ContractError(str(path), f"provider is '{raw['provider']}', but the folder is '{contract.provider}'")
    unknown = sorted(used_names({key: raw.get(key) for key in ("answers", "lifecycles", "errors")}) - NAMES)
    if unknown:
        raise ContractError(str(path), f"'${{{unknown[0]}}}' is no placeholder; there are: {', '.join(sorted(NAMES))}")
    wording = Wording(
        usual=raw.get("usual", {}),
        copies=raw.get("copies", {}),
        answers=tuple((tuple(entry["on"]), _answer(entry)) for entry in raw.get("answers", [])),
        lifecycles={name: _lifecycle(entry) for name, entry in raw.get("lifecycles", {}).items()},
        errors=tuple(ErrorWording(tuple(entry["on"]), _answer(entry), entry.get("fields", {})) for entry in raw["errors"]),
        statuses=raw.get("statuses", {}),
        codes=raw.get("codes", {}),
        messages=raw.get("messages", {}),
        retry_after=raw.get("retry_after", 1),
        retry_after_as=raw.get("retry_after_as", "seconds"),
        reason=raw.get("reason", "the picture could not be made"),
    )
    _check_complete(path, contract, wording)
    return wording


def _check_complete(path: Path, contract: Contract, wording: Wording) -> None:
    for operation in contract.operations:
        if operation.lifecycle is not None:
            if operation.lifecycle.name not in wording.lifecycles:
                raise ContractError(str(path), f"lifecycles lacks '{operation.lifecycle.name}', which the operation {operation.key} has")
        elif operation.purpose != "refuse":
            try:
                wording.answer(operation)
            except KeyError:
                raise ContractError(str(path), f"answers has nothing for the operation {operation.key}") from None


def _answer(raw: Mapping[str, Any]) -> AnswerTemplate:
    return AnswerTemplate(
        status=raw.get("status", 200),
        headers=raw.get("headers", {}),
        media_type=raw.get("media_type"),
        json=raw.get("json", _NOTHING),
        text=raw.get("text"),
        image=raw.get("body") == "image",
        word=raw.get("word"),
        progress=raw.get("progress"),
    )


def _lifecycle(raw: Mapping[str, Any]) -> LifecycleWording:
    result = raw.get("result")
    return LifecycleWording(
        id=raw.get("id", "${uuid}"),
        submit=_answer(raw["submit"]),
        steps=tuple(Step(step.get("word"), step.get("progress"), step.get("looks", 1), step.get("seconds", 0.0)) for step in raw.get("steps", [])),
        running=_answer(raw["running"]),
        succeeded=_answer(raw["succeeded"]),
        failed=_answer(raw["failed"]),
        result=_answer(result) if result else None,
        result_path=result["path"] if result else None,
        result_guarded=bool(result and result.get("guarded")),
    )
