"""Checks of lifecycles: for each guard a trace that passes and one that it catches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.subjects import DRAW, LIFECYCLE, LOOK, at, broken, exchange, held, operation, picture, poll, responses, role, row, subject, unshown
from proofsheet.checks import lifecycles
from proofsheet.contract.model import Call, ErrorCase, StatusRule
from proofsheet.exchange.model import Picture

NUMBERED = operation(lifecycle=replace(LIFECYCLE, id_type="integer"))
FETCHED = replace(LOOK, operation_id="fetch", responses=responses({"required": ["images"]}))
APART = operation(lifecycle=replace(LIFECYCLE, fetch=Call(FETCHED)))
WORDLESS = operation(lifecycle=replace(LIFECYCLE, status=StatusRule()))


def task(*polls, op=None, **more):
    """A submission that was accepted, and its polls."""
    given = {"area": "lifecycles", "kind": "lifecycle", "main": exchange(body={"id": "t1"}), "task_ref": "t1", **more}
    return subject(op=op or operation(lifecycle=LIFECYCLE), polls=polls, **given)


#: None of these is a trace that the checks of a trace speak of.
NO_TRACE = {
    "a poll alone": {"poll_only": "t0"},
    "refused": {"main": exchange(400, {}), "outcome": "refused"},
    "of a reader": {"kind": "read-without-key"},
    "of another account": {"kind": "read-by-another"},
    "to be refused": {"expect": "refuse"},
    "nobody judges": {"expect": "see"},
    "no lifecycle": {"op": operation()},
}


def silent(check, *polls, **more):
    return [row(name, check, task(*polls, **{**more, **without})) for name, without in NO_TRACE.items()]


TEXT, NUMBER = "a text that is an id", "a whole number that is an id"


def named(name, ref, *said, **more):
    return row(name, lifecycles.submitted, task(*more.pop("polls", ()), task_ref=ref, **more), *said)


def right_id(actual, expected=TEXT):
    return held("lifecycles.submitted", "the submission names its task", expected, actual)


def wrong_id(actual, expected=TEXT):
    return broken("lifecycles.submitted", "the submission gives no id that can be polled", expected, actual)


SUBMITTED = [
    named("a text", "t1", right_id("str t1")),
    named("a long text", "t" * 90, right_id("str " + "t" * 60)),
    named("blanks", "  ", wrong_id("str   ")),
    named("a number", 7, wrong_id("int 7")),
    named("an object", {"id": 7}, wrong_id("dict {'id': 7}")),
    named("nothing", None, wrong_id("no id")),
    named("a URL in its place", None, right_id("a URL to poll"), polls=[poll("done")]),
    named("a number as documented", 7, right_id("int 7", NUMBER), op=NUMBERED),
    named("a text for a number", "7", wrong_id("str 7", NUMBER), op=NUMBERED),
    named("a truth value for a number", True, wrong_id("bool True", NUMBER), op=NUMBERED),
    named("a wrong id that could be polled", 7, wrong_id("int 7"), polls=[poll("done")]),
    named("of a task that must fail", "t1", right_id("str t1"), expect="fail"),
    *silent(lifecycles.submitted, task_ref=None),
]  # fmt: skip

END = "a final status"


def ended(actual):
    return held("lifecycles.terminates", "the task ended", END, actual)


def endless(actual):
    return broken("lifecycles.terminates", "the task did not end in time", END, actual)


TERMINATES = [
    row("done", lifecycles.terminates, task(poll("queued"), poll("done", t=2.04)), ended("done after 2.0 s and 2 looks")),
    row("broken", lifecycles.terminates, task(poll("broken", t=0.5)), ended("broken after 0.5 s and 1 looks")),
    row("running", lifecycles.terminates, task(poll("done"), poll("drawing", t=20)), endless("drawing after 20.0 s and 2 looks")),
    row("unknown", lifecycles.terminates, task(poll("odd", t=20)), endless("odd after 20.0 s and 1 looks")),
    row("no word", lifecycles.terminates, task(poll(None, status=502)), endless("HTTP 502 after 1.0 s and 1 looks")),
    row("no word at last", lifecycles.terminates, task(poll("queued"), poll(None, t=2.0, status=502)), endless("HTTP 502 after 2.0 s and 2 looks")),
    row("never polled", lifecycles.terminates, task()),
    *silent(lifecycles.terminates, poll("drawing")),
]  # fmt: skip

WORDS = "queued, drawing, done, broken"


def known(actual, expected=WORDS):
    return held("lifecycles.status", "all statuses are known", expected, actual)


def strange(actual, most=None, expected=WORDS):
    return broken("lifecycles.status", "an answer to a poll has no known status", expected, actual, most)


STATUS = [
    row("known", lifecycles.status, task(poll("queued"), poll("queued"), poll("done")), known("queued, done")),
    row("known by rule", lifecycles.status, task(poll(None, state="running"), poll("done")), known("running, done")),
    row("unknown on the way to an end", lifecycles.status, task(poll("painting"), poll("painting"), poll("done")), strange("painting", "info")),
    row("unknown on the way to a failure", lifecycles.status, task(poll("painting"), poll("broken")), strange("painting", "info")),
    row("unknown at the end", lifecycles.status, task(poll("queued"), poll("painting")), strange("painting")),
    row("unknown and never ended", lifecycles.status, task(poll("painting"), poll("drawing")), strange("painting")),
    row("no word", lifecycles.status, task(poll(None, status=500), poll("done")), strange("no status (HTTP 500)")),
    row("no word among unknown ones", lifecycles.status, task(poll("painting"), poll(None), poll("done")), strange("painting, no status (HTTP 200)")),
    row("where none are documented", lifecycles.status, task(poll(None), op=WORDLESS), strange("no status (HTTP 200)", None, "a documented state")),
    row("never polled", lifecycles.status, task()),
    *silent(lifecycles.status, poll("odd")),
]  # fmt: skip


def forward(actual):
    return held("lifecycles.order", "no step back", "no step back", actual)


def back(actual):
    return broken("lifecycles.order", "the task stepped back", "no step back", actual)


ORDER = [
    row("forward", lifecycles.order, task(poll("queued"), poll("drawing"), poll("drawing"), poll("done")), forward("queued → drawing → done")),
    row("at once", lifecycles.order, task(poll("done")), forward("done")),
    row("from running to queued", lifecycles.order, task(poll("queued"), poll("drawing"), poll("queued"), poll("done")), back("queued → drawing → queued → done")),
    row("at the first step", lifecycles.order, task(poll("drawing"), poll("queued"), poll("done"), poll("done")), back("drawing → queued → done")),
    row("from an end", lifecycles.order, task(poll("queued"), poll("drawing"), poll("broken"), poll("drawing")), back("drawing → broken → drawing")),
    row("from an end to nothing known", lifecycles.order, task(poll("done"), poll("odd")), back("done → odd")),
    row("from one end to the other", lifecycles.order, task(poll("broken"), poll("done")), forward("broken → done")),
    row("an unknown word before running", lifecycles.order, task(poll("odd"), poll("drawing")), forward("odd → drawing")),
    row("an unknown word after queued", lifecycles.order, task(poll("queued"), poll("odd"), poll("queued")), forward("queued → odd")),
    row("an unknown word after running", lifecycles.order, task(poll("drawing"), poll("odd")), back("drawing → odd")),
    row("by rule alone", lifecycles.order, task(poll(None, state="succeeded"), poll(None, state="running")), back("succeeded → running")),
    row("never polled", lifecycles.order, task()),
    *silent(lifecycles.order, poll("done"), poll("queued")),
]  # fmt: skip


def percents(name, values, *said, **more):
    return row(name, lifecycles.progress, task(*(poll("drawing", progress=value) for value in values), **more), *said)


WITHIN = "0 to 100, never falling"


def rises(actual):
    return held("lifecycles.progress", "progress never falls", WITHIN, actual)


def wrong_progress(message, actual):
    return broken("lifecycles.progress", message, WITHIN, actual)


OUTSIDE, NO_NUMBER, FALLS = "progress is outside 0 to 100", "progress is no number", "progress falls"
PROGRESS = [
    percents("from nothing to all", [0, 50, 100], rises("0 → 50 → 100")),
    percents("standing still", [30, 30], rises("30 → 30")),
    percents("given only sometimes", [None, 10, None, 20], rises("10 → 20")),
    percents("as text", ["5%", " 10 ", 15.5], rises("5% →  10  → 15.5")),
    percents("by one back", [30, 29], wrong_progress(FALLS, "30 → 29")),
    percents("back later", [0, 30, 20, 90], wrong_progress(FALLS, "0 → 30 → 20 → 90")),
    percents("101", [0, 101], wrong_progress(OUTSIDE, "0 → 101")),
    percents("a little over", [100.01], wrong_progress(OUTSIDE, "100.01")),
    percents("-1", [-1, 5], wrong_progress(OUTSIDE, "-1 → 5")),
    percents("no number that is one", [float("nan")], wrong_progress(OUTSIDE, "nan")),
    percents("a word", ["half", 60], wrong_progress(NO_NUMBER, "half → 60")),
    percents("a truth value", [True], wrong_progress(NO_NUMBER, "True")),
    percents("a list", [[1]], wrong_progress(NO_NUMBER, "[1]")),
    percents("beyond all numbers", [10**400], wrong_progress(NO_NUMBER, "100000000000")),
    percents("many", list(range(20)), rises(" → ".join(str(number) for number in range(12)))),
    percents("not given", [None, None]),
    *silent(lifecycles.progress, poll("drawing", progress=101)),
]  # fmt: skip


def came(name, number, outcome, *said, op=None, **more):
    pictures = [picture() for _ in range(number)]
    return row(name, lifecycles.results, task(poll("done"), pictures=pictures, outcome=outcome, op=op or operation(lifecycle=LIFECYCLE), **more), *said)


def all_there(wanted, found):
    return held("lifecycles.results", "the results are there", wanted, found)


def not_there(wanted, found):
    return broken("lifecycles.results", "the task finished with another number of results", wanted, found)


UNCOUNTED = operation(lifecycle=LIFECYCLE, roles={"ratio": role("ratio")})
RESULTS = [
    came("one", 1, "served", all_there("1", "1")),
    came("two as asked", 2, "served", all_there("2", "2"), asks={"count": 2}),
    came("one of two", 1, "served", not_there("2", "1"), asks={"count": 2}),
    came("two for one", 2, "served", not_there("1", "2")),
    came("none", 0, "served", not_there("1", "0")),
    came("any number where none can be asked for", 3, "served", all_there("at least 1", "3"), op=UNCOUNTED),
    came("one where none can be asked for", 1, "served", all_there("at least 1", "1"), op=UNCOUNTED),
    came("none where none can be asked for", 0, "served", not_there("at least 1", "0"), op=UNCOUNTED),
    came("none of a failed task", 0, "failed", held("lifecycles.results", "a failed task has no results", "0", "0")),
    came("one of a failed task", 1, "failed", broken("lifecycles.results", "a failed task has results", "0", "1")),
    came("of an unfinished task", 1, "unfinished"),
    came("of a broken one", 1, "broken"),
    *silent(lifecycles.results, poll("done")),
]  # fmt: skip

A, B = picture(digest="a"), picture(digest="b")


def again(name, before, after, *said, first="done", state="succeeded", **more):
    given = {"second_look": exchange(), "second_state": state, "second_pictures": tuple(after), "pictures": before, **more}
    return row(name, lifecycles.stable, task(poll(first), **given), *said)


def same(expected, actual):
    return held("lifecycles.stable", "a second look shows the same", expected, actual)


def other(expected, actual):
    return broken("lifecycles.stable", "a second look shows other images", expected, actual)


STABLE = [
    again("the same", [A], [A], same("succeeded, 1 images", "succeeded, the same 1 images")),
    again("in another order", [A, B], [B, A], same("succeeded, 2 images", "succeeded, the same 2 images")),
    again("another", [A], [B], other("succeeded, 1 images", "succeeded, other 1 images")),
    again("fewer", [A, B], [A], other("succeeded, 2 images", "succeeded, other 1 images")),
    again("twice the same", [A], [A, A], other("succeeded, 1 images", "succeeded, other 2 images")),
    again("gone", [A], [Picture("url", problem="status")], other("succeeded, 1 images", "succeeded, other 1 images")),
    again("as unfetchable as before", [Picture("url", problem="status")], [Picture("url", problem="status")],
          same("succeeded, 1 images", "succeeded, the same 1 images")),
    again("nothing known of either", [picture(digest=None)], [picture(digest=None)], same("succeeded, 1 images", "succeeded, the same 1 images")),
    again("thumbnails do not count", [A, picture(name="t", digest="x")], [A, picture(name="t", digest="y")],
          same("succeeded, 1 images", "succeeded, the same 1 images")),
    again("still failed", [], [], same("failed, 0 images", "failed, the same 0 images"), first="broken", state="failed"),
    again("failed after all", [A], [A], broken("lifecycles.stable", "a second look shows another state", "succeeded", "failed (HTTP 200)"), state="failed"),
    again("gone altogether", [A], [A], broken("lifecycles.stable", "a second look shows another state", "succeeded", "unknown (HTTP 404)"),
          state="unknown", second_look=exchange(404)),
    again("no second look", [A], [B], second_look=None),
    row("never polled", lifecycles.stable, task(second_look=exchange(), second_state="failed")),
    *silent(lifecycles.stable, poll("done"), second_look=exchange(), second_state="failed"),
]  # fmt: skip

ALL_OF_IT = "failed, with a reason and without results"


def failing(name, *said, reason="no paint", **more):
    body = {"status": "broken", **({} if reason is None else {"error": reason})}
    given = {"kind": "failure", "expect": "fail", "outcome": "failed", **more}
    return row(name, lifecycles.failure, task(poll("queued"), poll("broken", body=body), **given), *said)


def fails(actual):
    return held("lifecycles.failure", "the task failed and says why", ALL_OF_IT, actual)


def badly(message, actual):
    return broken("lifecycles.failure", message, ALL_OF_IT, actual)


FAILURE = [
    failing("with a reason", fails("no paint")),
    failing("with a long one", fails("n" * 120), reason="n" * 200),
    failing("with a reason that is an object", fails("{'code': 7}"), reason={"code": 7}),
    failing("without one", badly("the task failed without a reason", "no reason"), reason=None),
    failing("with an empty one", badly("the task failed without a reason", "no reason"), reason=""),
    failing("with an empty object", badly("the task failed without a reason", "no reason"), reason={}),
    failing("with a number", badly("the task failed without a reason", "no reason"), reason=7),
    failing("with results", badly("the task failed and has results", "no paint"), pictures=[picture()]),
    failing("without a reason and with results", badly("the task failed without a reason", "no reason"), reason=None, pictures=[picture()]),
    failing("with a thumbnail", fails("no paint"), pictures=[picture(name="t")]),
    failing("not at all", badly("a task that must fail did not end failed", "served"), outcome="served"),
    failing("without an end", badly("a task that must fail did not end failed", "unfinished"), outcome="unfinished"),
    failing("refused", unshown("lifecycles.failure", "the request was refused, so no task could fail", ALL_OF_IT, "HTTP 402"), outcome="refused",
            main=exchange(402, {})),
    failing("of another kind", kind="lifecycle"),
    failing("without a lifecycle", op=operation()),
]  # fmt: skip

GONE = ErrorCase("gone", "unknown_task", ("**",), status=(404, 410))
NO_STATUS = ErrorCase("gone", "unknown_task", ("**",))


def asking(name, status, *said, **more):
    usual = {"kind": "unknown-task", "expect": "refuse", "poll_only": "t0", "grounded": True, "outcome": "refused", "main": exchange(status, {})}
    return row(name, lifecycles.unknown, task(**{**usual, **more}), *said)


def refuses(actual, expected="a 4xx"):
    return held("lifecycles.unknown", "an unknown id is refused", expected, actual)


def refuses_not(actual, expected="a 4xx", message="an unknown id is not refused as it should be"):
    return broken("lifecycles.unknown", message, expected, actual)


UNKNOWN = [
    asking("404", 404, refuses("HTTP 404")),
    asking("400", 400, refuses("HTTP 400")),
    asking("499", 499, refuses("HTTP 499")),
    asking("a key that is not enough", 401, refuses("HTTP 401")),
    asking("399", 399, refuses_not("HTTP 399")),
    asking("500", 500, refuses_not("HTTP 500")),
    *(asking(f"{status}", status, refuses_not(f"HTTP {status}")) for status in (405, 408, 429)),
    asking("answered", 200, refuses_not("HTTP 200", message="an unknown id was answered like a task")),
    asking("as documented", 410, refuses("HTTP 410", "404 or 410"), error=GONE),
    asking("otherwise", 400, refuses_not("HTTP 400", "404 or 410"), error=GONE),
    asking("answered, documented otherwise", 200, refuses_not("HTTP 200", "404 or 410", "an unknown id was answered like a task"), error=GONE),
    asking("where the entry names no status", 404, refuses("HTTP 404"), error=NO_STATUS),
    asking("no answer", None, refuses_not("timeout"), main=exchange(None, problem="timeout")),
    asking("no status", None, refuses_not("HTTP None"), main=exchange(None)),
    asking("a cut answer", 404, refuses_not("broken"), main=exchange(404, problem="broken")),
    asking("on no ground", 404, unshown("lifecycles.unknown", "the base request was not served, so a refusal proves nothing"), grounded=False),
    asking("of another kind", 404, kind="lifecycle"),
]  # fmt: skip

NO_READER = "no task could be polled with its own key, so a refusal proves nothing"


DONE = (poll("done"),)


def reading(check, kind, name):
    """The rows that both readers share: one without a key, one of another account."""
    id = f"lifecycles.{check.__name__}"
    who = "a poll without a key" if name == "poll:(none)" else "another account's poll"
    read = "a task was read without a key" if name == "poll:(none)" else "another account read the task"

    def line(title, status, *said, polls=DONE, op=None, **more):
        others = {} if status is None else {name: exchange(status, {}, id="other")}
        given = {"kind": kind, "expect": "see", "others": others, **more}
        return row(title, check, task(*polls, op=op, **given), *said)

    proves_nothing = unshown(id, NO_READER)
    return [
        line("refused", 401, held(id, f"{who} is refused", "a 4xx", "HTTP 401")),
        line("hidden", 404, held(id, f"{who} is refused", "a 4xx", "HTTP 404")),
        line("broke", 500, broken(id, f"{who} is not refused as it should be", "a 4xx", "HTTP 500")),
        line("read", 200, broken(id, read, "a 4xx", "HTTP 200")),
        line("as documented", 404, held(id, f"{who} is refused", "404 or 410", "HTTP 404"), error=GONE),
        line("otherwise", 401, broken(id, f"{who} is not refused as it should be", "404 or 410", "HTTP 401"), error=GONE),
        line("nobody looked", None, proves_nothing),
        line("never polled", 401, proves_nothing, polls=()),
        line("its own key could not poll", 401, proves_nothing, polls=(poll("done"), poll(None, status=500)), outcome="broken"),
        line("its own key could in the end", 401, held(id, f"{who} is refused", "a 4xx", "HTTP 401"), outcome="unfinished"),
        line("it was served in spite of the last poll", 401, held(id, f"{who} is refused", "a 4xx", "HTTP 401"), polls=(poll("done", status=303),)),
        line("of another kind", 200, kind="lifecycle"),
    ]


SHARED = operation(lifecycle=replace(LIFECYCLE, isolated=False))
SEEN = {"poll:second_account": exchange(200, {}, id="other"), "poll:(none)": exchange(200, {}, id="none")}
READERS = [
    *reading(lifecycles.guarded, "read-without-key", "poll:(none)"),
    *reading(lifecycles.isolated, "read-by-another", "poll:second_account"),
    row("tasks that are everybody's", lifecycles.isolated, task(poll("done"), op=SHARED, kind="read-by-another", others=SEEN)),
    row("nobody's without a key all the same", lifecycles.guarded, task(poll("done"), op=SHARED, kind="read-without-key", others=SEEN),
        broken("lifecycles.guarded", "a task was read without a key", "a 4xx", "HTTP 200")),
    row("tasks of no lifecycle", lifecycles.isolated, task(poll("done"), op=operation(), kind="read-by-another", others=SEEN),
        broken("lifecycles.isolated", "another account read the task", "a 4xx", "HTTP 200")),
]  # fmt: skip

SHAPE = "the documented shape"
POLLS_FIT = held("lifecycles.answer", "the answers to polls have the documented shape", SHAPE, "fits")
MISFIT = "status: 7 is not of type 'string'"
UNSHAPED = operation(lifecycle=replace(LIFECYCLE, poll=replace(LOOK, responses={})))
LACKS = "the body: 'images' is a required property"


def odd_poll(**more):
    return poll("done", **{"body": {"status": 7}, **more})


ANSWERS = [
    row("fits", lifecycles.answer, task(poll("queued"), poll("done")), POLLS_FIT),
    row("does not", lifecycles.answer, task(odd_poll()), broken("lifecycles.answer", MISFIT, SHAPE, MISFIT)),
    row("does not later, said once", lifecycles.answer, task(poll("queued"), odd_poll(), odd_poll()), broken("lifecycles.answer", MISFIT, SHAPE, MISFIT)),
    row("an error on the way", lifecycles.answer, task(odd_poll(status=503), poll("done")), POLLS_FIT),
    row("an error and then a misfit", lifecycles.answer, task(odd_poll(status=503), odd_poll()), broken("lifecycles.answer", MISFIT, SHAPE, MISFIT)),
    row("JSON that says it is a page", lifecycles.answer, task(poll("queued"), poll("done", headers={"content-type": "text/html"})),
        broken("lifecycles.answer", "the answer to a poll is JSON and says that it is not", "the media type of JSON", "text/html", most="should")),
    row("JSON that says nothing", lifecycles.answer, task(poll("done", headers={"x": "y"})), POLLS_FIT),
    row("silence", lifecycles.answer, task(odd_poll(), op=UNSHAPED), POLLS_FIT),
    row("never polled", lifecycles.answer, task()),
    row("a result of its own fits", lifecycles.answer, task(poll("done"), op=APART, final=exchange(body={"images": []})),
        held("lifecycles.answer", "the result has the documented shape", SHAPE, "fits"), POLLS_FIT),
    row("a result of its own does not", lifecycles.answer, task(poll("done"), op=APART, final=exchange(body={})),
        broken("lifecycles.answer", LACKS, SHAPE, LACKS), POLLS_FIT),
    row("a misfit before the result", lifecycles.answer, task(odd_poll(), op=APART, final=exchange(body={})), broken("lifecycles.answer", MISFIT, SHAPE, MISFIT)),
    row("no result", lifecycles.answer, task(poll("done"), op=APART, final=None), POLLS_FIT),
    row("a result that is an error", lifecycles.answer, task(poll("done"), op=APART, final=exchange(500, {})), POLLS_FIT),
    row("a result of a task that failed", lifecycles.answer, task(poll("broken"), op=APART, outcome="failed", final=exchange(body={})), POLLS_FIT),
    row("a result that nobody documents", lifecycles.answer,
        task(poll("done"), op=operation(lifecycle=replace(LIFECYCLE, fetch=Call(replace(FETCHED, responses={})))), final=exchange(body={})), POLLS_FIT),
    row("a result in the last poll", lifecycles.answer, task(poll("done"), final=exchange(body={})), POLLS_FIT),
    *silent(lifecycles.answer, odd_poll()),
]  # fmt: skip

AT_HOME = held("lifecycles.origin", "the task is polled on the target", "the target's origin", "the target's origin")
AWAY = "the URL to poll is on another origin; no key was sent there"
ORIGIN = [
    row("at home", lifecycles.origin, task(poll("done")), AT_HOME),
    row("elsewhere", lifecycles.origin, task(poll("done"), incidents=["poll_elsewhere|" + "e" * 300]),
        broken("lifecycles.origin", AWAY, "the target's origin", "e" * 200)),
    row("elsewhere and never polled", lifecycles.origin, task(incidents=["poll_elsewhere|e", "poll_elsewhere|f"]),
        broken("lifecycles.origin", AWAY, "the target's origin", "e"), broken("lifecycles.origin", AWAY, "the target's origin", "f")),
    row("another incident", lifecycles.origin, task(poll("done"), incidents=["redirect_elsewhere|e"]), AT_HOME),
    row("never polled", lifecycles.origin, task()),
    *silent(lifecycles.origin, poll("done"), incidents=["poll_elsewhere|e"]),
]  # fmt: skip

TABLES = [*SUBMITTED, *TERMINATES, *STATUS, *ORDER, *PROGRESS, *RESULTS, *STABLE, *FAILURE, *UNKNOWN, *READERS, *ANSWERS, *ORIGIN]


@pytest.mark.parametrize(("check", "of", "said"), TABLES)
def test_a_check_of_the_lifecycles_says(check, of, said):
    assert list(check(of)) == said


def test_a_reason_is_looked_for_in_each_place_of_the_last_poll():
    op = operation(lifecycle=replace(LIFECYCLE, reason=(at("json:$.why"), at("json:$.error"))), endpoint=DRAW)
    broke = poll("broken", body={"status": "broken", "error": "no paint"})
    of = task(poll("queued", body={"why": "not this"}), broke, op=op, kind="failure", expect="fail", outcome="failed")
    assert [one.actual for one in lifecycles.failure(of)] == ["no paint"]
