"""Who is judged by what, where a request is shared."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.cases.test_shipped import cases_of, contract_of

from proofsheet.cases.sharing import share
from proofsheet.checks import Subject, judge
from proofsheet.exchange.model import Exchange, Performance, Picture, Sent
from proofsheet.results.judging import findings_for
from proofsheet.session.sharing import Shared

SENT = Sent("POST", "http://127.0.0.1:1/", {})


@pytest.fixture
def group():
    """Two cases and the request that they share: a preset cell, and a value that rides on it."""
    shared = [case for case in share(cases_of("threedaistudio")) if case.alone is not None]
    cell = next(case for case in shared if case.kind == "cell" and any(other.probe == case.probe and other.kind == "format" for other in shared))
    return [case for case in shared if case.probe == cell.probe]


def served(probe):
    picture = Picture("url", kind="png", width=1024, height=1024, complete=True, digest="d")
    return Performance(probe, "served", Exchange("x1", SENT, 200), pictures=(picture,))


def refused(probe, status=400):
    return Performance(probe, "refused", Exchange("x1", SENT, status, {"content-type": "application/json"}, b'{"error": "no"}'))


def verdicts(bad):
    """A judge that finds fault with the performances of these probes."""
    return lambda case, performance: [SimpleNamespace(verdict="fail" if performance.probe.id in bad else "pass")]


def test_what_comes_out_as_promised_is_not_looked_at_again(group):
    shared = Shared(group, verdicts(set()))
    performance = served(group[0].probe)
    assert shared.follow(performance) == ()
    assert [shared.speaking(case, performance, lambda probe: pytest.fail("nothing else was sent")) for case in group] == [(performance, False)] * len(group)


def test_each_case_is_judged_by_its_own_request_where_the_shared_one_deviates(group):
    guilty = group[1].alone
    shared = Shared(group, verdicts({group[0].probe.id, guilty.id}))
    performance = refused(group[0].probe)
    assert {probe.id for probe in shared.follow(performance)} == {case.alone.id for case in group}
    own = {performance.probe.id: performance, **{case.alone.id: served(case.alone) for case in group}}
    for case in group:
        assert shared.speaking(case, performance, lambda probe: own[probe.id]) == (own[case.alone.id], False)


def test_where_nobody_is_guilty_alone_the_first_speaks_for_all(group):
    shared = Shared(group, verdicts({group[0].probe.id}))
    performance = refused(group[0].probe)
    shared.follow(performance)
    own = {performance.probe.id: performance, **{case.alone.id: served(case.alone) for case in group}}
    said = [shared.speaking(case, performance, lambda probe: own[probe.id]) for case in group]
    assert said[0] == (performance, True)
    assert said[1:] == [(own[case.alone.id], False) for case in group[1:]]


def test_who_would_have_sent_just_this_speaks_for_it(group):
    """A documented example that is sent as it stands, and a cell that rides on it: the cell is innocent, and says nothing of the example."""
    example = replace(group[0], id="acme/example", alone=None)
    shared = Shared([*group, example], verdicts({group[0].probe.id}))
    performance = refused(group[0].probe)
    shared.follow(performance)
    own = {performance.probe.id: performance, **{case.alone.id: served(case.alone) for case in group}}
    assert shared.speaking(example, performance, lambda probe: own[probe.id]) == (performance, False)
    assert [shared.speaking(case, performance, lambda probe: own[probe.id]) for case in group] == [(own[case.alone.id], False) for case in group]


@pytest.mark.parametrize("outcome", ["refused", "no picture"])
def test_what_may_be_refused_and_is_explains_a_shared_refusal(group, outcome):
    shared = Shared(group, verdicts({group[0].probe.id}))
    performance = refused(group[0].probe)
    shared.follow(performance)
    last = refused(group[-1].alone) if outcome == "refused" else replace(served(group[-1].alone), pictures=())
    own = {performance.probe.id: performance, **{case.alone.id: served(case.alone) for case in group[:-1]}, group[-1].alone.id: last}
    assert shared.speaking(group[0], performance, lambda probe: own[probe.id]) == (own[group[0].alone.id], False)


@pytest.mark.parametrize(("status", "together"), [(400, False), (500, True)])
def test_a_value_that_no_document_speaks_of_explains_a_refusal_and_no_breakdown(group, status, together):
    """Alone it is served; beside a documented one it may contradict it."""
    group = [*group[:-1], replace(group[-1], expect="see")]
    shared = Shared(group, verdicts({group[0].probe.id}))
    performance = refused(group[0].probe, status)
    shared.follow(performance)
    own = {performance.probe.id: performance, **{case.alone.id: served(case.alone) for case in group}}
    assert shared.speaking(group[0], performance, lambda probe: own[probe.id]) == ((performance, True) if together else (own[group[0].alone.id], False))


def test_a_value_that_lies_on_a_request_for_another_cases_sake_explains_it_too(group):
    """The covering array lays a value on a cell; the case that shows this value is another one, and found guilty."""
    cell, guilty = replace(group[0], beside=("acme/guilty",)), replace(group[1], id="acme/guilty", probe=group[1].alone, alone=None)
    shared = Shared([cell, guilty], verdicts({cell.probe.id, guilty.probe.id}))
    performance = refused(cell.probe)
    shared.follow(performance)
    own = {performance.probe.id: performance, cell.alone.id: served(cell.alone), guilty.probe.id: refused(guilty.probe)}
    assert shared.speaking(cell, performance, lambda probe: own[probe.id]) == (own[cell.alone.id], False)


def test_what_could_not_be_sent_alone_is_judged_by_what_was_sent_together(group):
    shared = Shared(group, verdicts({group[0].probe.id}))
    performance = refused(group[0].probe)
    shared.follow(performance)
    assert [shared.speaking(case, performance, lambda probe: None) for case in group] == [(performance, False)] * len(group)


def test_a_request_of_one_case_is_nobodys_to_share(group):
    case = replace(group[0], probe=group[0].alone, alone=None)
    shared = Shared([case], verdicts({case.probe.id}))
    assert shared.follow(refused(case.probe)) == ()


@pytest.mark.parametrize(("status", "together", "verdict"), [(400, True, "warn"), (400, False, "fail"), (500, True, "fail")])
def test_values_that_are_refused_only_together_are_a_warning(group, status, together, verdict):
    """No document promises every combination; that a server breaks at one is a fault all the same."""
    contract, case = contract_of("threedaistudio"), group[0]
    subject = Subject(contract, case, refused(case.probe, status), None, together=together)
    found = [one for one in findings_for(contract.matrix, contract.provider, case, judge(subject), "", ()) if one.check == "parameters.served" and one.level != "info"]
    assert {one.verdict for one in found} == {verdict}
    assert ("together" in found[0].message) is (verdict == "warn")
