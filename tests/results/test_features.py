"""Profiles: what is proven, declared missing, unproven or left out, and what that means for a run."""

from __future__ import annotations

import pytest

from proofsheet.contract.model import Feature
from proofsheet.results.features import Scope, feature_gap, feature_results, features_line, joined_features
from results.samples import finding

ASYNC, EDITS = Feature("async", "Submit and poll", ("acme/draw-async/**",)), Feature("edits", "Editing", ("acme/edit/**",))
CASES = ["acme/draw/base", "acme/draw-async/base", "acme/draw-async/run", "acme/edit/base"]


def told(verdicts: dict[str, str], *, unsupported=(), selected=None, narrowed=False, lacking=()):
    found = [finding(case=case, verdict=verdict) for case, verdict in verdicts.items()]
    scope = Scope(CASES, set(CASES if selected is None else selected), narrowed, set(lacking))
    return feature_results([ASYNC, EDITS], unsupported, scope, found)


def verdict(entries, name):
    return next(entry["verdict"] for entry in entries if entry["id"] == name)


ALL = dict.fromkeys(CASES, "pass")


def test_everything_proven():
    entries = told(ALL)
    assert [(entry["id"], entry["verdict"], entry["cases"], entry["passed"]) for entry in entries] == [
        ("base", "proven", 1, 1),
        ("async", "proven", 2, 2),
        ("edits", "proven", 1, 1),
    ]
    assert feature_gap(entries) == []
    assert features_line(entries) == "proven: base, async, edits"


@pytest.mark.parametrize(("seen", "expected"), [
    ({"acme/edit/base": "fail"}, "broken"), ({"acme/edit/base": "known_failure"}, "broken"), ({"acme/edit/base": "warn"}, "broken"), ({"acme/edit/base": "info"}, "unproven"),
    ({"acme/edit/base": "not_testable"}, "unproven"), ({"acme/edit/base": "not_run"}, "unproven"), ({"acme/edit/base": "pass"}, "proven"),
])  # fmt: skip
def test_one_passed_case_proves_and_one_failed_breaks(seen, expected):
    assert verdict(told({**ALL, **seen}), "edits") == expected


def test_declared_missing_is_shown_and_never_counted_as_passed():
    entries = told({**ALL, "acme/draw-async/base": "not_supported", "acme/draw-async/run": "not_supported"}, unsupported=["async"])
    assert (verdict(entries, "async"), next(entry["passed"] for entry in entries if entry["id"] == "async")) == ("not_supported", 0)
    assert feature_gap(entries) == []
    assert "not supported: async" in features_line(entries)


def test_what_is_all_inside_a_missing_feature_is_missing_too():
    entries = told({**ALL, "acme/edit/base": "not_supported"})
    assert verdict(entries, "edits") == "not_supported"


def test_neither_declared_nor_exercised_leaves_a_gap():
    entries = told({case: "pass" for case in CASES if "async" not in case}, selected=[case for case in CASES if "async" not in case])
    assert verdict(entries, "async") == "unproven"
    assert feature_gap(entries) == ["neither declared missing nor proven: async (none of its cases were sent)"]


def test_a_narrowed_run_speaks_only_of_what_it_chose():
    entries = told({"acme/draw/base": "pass"}, selected=["acme/draw/base"], narrowed=True)
    assert [verdict(entries, name) for name in ("base", "async", "edits")] == ["proven", "not_selected", "not_selected"]
    assert feature_gap(entries) == []


def test_a_missing_prerequisite_is_unproven_and_no_gap():
    entries = told({**ALL, "acme/edit/base": "not_testable"}, lacking=["acme/edit/base"])
    assert verdict(entries, "edits") == "unproven"
    assert feature_gap(entries) == []


def test_what_was_sent_and_proves_nothing_is_unproven_and_no_gap():
    """As where the base request is not served, which is told of the base request."""
    entries = told({**ALL, "acme/edit/base": "not_testable"})
    assert (verdict(entries, "edits"), feature_gap(entries)) == ("unproven", [])


@pytest.mark.parametrize("seen", [
    ALL, {**ALL, "acme/edit/base": "fail"}, {**ALL, "acme/draw-async/run": "fail"}, {**ALL, "acme/edit/base": "not_testable"}, {**ALL, "acme/edit/base": "known_failure"},
    {**ALL, "acme/draw-async/base": "not_supported", "acme/draw-async/run": "not_supported"}, {**ALL, "acme/draw-async/base": "not_supported"},
    {**ALL, "acme/draw-async/base": "info", "acme/draw-async/run": "not_supported"}, dict.fromkeys(CASES[:1], "pass"),
])  # fmt: skip
@pytest.mark.parametrize("cut", [1, 2, 3])
def test_parts_joined_say_what_the_whole_says(seen, cut):
    unsupported = ["async"] if list(seen.values()).count("not_supported") == 2 else []
    chosen = [case for case in CASES if case in seen]
    parts = [told({case: seen[case] for case in part}, selected=part, narrowed=True, unsupported=unsupported) for part in (chosen[:cut], chosen[cut:])]
    assert joined_features(parts, narrowed=False) == told(seen, selected=chosen, unsupported=unsupported)
