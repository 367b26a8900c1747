"""Which requirements a check proves on a case, found fast."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from proofsheet.contract.matrix import Matrix, Requirement
from proofsheet.contract.patterns import matches
from proofsheet.contract.same import Same


class _Entry(NamedTuple):
    """One pattern of one requirement. ``prefix`` is what stands before its first star; ``number`` is its place in the matrix."""

    number: int
    prefix: str
    pattern: str
    requirement: Requirement


class MatrixIndex:
    """Which requirements a check proves on a case. Built once a matrix, so that thousands of cases stay fast."""

    def __init__(self, matrix: Matrix) -> None:
        exact: dict[str, dict[str, list[_Entry]]] = {}
        broad: dict[str, list[_Entry]] = {}
        for number, requirement in enumerate(matrix.requirements):
            for check, patterns in requirement.checks.items():
                entries = [_Entry(number, pattern.partition("*")[0], pattern, requirement) for pattern in patterns]
                broad.setdefault(check, []).extend(entry for entry in entries if entry.prefix != entry.pattern)
                for entry in entries:
                    if entry.prefix == entry.pattern:
                        exact.setdefault(check, {}).setdefault(entry.pattern, []).append(entry)
        self._exact, self._broad, self._checks = exact, broad, tuple(broad)
        self._found: dict[tuple[str, str], tuple[Requirement, ...]] = {}

    def proved_by(self, check: str, case_id: str) -> tuple[Requirement, ...]:
        """The requirements that this check proves on this case, each once, in the matrix's order."""
        found = self._found.get((check, case_id))
        if found is None:
            # Most patterns differ in their literal beginning: comparing that first saves nearly every regular expression.
            fitting = [entry for entry in self._broad.get(check, ()) if case_id.startswith(entry.prefix) and matches(entry.pattern, case_id)]
            entries = sorted([*self._exact.get(check, {}).get(case_id, ()), *fitting], key=lambda entry: entry.number)
            found = self._found[check, case_id] = tuple({entry.requirement.id: entry.requirement for entry in entries}.values())
        return found

    def provable_on(self, case_id: str, areas: Collection[str] | None = None) -> list[tuple[str, Requirement]]:
        """Every requirement that some check (of these areas) could prove on this case, each once, with the first such check."""
        found: dict[str, tuple[str, Requirement]] = {}
        for check in self._checks if areas is None else [check for check in self._checks if area_of(check) in areas]:
            for requirement in self.proved_by(check, case_id):
                found.setdefault(requirement.id, (check, requirement))
        return list(found.values())


@lru_cache(maxsize=16)
def _index(same: Same[Matrix]) -> MatrixIndex:
    return MatrixIndex(same.value)


def index_of(matrix: Matrix) -> MatrixIndex:
    """The index of a matrix, built at the first call."""
    return _index(Same(matrix))


def area_of(check: str) -> str:
    """The area that a check's id begins with."""
    return check.partition(".")[0]
