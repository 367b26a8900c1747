"""What results tell a buyer beside verdicts: prices offered, time to each image, answers to errors, a small print of each picture."""

from __future__ import annotations

import pytest

from proofsheet.session.measures import advice
from session.command import Outcome, targets_file, verify

ONLY = ("*/*/pixels/1:1@*", "**/errors/*", "**/parameters/base")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory, gateway) -> Outcome:
    folder = tmp_path_factory.mktemp("measured")
    environ = targets_file(folder, gateway, "threedaistudio", price={"usd_per_unit": "0.01"})
    words = [word for pattern in ONLY for word in ("--only", pattern)]
    found = verify(folder, "candidate", *words, "--mode", "record", "--cassettes", "cassettes", "--report-dir", "report", environ=environ)
    assert found.code == 0, found.said
    return found


def test_prices_are_told_in_the_documents_unit_and_in_usd_by_the_targets_rate(outcome):
    prices = outcome.results()["offer"]["prices"]
    assert (prices["unit"], prices["per"], prices["usd_per_unit"]) == ("credits", "image", "0.01")
    assert [(rule["when"], rule["amount"], rule["usd"]) for rule in prices["rules"]][:2] == [({"size": "512"}, "10", "0.1"), ({"size": "1K"}, "15", "0.15")]


def test_every_served_request_is_timed_once(outcome):
    results = outcome.results()
    sizes = {cell["size"] for cell in results["cells"]}
    assert sizes == {"512", "1K", "2K", "4K"}
    timed = {(timing["ratio"], timing["size"]) for timing in results["timings"]}
    assert {("1:1", size) for size in sizes} <= timed
    assert all(timing["seconds"] > 0 and timing["how"] == "lifecycle" for timing in results["timings"])
    assert len({timing["case"] for timing in results["timings"]}) == len(results["timings"])
    assert all(cell["seconds"] > 0 and cell["bytes"] > 0 and cell["operation"] in ("generate", "edit") for cell in results["cells"])


def test_answers_to_errors_are_told_with_code_and_advice(outcome):
    found = {entry["case"].rpartition("/")[2]: entry for entry in outcome.results()["refusals"] if "/generate/" in entry["case"]}
    assert (found["rate-limited"]["situation"], found["rate-limited"]["status"], found["rate-limited"]["code"]) == ("rate", 429, "rate_limited")
    assert found["rate-limited"]["retry_after"].isdigit()
    assert (found["insufficient-credits"]["situation"], found["insufficient-credits"]["status"]) == ("balance", 402)
    assert {found[name]["situation"] for name in ("no-key", "unknown-key", "malformed-key")} == {"key"}


def test_each_picture_of_a_cell_has_a_small_print_and_a_replay_has_the_same(outcome):
    results = outcome.results()
    digests = {cell["digest"] for cell in results["cells"]}
    prints = {path.stem: path.read_bytes() for path in (outcome.folder / "report" / results["files"]["thumbnails"]).iterdir()}
    assert digests <= set(prints)
    assert all(content[:4] == b"RIFF" and len(content) < 10_000 for content in prints.values())
    again = verify(outcome.folder, "candidate", "--mode", "replay", "--cassettes", "cassettes", "--only", ONLY[0], "--report-dir", "again")
    assert again.code == 0, again.said
    replayed = {path.stem: path.read_bytes() for path in (outcome.folder / "again" / "thumbnails").iterdir()}
    wanted = {cell["digest"] for cell in outcome.results("again")["cells"]}
    assert wanted and {name: replayed.get(name) for name in wanted} == {name: prints[name] for name in wanted}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"retry_after": 3}}, "retry_after: 3"),
        ({"error": {"details": [{"@type": "RetryInfo", "retryDelay": "30s"}]}}, "retryDelay: 30s"),
        ({"Retry-After": "5"}, "Retry-After: 5"),
        ({"retry": True}, ""),
        (None, ""),
        ("retry_after", ""),
        ([{"a": {"b": {"c": {"d": {"e": {"retry_after": 1}}}}}}], ""),
        ({"retry_after": {"seconds": 1}}, ""),
    ],
)
def test_advice_in_a_body_is_found(body, said):
    assert advice(body) == said
