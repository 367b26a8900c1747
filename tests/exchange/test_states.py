"""What an answer to a poll means, as a truth table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.subjects import LIFECYCLE, at, exchange
from proofsheet.contract.model import StateRule, StatusRule
from proofsheet.exchange.states import poll_url, state_of, task_ref

WORDLESS = replace(LIFECYCLE, status=StatusRule(otherwise="running", rules=(
    StateRule("succeeded", present=at("json:$.result")), StateRule("failed", equals=(at("json:$.code"), 7)),
    StateRule("failed", present=at("json:$.done"), absent=at("json:$.ok")),
)))  # fmt: skip
BY_STATUS = replace(LIFECYCLE, status=StatusRule(at=(at("status:"),), words={"202": "running", "303": "succeeded", "500": "failed"}))
NUMBERS = replace(LIFECYCLE, status=StatusRule(at=(at("json:$.state"),), words={"1": "running", "2": "succeeded", "true": "failed"}))
OPEN = replace(LIFECYCLE, status=replace(LIFECYCLE.status, otherwise="running", rules=(StateRule("failed", present=at("json:$.error")),)))


@pytest.mark.parametrize(("lifecycle", "came", "expected"), [
    (LIFECYCLE, exchange(body={"status": "queued"}), ("queued", "running")),
    (LIFECYCLE, exchange(body={"status": "done"}), ("done", "succeeded")),
    (LIFECYCLE, exchange(body={"status": "broken"}), ("broken", "failed")),
    (LIFECYCLE, exchange(body={"status": "Done"}), ("Done", "unknown")),
    (LIFECYCLE, exchange(body={"status": {"a": 1}}), (None, "unknown")),
    (LIFECYCLE, exchange(body={}), (None, "unknown")),
    (LIFECYCLE, exchange(body=b"<html>"), (None, "unknown")),
    (LIFECYCLE, exchange(500, {"status": "done"}), ("done", "succeeded")),
    (LIFECYCLE, exchange(404, {"status": "odd"}), ("odd", "unknown")),
    (LIFECYCLE, exchange(None, problem="timeout"), (None, "unknown")),
    (NUMBERS, exchange(body={"state": 1}), ("1", "running")),
    (NUMBERS, exchange(body={"state": 2}), ("2", "succeeded")),
    (NUMBERS, exchange(body={"state": True}), ("true", "failed")),
    (BY_STATUS, exchange(202), ("202", "running")),
    (BY_STATUS, exchange(303), ("303", "succeeded")),
    (BY_STATUS, exchange(500), ("500", "failed")),
    (BY_STATUS, exchange(200), ("200", "unknown")),
    (WORDLESS, exchange(body={"result": 1}), (None, "succeeded")),
    (WORDLESS, exchange(body={"code": 7}), (None, "failed")),
    (WORDLESS, exchange(body={"code": 8}), (None, "running")),
    (WORDLESS, exchange(body={"done": 1}), (None, "failed")),
    (WORDLESS, exchange(body={"done": 1, "ok": 1}), (None, "running")),
    (WORDLESS, exchange(body={}), (None, "running")),
    (WORDLESS, exchange(400, {}), (None, "unknown")),
    (WORDLESS, exchange(399, {}), (None, "running")),
    (WORDLESS, exchange(None), (None, "unknown")),
    (WORDLESS, exchange(200, {}, problem="broken"), (None, "unknown")),
    (OPEN, exchange(body={"status": "odd", "error": "x"}), ("odd", "failed")),
    (OPEN, exchange(body={"status": "odd"}), ("odd", "unknown")),
    (OPEN, exchange(body={}), (None, "unknown")),
])
def test_the_state_of_an_answer(lifecycle, came, expected):
    assert state_of(lifecycle, came) == expected


def test_an_id_is_as_it_stands():
    assert task_ref(LIFECYCLE, exchange(body={"id": "t1"})) == "t1"
    assert task_ref(LIFECYCLE, exchange(body={"id": 7})) == 7
    assert task_ref(LIFECYCLE, exchange(body={"id": None})) is None
    assert task_ref(LIFECYCLE, exchange(body={})) is None


def test_a_url_to_poll_is_a_text():
    pointing = replace(LIFECYCLE, poll_url=(at("header:location"), at("json:$.url")))
    assert poll_url(pointing, exchange(body={"url": "/t/1"})) == "/t/1"
    assert poll_url(pointing, exchange(202, b"", {"location": "/t/2"})) == "/t/2"
    assert poll_url(pointing, exchange(body={"url": " "})) is None
    assert poll_url(pointing, exchange(body={"url": 5})) is None
    assert poll_url(LIFECYCLE, exchange(body={"url": "/t/1"})) is None
