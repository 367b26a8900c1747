"""The checks of what a gateway makes of a fault behind it, line by line."""

from __future__ import annotations

import pytest

from checks.relays import BASE, IMAGE, REFUSED, call, performed, relayed
from checks.subjects import broken, exchange, held, row, unshown
from proofsheet.checks import relay_faults

ELSEWHERE = relayed(area="pixels")
REFUSED_BASE = performed("refused", main=exchange(401))
NOT_SERVED = "the base request was not served, so nothing is known of both sides"
ERROR = {"error": {"message": "the model is overloaded"}}


def faulty(name="overloaded", status=503, body=ERROR, *, calls=None, headers=None, **more):
    main = exchange(status, body=body, headers=headers)
    met = [call([], outcome=name)] if calls is None else calls
    usual = {"outcome": "refused" if status >= 400 else "served", "expect": "refuse", "main": main, "calls": met, "name": f"faults/{name}"}
    return relayed("relay-fault", **{**usual, **more})


TOLD = exchange(200, body={"reason": "filtered"})
EMPTY = [
    row("another area", relay_faults.empty, ELSEWHERE),
    row("a fault that is none", relay_faults.empty, faulty("slow", 200)),
    row("a fault of another format", relay_faults.empty, faulty("only-elsewhere", 200)),
    row("an error", relay_faults.empty, faulty(), held("relay.empty", "no empty success", "an error", "HTTP 503")),
    row("nothing", relay_faults.empty, faulty(status=200, body={}),
        broken("relay.empty", "a success without a picture and without a reason", "an error, or a reason", "HTTP 200, 0 image(s)")),
    row("a reason", relay_faults.empty, faulty("text-only", 200, main=TOLD),
        held("relay.empty", "a success that says why there is no picture", "an error, or a reason", "HTTP 200, 0 image(s)")),
    row("a reason where none counts", relay_faults.empty, faulty("overloaded", 200, main=TOLD),
        broken("relay.empty", "a success without a picture and without a reason", "an error, or a reason", "HTTP 200, 0 image(s)")),
    row("not met", relay_faults.empty, faulty(calls=[]), unshown("relay.empty", "the request did not reach the upstream")),
    row("no base", relay_faults.empty, faulty(base=REFUSED_BASE), unshown("relay.empty", NOT_SERVED)),
]  # fmt: skip
EXPECTED = "5xx or 429: the model is overloaded"
ERRORS = [
    row("another area", relay_faults.error, ELSEWHERE),
    row("nothing, which is another check's", relay_faults.error, faulty(status=200)),
    row("served at the second attempt", relay_faults.error, faulty("first-fails", 200, expect="see", pictures=[IMAGE])),
    row("the right one", relay_faults.error, faulty(), held("relay.error", "the right error", EXPECTED, "HTTP 503")),
    row("one of the others", relay_faults.error, faulty(status=429), held("relay.error", "the right error", EXPECTED, "HTTP 429")),
    row("the wrong one", relay_faults.error, faulty(status=401), broken("relay.error", "an error that blames the wrong side", EXPECTED, "HTTP 401")),
    row("a success", relay_faults.error, faulty(status=200, pictures=[IMAGE]),
        broken("relay.error", "a success, and the model's picture never came whole", EXPECTED, "HTTP 200, 1 image(s)")),
    row("a task that failed", relay_faults.error, faulty(status=200, outcome="failed"), held("relay.error", "the task failed", EXPECTED, "task failed")),
    row("no answer", relay_faults.error, faulty(outcome="broken", main=exchange(None, problem="timeout")), broken("relay.error", "no usable answer", EXPECTED, "timeout")),
    row("not met", relay_faults.error, faulty(calls=[]), unshown("relay.error", "the request did not reach the upstream", EXPECTED)),
]  # fmt: skip
WORDING = [
    row("another area", relay_faults.wording, ELSEWHERE),
    row("a success", relay_faults.wording, faulty(status=200)),
    row("a message", relay_faults.wording, faulty(), held("relay.wording", "the error has a message", "a message", "the model is overloaded")),
    row("no message", relay_faults.wording, faulty(body={}), broken("relay.wording", "the error has no message", "a message", "none")),
    row("HTML", relay_faults.wording, faulty(body=b"<html>", headers={"content-type": "text/html"}),
        broken("relay.wording", "the error is a page of HTML", "application/json", "text/html")),
    row("no JSON", relay_faults.wording, faulty(body=b"oops", headers={}), broken("relay.wording", "the error is no JSON", "application/json", "no media type")),
]  # fmt: skip
WAIT = [
    row("another fault", relay_faults.retry_after, faulty()),
    row("told", relay_faults.retry_after, faulty("rate-limited", 429, headers={"retry-after": "3"}),
        held("relay.retry_after", "the client is told how long to wait", "3 s", "3 s")),
    row("told more", relay_faults.retry_after, faulty("rate-limited", 429, headers={"retry-after": "30"}),
        held("relay.retry_after", "the client is told how long to wait", "3 s", "30 s")),
    row("told less", relay_faults.retry_after, faulty("rate-limited", 429, headers={"retry-after": "1"}),
        broken("relay.retry_after", "the client is told another time", "3 s", "1 s")),
    row("not told", relay_faults.retry_after, faulty("rate-limited", 429), broken("relay.retry_after", "the client is not told how long to wait", "3 s", "nothing")),
    row("told in no number", relay_faults.retry_after, faulty("rate-limited", 429, headers={"retry-after": "soon"}),
        broken("relay.retry_after", "the client is not told how long to wait", "3 s", "nothing")),
]  # fmt: skip
NEXT = [
    row("nothing after it", relay_faults.next_, faulty()),
    row("served", relay_faults.next_, faulty(seen={"then": BASE}), held("relay.next", "the next request was served", "served with an image", "served, HTTP 200")),
    row("refused", relay_faults.next_, faulty(seen={"then": REFUSED_BASE}), broken("relay.next", "the next request was not served", "served with an image", "refused, HTTP 401")),
]
TWICE = [call([], outcome="overloaded"), call([], outcome="overloaded")]
ATTEMPTS = [
    row("another area", relay_faults.attempts, ELSEWHERE),
    row("once", relay_faults.attempts, faulty(), held("relay.attempts", "the model was asked 1 time(s)", "once", "1", "info")),
    row("twice", relay_faults.attempts, faulty(calls=TWICE), broken("relay.attempts", "the model was asked 2 time(s)", "once", "2", "info")),
]
LATE = [
    row("another area", relay_faults.late, ELSEWHERE),
    row("nothing upstream", relay_faults.late, relayed()),
    row("in time", relay_faults.late, relayed(calls=[call(began=2.05)]), held("relay.late", "nothing was asked for any more", "no call", "0 call(s)")),
    row("afterwards", relay_faults.late, relayed(calls=[call(), call(began=2.2)]),
        broken("relay.late", "the model was asked again after the client had its answer", "no call", "1 call(s)")),
]  # fmt: skip
MUST = "refused, and the model not asked"


def refused(kind="relay-invalid", status=400, calls=(), **more):
    usual = {"expect": "refuse", "outcome": "refused" if status >= 400 else "served", "main": exchange(status), "error": REFUSED, "calls": calls}
    return relayed(kind, **{**usual, **more})


REFUSALS = [
    row("a good request", relay_faults.refused, relayed()),
    row("at the door", relay_faults.refused, refused(), held("relay.refused", "refused, and the model was not asked", MUST, "HTTP 400; 0 call(s), 0 image(s) upstream")),
    row("a task that fails", relay_faults.refused, refused(status=200, outcome="failed"),
        held("relay.refused", "refused, and the model was not asked", MUST, "task failed; 0 call(s), 0 image(s) upstream")),
    row("wrongly", relay_faults.refused, refused(status=500), broken("relay.refused", "not refused as documented", MUST, "HTTP 500; 0 call(s), 0 image(s) upstream")),
    row("by the model", relay_faults.refused, refused(calls=[call([])]),
        broken("relay.refused", "the model was asked for what must be refused", MUST, "HTTP 400; 1 call(s), 0 image(s) upstream", "should")),
    row("a key by the model", relay_faults.refused, refused("relay-bad-key", calls=[call([])]),
        broken("relay.refused", "the model was asked for what must be refused", MUST, "HTTP 400; 1 call(s), 0 image(s) upstream")),
    row("too late", relay_faults.refused, refused(calls=[call()]),
        broken("relay.refused", "the model made images for a request that must be refused", MUST, "HTTP 400; 1 call(s), 1 image(s) upstream")),
    row("where no document says so", relay_faults.refused, refused(calls=[call()], error=None),
        broken("relay.refused", "the model made images for a request that must be refused", MUST, "HTTP 400; 1 call(s), 1 image(s) upstream", "info")),
    row("no base", relay_faults.refused, refused(base=REFUSED_BASE), unshown("relay.refused", NOT_SERVED)),
]  # fmt: skip
STAYS = "the client's key stayed with the gateway"
KEYS = [
    row("another area", relay_faults.key, ELSEWHERE),
    row("meant to travel", relay_faults.key, relayed(calls=[call(leaked=("KEY",))], passes_keys=True)),
    row("stays", relay_faults.key, relayed(calls=[call()]), held("relay.key", STAYS, "no key of the client's", "none")),
    row("travels", relay_faults.key, relayed(calls=[call(leaked=("KEY",))]), broken("relay.key", "the client's key travelled upstream", "no key of the client's", "KEY")),
]
LEAKS = {"leaks": ("the upstream's key in the body", "the upstream's address in the header x-host")}
SECRETS = [
    row("another area", relay_faults.secret, ELSEWHERE),
    row("stays", relay_faults.secret, relayed(calls=[call()]), held("relay.secret", "the upstream's key stays with the gateway", "nothing of it", "nothing")),
    row("told", relay_faults.secret, relayed(calls=[call()], seen=LEAKS),
        broken("relay.secret", "the client is told the upstream's key", "nothing of it", "the upstream's key in the body")),
    row("no call", relay_faults.address, relayed(seen=LEAKS)),
    row("stays", relay_faults.address, relayed(calls=[call()]), held("relay.address", "the upstream's address stays with the gateway", "nothing of it", "nothing")),
    row("told", relay_faults.address, relayed(calls=[call()], seen=LEAKS),
        broken("relay.address", "the client is told the upstream's address", "nothing of it", "the upstream's address in the header x-host")),
]  # fmt: skip
TABLES = [*EMPTY, *ERRORS, *WORDING, *WAIT, *NEXT, *ATTEMPTS, *LATE, *REFUSALS, *KEYS, *SECRETS]


@pytest.mark.parametrize(("check", "of", "said"), TABLES)
def test_a_check_says(check, of, said):
    assert list(check(of)) == said
