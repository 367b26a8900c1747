"""Permissive variants: other ways to keep the same contract, as data in ``specs/variants.yaml``.

A variant changes how the reference gateway words its answers (``wording``, laid over reference.yaml), which of several
documented statuses it takes (``statuses``) and what its answers look like on the wire (``change``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofsheet.contract.files import specs_root, validated
from proofsheet.contract.model import Contract, ErrorCase
from proofsheet.contract.patterns import matches_any

if TYPE_CHECKING:
    from proofsheet.reference.flow import Flow

FILE = "variants.yaml"
#: In a wording: what stands in reference.yaml here is left out.
ABSENT_WORD = "(absent)"


class VariantError(ValueError):
    """There is no such variant of this provider."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing done to answers: the name of an operator, what it is given, and the moments it is for (none: all)."""

    do: str
    given: Any = None
    on: tuple[str, ...] = ()

    def fits(self, moment: str) -> bool:
        """Whether an answer of this moment is changed."""
        return moment in self.on if self.on else moment != "helper"


@dataclass(frozen=True, slots=True)
class Variant:
    """One legitimate freedom. ``free`` says whose words make it one."""

    id: str
    title: str
    free: str
    providers: tuple[str, ...] = ("**",)
    wording: Mapping[str, Any] = field(default_factory=dict)
    statuses: str | Mapping[str, int] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()


@lru_cache(maxsize=8)
def _read(path: Path) -> tuple[Variant, ...]:
    if not path.is_file():
        return ()
    return tuple(_variant(id, raw) for id, raw in validated(path, "variants.schema.json")["variants"].items())


def _variant(id: str, raw: Mapping[str, Any]) -> Variant:
    changes = tuple(Change(entry["do"], entry.get("with"), tuple(entry.get("on", ()))) for entry in raw.get("change", []))
    providers = tuple(raw.get("providers", ["**"]))
    return Variant(id, raw["title"], raw["free"], providers, raw.get("wording", {}), raw.get("statuses", {}), changes)


def variants_of(provider: str, specs: Path | None = None) -> tuple[Variant, ...]:
    """Every variant of a provider, in the file's order. Raises ContractError."""
    return tuple(variant for variant in _read((specs or specs_root()) / FILE) if matches_any(variant.providers, provider))


def find_variants(provider: str, names: Iterable[str], specs: Path | None = None) -> tuple[Variant, ...]:
    """The named variants. Raises VariantError, ContractError."""
    known = {variant.id: variant for variant in variants_of(provider, specs)}
    for name in names:
        if name not in known:
            raise VariantError(f"{provider} has no variant '{name}'; --list-variants shows those there are")
    return tuple(known[name] for name in names)


def laid_over(document: Any, overlay: Any) -> Any:
    """``document`` with ``overlay`` over it: objects are merged, everything else replaced, what is ``(absent)`` left out."""
    if not (isinstance(document, Mapping) and isinstance(overlay, Mapping)):
        return overlay
    merged = {**document, **{name: laid_over(document.get(name), value) for name, value in overlay.items()}}
    return {name: value for name, value in merged.items() if value != ABSENT_WORD}


def with_statuses(contract: Contract, variants: Iterable[Variant]) -> Contract:
    """The contract as a gateway reads it that takes another of several documented statuses."""
    for variant in variants:
        catalogue = tuple(_restated(case, variant.statuses) for case in contract.errors.catalogue)
        contract = replace(contract, errors=replace(contract.errors, catalogue=catalogue))
    return contract


def _restated(case: ErrorCase, statuses: str | Mapping[str, int]) -> ErrorCase:
    numbers = [status for status in case.status if isinstance(status, int)]
    chosen = statuses.get(case.id) if isinstance(statuses, Mapping) else numbers[-1] if numbers else None
    return case if chosen is None else replace(case, status=(chosen,))


def moment_of(flow: Flow) -> str:
    """Which answer this is: answered, submitted, running, succeeded, failed or refused."""
    if flow.reply is None or flow.reply.refusal is not None:
        return "refused"
    if not flow.polls:
        return "submitted" if flow.task is not None else "answered"
    if not flow.look.get("ended") or flow.task is None:
        return "running"
    return "failed" if flow.task.failing else "succeeded"
