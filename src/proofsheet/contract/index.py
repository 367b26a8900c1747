"""Which requirements a check proves on a case, found fast."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from proofsheet.contract.matrix import Matrix, Requirement
from proofsheet.contract.patterns import matches
from proofsheet.contract.same import Same


class MatrixIndex:
    """Which requirements a check proves on a case. Built once a matrix, so that thousands of cases stay fast."""

    def __init__(self, matrix: Matrix) -> None:
        entries: dict[str, list[tuple[str, str, Requirement]]] = {}
        for requirement in matrix.requirements:
            for check, patterns in requirement.checks.items():
                entries.setdefault(check, []).extend((pattern.partition("*")[0], pattern, requirement) for pattern in patterns)
        self._entries = entries

    def proved_by(self, check: str, case_id: str) -> list[Requirement]:
        """The requirements that this check proves on this case, each once, in the matrix's order."""
        found: dict[str, Requirement] = {}
        for prefix, pattern, requirement in self._entries.get(check, ()):
            # Most patterns differ in their literal beginning: comparing that first saves nearly every regular expression.
            if requirement.id not in found and case_id.startswith(prefix) and matches(pattern, case_id):
                found[requirement.id] = requirement
        return list(found.values())

    def provable_on(self, case_id: str, areas: Collection[str] | None = None) -> list[tuple[str, Requirement]]:
        """Every requirement that some check (of these areas) could prove on this case, each once, with the first such check."""
        found: dict[str, tuple[str, Requirement]] = {}
        for check in self._entries if areas is None else [check for check in self._entries if area_of(check) in areas]:
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
