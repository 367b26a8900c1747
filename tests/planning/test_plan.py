"""Plans: what a run would send and cost, said without sending."""

from __future__ import annotations

import json
import socket
from decimal import Decimal
from fractions import Fraction

import jsonschema
import pytest
from click.testing import CliRunner
from tests.cases.test_shipped import cases_of, contract_of

from proofsheet.cli import main
from proofsheet.contract import provider_names
from proofsheet.contract.files import specs_root
from proofsheet.exchange.pace import Pace
from proofsheet.planning.duration import ASSUMED_IMAGE, QUICK, duration_of

TARGETS = """
[targets.vendor]
provider = "threedaistudio"
base_url = "https://api.vendor.example"
[targets.vendor.credentials]
default = "NO_SUCH_VARIABLE_IS_SET"
[targets.priced]
provider = "threedaistudio"
base_url = "https://api.vendor.example"
[targets.priced.price]
usd_per_unit = "0.01"
"""


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """The command, in a folder with targets, where nothing can be sent."""
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a plan sends nothing"))
    (tmp_path / "targets.toml").write_text(TARGETS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, ["plan", *words])


def document(planned, *words):
    outcome = planned(*words, "--json", "-")
    assert outcome.exit_code == 0, outcome.output
    found = json.loads(outcome.output)
    jsonschema.Draft202012Validator(json.loads((specs_root() / "schemas" / "plan.schema.json").read_text(encoding="utf-8"))).validate(found)
    return found["plans"]


def test_with_no_target_every_provider_is_planned(planned):
    plans = document(planned)
    assert [plan["target"]["provider"] for plan in plans] == list(provider_names())
    for plan in plans:
        images = plan["images"]
        assert plan["tier"] == "full"
        assert images["lower_bound"] == sum(images["bound"].values())
        assert 1 <= images["ratio"] <= 1.1
        assert sum(one["images"] for one in plan["paid"] if not one["disputed"]) == images["planned"]
        assert all(area["planned"] == area["full"] >= area["core"] >= area["smoke"] for area in plan["cases"].values())


def test_a_paid_target_is_planned_as_a_smoke_run_and_needs_no_key(planned):
    (plan,) = document(planned, "vendor")
    assert plan["target"]["paid"] is True
    assert plan["tier"] == "smoke"
    # The documented prices of four sizes, and nothing that no price speaks of.
    assert {one["amount"] for one in plan["paid"]} == {"10.00", "15.00", "20.00", "25.00"}
    assert Decimal(plan["cost"]["expected"]) == sum(Decimal(one["amount"]) for one in plan["paid"])
    assert Decimal(plan["cost"]["worst"]) > Decimal(plan["cost"]["expected"])
    assert plan["duration"]["documented"] is True


def test_usd_is_null_where_nobody_knows_a_rate(planned):
    (unknown,), (known,) = document(planned, "vendor"), document(planned, "priced")
    assert (unknown["cost"]["usd_per_unit"], unknown["cost"]["expected_usd"], unknown["cost"]["worst_usd"]) == (None, None, None)
    assert {one["usd"] for one in unknown["paid"]} == {None}
    assert known["cost"]["usd_per_unit"] == "0.01"
    assert Decimal(known["cost"]["expected_usd"]) == Decimal(known["cost"]["expected"]) / 100


def test_the_words_say_what_each_image_is_for(planned):
    said = planned("vendor").output
    assert "nothing was sent" in said
    assert "in USD: not known" in said
    assert "no plan that shows the same can do with less than" in said
    assert "threedaistudio/generate/pixels/16:9@4K" in planned("vendor", "--tier", "core").output


def test_a_selection_is_planned_as_it_would_be_run(planned):
    (plan,) = document(planned, "vendor", "--only", "*/generate/pixels/1:1@*", "--tier", "full")
    assert [one["case"] for one in plan["paid"]] == [f"threedaistudio/generate/pixels/1:1@{size}" for size in ("512", "1K", "2K", "4K")]
    assert plan["cost"] == {"unit": "credits", "expected": "70.00", "worst": "70.00", "usd_per_unit": None, "expected_usd": None, "worst_usd": None}
    shards = [document(planned, "vendor", "--tier", "core", "--shard", f"{number}/2")[0] for number in (1, 2)]
    (whole,) = document(planned, "vendor", "--tier", "core")
    assert sum(shard["images"]["planned"] for shard in shards) == whole["images"]["planned"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody"], "nobody"),
        (["vendor", "--only", "nothing"], "no case is left"),
        (["vendor", "--max-spend", "5 dollars"], "dollars"),
        (["vendor", "--max-spend", "5 USD"], "usd_per_unit"),
        (["vendor", "--base-url", "http://127.0.0.1:1"], "not both"),
        (["--base-url", "http://127.0.0.1:1"], "--provider"),
        (["vendor", "--tier", "huge"], "huge"),
        (["vendor", "--shard", "3/2"], "I/N"),
        (["vendor", "--json", "no/such/folder/plan.json"], "another file"),
    ],
)
def test_what_cannot_be_planned_is_told_in_a_line(planned, words, said):
    outcome = planned(*words)
    assert outcome.exit_code == 4
    assert said in outcome.output
    assert "Traceback" not in outcome.output


def pace(**given):
    usual = {"max_concurrency": 4, "requests_per_minute": None, "first_poll_after": 10.0, "poll_every": 5.0, "lifecycle_timeout": 600.0, "request_timeout": 180.0}
    return Pace(**{**usual, **given})


def test_a_run_takes_as_long_as_what_holds_it_up_most():
    contract = contract_of("xairouter")
    cells = [case.probe for case in cases_of("xairouter") if case.cell is not None][:8]
    refused = [case.probe for case in cases_of("xairouter") if case.expect == "refuse" and case.probe is not None and not case.probe.serial][:4]
    found = duration_of(contract, pace(), cells, refused)
    assert found.documented is False
    assert found.seconds == pytest.approx((8 * ASSUMED_IMAGE + 4 * QUICK) / 4)
    assert found.requests == 12
    assert duration_of(contract, pace(max_concurrency=100), cells, refused).seconds == ASSUMED_IMAGE
    assert duration_of(contract, pace(requests_per_minute=3.0), cells, refused).seconds == 12 * 20
    assert duration_of(contract, pace(), [], []).seconds == 0


def test_polls_are_requests_too_where_the_target_counts_them():
    contract = contract_of("threedaistudio")
    probe = next(case.probe for case in cases_of("threedaistudio") if case.cell is not None)
    found = duration_of(contract, pace(), [probe], [])
    # 45 s by the document: looks after 10, 15, ... 45 s.
    assert found.requests == 1 + 8
    assert found.seconds == pytest.approx(46)
    assert duration_of(contract, pace(requests_per_minute=3.0), [probe], []).seconds == 9 * 20
    assert duration_of(contract, pace(requests_per_minute=3.0, polls_count=False), [probe], []).seconds == pytest.approx(46)


def test_amounts_are_exact(planned):
    (plan,) = document(planned, "--provider", "apimaster")
    thirds = [one["amount"] for one in plan["paid"] if one["asks"].get("size") == "2K"]
    assert set(thirds) == {"1.333333"}
    exact = {"1.00": Fraction(1), "1.333333": Fraction(4, 3), "2.00": Fraction(2)}
    expected = sum((exact[one["amount"]] for one in plan["paid"]), Fraction(0))
    assert abs(Fraction(plan["cost"]["expected"]) - expected) <= Fraction(1, 10**6)
