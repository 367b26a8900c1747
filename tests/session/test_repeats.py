"""What is sent again, what is not, and what cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from checks.subjects import exchange, operation
from proofsheet.cases.model import Case, Probe
from proofsheet.exchange.engine import NotPerformed
from proofsheet.exchange.model import Performance
from proofsheet.exchange.wire import Wire
from proofsheet.results.model import Finding
from proofsheet.session.repeats import Repeats
from results.samples import finding
from session.nights import Nights


@dataclass
class Stub:
    """An engine that performs so many probes again, and then nothing more."""

    left: int = 99
    wire: Wire = field(default_factory=Wire)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def perform_again(self, probe: Probe) -> Performance:
        if len(self.asked) == self.left:
            raise NotPerformed
        self.asked.append((probe.id, probe.attempt))
        return Performance(probe, "served", exchange())


class Deaf(Wire):
    sends = False


PROBE = Probe("p1", operation(), operation().base)
FAILED = [finding(verdict="fail")]


def case(id: str = "acme/draw/parameters/base", probe: Probe | None = PROBE) -> Case:
    return Case(id, "parameters", "walk", operation(), "serve", probe)


def passes(performance: Performance) -> list[Finding]:
    return [finding()]


def test_a_case_is_tried_as_often_as_asked():
    stub, repeats = Stub(), Repeats(3)
    [found] = repeats.tried(stub, case(), PROBE, FAILED, passes)
    assert stub.asked == [("p1", 2), ("p1", 3)]
    assert found.attempts == ("fail", "pass", "pass")
    assert repeats.summary(2) == {"cases": 1, "requests": 2, "always": 0, "sometimes": 0, "first": 1, "not_sent": 0}


def test_cases_that_share_a_request_share_its_attempts():
    stub, repeats = Stub(), Repeats(2)
    for name in ("acme/a", "acme/b"):
        repeats.tried(stub, case(name), PROBE, FAILED, lambda performance: FAILED)
    assert stub.asked == [("p1", 2)]
    assert repeats.summary(1)["always"] == 2
    assert len(repeats.performances) == 1


@pytest.mark.parametrize(("left", "attempts"), [(1, ("fail", "pass")), (0, ())])
def test_what_cannot_be_sent_again_is_counted(left, attempts):
    stub, repeats = Stub(left), Repeats(3)
    [found] = repeats.tried(stub, case(), PROBE, FAILED, passes)
    assert found.attempts == attempts
    assert found.verdict == "fail"
    assert repeats.summary(left)["not_sent"] == 1


def test_a_replay_sends_nothing_again():
    stub, repeats = Stub(wire=Deaf()), Repeats(3)
    assert repeats.tried(stub, case(), PROBE, FAILED, passes) == FAILED
    assert stub.asked == []
    assert repeats.summary(0)["not_sent"] == 1


def test_without_repeats_there_is_nothing_to_say():
    assert Repeats().summary(0) is None


@pytest.fixture
def nights(tmp_path) -> Nights:
    return Nights(tmp_path, ("*/native/parameters/base", "*/native/errors/keyless", "*/native/pixels/1:1@2K", "*/native/pixels/16:9@1K"))


def test_what_passes_is_not_sent_again(nights):
    night = nights.night(1, repeat=3)
    assert night.code == 0
    assert "repeats" not in night.results.summary
    assert not [entry for entry in night.results.exchanges if "attempt" in entry]


def test_what_fails_always_is_told_and_its_pictures_are_paid_each_time(nights):
    once, thrice = nights.night(1, "other-cell:native:1:1@2K"), nights.night(2, "other-cell:native:1:1@2K", repeat=3)
    assert thrice.results.summary["repeats"]["always"] == 1
    assert thrice.results.summary["paid_images"] == once.results.summary["paid_images"] + 2
    assert float(thrice.results.summary["spend"]["amount"]) > float(once.results.summary["spend"]["amount"])
    attempts = {finding.attempts for finding in thrice.results.findings if finding.verdict == "fail"}
    assert attempts == {("fail", "fail", "fail")}


def test_a_listed_failure_is_not_sent_again(nights, tmp_path):
    known = tmp_path / "known.yaml"
    known.write_text("known:\n  - {id: '*/native/pixels/1:1@2K', reason: r, link: 'https://tracker.example', expires: 2999-12-31}\n", encoding="utf-8")
    night = nights.night(1, "other-cell:native:1:1@2K", known=known, repeat=3)
    assert night.code == 0, night.why
    assert "repeats" not in night.results.summary


def test_the_first_attempt_is_what_was_first(nights):
    night = nights.night(1, "other-cell:native:1:1@2K", repeat=2)
    [found] = {finding.exchanges for finding in night.results.findings if finding.verdict == "fail"}
    by_id = {entry["id"]: entry.get("attempt", 1) for entry in night.results.exchanges}
    assert sorted({by_id[name] for name in found}) == [1, 2]
    assert replace(PROBE, attempt=2).id == PROBE.id


@pytest.mark.parametrize(("tier", "stale"), [("full", 1), ("smoke", 0)])
def test_a_known_failure_outside_the_tier_is_not_judged(nights, tmp_path, tier, stale):
    known = tmp_path / "known.yaml"
    known.write_text("known:\n  - {id: xairouter/native/pixels/16:9@1K, reason: r, link: 'https://tracker.example', expires: 2999-12-31}\n", encoding="utf-8")
    night = nights.night(1, known=known, tier=tier)
    assert len(night.results.summary["known"]["problems"]) == stale
    judged = {finding.case for finding in night.results.findings}
    assert ("xairouter/native/pixels/16:9@1K" in judged) is (tier == "full")
