"""What is said of SDKs, line by line: what their users were handed, or what was raised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from checks.subjects import WIDE, broken, contract, exchange, held, picture, row, subject, unshown
from proofsheet.cases.model import ClientCall
from proofsheet.checks import Subject, clients, judge
from proofsheet.contract.clients import Clients, Sdk
from proofsheet.contract.model import ErrorCase
from proofsheet.exchange.model import Exchange, Handed, Picture, Sent

SDK = Sdk("acme-sdk", "Acme's SDK", "acme", "python", ("acme",), "pip install acme", ("draw",), 2,
          {"400": ("BadRequest",), "402": ("Refused",), "404": ("NotFound",), "429": ("TooMany",), "5xx": ("Fault",)})  # fmt: skip
HELD_TO = replace(contract(), clients=Clients(sdks=(SDK,)))
GOOD, IMAGE = exchange(200, {"images": [{}]}), picture()
INVALID, HURRIED = ErrorCase("invalid", "invalid", ("**",), status=(400, 402)), ErrorCase("limit", "credential:rate_limited", ("**",), status=(429,))
NAME = "Acme's SDK 1.2"
REFUSED = ("BadRequest", "SdkError", "Exception")


def handed(*requests: Exchange, kind: str = "call", expect: str = "serve", pictures: Iterable[Picture] = (), raised: tuple[str, ...] = (), status: int | None = None,
           message: str = "", nothing: str = "", retries: int | None = 0, level: str = "must", **more: Any) -> Subject:  # fmt: skip
    """What an SDK handed over after these requests."""
    requests = requests or (GOOD,)
    usual: dict[str, Any] = {"grounded": True, "held_to": HELD_TO, **more}
    of = subject(area="clients", kind=f"client-{kind}", expect=expect, outcome="refused" if raised else "served", main=requests[-1], pictures=pictures, **usual)
    probe = replace(of.performance.probe, client=ClientCall("acme-sdk", "draw", retries=retries, level=level))
    said = Handed("1.2", tuple(requests), raised, status, message, nothing)
    return replace(of, performance=replace(of.performance, probe=probe, handed=said))


def unheard(**more: Any) -> Subject:
    of = handed(Exchange("", Sent("POST", "http://127.0.0.1:1", {}), problem="unheard"), **more)
    found = of.performance.handed
    assert found is not None
    return replace(of, performance=replace(of.performance, handed=replace(found, requests=())))


def refusal(status: int = 400, body: Any = None, raised: tuple[str, ...] = REFUSED, said: int | None = 400, message: str = "400: no", error: ErrorCase = INVALID,
            headers: dict[str, str] | None = None, **more: Any) -> Subject:  # fmt: skip
    answer = exchange(status, {"error": {"message": "no"}} if body is None else body, headers)
    return handed(answer, kind="error", expect="refuse", raised=raised, status=said, message=message, error=error, **more)


def over_its_rate() -> Subject:
    of = refusal(429, raised=("TooMany",), said=429, headers={"retry-after": "1"}, error=HURRIED)
    return replace(of, performance=replace(of.performance, probe=replace(of.performance.probe, credential="rate_limited")))


LATER = "the target was asked too often and said how long to wait, so nothing is known of this request"
WAIT = exchange(429, {}, {"retry-after": "1"}, id="w1")
NOT_OURS = subject(area="clients")
WITHOUT = "the plainest request without an SDK was not served, so nothing is known of the SDK"
THOUGH = f"{NAME} hands over no picture, though the plainest request without it was served"
SERVED = [
    row("not by an SDK", clients.served, NOT_OURS),
    row("a refusal is wanted", clients.served, refusal()),
    row("whatever comes", clients.served, handed(expect="see")),
    row("a picture", clients.served, handed(pictures=[IMAGE]), held("clients.served", f"{NAME} hands over a picture", "a picture", "1000x1000 png", "must")),
    row("nothing", clients.served, handed(nothing="data is None"), broken("clients.served", THOUGH, "a picture", "nothing raised, data is None", "must")),
    row("an exception", clients.served, handed(exchange(500), raised=("Fault",), status=500, message="it\nfailed", level="should"),
        broken("clients.served", THOUGH, "a picture", "Fault (500): it failed", "should")),
    row("told to wait", clients.served, handed(WAIT, raised=("TooMany",), status=429, message="wait"), unshown("clients.served", LATER, "a picture", "TooMany (429): wait")),
    row("too often, and not how long to wait", clients.served, handed(exchange(429), raised=("TooMany",), status=429, message="no"),
        broken("clients.served", THOUGH, "a picture", "TooMany (429): no", "must")),
    row("nobody is served", clients.served, handed(nothing="data is None", grounded=False),
        broken("clients.served", f"{NAME} hands over no picture", "a picture", "nothing raised, data is None", "must")),
    row("nobody is served, and more was asked", clients.served, handed(kind="cell", nothing="data is None", grounded=False), unshown("clients.served", WITHOUT)),
]  # fmt: skip
WHOLE = "a picture that can be decoded to its end"
PICTURE = [
    row("not by an SDK", clients.picture, NOT_OURS),
    row("a refusal is wanted", clients.picture, handed(expect="refuse", pictures=[IMAGE])),
    row("an exception", clients.picture, handed(raised=("Fault",), pictures=[IMAGE])),
    row("whole", clients.picture, handed(pictures=[IMAGE]), held("clients.picture", "the picture is whole", WHOLE, "1000x1000 png", "must")),
    row("cut", clients.picture, handed(pictures=[picture(complete=False)]), broken("clients.picture", "what was handed over is no whole picture", WHOLE, "1000x1000 png", "must")),
    row("no picture", clients.picture, handed(pictures=[picture(None, None, complete=False, problem="undecodable", kind=None)]),
        broken("clients.picture", "what was handed over is no whole picture", WHOLE, "undecodable", "must")),
    row("a URL of nothing", clients.picture, handed(pictures=[picture(None, None, complete=False, problem="status", detail="404")]),
        broken("clients.picture", "what was handed over is no whole picture", WHOLE, "status", "must")),
    *(row(problem, clients.picture, handed(pictures=[picture(None, None, complete=False, problem=problem, detail="so it is")]),
          unshown("clients.picture", "the picture that was handed over was not looked at", WHOLE, "so it is")) for problem in ("unlisted", "too_large")),
]  # fmt: skip
ASKED = {"ratio": "16:9", "size": "1K"}
RIGHT, WRONG = "the picture has the ratio and the size that were asked for through the SDK", "another ratio or size than was asked for through the SDK"
PIXELS = [
    row("not by an SDK", clients.pixels, NOT_OURS),
    row("nothing asked", clients.pixels, handed(pictures=[IMAGE])),
    row("an exception", clients.pixels, handed(raised=("Fault",), asks=ASKED, pictures=[IMAGE])),
    row("whatever comes", clients.pixels, handed(expect="see", asks=ASKED, pictures=[IMAGE])),
    row("as asked", clients.pixels, handed(asks=ASKED, pictures=[picture(1280, 720)]), held("clients.pixels", RIGHT, "1280x720", "1280x720", "must")),
    row("nearly", clients.pixels, handed(asks=ASKED, pictures=[picture(WIDE.width - 16, WIDE.height)]), held("clients.pixels", RIGHT, "1280x720", "1264x720", "must")),
    row("another ratio", clients.pixels, handed(asks=ASKED, pictures=[IMAGE]), broken("clients.pixels", WRONG, "1280x720", "1000x1000", "must")),
    row("another size", clients.pixels, handed(asks=ASKED, pictures=[picture(2560, 1440)]), broken("clients.pixels", WRONG, "1280x720", "2560x1440", "must")),
    row("no pixels", clients.pixels, handed(asks=ASKED, pictures=[picture(None, None, problem="unlisted")])),
]  # fmt: skip
IMAGES = [
    row("not by an SDK", clients.images, NOT_OURS),
    row("none", clients.images, handed()),
    row("an exception", clients.images, handed(raised=("Fault",), pictures=[IMAGE])),
    row("one", clients.images, handed(asks={"count": 1}, pictures=[IMAGE]), held("clients.images", "as many pictures as asked for", "1", "1", "must")),
    row("one of two", clients.images, handed(asks={"count": 2}, pictures=[IMAGE]), broken("clients.images", "another number of pictures than asked for", "2", "1", "must")),
    row("two for one", clients.images, handed(asks={"count": 1}, pictures=[IMAGE, picture(digest="d2")], level="info"),
        broken("clients.images", "another number of pictures than asked for", "1", "2", "info")),
]  # fmt: skip
LIE = ", and its user is told something else than what happened"
CLASSES, EXPECTED = f"{NAME} raises ", "BadRequest or Refused for 400, 402"
ERROR = [
    row("not by an SDK", clients.error, NOT_OURS),
    row("a picture is wanted", clients.error, handed()),
    row("as many attempts as it likes", clients.error, handed(exchange(429), kind="retries", expect="refuse", raised=("TooMany",), status=429)),
    row("as promised", clients.error, refusal(), held("clients.error", f"{CLASSES}BadRequest", EXPECTED, "BadRequest (400): 400: no", "must")),
    row("another right one", clients.error, refusal(402, raised=("Refused",), said=402), held("clients.error", f"{CLASSES}Refused", EXPECTED, "Refused (402): 400: no", "must")),
    row("a class of its own in a later version", clients.error, refusal(402, raised=("NoMoney", "Refused"), said=402),
        held("clients.error", f"{CLASSES}NoMoney", EXPECTED, "NoMoney (402): 400: no", "must")),
    row("another status", clients.error, refusal(404, raised=("NotFound", "Refused"), said=404),
        broken("clients.error", f"{CLASSES}NotFound{LIE}", EXPECTED, "NotFound (404): 400: no", "must")),
    row("a fault", clients.error, refusal(500, raised=("Fault",), said=500, level="should"),
        broken("clients.error", f"{CLASSES}Fault{LIE}", EXPECTED, "Fault (500): 400: no", "should")),
    row("of no status", clients.error, refusal(raised=("JSONDecodeError", "BadRequest"), said=None),
        broken("clients.error", f"{CLASSES}JSONDecodeError{LIE}", EXPECTED, "JSONDecodeError: 400: no", "must")),
    row("right and of no status", clients.error, refusal(said=None), held("clients.error", f"{CLASSES}BadRequest", EXPECTED, "BadRequest: 400: no", "must")),
    row("nothing raised", clients.error, refusal(200, raised=(), said=None), broken("clients.error", f"{CLASSES}nothing{LIE}", EXPECTED, "an answer", "must")),
    row("served", clients.error, refusal(200, raised=(), said=None, pictures=[IMAGE]), unshown("clients.error", "the request was not refused, so there was nothing to raise")),
    row("told to wait", clients.error, refusal(429, raised=("TooMany",), said=429, headers={"retry-after": "1"}), unshown("clients.error", LATER, "", "TooMany (429): 400: no")),
    row("the account that is over its rate", clients.error, over_its_rate(), held("clients.error", f"{CLASSES}TooMany", "TooMany for 429", "TooMany (429): 400: no", "must")),
    row("nobody is served", clients.error, refusal(grounded=False),
        unshown("clients.error", "the plainest request without an SDK was not served, so a refusal proves nothing")),
]  # fmt: skip
REACHES, REACHES_NOT, NO_MESSAGE = "the target's message reaches the user", "the target's message does not reach the user", "the refusal has no message that could reach the user"
HARD = 'the "size" isn\'t\nfür dich'


def told(text: str) -> dict[str, Any]:
    return {"error": {"message": text}}


MESSAGE = [
    row("not by an SDK", clients.message, NOT_OURS),
    row("a picture is wanted", clients.message, handed(exchange(400), raised=REFUSED)),
    row("nothing raised", clients.message, refusal(raised=())),
    row("no answer", clients.message, handed(exchange(None, problem="timeout"), kind="error", expect="refuse", raised=("Timeout",))),
    row("raised of itself", clients.message, refusal(200)),
    row("it is there", clients.message, refusal(), held("clients.message", REACHES, "no", "400: no", "must")),
    row("as JSON", clients.message, refusal(body=told(HARD), message='{"message":"the \\"size\\" isn\'t\\nf\\u00fcr dich"}'),
        held("clients.message", REACHES, HARD, '{"message":"the \\"size\\" isn\'t\\nf\\u00fcr dich"}', "must")),
    row("as JSON that is no ASCII", clients.message, refusal(body=told(HARD), message='"the \\"size\\" isn\'t\\nfür dich"'),
        held("clients.message", REACHES, HARD, '"the \\"size\\" isn\'t\\nfür dich"', "must")),
    row("as Python", clients.message, refusal(body=told(HARD), message=str({"message": HARD})), held("clients.message", REACHES, HARD, str({"message": HARD}), "must")),
    row("with space around", clients.message, refusal(body=told(" no\n")), held("clients.message", REACHES, " no\n", "400: no", "must")),
    row("the beginning of a long one", clients.message, refusal(body=told("no " * 900), message=("400: " + "no " * 900)[:2000]),
        held("clients.message", REACHES, ("no " * 900)[:160], ("400: " + "no " * 900)[:160], "must")),
    row("perhaps in what was cut off", clients.message, refusal(message="x" * 2000)),
    row("something else", clients.message, refusal(message="Bad Request", level="should"), broken("clients.message", REACHES_NOT, "no", "Bad Request", "should")),
    row("none", clients.message, refusal(body={"error": {}}, message="status 400"), broken("clients.message", NO_MESSAGE, "a message", "status 400", "must")),
    row("an empty one", clients.message, refusal(body=told("  ")), broken("clients.message", NO_MESSAGE, "a message", "400: no", "must")),
    row("a page", clients.message, refusal(body=b"<html>", message="<html>"), broken("clients.message", NO_MESSAGE, "a message", "<html>", "must")),
]  # fmt: skip
FIRST = exchange(500, id="x0")
ONCE = [
    row("not by an SDK", clients.once, NOT_OURS),
    row("whatever comes", clients.once, handed(FIRST, GOOD, expect="see")),
    row("refused, and free to try again", clients.once, handed(FIRST, FIRST, expect="refuse", kind="retries", retries=None)),
    row("one", clients.once, handed(pictures=[IMAGE]), held("clients.once", "one call was one request", "1 request", "1: HTTP 200", "must")),
    row("one, and free to try again", clients.once, handed(retries=None), held("clients.once", "one call was one request", "1 request", "1: HTTP 200", "must")),
    row("two for one", clients.once, handed(FIRST, GOOD, retries=None),
        broken("clients.once", "one call was 2 requests, each of which may be paid", "1 request", "2: HTTP 500, HTTP 200", "must")),
    row("two for a refusal", clients.once, handed(FIRST, FIRST, kind="error", expect="refuse"),
        broken("clients.once", "one call was 2 requests, each of which may be paid", "1 request", "2: HTTP 500, HTTP 500", "must")),
    row("told to wait, and one", clients.once, handed(WAIT, GOOD, retries=None), unshown("clients.once", LATER, "1 request", "2: HTTP 429, HTTP 200")),
    row("told to wait, and two", clients.once, handed(WAIT, FIRST, GOOD, retries=None),
        broken("clients.once", "one call was 3 requests, each of which may be paid", "1 request", "3: HTTP 429, HTTP 500, HTTP 200", "must")),
    row("too often, and not how long to wait", clients.once, handed(exchange(429), GOOD, retries=None),
        broken("clients.once", "one call was 2 requests, each of which may be paid", "1 request", "2: HTTP 429, HTTP 200", "must")),
    row("none", clients.once, unheard(raised=("ValueError",)), broken("clients.once", "the SDK sent nothing", "1 request", "0", "must")),
]  # fmt: skip
AGAIN = {"kind": "retries", "expect": "refuse", "retries": None, "error": HURRIED, "raised": ("TooMany",), "status": 429, "message": "wait"}
LIMITED = [exchange(429, id=f"l{at}", started=at) for at in (0.0, 0.5, 1.5)]
ATTEMPTS = [
    row("not by an SDK", clients.attempts, NOT_OURS),
    row("a picture is wanted", clients.attempts, handed(retries=None)),
    row("told not to", clients.attempts, refusal()),
    row("one", clients.attempts, handed(LIMITED[0], **AGAIN),
        held("clients.attempts", f"{NAME} sends it 1 time(s) by itself", "what the SDK does by default", "1 request(s), then TooMany (429): wait", "info")),
    row("three", clients.attempts, handed(*LIMITED, **AGAIN),
        broken("clients.attempts", f"{NAME} sends it 3 time(s) by itself, 0.5 s, 1.0 s apart", "what the SDK does by default", "3 request(s), then TooMany (429): wait", "info")),
]  # fmt: skip
ASKS = f"{NAME} asks for /draw unless it is told another version"
VERSION = [
    row("not by an SDK", clients.default_version, NOT_OURS),
    row("told the version", clients.default_version, handed(pictures=[IMAGE])),
    row("it is served", clients.default_version, handed(kind="default-version", expect="see", pictures=[IMAGE]),
        held("clients.default_version", ASKS, "a picture", "an answer", "info")),
    row("it is not", clients.default_version, handed(exchange(404), kind="default-version", expect="see", raised=("NotFound",), status=404, message="no"),
        broken("clients.default_version", f"{ASKS}, which the document does not have: it must say so to its readers", "a picture", "NotFound (404): no", "info")),
    row("nothing was sent", clients.default_version, unheard(kind="default-version", expect="see", raised=("ValueError",), message="no"),
        broken("clients.default_version", f"{ASKS.replace('/draw', 'nothing')}, which the document does not have: it must say so to its readers", "a picture",
               "ValueError: no", "info")),
]  # fmt: skip
TASK = exchange(202, {"id": "7"})
QUEUED = [
    row("not by an SDK", clients.queued, NOT_OURS),
    row("not a task", clients.queued, handed()),
    row("a picture", clients.queued, handed(kind="queued", expect="see", pictures=[IMAGE]),
        held("clients.queued", f"{NAME} hands over a picture though a task was asked for", "a picture, or an exception", "an answer", "info")),
    row("an exception", clients.queued, handed(TASK, kind="queued", expect="see", raised=("Odd",), status=202, message="no"),
        broken("clients.queued", f"{NAME} raises Odd where it is given a task", "a picture, or an exception", "Odd (202): no", "info")),
    row("nothing at all", clients.queued, handed(TASK, kind="queued", expect="see", nothing="data is None"),
        broken("clients.queued", f"{NAME} hands over nothing where it is given a task, and raises nothing: its users see an empty answer", "a picture, or an exception",
               "nothing raised, data is None", "info")),
]  # fmt: skip
TABLES = [*SERVED, *PICTURE, *PIXELS, *IMAGES, *ERROR, *MESSAGE, *ONCE, *ATTEMPTS, *VERSION, *QUEUED]


@pytest.mark.parametrize(("check", "of", "said"), TABLES)
def test_what_is_said(check, of, said):
    assert list(check(of)) == said


def test_what_an_sdk_did_is_judged_by_these_checks_alone():
    assert {one.check for one in judge(handed(asks={**ASKED, "count": 1}, pictures=[picture(1280, 720)]))} == {
        "clients.served", "clients.picture", "clients.pixels", "clients.images", "clients.once",
    }  # fmt: skip
    assert {one.check for one in judge(refusal())} == {"clients.error", "clients.message", "clients.once"}


def test_no_other_area_is_judged_by_them():
    assert not any(one.check.startswith("clients.") for area in ("parameters", "errors", "pixels") for one in judge(subject(area=area, pictures=[IMAGE])))
