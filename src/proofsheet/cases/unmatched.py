"""Patterns that no case has: a requirement that names one is never proved by it, and nobody would notice."""

from __future__ import annotations

from collections.abc import Iterator

from proofsheet.cases.build import build_cases
from proofsheet.cases.surroundings import Surroundings
from proofsheet.contract.complaints import suggestion
from proofsheet.contract.model import Contract
from proofsheet.contract.patterns import matches


def unmatched(contract: Contract) -> Iterator[str]:
    """A sentence for each pattern of the matrix and of the features that fits no case."""
    ids = [case.id for case in build_cases(contract, Surroundings())]
    for requirement in contract.matrix.requirements:
        for check, patterns in requirement.checks.items():
            for pattern in patterns:
                if not any(matches(pattern, name) for name in ids):
                    yield f"requirements.yaml: {requirement.id}: {check}: no case fits '{pattern}'{_close(pattern, ids)}"
    for feature in contract.features:
        for pattern in feature.cases:
            if not any(matches(pattern, name) for name in ids):
                yield f"contract.yaml: features/{feature.id}: no case fits '{pattern}'{_close(pattern, ids)}"


def _close(pattern: str, ids: list[str]) -> str:
    """A case that is written much like the pattern, if there is one."""
    found = suggestion(pattern, ids)
    return found if found.startswith(";") else ""
