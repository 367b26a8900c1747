"""The summary on a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from proofsheet.report.groups import by_reason, grouped, normalised
from proofsheet.report.terminal import print_summary
from proofsheet.report.text import block, command, one_line, xml_text
from proofsheet.results.model import Results
from results.samples import HOSTILE, finding, results


def shown(what: Results, encoding: str = "utf-8", **console: object) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    print_summary(what, "reports/r1", Console(file=stream, **console))
    stream.flush()
    return raw.getvalue().decode(encoding)


def wrong(case: str, actual: str = "200", **more: object) -> object:
    return finding("parameters.refused", "acme.ratio", "fail", case=case, message="was served", expected="4xx", actual=actual, curl=f"curl -X {case}", **more)


def test_a_conforming_target() -> None:
    text = shown(results())
    assert "candidate against the documented contract of acme" in text
    assert " CONFORMS " in text and "DOES NOT" not in text
    assert "http://127.0.0.1:9301   mode live, live, tier full, run 20261120-1" in text
    assert "requirements: 5 (1 passed, 3 unproven, 1 excluded); 0 observed beside them" in text
    assert "1 cases, 7 requests, 2 paid images (0.20 credits), 12.5 s" in text
    assert "report: reports/r1" in text
    assert "unproven      must   acme.exact: what acme.exact states" in text
    assert "SIMULATED" not in text and "Failures" not in text


def test_images_without_a_price_are_not_free() -> None:
    what = results()
    what = replace(what, summary={**what.summary, "spend": {"amount": "0.20", "unit": "credits", "usd": "0.02", "unpriced": 1}})
    assert "2 paid images (0.20 credits = 0.02 USD, and 1 of them without a documented price)" in shown(what)


def test_simulated_results_say_so_twice() -> None:
    text = shown(results(provenance="simulated"))
    assert "SIMULATED: the reference gateway answered" in text
    assert "CONFORMS (simulated)" in text


def test_failures_are_grouped_by_cause() -> None:
    many = tuple(wrong(f"acme/draw/parameters/ratio/invalid/c{n}") for n in range(7))
    text = shown(results((*many, wrong("acme/draw/x", "500"), finding())))
    assert "Failures (8 findings, 2 causes)" in text
    assert "7 x parameters.refused  acme.ratio (must): was served" in text
    assert "expected 4xx" in text and "actual   200" in text and "actual   500" in text
    assert "invalid/c0, acme/draw/parameters/ratio/invalid/c1, acme/draw/parameters/ratio/invalid/c2 and 4 more" in text
    assert text.count("try      curl") == 2
    assert "DOES NOT CONFORM  8 finding(s) fail, 1 requirement(s) are broken" in text


def test_a_row_for_each_area_and_columns_for_what_there_is() -> None:
    text = shown(results((finding(), wrong("c"), finding("pixels.exact", "acme.exact", "not_run", message="the budget is spent"))))
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
    assert rows["area"] == ["pass", "fail", "warn", "info", "not", "testable", "not", "run"]
    assert rows["parameters"] == ["1", "1", "0", "0", "0", "0"]
    assert rows["pixels"] == ["0", "0", "0", "0", "0", "1"]
    assert "errors" not in rows


def test_what_was_not_judged_is_counted_by_reason() -> None:
    lacking = [finding("errors.message", "acme.message", "not_testable", case=f"c{n}", message="no second account") for n in range(3)]
    text = shown(results((finding(), *lacking, finding(verdict="not_supported", case="d", message="lacks 'async'"))))
    assert "3 case(s)  not testable  no second account" in text
    assert "1 case(s)  not supported lacks 'async'" in text


def test_warnings_come_after_failures_and_harness_faults_are_named_as_such() -> None:
    text = shown(results((finding("errors.message", "acme.message", "warn", "should"), wrong("c"), finding(verdict="error", message="KeyError"))))
    assert text.index("Failures (1") < text.index("Faults of the harness itself") < text.index("Warnings (1")


def test_an_incomplete_run_says_why() -> None:
    text = shown(results(complete=False))
    assert "INCOMPLETE  the run did not come to its end" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_a_target_said_reaches_the_terminal_as_a_command(terminal: bool) -> None:
    said = {"message": HOSTILE, "expected": HOSTILE, "actual": HOSTILE, "case": HOSTILE, "curl": HOSTILE, "verdict": "fail"}
    hostile = results((finding(**said), finding(verdict="not_testable", message=HOSTILE), finding(verdict="warn", message=HOSTILE, level="should")))
    hostile = replace(hostile, run={**hostile.run, "target": {"name": HOSTILE, "provider": "acme", "base_url": HOSTILE}})
    text = shown(hostile, force_terminal=terminal, color_system=None, width=120)
    assert not any(mark in text for mark in ("\x1b[31m", "\x1b]", "\x00", "\x07", "\x08", "\x7f", "\u202e"))
    assert "[bold]loud[/bold]" in text


def test_megabytes_are_cut() -> None:
    text = shown(results((wrong("c", "A" * 10_000_000), finding(verdict="not_testable", message="B" * 10_000_000))))
    assert len(text) < 10_000
    assert "… (10000000 characters)" in text


def test_a_plain_file_gets_no_colour_and_no_wrapped_lines() -> None:
    text = shown(results((wrong("acme/" + "segment/" * 40),)))
    assert "\x1b" not in text
    assert any("segment/" * 20 in line for line in text.splitlines())


def test_a_terminal_that_knows_ascii_only_is_no_reason_to_fail() -> None:
    text = shown(results((wrong("c", "é…" * 400),)), encoding="ascii")
    assert "actual   ????" in text


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("2752x1536", "1376x768", True),
        ("16:9@2K or 16:9@4K", "1:1@512", True),
        ("task_01K8SGYNNNVBQTXNR4MM964S7K is gone", "task_01K8SGYNNNVBQTXNR4MM964S7X is gone", True),
        ("6e9b35c4-5e21-f0d3-7179-a24d29dca01e", "7e9b35c4-5e21-f0d3-7179-a24d29dca01e", True),
        ("https://a/1.png is 404", "https://b/2.png is 404", True),
        ("took 1.25 s", "took 0.5 s", True),
        ("400", "500", False),
        ("invalid_parameter_value", "insufficient_balance_now", False),
    ],
)
def test_causes_that_differ_by_case_only_are_alike(one: str, other: str, alike: bool) -> None:
    assert (normalised(one) == normalised(other)) is alike


def test_groups_without_expected_and_actual_go_by_the_message() -> None:
    groups = grouped([finding(verdict="fail", message="a"), finding(verdict="fail", message="b"), finding(verdict="fail", message="b")], ("fail",))
    assert [(group.first.message, len(group.findings), group.cases) for group in groups] == [("b", 2, ("acme/draw/parameters/base",)), ("a", 1, ("acme/draw/parameters/base",))]
    assert by_reason([finding(verdict="not_run", message="spent"), finding(verdict="not_run", message="spent")], ("not_run",)) == [("not_run", "spent", 1)]


def test_texts() -> None:
    assert one_line("a\n\t b\x1b[1mc\x1b[0m") == "a bc"
    assert one_line("x" * 300, 10) == "xxxxxxxxxx… (300 characters)"
    assert block("a\r\nb\x00") == "a\nb"
    assert xml_text("a\ufffe\ud800\x0bb\n") == "ab\n"
    assert command("curl  'two  spaces'\x1b[2J\nrm") == "curl  'two  spaces' rm"
    assert command("c" * 9000).endswith("… (9000 characters: the whole line is in results.json)")
