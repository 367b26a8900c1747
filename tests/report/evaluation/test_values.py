"""The values behind the page: areas, prices, times, cells, errors, traces, charges, disputes, requirements, gaps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from proofsheet.results.evaluation import Evaluation, Source, Vendor, evaluate
from proofsheet.results.evaluation_figures import figures, size_order
from proofsheet.results.evaluation_requirements import MOST_CASES, MOST_GROUPS, MOST_HELD, braced
from proofsheet.results.model import Results

from .samples import SIZES, cell, empty, finding, lifecycle, refusal, requirement, results, timing


def of(*several: Results) -> Evaluation:
    return evaluate([Source(one, Path("reports") / str(number)) for number, one in enumerate(several)])


def vendor(result: Results) -> Vendor:
    return of(result).vendors[0]


def test_an_area_says_its_gravest_verdict_and_counts_requirements_not_findings():
    areas = vendor(results()).areas
    assert (areas["pixels"].word, areas["pixels"].broken, areas["pixels"].held) == ("broken", 1, 0)
    assert (areas["errors"].word, areas["errors"].warned, areas["errors"].held) == ("warned", 1, 1)
    assert (areas["parameters"].word, areas["parameters"].held) == ("held", 1)
    assert areas["lifecycles"].word == "unproven"
    assert "assets" not in areas


@pytest.mark.parametrize(
    ("verdicts", "word"),
    [
        (["pass", "fail", "warn"], "broken"),
        (["pass", "known_failure"], "listed"),
        (["not_supported"], "unsupported"),
        (["not_testable", "pass"], "held"),
        (["info"], "observed"),
        (["not_run"], "unproven"),
        (["warn", "known_failure"], "warned"),
    ],
)
def test_the_word_of_an_area(verdicts, word):
    findings = tuple(finding(f"acme.{number}", "pixels.size", verdict) for number, verdict in enumerate(verdicts))
    assert vendor(results(findings=findings)).areas["pixels"].word == word


def test_one_requirement_is_as_bad_as_its_worst_finding():
    findings = tuple(finding("acme.same", "pixels.size", verdict, case=verdict) for verdict in ("pass", "fail", "pass"))
    counted = vendor(results(findings=findings)).areas["pixels"]
    assert (counted.broken, counted.held) == (1, 0)


def test_prices_are_by_size_and_in_usd_only_where_a_rate_is_known():
    known = vendor(results()).prices
    assert list(known) == list(SIZES)
    assert (known["2K"][0].amount, known["2K"][0].usd, known["2K"][0].unit) == ("3", "0.03", "credits")
    rule = {"amount": "1", "usd": None, "when": {"route": "cheap"}, "operations": ["**"], "models": ["x/brush-1"]}
    unknown = vendor(results(offer={"prices": {"unit": "base", "per": "call", "usd_per_unit": None, "rules": [rule]}})).prices
    assert (unknown[""][0].usd, unknown[""][0].label, unknown[""][0].per) == (None, "cheap, brush-1", "call")
    assert vendor(empty()).prices == {}


def test_times_are_by_size_with_a_p95_from_twenty_samples_up():
    one = vendor(results()).latency["1K"][0]
    assert (one.n, one.least, one.median, one.most, one.p95) == (24, 0.1, 1.25, 2.4, 2.3)
    assert figures("answer", [float(number) for number in range(1, 20)]).p95 is None
    assert figures("answer", [float(number) for number in range(1, 21)]).p95 == 19.0
    both = vendor(results(timings=(timing("1K", 1.0), timing("1K", 9.0, "lifecycle"))))
    assert [(one.how, one.median) for one in both.latency["1K"]] == [("answer", 1.0), ("lifecycle", 9.0)]
    assert (both.lifecycles.figures.n, both.lifecycles.outcomes) == (1, {"served": 1, "failed as provoked": 1})


def test_sizes_stand_in_their_order_and_odd_ones_are_no_rows():
    assert sorted(["4K", "weird", "512px", "1K", "2K"], key=size_order) == ["512px", "1K", "2K", "4K", "weird"]
    ev = of(results(timings=(timing("1K", 1.0), timing("9K", 1.0))))
    assert (ev.price_sizes, ev.time_sizes) == (SIZES, ("1K",))
    plain = of(results(cells=(), offer={}, timings=(timing("", 1.0),)))
    assert (plain.price_sizes, plain.time_sizes) == ((), ("",))


def test_a_matrix_has_a_cell_for_every_ratio_and_size():
    [matrix] = vendor(results()).matrices
    assert matrix.sizes == SIZES
    assert [ratio for ratio, _ in matrix.rows] == ["1:1", "16:9", "9:16", "4:3"]
    wrong = dict(matrix.rows)["16:9"][2]
    assert (wrong.requested, wrong.actual, wrong.verdict) == ("1024x576", (("1536x2752", 1),), "fail")
    assert [one.check for one in wrong.sightings[0].broken] == ["pixels.ratio"]
    assert matrix.verdicts == {"pass": 15, "fail": 1}


def test_operations_share_a_cell_and_the_worst_of_them_decides():
    cells = (cell("1:1", "1K"), cell("1:1", "1K", "warn", "edit", "1000x560"), cell("1:1", "2K", operation="edit"))
    [matrix] = vendor(results(cells=cells)).matrices
    [(_, (one, two))] = matrix.rows
    assert (one.verdict, [seen.operation for seen in one.sightings]) == ("warn", ["edit", "draw"])
    assert sorted(one.actual) == [("1000x560", 1), ("1024x576", 1)]
    assert two.verdict == "pass" and matrix.operations == ("edit", "draw")


def test_other_models_and_other_documented_pixels_have_a_matrix_of_their_own():
    cells = (cell("1:1", "1K"), replace(cell("1:1", "1K"), model="brush-2"), cell("1:1", "1K", requested="900x900", operation="edit"))
    assert [(matrix.model, dict(matrix.rows)["1:1"][0].requested) for matrix in vendor(results(cells=cells)).matrices] == [
        ("brush-1", "1024x576"),
        ("brush-2", "1024x576"),
        ("brush-1", "900x900"),
    ]


def test_errors_are_by_situation_and_equal_answers_are_one_line():
    refusals = (
        refusal("rate", 429, retry_after="30"),
        refusal("rate", 429, retry_after="30"),
        refusal("rate", 429, retry_advice="retryDelay: 5s"),
        refusal("timeout", None, problem="timeout"),
    )
    lines = vendor(results(refusals=refusals)).errors
    assert [(line.status, line.retry, line.count) for line in lines["rate"]] == [("429", "Retry-After: 30", 2), ("429", "retryDelay: 5s", 1)]
    assert lines["rate"][0].verdict == "warn"
    assert lines["timeout"][0].status == "timeout"
    assert "balance" not in lines


def test_invalid_parameters_count_among_the_requests_that_are_wrong():
    findings = tuple(
        finding("acme.no", "parameters.refused", verdict, case=f"p/{number}", actual=actual, expected="400")
        for number, (verdict, actual) in enumerate([("pass", "HTTP 400"), ("pass", "HTTP 400"), ("fail", "HTTP 200")])
    )
    lines = vendor(results(findings=findings, refusals=())).errors["request"]
    assert [(line.verdict, line.status, line.count, line.retry) for line in lines] == [("fail", "HTTP 200", 1, None), ("pass", "HTTP 400", 2, None)]


def test_a_trace_tells_states_from_the_look_that_saw_them():
    first = vendor(results()).traces[0]
    assert [(step.word, step.state, step.begin, step.end) for step in first.steps] == [
        ("queued", "running", 0.5, 1.0),
        ("drawing", "running", 1.0, 2.5),
        ("done", "succeeded", 2.5, 2.5),
    ]
    assert (first.looks, first.seconds) == ((0.5, 1.0, 2.5), 2.5)


def test_of_many_traces_few_are_drawn_and_those_that_failed_among_them():
    many = [lifecycle(f"parameters/f{number}/valid/x") for number in range(50)] + [lifecycle(f"pixels/{number}", "unfinished") for number in range(9)]
    found = vendor(results(lifecycles=tuple(many)))
    assert [trace.outcome for trace in found.traces] == ["served", *["unfinished"] * 4]
    assert found.traced == 59


def test_charges_stand_beside_the_documented_price_once_a_request():
    found = {charge.case.rpartition("=")[2]: charge for charge in vendor(results()).charges}
    assert [(found[size].documented, found[size].observed, found[size].verdict) for size in ("1K", "2K")] == [
        ("2 credits", "2 credits", "pass"),
        ("3 credits", "4 credits", "fail"),
    ]
    unread = (finding("acme.price", "billing.price", "not_testable", actual="", message="the balance could not be read"),)
    assert vendor(results(findings=unread)).charges == ()


def test_a_dispute_says_what_each_target_of_its_contract_does():
    [chapter] = of(results("one"), results("two", findings=(finding("acme.ratio", "pixels.ratio", actual="9x16"),), requirements=(requirement("acme.ratio"),))).chapters
    [dispute] = chapter.disputes
    assert [(deed.vendor, [(name, verdict) for name, verdict, _ in deed.seen]) for deed in dispute.deeds] == [
        ("one", [("acme.ratio", "failed")]),
        ("two", [("acme.ratio", "passed")]),
    ]
    assert dispute.deeds[1].seen[0][2] == ("9x16",)


def test_requirements_of_one_contract_stand_side_by_side_the_broken_first():
    ev = of(results("one"), results("two"), results("other", provider="bolt"))
    assert [(chapter.provider, chapter.vendors) for chapter in ev.chapters] == [("acme", ("one", "two")), ("bolt", ("other",))]
    rows = ev.chapters[0].rows
    assert [row.id for row in rows[:3]] == ["acme.ratio", "acme.price", "acme.message"]
    assert [part.verdict for part in rows[0].parts] == ["failed", "failed"]
    assert rows[0].parts[0].groups[0].verdict == "fail"


def test_findings_that_say_the_same_are_one_group_and_long_lists_are_cut():
    passing = [finding("acme.served", "parameters.served", case=f"parameters/f/valid/{number}") for number in range(30)]
    also = [finding("acme.served", "pixels.count", case=f"parameters/f/valid/{number}") for number in range(31)]
    failing = [finding("acme.served", "errors.status", "fail", case=f"errors/{number}") for number in range(MOST_CASES + 5)]
    row = next(row for row in of(results(findings=(*passing, *also, *failing))).chapters[0].rows if row.id == "acme.served")
    bad, good = row.parts[0].groups
    assert (bad.verdict, bad.count, bad.more, len(bad.cases)) == ("fail", MOST_CASES + 5, 5, 1)
    assert (good.checks, good.count, good.more) == (("parameters.served", "pixels.count"), 31, 31 - MOST_HELD)
    unlike = tuple(finding("acme.served", "errors.status", "fail", message=f"kind {number}") for number in range(MOST_GROUPS + 3))
    part = next(row for row in of(results(findings=unlike)).chapters[0].rows if row.id == "acme.served").parts[0]
    assert (len(part.groups), part.left_out) == (MOST_GROUPS, 3)


def test_case_ids_are_put_together_by_folder():
    assert braced(["p/draw/pixels/1:1", "p/draw/pixels/2:1", "p/draw/errors/x"]) == ("draw/pixels/{1:1, 2:1}", "draw/errors/x")


def test_what_no_requirement_speaks_of_is_there_too():
    ev = of(results(findings=(finding("acme.silent", "pixels.size", "info", level="info"),), requirements=()))
    assert [(row.id, row.level, row.verdicts) for row in ev.chapters[0].rows] == [("acme.silent", "info", ("observed",))]
    assert [row.stated for row in ev.chapters[0].rows] == [False]
    assert all(row.stated for row in of(results()).chapters[0].rows)


def test_what_was_not_tested_is_said_plainly():
    run = {"complete": False, "tier": "smoke", "selection": {"only": ["a/**"], "skip": ["**/x"]}}
    missing = finding("acme.foreign", "lifecycles.isolated", "not_testable", case="lifecycles/foreign", message="no second account")
    sentences = vendor(
        results(run=run, summary={"why": ["interrupted"], "conforms": None}, findings=(missing, finding("acme.late", "pixels.size", "not_run", message="out of time")))
    ).untested
    assert sentences[0] == "The run is incomplete: interrupted."
    assert {"Only the cases of the tier smoke were sent.", "Only cases that fit a/** were sent.", "Cases that fit **/x were left out."} < set(sentences)
    assert {"1 case not sent: out of time.", "1 case not testable: no second account.", "1 requirement unproven."} < set(sentences)
    assert sentences[-1].startswith("1 documented statement that no client can test")


def test_what_is_not_supported_is_named():
    assert vendor(results(offer={"unsupported": ["async"]})).unsupported == ("async",)
    assert vendor(results(findings=(finding("acme.x", "pixels.size", "not_supported", message="declared missing"),))).unsupported == ("declared missing",)
    assert vendor(results()).unsupported == ()


def test_targets_of_one_name_are_told_apart():
    assert [one.name for one in of(results("same"), results("same"), results("else")).vendors] == ["same (20261120T100000Z-same) #1", "same (20261120T100000Z-same) #2", "else"]
