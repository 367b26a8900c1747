"""From what checks said to findings: which requirement a judgement speaks to, and how heavily it weighs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cache, partial

from proofsheet.cases.model import Case
from proofsheet.checks.model import Judgement
from proofsheet.contract.index import area_of, index_of
from proofsheet.contract.model import Matrix
from proofsheet.results.model import Finding

_WEIGHT = {"info": 0, "should": 1, "must": 2}
_BROKEN = {"must": "fail", "should": "warn", "info": "info"}
#: What a case can show whose request is not meant to be served: broad patterns also claim pictures that it never yields.
_REFUSAL_AREAS = frozenset({"parameters", "errors", "lifecycles", "billing"})
#: Areas whose cases are judged by their own checks alone.
_ALONE = frozenset({"relay", "clients"})
#: Why a case was not performed; ``error`` is the harness's own fault.
UNPERFORMED = ("not_testable", "not_supported", "not_run", "error")


def silent_id(provider: str) -> str:
    """The requirement under which stands what no requirement speaks of."""
    return f"{provider}.silent"


def findings_for(
    contract_matrix: Matrix,
    provider: str,
    case: Case,
    judgements: Iterable[Judgement],
    curl: str | Callable[[], str],
    exchange_ids: Iterable[str],
    unsupported: Collection[str] = (),
) -> list[Finding]:
    """One finding for each judgement and each requirement it speaks to.

    A judgement that no requirement speaks of becomes an info finding under ``<provider>.silent``. ``curl`` is kept
    where it is of use, which is wherever something did not simply pass; a function is asked for it there alone.
    """
    reason = why_unperformed(case, unsupported)
    if reason is not None:
        return missing_findings(contract_matrix, provider, case, *reason)
    index, exchanges, findings = index_of(contract_matrix), tuple(exchange_ids), []
    line = cache(curl if callable(curl) else partial(str, curl))
    for judgement in judgements:
        weighed = [(requirement.id, *_weigh(requirement.level, judgement)) for requirement in index.proved_by(judgement.check, case.id)]
        for requirement, level, verdict in weighed or [(silent_id(provider), "info", "info")]:
            findings.append(Finding(
                check=judgement.check, area=area_of(judgement.check), case=case.id, requirement=requirement, level=level, verdict=verdict,
                message=judgement.message, expected=judgement.expected, actual=judgement.actual,
                curl="" if verdict == "pass" else line(), exchanges=exchanges,
            ))
    return findings


def _weigh(level: str, judgement: Judgement) -> tuple[str, str]:
    """The level and the verdict. A cap touches only what broke: what held proves the requirement at its own level."""
    if judgement.held is None:
        return level, "not_testable"
    if judgement.held:
        return level, "info" if level == "info" else "pass"
    capped = level if judgement.most is None else min(level, judgement.most, key=_WEIGHT.__getitem__)
    return capped, _BROKEN[capped]


def why_unperformed(case: Case, unsupported: Collection[str]) -> tuple[str, str] | None:
    """The verdict and the reason of a case that this target cannot show; None where it can."""
    if case.feature is not None and case.feature in unsupported:
        return "not_supported", f"the target declares that it lacks '{case.feature}'"
    if case.missing is not None:
        return "not_testable", case.missing
    return None


def missing_findings(contract_matrix: Matrix, provider: str, case: Case, verdict: str, reason: str) -> list[Finding]:
    """For a case that was not performed: one finding for each requirement it could have proved.

    ``verdict`` is one of UNPERFORMED. A case that proves no requirement leaves one finding under
    ``<provider>.silent``, so that it is counted all the same.
    """
    if verdict not in UNPERFORMED:
        raise ValueError(f"'{verdict}' is no verdict for a case that was not performed: use one of {', '.join(UNPERFORMED)}")
    areas = frozenset({case.area}) if case.area in _ALONE else None if case.expect == "serve" else _REFUSAL_AREAS
    provable = [(check, requirement.id, requirement.level) for check, requirement in index_of(contract_matrix).provable_on(case.id, areas)]
    return [
        Finding(check=check, area=area_of(check), case=case.id, requirement=requirement, level=level, verdict=verdict, message=reason)
        for check, requirement, level in provable or [(f"{case.area}.performed", silent_id(provider), "info")]
    ]
