"""Extended features: what a target may declare that it lacks."""

from __future__ import annotations

from dataclasses import replace

from proofsheet.cases.model import Case
from proofsheet.cases.surroundings import Surroundings
from proofsheet.contract.model import Contract
from proofsheet.contract.patterns import matches_any


def with_feature(contract: Contract, surroundings: Surroundings, case: Case, like: str | None = None) -> Case:
    """Name the extended feature of a case; one that the target declares it lacks comes first and is not performed.

    ``like`` is the id of another area's case that shows the same: what a target lacks there, it lacks here.
    """
    names = [feature.id for feature in contract.features if matches_any(feature.cases, like or case.id)]
    lacking = [name for name in names if name in surroundings.unsupported]
    if not names:
        return case
    return replace(case, feature=(lacking or names)[0], probe=None if lacking else case.probe)
