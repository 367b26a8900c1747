"""Checks of the parameters: for each guard a subject that passes and one that it catches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.subjects import DRAW, LIFECYCLE, TABLE, broken, exchange, held, operation, picture, poll, responses, role, roles, row, subject, unshown
from proofsheet.checks import Bounds, parameters
from proofsheet.checks.subject import NOT_A_REFUSAL, allowed_statuses, is_right_refusal, what_came
from proofsheet.contract.model import ErrorCase, Pixels

SERVED = "served with an image"
OK = exchange(body={"images": [{}]})


TOGETHER = "valid values were refused together, and each of them is served alone"


def not_served(message, actual):
    return broken("parameters.served", message, SERVED, actual)


SERVE = [
    row("served", parameters.served, subject(pictures=[picture()]), held("parameters.served", "served", SERVED, "HTTP 200")),
    row("served as another type", parameters.served, subject(pictures=[picture()], main=exchange(201, b"x", {"content-type": "Image/PNG; a=b"})),
        held("parameters.served", "served", SERVED, "HTTP 201 image/png")),
    row("served for the pixels", parameters.served, subject(area="pixels", pictures=[picture()]), held("parameters.served", "served", SERVED, "HTTP 200")),
    row("no image", parameters.served, subject(), not_served("answered as a success, but without an image", "HTTP 200, no image")),
    row("a thumbnail alone", parameters.served, subject(pictures=[picture(name="thumbnail")]),
        not_served("answered as a success, but without an image", "HTTP 200, no image")),
    row("refused", parameters.served, subject(outcome="refused", main=exchange(400, {})), not_served("a valid request was refused", "HTTP 400")),
    row("refused in spite of an image", parameters.served, subject(outcome="refused", main=exchange(400, {}), pictures=[picture()]),
        not_served("a valid request was refused", "HTTP 400")),
    row("failed", parameters.served, subject(outcome="failed", polls=(poll("queued"), poll("broken"))),
        not_served("the task of a valid request failed", "task failed (broken)")),
    row("failed without a word", parameters.served, subject(outcome="failed", polls=(poll(None, state="failed", status=500),)),
        not_served("the task of a valid request failed", "task failed (HTTP 500)")),
    row("failed without a poll", parameters.served, subject(outcome="failed"), not_served("the task of a valid request failed", "task failed")),
    row("unfinished", parameters.served, subject(outcome="unfinished", polls=(poll("done"), poll("drawing"))),
        not_served("the task did not end in time", "task unfinished (drawing)")),
    row("no id", parameters.served, subject(outcome="broken"), not_served("no usable answer to a valid request", "HTTP 200, but no task to poll")),
    row("polls in vain", parameters.served, subject(outcome="broken", polls=(poll("queued"), poll(None, status=404))),
        not_served("no usable answer to a valid request", "HTTP 404 to the poll")),
    row("a time-out", parameters.served, subject(outcome="broken", main=exchange(None, problem="timeout", detail="after 5 s")),
        not_served("no usable answer to a valid request", "timeout: after 5 s")),
    row("nothing to say", parameters.served, subject(outcome="broken", main=exchange(None, problem="broken")),
        not_served("no usable answer to a valid request", "broken")),
    *(row(f"together, {status}", parameters.served, replace(subject(outcome="refused", main=exchange(status, {})), together=True), said) for status, said in (
        (400, broken("parameters.served", TOGETHER, SERVED, "HTTP 400", "should")), (499, broken("parameters.served", TOGETHER, SERVED, "HTTP 499", "should")),
        (500, not_served("a valid request was refused", "HTTP 500")))),
    row("together, a time-out", parameters.served, replace(subject(outcome="broken", main=exchange(None, problem="timeout")), together=True),
        not_served("no usable answer to a valid request", "timeout")),
    row("together, without an image", parameters.served, replace(subject(), together=True),
        not_served("answered as a success, but without an image", "HTTP 200, no image")),
    row("not to be served", parameters.served, subject(expect="refuse", pictures=[picture()])),
    row("nobody judges", parameters.served, subject(expect="see", pictures=[picture()])),
    row("of another area", parameters.served, subject(area="lifecycles", pictures=[picture()])),
]  # fmt: skip

ANY = "a 4xx other than 401, 402, 403, 405, 408, 429"
LISTED = ErrorCase("invalid", "invalid", ("**",), status=(422, "5xx"), tolerated=(401, 500))
ONLY_422 = ErrorCase("invalid", "invalid", ("**",), status=(422,), tolerated=(500,))
SILENT = ErrorCase("invalid", "invalid", ("**",))


def refusing(name, status, *said, **more):
    usual = {"expect": "refuse", "grounded": True, "outcome": "refused", "main": exchange(status, {})}
    return row(name, parameters.refused, subject(**{**usual, **more}), *said)


def right(actual="HTTP 400", expected=ANY, most=None):
    return held("parameters.refused", "refused", expected, actual, most)


def wrong(message, actual, expected=ANY, most=None):
    return broken("parameters.refused", message, expected, actual, most)


def seen(message, actual, expected=ANY):
    return held("parameters.refused", message, expected, actual, "info")


WRONG_STATUS = "an invalid request was refused with the wrong status"
SERVER_BROKE = "an invalid request broke the server"
REFUSE = [
    refusing("400", 400, right()),
    refusing("499", 499, right("HTTP 499")),
    refusing("399", 399, wrong(WRONG_STATUS, "HTTP 399")),
    refusing("500", 500, wrong(SERVER_BROKE, "HTTP 500")),
    refusing("599", 599, wrong(SERVER_BROKE, "HTTP 599")),
    *(refusing(f"{status} is no refusal", status, wrong(WRONG_STATUS, f"HTTP {status}")) for status in sorted(NOT_A_REFUSAL)),
    *(refusing(f"{status} is one", status, right(f"HTTP {status}")) for status in (404, 406, 407, 409, 413, 415, 422, 428, 430)),
    refusing("a silent entry", 400, right(), error=SILENT),
    refusing("a silent entry and a wrong key", 401, wrong(WRONG_STATUS, "HTTP 401"), error=SILENT),
    refusing("as documented", 422, right("HTTP 422", "422"), error=ONLY_422),
    refusing("other than documented", 400, wrong(WRONG_STATUS, "HTTP 400", "422"), error=ONLY_422),
    refusing("tolerated", 500, wrong("refused with a status that the document warns of", "HTTP 500", "422", "should"), error=ONLY_422),
    refusing("neither documented nor tolerated", 501, wrong(SERVER_BROKE, "HTTP 501", "422"), error=ONLY_422),
    refusing("of a documented class", 503, right("HTTP 503", "422 or 5xx"), error=LISTED),
    refusing("documented though tolerated", 500, right("HTTP 500", "422 or 5xx"), error=LISTED),
    refusing("tolerated and no refusal", 401, wrong("refused with a status that the document warns of", "HTTP 401", "422 or 5xx", "should"), error=LISTED),
    refusing("seen: refused", 400, seen("the request was refused", "HTTP 400"), expect="see"),
    refusing("seen: broke", 500, seen("the request was refused", "HTTP 500"), expect="see"),
    refusing("seen: tolerated", 500, seen("the request was refused", "HTTP 500", "422"), expect="see", error=ONLY_422),
    refusing("seen: served", 200, wrong("the request was served", "HTTP 200", most="info"), expect="see", outcome="served", pictures=[picture()]),
    refusing("seen: no status", None, seen("the request was refused", "HTTP None"), expect="see", main=exchange(None)),
    refusing("seen on no ground", 400, unshown("parameters.refused", "the base request was not served, so a refusal proves nothing", ANY, "HTTP 400"),
             expect="see", grounded=False),
    refusing("accepted", 200, wrong("an invalid request was accepted", "HTTP 200"), outcome="served"),
    refusing("replaced", 200, wrong("an invalid value was silently replaced", "HTTP 200, 1000x1000 png"), outcome="served", pictures=[picture()]),
    refusing("a thumbnail is no replacement", 200, wrong("an invalid request was accepted", "HTTP 200"), outcome="served", pictures=[picture(name="t")]),
    refusing("accepted, then failed", 200, wrong("an invalid request was accepted", "task failed (broken)"), outcome="failed", polls=(poll("broken"),)),
    refusing("a time-out", None, wrong("no answer to an invalid request (timeout)", "timeout"), outcome="broken", main=exchange(None, problem="timeout")),
    refusing("a cut answer", 400, wrong("no answer to an invalid request (broken)", "broken"), outcome="broken", main=exchange(400, {}, problem="broken")),
    refusing("seen: a time-out", None, wrong("no answer to an invalid request (timeout)", "timeout", most="info"), expect="see", outcome="broken",
             main=exchange(None, problem="timeout")),
    refusing("no status", None, wrong("an invalid request was accepted", "HTTP None"), main=exchange(None)),
    refusing("on no ground", 400, unshown("parameters.refused", "the base request was not served, so a refusal proves nothing", ANY, "HTTP 400"), grounded=False),
    refusing("on no ground, accepted", 200, unshown("parameters.refused", "the base request was not served, so a refusal proves nothing", ANY, "HTTP 200"),
             grounded=False, outcome="served", error=SILENT),
    refusing("that needs no ground", 400, right(), grounded=None),
    refusing("to be served", 400, expect="serve"),
    refusing("to fail", 400, expect="fail"),
    refusing("of another area", 400, area="errors"),
]  # fmt: skip

SQ = {"ratio": "1:1", "size": "1K"}
ONE_CELL = operation(pixels=Pixels(replace(TABLE, cells=TABLE.cells[:1])))


def honour(name, asks, size, *said, **more):
    return row(name, parameters.honoured, subject(asks=asks, pictures=[picture(*size)], **more), *said)


def honoured(expected, actual):
    return held("parameters.honoured", "the picture is the one asked for", expected, actual)


def replaced(what, expected, actual):
    return broken("parameters.honoured", f"{what}: the value was silently replaced", expected, actual)


HONOUR = [
    honour("as asked", SQ, (1000, 1000), honoured("1:1@1K", "1000x1000 png")),
    honour("nearly as asked", SQ, (1030, 1000), honoured("1:1@1K", "1030x1000 png")),
    honour("one of the cells", {"ratio": "16:9"}, (2560, 1440), honoured("16:9@1K or 16:9@2K", "2560x1440 png")),
    honour("another cell's", SQ, (2560, 1440), replaced("the picture is that of 16:9@2K", "1:1@1K", "2560x1440 png")),
    honour("nearly another cell's", SQ, (2560, 1441), replaced("the picture is that of 16:9@2K", "1:1@1K", "2560x1441 png")),
    honour("off by a tenth, and still nearest to what was asked", SQ, (1100, 1000), honoured("1:1@1K", "1100x1000 png")),
    honour("nobody's", SQ, (7, 7000), replaced("the picture is not the one asked for", "1:1@1K", "7x7000 png")),
    honour("just somebody's", SQ, (1000, 1419), honoured("1:1@1K", "1000x1419 png")),
    honour("just nobody's", SQ, (1000, 1420), replaced("the picture is not the one asked for", "1:1@1K", "1000x1420 png")),
    honour("the ratio of one, the area of another", SQ, (2000, 2000), replaced("the picture is that of 1:1@2K", "1:1@1K", "2000x2000 png")),
    honour("the area alone", SQ, (1250, 800), replaced("the picture is that of 16:9@1K", "1:1@1K", "1250x800 png")),
    honour("a picture on its side", {"ratio": "16:9", "size": "1K"}, (720, 1280), replaced("the picture is not the one asked for", "16:9@1K", "720x1280 png")),
    honour("what no cell has", {"ratio": "AAA"}, (1000, 1000), replaced("the picture is that of 1:1@1K", "no picture: no cell has this value", "1000x1000 png")),
    honour("nothing asked", {}, (7, 7)),
    honour("nothing that the table knows", {"count": 1}, (7, 7)),
    honour("every cell allowed", {"ratio": "1:1", "size": "1K"}, (7, 7), op=ONE_CELL),
    honour("no table", SQ, (7, 7), op=operation(pixels=None)),
    honour("not served", SQ, (7, 7), outcome="failed"),
    honour("no size", SQ, (None, None)),
    row("each picture", parameters.honoured, subject(asks=SQ, pictures=[picture(), picture(None), picture(7, 7), picture(7, 7, name="t")]),
        honoured("1:1@1K", "1000x1000 png"), replaced("the picture is not the one asked for", "1:1@1K", "7x7 png")),
]  # fmt: skip

SIZE_ONLY = operation(pixels=Pixels(TABLE, {"ratio": None, "size": "1K"}))
BOTH = operation(pixels=Pixels(TABLE, {"ratio": "1:1", "size": "1K"}))
FREE_RATIO = operation(pixels=Pixels(TABLE, {"ratio": "auto", "size": "1K"}), roles=roles(role("ratio", free=("auto",))))
ALL_FREE = operation(pixels=Pixels(TABLE, {"ratio": "auto"}), roles=roles(role("ratio", free=("auto",))))
FORMATS = operation(pixels=None, roles=roles(role("format", default="png")))
COUNTS = operation(pixels=None, roles=roles(role("count", default=2)))


def usual(name, op, pictures, *said, **more):
    return row(name, parameters.default, subject(kind=more.pop("kind", "default"), op=op, pictures=pictures, **more), *said)


def applies(what, actual, right=True):
    return (held if right else broken)("parameters.default", f"without a value, {what} applies", what, actual)


DEFAULT = [
    usual("the default size", SIZE_ONLY, [picture(1250, 800)], applies("size 1K", "1250x800 png")),
    usual("another size", SIZE_ONLY, [picture(2000, 2000)], applies("size 1K", "2000x2000 png", right=False)),
    usual("the default cell", BOTH, [picture()], applies("ratio 1:1, size 1K", "1000x1000 png")),
    usual("another ratio than the default", BOTH, [picture(1250, 800)], applies("ratio 1:1, size 1K", "1250x800 png", right=False)),
    usual("another size than the default", BOTH, [picture(2000, 2000)], applies("ratio 1:1, size 1K", "2000x2000 png", right=False)),
    usual("a free default", FREE_RATIO, [picture(1250, 800)], applies("size 1K", "1250x800 png")),
    usual("a free default and another size", FREE_RATIO, [picture(2000, 2000)], applies("size 1K", "2000x2000 png", right=False)),
    usual("nothing but free", ALL_FREE, [picture(7, 7)]),
    usual("no default", operation(), [picture(7, 7)]),
    usual("no table", operation(pixels=None), [picture(7, 7)]),
    usual("no size", SIZE_ONLY, [picture(None, None), picture(name="t")]),
    usual("the default format", FORMATS, [picture()], held("parameters.default", "the default format is png", "png", "png")),
    usual("another format", FORMATS, [picture(kind="jpeg")], broken("parameters.default", "the default format is png", "png", "jpeg")),
    usual("no format to be seen", FORMATS, [picture(kind=None)]),
    usual("no default format", operation(pixels=None, roles=roles(role("format"))), [picture(kind="jpeg")]),
    usual("the default count", COUNTS, [picture(), picture()], held("parameters.default", "the default number of images is 2", "2", "2")),
    usual("another count", COUNTS, [picture(), picture(name="t")], broken("parameters.default", "the default number of images is 2", "2", "1")),
    usual("no default count", operation(pixels=None), [picture(), picture()]),
    usual("no such roles", operation(pixels=None, roles={}), [picture()]),
    usual("of another kind", COUNTS, [picture()], kind="valid"),
    usual("not served", COUNTS, [picture()], outcome="failed"),
]  # fmt: skip

NOTHING = "accepted and ignored"


def ignore(name, pictures, *said, **more):
    given = {"kind": "ignored", "asks": SQ, "pictures": pictures, **more}
    return row(name, parameters.ignored, subject(**given), *said)


IGNORE = [
    ignore("changes nothing", [picture()], held("parameters.ignored", "the picture is as without the parameter", NOTHING, "1000x1000 png")),
    ignore("changes the size", [picture(2000, 2000)], broken("parameters.ignored", "the picture is as without the parameter", NOTHING, "2000x2000 png")),
    ignore("may change the ratio", [picture(1250, 800)], held("parameters.ignored", "the picture is as without the parameter", NOTHING, "1250x800 png")),
    ignore("refused", [], broken("parameters.ignored", "a parameter that is documented as ignored was refused", NOTHING, "HTTP 400"), outcome="refused",
           main=exchange(400, {})),
    ignore("no table", [picture(7, 7)], op=operation(pixels=None)),
    ignore("no size", [picture(None), picture(name="t")]),
    ignore("of another kind", [picture(7, 7)], kind="valid"),
]  # fmt: skip

FITS = "the answer has the documented shape"
SHAPE = "the documented shape"
SILENT_DRAW = operation(endpoint=replace(DRAW, responses={}))
OTHER_2XX = operation(endpoint=replace(DRAW, responses={"202": responses({"required": ["id"]})["200"]}))
ANSWERS = [
    row("fits", parameters.answer, subject(main=OK), held("parameters.answer", FITS, SHAPE, "fits")),
    row("does not fit", parameters.answer, subject(main=exchange(body={})),
        broken("parameters.answer", "the body: 'images' is a required property", SHAPE, "the body: 'images' is a required property")),
    row("does not fit, further in", parameters.answer, subject(main=exchange(body={"images": 3})),
        broken("parameters.answer", "images: 3 is not of type 'array'", SHAPE, "images: 3 is not of type 'array'")),
    row("no JSON", parameters.answer, subject(main=exchange(body=b"<html>", headers={"content-type": "text/html"})),
        broken("parameters.answer", "the answer is not JSON", "JSON of the documented shape", "HTTP 200 text/html")),
    *(row(f"JSON that says it is {kind or 'nothing'}", parameters.answer, subject(main=exchange(body={"images": []}, headers={"content-type": kind})),
        held("parameters.answer", FITS, SHAPE, "fits")) for kind in ("application/json;charset=utf-8", "Application/JSON", "application/hal+json", "")),
    *(row(f"JSON that says it is {kind}", parameters.answer, subject(main=exchange(body={"images": []}, headers={"content-type": kind})),
        held("parameters.answer", FITS, SHAPE, "fits"),
        broken("parameters.answer", "the answer is JSON and says that it is not", "the media type of JSON", kind, most="should")) for kind in ("text/html", "text/plain")),
    row("another 2xx than documented", parameters.answer, subject(main=exchange(200, {"a": 1}), op=OTHER_2XX),
        broken("parameters.answer", "the body: 'id' is a required property", SHAPE, "the body: 'id' is a required property")),
    row("a task that must fail", parameters.answer, subject(expect="fail", main=OK), held("parameters.answer", FITS, SHAPE, "fits")),
    row("silence", parameters.answer, subject(op=SILENT_DRAW, main=exchange(body={}))),
    row("refused", parameters.answer, subject(main=exchange(400, {}))),
    row("a poll alone", parameters.answer, subject(poll_only="t1", main=exchange(body={}))),
    row("to be refused", parameters.answer, subject(expect="refuse", main=exchange(body={}))),
    row("nobody judges", parameters.answer, subject(expect="see", main=exchange(body={}))),
]  # fmt: skip

SENT_ON = "a call was redirected to another origin; no key was sent there"
ORIGIN = [
    row("at home", parameters.origin, subject(kind="base"),
        held("parameters.origin", "no call was redirected to another origin", "the same origin", "the same origin")),
    row("elsewhere", parameters.origin, subject(kind="base", incidents=["redirect_elsewhere|to http://evil.example"]),
        broken("parameters.origin", SENT_ON, "the same origin", "to http://evil.example")),
    row("elsewhere twice, at length", parameters.origin, subject(incidents=["redirect_elsewhere|a", "redirect_elsewhere|" + "b" * 300]),
        broken("parameters.origin", SENT_ON, "the same origin", "a"), broken("parameters.origin", SENT_ON, "the same origin", "b" * 200)),
    row("another incident", parameters.origin, subject(kind="base", incidents=["poll_elsewhere|x"]),
        held("parameters.origin", "no call was redirected to another origin", "the same origin", "the same origin")),
    row("said once, on the base case", parameters.origin, subject(kind="valid")),
]  # fmt: skip

TABLES = [*SERVE, *REFUSE, *HONOUR, *DEFAULT, *IGNORE, *ANSWERS, *ORIGIN]


@pytest.mark.parametrize(("check", "of", "said"), TABLES)
def test_a_check_of_the_parameters_says(check, of, said):
    assert list(check(of)) == said


@pytest.mark.parametrize("status", [399, 500, 599, 200, 301, *sorted(NOT_A_REFUSAL)])
def test_statuses_that_refuse_nothing(status):
    assert not is_right_refusal(None, status)
    assert not is_right_refusal(SILENT, status)


@pytest.mark.parametrize("status", [400, 404, 422, 499])
def test_statuses_that_refuse(status):
    assert is_right_refusal(None, status)
    assert is_right_refusal(SILENT, status)


def test_a_documented_status_alone_is_right():
    assert [is_right_refusal(LISTED, status) for status in (422, 400, 500, 599, 600, 499)] == [True, False, True, True, False, False]


def test_the_statuses_that_say_something_else():
    assert {401, 402, 403, 405, 408, 429} == NOT_A_REFUSAL


def test_what_nobody_declares_is_off():
    assert (Bounds().asset_hosts, Bounds().mirror_hosts, Bounds().balance, Bounds().balance_unit, Bounds().usd_per_unit, Bounds().passes_keys) == ((), (), None, "", None, False)
    assert not subject().together


def test_statuses_in_words():
    assert allowed_statuses(None) == ANY
    assert allowed_statuses(SILENT) == ANY
    assert allowed_statuses(LISTED) == "422 or 5xx"


def test_an_answer_in_words():
    assert what_came(exchange(200, {})) == "HTTP 200"
    assert what_came(exchange(200, b"", {})) == "HTTP 200"
    assert what_came(exchange(502, b"x", {"content-type": "text/html; charset=x"})) == "HTTP 502 text/html"
    assert what_came(exchange(None, problem="unreachable")) == "unreachable"
    assert what_came(exchange(None, problem="broken", detail="d" * 200)) == "broken: " + "d" * 120


def test_grounds():
    assert subject(grounded=None).grounded is True
    assert subject(grounded=True).grounded is True
    assert subject(grounded=False).grounded is False
    assert replace(subject(grounded=True), base=None).grounded is False


@pytest.mark.parametrize("kind", ["read-without-key", "read-by-another", "valid"])
def test_the_refusal_of_a_reader_is_that_readers(kind):
    others = {"poll:(none)": exchange(401, {}, id="none"), "poll:second_account": exchange(404, {}, id="other")}
    found = subject(kind=kind, main=exchange(400, {}, id="main"), others=others, op=operation(lifecycle=LIFECYCLE)).refusal
    assert found is not None
    assert found.id == {"read-without-key": "none", "read-by-another": "other", "valid": "main"}[kind]
    # Where that reader never looked, the refusal of the request itself is no answer to it.
    missing = subject(kind=kind, main=exchange(400, {}, id="main")).refusal
    assert (missing.id if missing is not None else None) == {"valid": "main"}.get(kind)


@pytest.mark.parametrize(("came", "refusal"), [
    (exchange(400), True), (exchange(399), False), (exchange(500), True), (exchange(None), False), (exchange(400, problem="broken"), False), (exchange(200), False),
])
def test_a_refusal_is_a_whole_4xx_or_5xx(came, refusal):
    assert (subject(main=came).refusal is came) is refusal
