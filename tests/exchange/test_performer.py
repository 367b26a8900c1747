"""One probe from the submission to the images, against scripted answers and a clock that does not wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from checks.subjects import ANSWER, DRAW, LIFECYCLE, LOOK, at, contract, exchange, operation, picture, role, roles
from proofsheet.cases.model import NO_KEY, Probe
from proofsheet.contract.model import Call, Lifecycle, Model, SecurityScheme
from proofsheet.exchange.client import Reply
from proofsheet.exchange.clock import Clock
from proofsheet.exchange.model import Exchange, Incident, Performance
from proofsheet.exchange.pace import Gate, Pace
from proofsheet.exchange.performer import POLL_FAILURES, Performer
from proofsheet.exchange.targets import Balance, Target

ASYNC = operation(answer=None, lifecycle=LIFECYCLE)
SUBMITTED = exchange(body={"id": "t1"})
QUEUED, DRAWING, DONE, BROKEN = (exchange(body={"status": word, "progress": n}) for n, word in enumerate(("queued", "drawing", "done", "broken")))
GONE = exchange(404, {})


class Hands(Clock):
    """A clock that stands still but for those who sleep."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.slept.append(seconds)
        await asyncio.sleep(0)


class Script:
    """A client that answers in turn, the last answer for ever, and writes down what it was asked."""

    def __init__(self, answers: Iterable[Exchange | tuple[Exchange, str]]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.followed: list[bool] = []
        self.bodies: list[Any] = []

    async def send(self, request: Any, use: Any, *, timeout: float, follow: bool) -> Reply:
        self.bodies.append(request.json)
        return self._reply(f"{request.method} {request.target_path}", use, follow)

    async def fetch_api_url(self, url: str, use: Any, *, base: str, timeout: float, follow: bool) -> Reply:
        return self._reply(f"GET {url}", use, follow)

    def _reply(self, line: str, use: Any, follow: bool) -> Reply:
        self.asked.append(f"{line} {use.credential if use else 'nobody'}")
        self.followed.append(follow)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        incidents: tuple[Incident, ...] = ()
        if isinstance(answer, tuple):
            answer, incidents = answer[0], (Incident(answer[1], "x"),)
        return Reply(replace(answer, id=f"x{len(self.asked)}", started=float(len(self.asked))), incidents)


def perform(probe: Probe, *answers: Any, target: Target | None = None, **pace: float) -> tuple[Performance, Script, Hands, list[str]]:
    client, clock, heard = Script(answers), Hands(), []
    terms = Pace(**{"max_concurrency": 4, "requests_per_minute": None, "first_poll_after": 1.0, "poll_every": 2.0, "lifecycle_timeout": 10.0, "request_timeout": 5.0, **pace})

    async def collect(answer: Any, came: Exchange) -> tuple[Any, ...]:
        return (picture(digest=came.id),) if came.ok else ()

    async def go() -> Performance:
        performer = Performer(
            contract=contract(security_schemes={"key": SecurityScheme("key", "header", "X-Key")}), target=target or Target("t", "acme", "http://127.0.0.1:1", paid=False),
            client=client, gate=Gate(terms, clock), pace=terms, collect=collect, on_exchange=lambda probe, came: heard.append(came.id), clock=clock,  # type: ignore[arg-type]
        )  # fmt: skip
        return await performer.perform(probe)

    return asyncio.run(go()), client, clock, heard


def probe(op: Any = ASYNC, **more: Any) -> Probe:
    return Probe("p", op, op.base, **more)


def words(performance: Performance) -> list[str | None]:
    return [poll.word for poll in performance.polls]


@pytest.mark.parametrize(("came", "outcome", "pictures"), [
    (exchange(body={}), "served", 1), (exchange(204), "served", 1), (exchange(400, {}), "refused", 0), (exchange(500), "refused", 0), (exchange(302), "refused", 0),
    (exchange(None, problem="timeout"), "broken", 0), (exchange(200, {}, problem="broken"), "broken", 0),
])
def test_one_request(came, outcome, pictures):
    performance, client, clock, heard = perform(probe(operation()), came)
    assert performance.outcome == outcome
    assert len(performance.pictures) == pictures
    assert (performance.final is performance.main) is (outcome == "served")
    assert client.asked == ["POST /draw default"]
    assert heard == ["x1"]
    assert clock.slept == []


LIMITED = exchange(429, headers={"retry-after": "7"})


def test_a_request_that_is_told_to_wait_is_sent_again_after_the_pause():
    performance, _, clock, heard = perform(probe(operation()), LIMITED, exchange(body={}))
    assert performance.outcome == "served"
    assert clock.slept[0] == 7.0
    assert heard == ["x1", "x2"] == [one.id for one in performance.exchanges]
    assert performance.main.id == "x2"
    assert performance.others["limited:1"].status == 429


def test_a_few_times_and_the_last_answer_counts():
    performance, client, clock, _ = perform(probe(operation()), LIMITED)
    assert (performance.outcome, performance.main.status) == ("refused", 429)
    assert client.asked == ["POST /draw default"] * 3
    assert sorted(performance.others) == ["limited:1", "limited:2"]
    assert clock.slept[:1] == [7.0]


@pytest.mark.parametrize(("came", "more"), [(exchange(429), {}), (exchange(503, headers={"retry-after": "7"}), {}), (LIMITED, {"credential": "rate_limited"})])
def test_what_is_never_sent_again(came, more):
    performance, client, clock, _ = perform(probe(operation(), **more), came)
    assert len(client.asked) == 1
    assert (clock.slept, performance.others) == ([], {})


def test_a_refused_poll_makes_polls_count():
    performance, *_ = perform(probe(), SUBMITTED, exchange(429), DONE, requests_per_minute=6.0, polls_count=False)
    assert performance.outcome == "served"
    # The second one would come after two seconds; it waits for its turn, ten seconds after the submission.
    assert [(poll.exchange.status, poll.t) for poll in performance.polls] == [(429, 1.0), (200, 10.0)]


def test_a_request_whose_answer_holds_no_images():
    performance, *_ = perform(probe(operation(answer=None)), exchange(body={}))
    assert (performance.outcome, performance.pictures) == ("served", ())
    assert performance.final is performance.main


def test_a_task_is_polled_to_its_end():
    performance, client, clock, heard = perform(probe(), SUBMITTED, QUEUED, DRAWING, DONE)
    assert performance.outcome == "served"
    assert words(performance) == ["queued", "drawing", "done"]
    assert [poll.state for poll in performance.polls] == ["running", "running", "succeeded"]
    assert [poll.progress for poll in performance.polls] == [0, 1, 2]
    assert [poll.t for poll in performance.polls] == [1.0, 3.0, 5.0]
    assert clock.slept == [1.0, 2.0, 2.0]
    assert client.asked == ["POST /draw default", *["GET /tasks/t1 default"] * 3]
    assert performance.task_ref == "t1"
    assert performance.final is not None
    assert [one.digest for one in performance.pictures] == [performance.final.id] == ["x4"]
    assert heard == ["x1", "x2", "x3", "x4"]
    assert [one.id for one in performance.exchanges] == heard


def test_a_task_that_fails_is_looked_through_for_results():
    performance, *_ = perform(probe(), SUBMITTED, BROKEN)
    assert performance.outcome == "failed"
    assert len(performance.pictures) == 1


def test_a_task_that_never_ends_is_given_up_in_time():
    performance, client, clock, _ = perform(probe(), SUBMITTED, DRAWING)
    assert performance.outcome == "unfinished"
    assert clock.time == 11.0
    assert len(client.asked) == 7
    assert performance.final is None
    assert performance.pictures == ()


def test_a_task_that_cannot_be_watched_is_given_up():
    performance, client, *_ = perform(probe(), SUBMITTED, DRAWING, GONE)
    assert performance.outcome == "broken"
    assert len(client.asked) == 2 + POLL_FAILURES


@pytest.mark.parametrize("odd", [GONE, exchange(502, b"<html>"), exchange(None, problem="timeout")])
def test_a_poll_that_fails_now_and_then_is_forgiven(odd):
    performance, *_ = perform(probe(), SUBMITTED, odd, odd, DRAWING, odd, odd, DONE, lifecycle_timeout=99)
    assert performance.outcome == "served"
    assert len(performance.polls) == 6


def test_a_poll_that_comes_too_soon_waits_as_long_as_it_is_told_to_and_is_no_failure():
    busy = exchange(429, {}, {"retry-after": "9"})
    performance, _, clock, _ = perform(probe(), SUBMITTED, busy, busy, busy, busy, DONE, lifecycle_timeout=99)
    assert performance.outcome == "served"
    assert clock.slept == [1.0, 9.0, 9.0, 9.0, 9.0]
    impatient = exchange(429, {}, {"retry-after": "1"})
    assert perform(probe(), SUBMITTED, impatient, DONE)[2].slept == [1.0, 2.0]
    elsewhere = exchange(200, {"status": "queued"}, {"retry-after": "9", "content-type": "application/json"})
    assert perform(probe(), SUBMITTED, elsewhere, DONE)[2].slept == [1.0, 2.0]


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": ""}, {"id": "  "}, {"id": {"a": 1}}, {"id": [1]}])
def test_a_submission_without_an_id_is_not_polled(body):
    performance, client, *_ = perform(probe(), exchange(body=body))
    assert performance.outcome == "broken"
    assert len(client.asked) == 1


def test_a_refused_submission_is_not_polled():
    performance, client, *_ = perform(probe(), exchange(400, {"id": "t1"}))
    assert performance.outcome == "refused"
    assert len(client.asked) == 1


def test_a_probe_that_does_not_follow_stops_at_the_answer():
    performance, client, *_ = perform(probe(follow=False), SUBMITTED)
    assert performance.outcome == "served"
    assert len(client.asked) == 1


def test_others_look_once_while_the_task_is_there():
    performance, client, *_ = perform(probe(poll_as=(NO_KEY, "second_account")), SUBMITTED, QUEUED, exchange(401), exchange(403), DONE)
    assert client.asked[1:] == ["GET /tasks/t1 default", "GET /tasks/t1 (none)", "GET /tasks/t1 second_account", "GET /tasks/t1 default"]
    assert {name: came.status for name, came in performance.others.items()} == {"poll:(none)": 401, "poll:second_account": 403}
    assert words(performance) == ["queued", "done"]


@pytest.mark.parametrize(("second", "state", "pictures"), [(DONE, "succeeded", 1), (BROKEN, "failed", 1), (GONE, "unknown", 0), (DRAWING, "running", 0)])
def test_a_second_look_is_judged_as_the_first(second, state, pictures):
    performance, client, clock, _ = perform(probe(look_again=True), SUBMITTED, DONE, second)
    assert performance.second_state == state
    assert performance.second_look is not None
    assert performance.second_look.id == "x3"
    assert len(performance.second_pictures) == pictures
    assert len(client.asked) == 3
    assert clock.slept == [1.0, 2.0]


def test_a_task_that_did_not_end_is_not_looked_at_again():
    performance, *_ = perform(probe(look_again=True), SUBMITTED, DRAWING)
    assert performance.second_look is None
    assert perform(probe(look_again=True), SUBMITTED, BROKEN, BROKEN)[0].second_state == "failed"
    assert perform(probe(), SUBMITTED, DONE)[0].second_look is None


def lifecycle(**more: Any) -> Any:
    changed: Lifecycle = replace(LIFECYCLE, **more)
    return operation(answer=None, lifecycle=changed)


def test_a_url_to_poll_is_used_in_place_of_an_id():
    op = lifecycle(poll_url=(at("json:$.poll"),))
    performance, client, *_ = perform(probe(op), exchange(body={"poll": "/somewhere/1"}), DONE)
    assert performance.outcome == "served"
    assert performance.task_ref is None
    assert client.asked[1:] == ["GET /somewhere/1 default"]


def test_a_result_that_is_elsewhere_is_fetched_and_the_look_follows_no_redirect():
    op = lifecycle(result=at("json:$.result"))
    done = exchange(body={"status": "done", "result": "/results/1"})
    performance, client, *_ = perform(probe(op, look_again=True), SUBMITTED, done, exchange(body={"images": []}), done, exchange(body={}))
    assert client.asked[1:] == ["GET /tasks/t1 default", "GET /results/1 default"] * 2
    assert client.followed == [True, False, True, False, True]
    assert performance.final is not None
    assert performance.final.id == "x3"
    assert [one.digest for one in performance.pictures] == ["x3"]
    assert [one.digest for one in performance.second_pictures] == ["x5"]


def test_a_result_of_an_operation_of_its_own_is_asked_for_by_the_id():
    op = lifecycle(fetch=Call(replace(LOOK, path="/results/{id}", method="POST"), {"id": "${id}"}, {}, {"task": "${id}"}))
    performance, client, *_ = perform(probe(op), SUBMITTED, DONE, exchange(body={"images": []}))
    assert client.asked[-1] == "POST /results/t1 default"
    assert client.bodies[-1] == {"task": "t1"}
    assert performance.final is not None
    assert performance.final.id == "x3"


@pytest.mark.parametrize(("came", "outcome"), [(GONE, "refused"), (DONE, "served"), (exchange(None, problem="timeout"), "broken")])
def test_an_id_alone_is_looked_at_once(came, outcome):
    performance, client, clock, _ = perform(probe(poll_only="t0"), came)
    assert performance.outcome == outcome
    assert client.asked == ["GET /tasks/t0 default"]
    assert performance.polls == ()
    assert clock.slept == []


def test_a_whole_number_is_sent_as_one_where_ids_are_whole_numbers():
    body = {"poll_json": {"task": "${id}"}}
    assert perform(probe(lifecycle(id_type="integer", **body), poll_only="70"), GONE)[1].bodies == [{"task": 70}]
    assert perform(probe(lifecycle(**body), poll_only="70"), GONE)[1].bodies == [{"task": "70"}]
    assert perform(probe(lifecycle(id_type="integer", **body), poll_only="t0"), GONE)[1].bodies == [{"task": "t0"}]


def test_the_key_goes_by_the_scheme_that_is_asked_for():
    assert perform(probe(operation(endpoint=replace(DRAW, security=()))), DONE)[1].asked == ["POST /draw nobody"]
    assert perform(probe(operation(), credential="second_account", scheme="key"), DONE)[1].asked == ["POST /draw second_account"]


def test_a_model_is_called_by_the_name_that_the_target_serves_it_by():
    op = operation(roles=roles(role("model")), model=Model("painter-1", "p1"))
    named = replace(op, base=op.base.put(op.roles["model"].at, "painter-1"))
    other = replace(op, base=op.base.put(op.roles["model"].at, "no-such-model"))
    target = Target("t", "acme", "http://127.0.0.1:1", paid=False, models={"painter-1": "mine"})
    assert perform(probe(named), DONE, target=target)[1].bodies[0]["model"] == "mine"
    assert perform(probe(other), DONE, target=target)[1].bodies[0]["model"] == "no-such-model"
    assert perform(probe(named), DONE)[1].bodies[0]["model"] == "painter-1"
    assert "model" not in perform(probe(op), DONE, target=target)[1].bodies[0]


def test_a_balance_is_read_before_and_after():
    target = Target("t", "acme", "http://127.0.0.1:1", paid=False, balance=Balance("/balance", "/left", "credits"))
    performance, client, *_ = perform(probe(operation(), balance=True), exchange(body={"left": 9}), DONE, exchange(body={"left": 8}), target=target)
    assert client.asked == ["GET /balance default", "POST /draw default", "GET /balance default"]
    assert {name: came.json for name, came in performance.others.items()} == {"balance:before": {"left": 9}, "balance:after": {"left": 8}}
    assert performance.outcome == "served"
    assert perform(probe(operation(), balance=True), DONE)[1].asked == ["POST /draw default"]
    assert perform(probe(operation()), DONE, target=target)[1].asked == ["POST /draw default"]


def test_incidents_of_every_exchange_are_kept():
    performance, *_ = perform(probe(), (SUBMITTED, "redirect_elsewhere"), (QUEUED, "poll_elsewhere"), DONE)
    assert [incident.kind for incident in performance.incidents] == ["redirect_elsewhere", "poll_elsewhere"]


def test_the_answer_of_a_lifecycle_is_read_where_an_operation_has_both():
    both = operation(answer=ANSWER, lifecycle=LIFECYCLE)
    performance, client, *_ = perform(probe(both), SUBMITTED, DONE)
    assert len(client.asked) == 2
    assert performance.outcome == "served"
