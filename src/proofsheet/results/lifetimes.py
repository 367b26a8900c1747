"""From URLs that were fetched again to findings."""

from __future__ import annotations

from collections.abc import Iterator

from proofsheet.checks.lifetime import Revisit, alive
from proofsheet.contract.index import index_of
from proofsheet.contract.model import Contract
from proofsheet.exchange.model import Sent
from proofsheet.report.curl import curl_line
from proofsheet.results.judging import silent_id
from proofsheet.results.model import Finding

_BROKEN = {"must": "fail", "should": "warn", "info": "info"}


def lifetime_findings(contract: Contract, case: str, revisit: Revisit, sent: Sent, exchange: str) -> Iterator[Finding]:
    """One finding for each requirement that speaks of this URL's life; ``info`` where it is past its time or nothing speaks of it."""
    judgement, inside = alive(revisit, contract.assets.lifetime)
    speaking = [(one.id, one.level) for one in index_of(contract.matrix).proved_by(judgement.check, case)] or [(silent_id(contract.provider), "info")]
    for requirement, level in speaking:
        if judgement.held is None:
            verdict = "not_testable"
        elif not inside or level == "info":
            verdict = "info"
        else:
            verdict = "pass" if judgement.held else _BROKEN[level]
        yield Finding(
            check=judgement.check, area="assets", case=case, requirement=requirement, level=level, verdict=verdict, message=judgement.message,
            expected=judgement.expected, actual=judgement.actual, curl="" if verdict == "pass" else curl_line(sent), exchanges=(exchange,),
        )  # fmt: skip
