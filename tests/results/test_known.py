"""The list of known failures: what it says of findings, and which entries must go."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from proofsheet.contract.errors import ContractError
from proofsheet.results.known import KnownList, Scope, read_known
from results.samples import finding

TODAY = date(2026, 11, 20)
RATIO, BASE = "acme/draw/pixels/16:9", "acme/draw/parameters/base"
SCOPE = Scope("candidate", "acme", (RATIO, BASE), (RATIO, BASE), ("acme.ratio", "acme.served"), ("acme", "other"))
REST = 'reason: r, link: "https://t.example/1", expires: 2026-12-31'


def listed(tmp_path: Path, *lines: str, flaky: bool = False) -> KnownList:
    path = tmp_path / "known.yaml"
    path.write_text("\n".join(["flaky:" if flaky else "known:", *(f"  - {{{line}}}" for line in lines)]) + "\n", encoding="utf-8")
    return read_known(path, TODAY)


def verdict(known: KnownList, before: str, case: str = BASE, requirement: str = "acme.served", target: str = "candidate") -> str:
    return known.applied([finding(case=case, requirement=requirement, verdict=before)], target)[0].verdict


@pytest.mark.parametrize(
    ("entry", "before", "after"),
    [
        (f"id: {BASE}, {REST}", "fail", "known_failure"),
        (f"id: acme/*/parameters/*, {REST}", "fail", "known_failure"),
        (f"id: '**', {REST}", "warn", "known_failure"),
        (f"id: acme.served, {REST}", "fail", "known_failure"),
        (f"id: acme/draw/parameters/other, {REST}", "fail", "fail"),
        (f"id: acme/*/base, {REST}", "fail", "fail"),
        (f"id: acme.other, {REST}", "fail", "fail"),
        (f"id: {BASE}, {REST}", "pass", "pass"),
        (f"id: {BASE}, {REST}", "not_run", "not_run"),
        (f"id: {BASE}, {REST}", "error", "error"),
        (f"id: {BASE}, requirement: acme.served, {REST}", "fail", "known_failure"),
        (f"id: {BASE}, requirement: acme.other, {REST}", "fail", "fail"),
        (f"id: {BASE}, target: cand*, {REST}", "fail", "known_failure"),
        (f"id: {BASE}, target: production, {REST}", "fail", "fail"),
        (f"id: {BASE}, reason: r, link: 'https://t.example', expires: 2026-11-20", "fail", "known_failure"),
        (f"id: {BASE}, reason: r, link: 'https://t.example', expires: 2026-11-19", "fail", "fail"),
    ],
)
def test_what_an_entry_says(tmp_path, entry, before, after):
    assert verdict(listed(tmp_path, entry), before) == after


@pytest.mark.parametrize(("before", "after"), [("pass", "flaky"), ("fail", "flaky"), ("warn", "flaky"), ("info", "info"), ("not_run", "not_run")])
def test_what_is_flaky_never_decides(tmp_path, before, after):
    assert verdict(listed(tmp_path, f"id: {BASE}, {REST}", flaky=True), before) == after


def test_the_reason_and_the_link_are_told(tmp_path):
    [found] = listed(tmp_path, f"id: {BASE}, {REST}").applied([finding(verdict="fail", message="refused")], "candidate")
    assert found.message == "refused (known until 2026-12-31: r, https://t.example/1)"


def problems(known: KnownList, *findings, scope: Scope = SCOPE) -> list[str]:
    return known.problems(known.applied(findings, scope.target), scope)


def test_an_entry_that_still_fails_stays(tmp_path):
    assert problems(listed(tmp_path, f"id: {BASE}, {REST}"), finding(verdict="fail"), finding(check="parameters.answer")) == []


def test_an_entry_whose_cases_pass_must_go_and_its_line_is_shown(tmp_path):
    found = problems(listed(tmp_path, f"id: {RATIO}, {REST}", f"id: {BASE}, {REST}"), finding(), finding(case=RATIO, verdict="fail"))
    assert found == [f"{tmp_path}/known.yaml:3: '- {{id: {BASE}, {REST}}}' passes (1 finding(s)): delete this line"]


def test_an_entry_that_matches_nothing_must_go(tmp_path):
    [found] = problems(listed(tmp_path, f"id: acme/draw/pixels/9:16, {REST}"), finding())
    assert "matches no case and no requirement of acme: delete this line" in found
    [found] = problems(listed(tmp_path, f"id: {BASE}, requirement: acme.ratio, {REST}"), finding())
    assert "matches nothing that these cases show" in found
    [found] = problems(listed(tmp_path, f"id: acme.ratio, {REST}"), finding())
    assert "matches a requirement that nothing judges" in found


def test_an_expired_entry_must_go_though_it_fails_and_though_it_was_not_selected(tmp_path):
    known = listed(tmp_path, f"id: {BASE}, reason: r, link: 'https://t.example', expires: 2026-11-19")
    assert "expired on 2026-11-19: delete this line" in problems(known, finding(verdict="fail"))[0]
    narrow = Scope("candidate", "acme", SCOPE.cases, (RATIO,), SCOPE.requirements, SCOPE.providers)
    assert "expired" in problems(known, finding(case=RATIO), scope=narrow)[0]


@pytest.mark.parametrize("entry", [f"id: {BASE}, {REST}", f"id: acme.served, {REST}", f"id: '**/base', {REST}"])
def test_an_entry_whose_cases_were_not_selected_is_not_judged(tmp_path, entry):
    narrow = Scope("candidate", "acme", SCOPE.cases, (RATIO,), SCOPE.requirements, SCOPE.providers)
    assert problems(listed(tmp_path, entry), finding(case=RATIO, requirement="acme.ratio"), scope=narrow) == []


@pytest.mark.parametrize(("entry", "judged"), [(f"id: {BASE}, {REST}", True), (f"id: acme/draw/**, {REST}", False), (f"id: acme.served, {REST}", False)])
def test_an_entry_of_which_only_a_part_was_selected_is_not_judged_by_that_part(tmp_path, entry, judged):
    part = Scope("candidate", "acme", SCOPE.cases, (BASE,), SCOPE.requirements, SCOPE.providers)
    assert bool(problems(listed(tmp_path, entry), finding(), scope=part)) is judged
    assert problems(listed(tmp_path, entry), finding(), finding(case=RATIO)) != []


@pytest.mark.parametrize(
    ("entry", "judged"),
    [(f"id: {BASE}, {REST}", True), (f"id: acme/draw/**, {REST}", False), (f"id: acme.served, {REST}", False), (f"id: acme/draw/pixels/9:16, {REST}", False)],
)
def test_where_not_all_cases_are_known_only_a_case_that_is_named_is_judged(tmp_path, entry, judged):
    part = Scope("candidate", "acme", SCOPE.cases, SCOPE.cases, SCOPE.requirements, SCOPE.providers, whole=False)
    assert bool(problems(listed(tmp_path, entry), finding(), finding(case=RATIO), scope=part)) is judged


@pytest.mark.parametrize("unseen", ["not_run", "error"])
def test_an_entry_is_not_judged_where_nobody_looked(tmp_path, unseen):
    assert problems(listed(tmp_path, f"id: acme/draw/**, {REST}"), finding(), finding(case=RATIO, verdict=unseen)) == []


def test_entries_of_other_providers_and_targets_are_not_judged_and_a_slip_in_the_name_is(tmp_path):
    known = listed(tmp_path, f"id: other/draw/x, {REST}", f"id: other.served, {REST}", f"id: {BASE}, target: production, {REST}", f"id: acne/draw/x, {REST}")
    [found] = problems(known, finding())
    assert "acne/draw/x" in found


def test_a_flaky_entry_that_passes_stays_and_one_that_matches_nothing_must_go(tmp_path):
    assert problems(listed(tmp_path, f"id: {BASE}, {REST}", flaky=True), finding()) == []
    assert "matches no case" in problems(listed(tmp_path, f"id: acme/draw/none, {REST}", flaky=True), finding())[0]


def test_an_entry_over_several_lines_is_told_by_all_of_them(tmp_path):
    path = tmp_path / "known.yaml"
    lines = ["# ours", "known:", "", f"  - id: {BASE}", "    reason: >", "      two", "      lines", "    link: https://t.example", "    expires: 2026-12-31", "", "flaky:"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    known = read_known(path, TODAY)
    assert [(entry.line, entry.last, entry.text, entry.reason) for entry in known.entries] == [(4, 9, f"- id: {BASE}", "two lines")]
    assert problems(known, finding())[0].endswith("passes (1 finding(s)): delete lines 4 to 9")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("known:\n  - {id: a, reason: r, link: 'https://t.example'}\n", "expires"),
        ("known:\n  - {id: a, reason: r, expires: 2026-12-31}\n", "link"),
        ("known:\n  - {id: a, link: 'https://t.example', expires: 2026-12-31}\n", "reason"),
        ("known:\n  - {reason: r, link: 'https://t.example', expires: 2026-12-31}\n", "id"),
        ("known:\n  - {id: a, reason: ' ', link: 'https://t.example', expires: 2026-12-31}\n", "reason"),
        ("known:\n  - {id: a, reason: r, link: tracker 7, expires: 2026-12-31}\n", "http"),
        ("known:\n  - {id: a, reason: r, link: 'https://t.example', expires: soon}\n", "2027-01-31"),
        ("known:\n  - {id: a, reason: r, link: 'https://t.example', expires: 2026-02-31}\n", "known.yaml:2: expires: 2026-02-31 is no day of the calendar"),
        ("known:\n  - {id: a, reason: r, link: 'https://t.example', expires: 2026-12-31, until: x}\n", "until"),
        ("known: {a: b}\n", "known"),
        ("failures: []\n", "failures"),
        ("", "known"),
        ("known: [\n", "YAML"),
        ("- a\n", "top"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path, text, complaint):
    path = tmp_path / "known.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError) as raised:
        read_known(path)
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["known:\n", "known: []\nflaky: []\n", "flaky:\n"])
def test_an_empty_list_is_a_list(tmp_path, text):
    path = tmp_path / "known.yaml"
    path.write_text(text, encoding="utf-8")
    assert read_known(path).entries == ()
