"""Why a request is refused, and the catalogue's word for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as entry_of
from typing import Any

from proofsheet.contract.model import Contract, ErrorCase, Operation
from proofsheet.reference.replies import Reply, reply_from
from proofsheet.reference.wording import Wording

#: What HTTP says where the contract and reference.yaml leave a status open.
_STATUS = {
    "no_key": 401, "malformed_key": 401, "unknown_key": 401, "task_without_key": 401, "unknown_task": 404, "foreign_task": 404,
    "credential:insufficient_balance": 402, "credential:rate_limited": 429, "state:sync_timeout": 408, "state:upstream_error": 502,
    "state:task_failure": 502, "not_found": 404, "method_not_allowed": 405, "expired": 410, "wrong_content_type": 415,
}  # fmt: skip
#: A provocation without an entry of its own is answered as the next one is.
_AS = {
    "malformed_json": "invalid", "malformed_form": "invalid", "empty_body": "invalid", "wrong_content_type": "invalid", "unknown_model": "invalid",
    "malformed_key": "unknown_key", "unknown_key": "no_key", "task_without_key": "no_key", "foreign_task": "unknown_task",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """``provoke`` is a word of the contract language; ``role`` and ``field`` say which parameter was wrong, ``keyword`` which word of its schema."""

    provoke: str
    message: str
    role: str | None = None
    field: str | None = None
    headers: Mapping[str, str] = entry_of(default_factory=dict)
    keyword: str | None = None


class UnmadeError(Exception):
    """No picture can be had; ``refusal`` is what the client is told."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Refuser:
    """Answers refusals as the catalogue documents them."""

    def __init__(self, contract: Contract, wording: Wording) -> None:
        self.catalogue, self.wording = contract.errors.catalogue, wording

    def entry(self, provoke: str, operation: Operation | None, role: str | None = None) -> ErrorCase | None:
        """The catalogue entry for this; one that names the parameter comes first."""
        fitting = [case for case in self.catalogue if case.provoke == provoke and (operation is None or case.applies(operation))]
        named = [case for case in fitting if case.parameter is not None and case.parameter == role]
        general = [case for case in fitting if case.parameter is None]
        found = next(iter([*named, *general]), None)
        return self.entry(_AS[provoke], operation, role) if found is None and provoke in _AS else found

    def documented(self, provoke: str, operation: Operation) -> bool:
        """Whether the catalogue has an entry of its own for this."""
        return any(case.provoke == provoke and case.applies(operation) for case in self.catalogue)

    def reply(self, refusal: Refusal, operation: Operation | None, names: Mapping[str, Any]) -> Reply:
        """The documented answer to a refusal."""
        entry = self.entry(refusal.provoke, operation, refusal.role)
        status = self._status(refusal.provoke, entry, operation)
        wording = self.wording.error(operation)
        keys = [key for key in (entry.id if entry else None, refusal.provoke) if key]
        message = next((self.wording.messages[key] for key in keys if key in self.wording.messages), refusal.message)
        own_code = next((self.wording.codes[key] for key in keys if key in self.wording.codes), refusal.provoke.rpartition(":")[2])
        code = entry.codes[0] if entry and entry.codes else own_code
        fields = {**wording.fields.get("default", {}), **wording.fields.get(str(status), {})}
        said = {"status": status, "code": code, "message": message, "field": fields, "parameter": refusal.field}
        reply = reply_from(wording.answer, {**names, **said}, status=status)
        if entry is not None and entry.retry_after is not None:
            reply.headers["Retry-After"] = self.wording.retry_after_text()
        reply.headers.update(refusal.headers)
        reply.refusal, reply.said = refusal, {**said, "entry": entry.id if entry else None}
        return reply

    def _status(self, provoke: str, entry: ErrorCase | None, operation: Operation | None) -> int:
        """The first documented number, where possible one that a refusal of any invalid request may have as well."""
        numbers = [status for status in (entry.status if entry else ()) if isinstance(status, int)]
        general = self.entry("invalid", operation) if provoke in _AS and _AS[provoke] == "invalid" else None
        shared = [status for status in numbers if general is not None and general.allows(status)]
        if numbers:
            return (shared or numbers)[0]
        if provoke in self.wording.statuses:
            return self.wording.statuses[provoke]
        return _STATUS.get(provoke, 400) if entry is None or entry.provoke == provoke else _STATUS.get(entry.provoke, 400)
