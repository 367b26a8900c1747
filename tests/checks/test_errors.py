"""Checks of error answers: for each guard a subject that passes and one that it catches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.subjects import at, broken, contract, exchange, held, picture, row, subject, unshown
from checks.test_parameters import ANY
from proofsheet.checks import errors
from proofsheet.checks.subject import NOT_A_REFUSAL
from proofsheet.contract.model import Envelope, ErrorCase, Errors

GOOD = {"error": {"message": "no such ratio", "code": "bad_ratio"}}


def entry(**more):
    return ErrorCase("it", "malformed_json", ("**",), **more)


def error(*, status=400, body=GOOD, error=None, headers=None, kind="error", **more):
    content = {"headers": headers} if headers is not None else {}
    given = {"kind": kind, "area": "errors", "expect": "refuse", "outcome": "refused", "grounded": True, "error": error or entry(),
             "main": exchange(status, body, **content), **more}  # fmt: skip
    return subject(**given)


def right(actual, expected=ANY):
    return held("errors.status", "the right status", expected, actual)


def wrong(message, actual, expected=ANY, most=None):
    return broken("errors.status", message, expected, actual, most)


def overlaid(pictures, status=200):
    of = error(status=status, outcome="served", pictures=pictures)
    return replace(of, performance=replace(of.performance, probe=replace(of.performance.probe, state="slow")))


OTHER = "another status than documented"
DOCUMENTED = entry(status=(402, "5xx"), tolerated=(400,))
STATUS = [
    row("documented", errors.status, error(status=402, error=DOCUMENTED), right("HTTP 402", "402 or 5xx")),
    row("of a documented class", errors.status, error(status=502, error=DOCUMENTED), right("HTTP 502", "402 or 5xx")),
    row("another", errors.status, error(status=403, error=DOCUMENTED), wrong(OTHER, "HTTP 403", "402 or 5xx")),
    row("tolerated", errors.status, error(status=400, error=DOCUMENTED), wrong(OTHER, "HTTP 400", "402 or 5xx", "should")),
    row("undocumented, any 4xx", errors.status, error(status=418), right("HTTP 418")),
    row("undocumented, 399", errors.status, error(status=399), wrong(OTHER, "HTTP 399")),
    row("undocumented, 500", errors.status, error(status=500), wrong(OTHER, "HTTP 500")),
    *(row(f"undocumented, {status}", errors.status, error(status=status), wrong(OTHER, f"HTTP {status}")) for status in sorted(NOT_A_REFUSAL)),
    row("a success", errors.status, error(status=200), wrong("a success where an error is due", "HTTP 200")),
    row("an image in spite of an overlay", errors.status, overlaid([picture()]),
        unshown("errors.status", "the overlay states.slow did not bring the error about: an image came", ANY, "HTTP 200")),
    row("a success without an image in spite of an overlay", errors.status, overlaid([picture(name="thumbnail")]),
        wrong("a success where an error is due", "HTTP 200")),
    row("an image without an overlay", errors.status, error(status=200, pictures=[picture()]), wrong("a success where an error is due", "HTTP 200")),
    row("an error with an overlay", errors.status, overlaid([picture()], status=400), right("HTTP 400")),
    row("nothing", errors.status, error(main=exchange(None)), wrong("no answer where an error is due", "HTTP None")),
    row("a cut answer", errors.status, error(main=exchange(400, problem="broken")), wrong("no answer where an error is due", "broken")),
    row("on no ground", errors.status, error(grounded=False),
        unshown("errors.status", "the base request was not served, so an error proves nothing", ANY, "HTTP 400")),
    row("of another kind", errors.status, error(kind="invalid")),
]  # fmt: skip

CODED = entry(codes=("bad_ratio", 7))
DUE = "bad_ratio or 7"


def no_code(actual):
    return broken("errors.code", "the documented code is not there", DUE, actual)


def code(actual):
    return held("errors.code", "the documented code", DUE, actual)


CODE = [
    row("there", errors.code, error(error=CODED), code("bad_ratio")),
    row("a number as text", errors.code, error(error=CODED, body={"error": {"code": "7"}}), code("7")),
    row("a number", errors.code, error(error=CODED, body={"error": {"code": 7}}), code("7")),
    row("in another place", errors.code, error(error=CODED, body={}, headers={"x-code": "bad_ratio"}), code("bad_ratio")),
    row("in one of two places", errors.code, error(error=CODED, body={"error": {"code": "x"}}, headers={"x-code": "bad_ratio"}), code("x, bad_ratio")),
    row("another", errors.code, error(error=CODED, body={"error": {"code": "bad"}}), no_code("bad")),
    row("none", errors.code, error(error=CODED, body={"error": {}}), no_code("no code")),
    row("an object", errors.code, error(error=CODED, body={"error": {"code": {"bad_ratio": 7}}}), no_code("no code")),
    row("a long one", errors.code, error(error=CODED, body={"error": {"code": "x" * 200}}), no_code("x" * 120)),
    row("of a refused parameter", errors.code, error(error=CODED, kind="invalid", area="parameters"), code("bad_ratio")),
    row("none documented", errors.code, error(error=entry())),
    row("no entry", errors.code, subject(expect="refuse", main=exchange(400, {}))),
    row("of a wrong status", errors.code, error(error=CODED, status=500, body={})),
    row("of a success", errors.code, error(error=CODED, status=200, body={})),
    row("of a served case", errors.code, error(error=CODED, expect="serve")),
    row("there, on no ground", errors.code, error(error=CODED, grounded=False),
        unshown("errors.code", "the base request was not served, so a refusal proves nothing", DUE, "bad_ratio")),
    row("another, on no ground", errors.code, error(error=CODED, body={"error": {"code": "bad"}}, grounded=False), no_code("bad")),
]  # fmt: skip

WITH = "an error with a message"
PLAIN = contract(errors=Errors(message=(at("json:$.error.message"), at("json:$.detail")), media_types=("text/plain", "application/problem+json")))

XML = contract(errors=Errors(media_types=("text/xml",)))
LISTS = contract(errors=Errors(message=(at("json:$[*].why"),)))


def said(actual):
    return held("errors.message", "the error carries a message", WITH, actual)


def unsaid(problem, actual):
    return broken("errors.message", problem, WITH, actual)


MESSAGE = [
    row("there", errors.message, error(), said('HTTP 400: {"error": {"message": "no such ratio", "code": "bad_ratio"}}')),
    row("no body", errors.message, error(body=b"", headers={}), unsaid("the error has no body", "HTTP 400, no body")),
    row("blanks", errors.message, error(body=b" \n"), unsaid("the error has no body", "HTTP 400:  \n")),
    row("HTML", errors.message, error(body=b" <html>", headers={"content-type": "text/html"}),
        unsaid("the error is a page and no message", "HTTP 400 text/html:  <html>")),
    row("a list", errors.message, error(body=[1]), unsaid("the error is no JSON object", "HTTP 400: [1]")),
    row("text that nobody documents", errors.message, error(body=b"no", headers={"content-type": "text/plain"}),
        unsaid("the error is no JSON object", "HTTP 400 text/plain: no")),
    row("documented text", errors.message, error(body=b"no", headers={"content-type": "text/plain"}, held_to=PLAIN), said("HTTP 400 text/plain: no")),
    row("documented text that is none", errors.message, error(body=b"\xff\xfe", headers={"content-type": "text/plain"}, held_to=PLAIN),
        unsaid("the error has no text", "HTTP 400 text/plain, no body")),
    row("documented HTML is a page all the same", errors.message, error(body=b"<p>", headers={"content-type": "text/plain"}, held_to=PLAIN),
        unsaid("the error is a page and no message", "HTTP 400 text/plain: <p>")),
    row("a documented kind of JSON is read", errors.message, error(body={"a": 1}, headers={"content-type": "application/problem+json"}, held_to=PLAIN),
        unsaid("the error carries no message", 'HTTP 400 application/problem+json: {"a": 1}')),
    row("in the second place", errors.message, error(body={"error": {"message": ""}, "detail": "no"}, held_to=PLAIN),
        said('HTTP 400: {"error": {"message": ""}, "detail": "no"}')),
    row("a blank message", errors.message, error(body={"error": {"message": " "}}), unsaid("the error carries no message", 'HTTP 400: {"error": {"message": " "}}')),
    row("a list with one", errors.message, error(body=[{"why": "no"}], held_to=LISTS), said('HTTP 400: [{"why": "no"}]')),
    row("a list without one", errors.message, error(body=[{"why": ""}], held_to=LISTS), unsaid("the error is no JSON object", 'HTTP 400: [{"why": ""}]')),
    row("documented XML", errors.message, error(body=b"<e>no</e>", headers={"content-type": "text/xml"}, held_to=XML), said("HTTP 400 text/xml: <e>no</e>")),
    row("XML that nobody documents", errors.message, error(body=b"<e>no</e>", headers={"content-type": "text/xml"}),
        unsaid("the error is a page and no message", "HTTP 400 text/xml: <e>no</e>")),
    row("a number as message", errors.message, error(body={"error": {"message": 5}}), unsaid("the error carries no message", 'HTTP 400: {"error": {"message": 5}}')),
    row("a long one", errors.message, error(body=b"x" * 200), unsaid("the error is no JSON object", "HTTP 400: " + "x" * 120)),
    row("of a success", errors.message, error(status=200, body=b"")),
    row("of a served case", errors.message, error(expect="serve", body=b"")),
    row("seen", errors.message, error(expect="see", kind="quirk", body=b"", headers={}), unsaid("the error has no body", "HTTP 400, no body")),
    row("without an answer", errors.message, error(main=exchange(None, problem="timeout"))),
]  # fmt: skip

SHAPED = {"type": "object", "required": ["error"], "properties": {"error": {"type": "object"}}}
CLAIMED = contract(errors=Errors(envelopes=(Envelope(("other",), {"required": ["nothing"]}, "a.json"), Envelope(("draw",), SHAPED, "b.json"))))
CLAIMED_LIST = contract(errors=Errors(envelopes=(Envelope(("draw",), {"type": "array"}, "c.json"),)))
ENVELOPE = [
    row("fits", errors.envelope, error(held_to=CLAIMED), held("errors.envelope", "the claimed shape", "the claimed error shape", "fits")),
    row("does not", errors.envelope, error(held_to=CLAIMED, body={"error": "no"}),
        broken("errors.envelope", "error: 'no' is not of type 'object'", "the claimed error shape", "error: 'no' is not of type 'object'")),
    row("no object: errors.message says so", errors.envelope, error(held_to=CLAIMED, body=[1])),
    row("a claimed list", errors.envelope, error(held_to=CLAIMED_LIST, body=[1]), held("errors.envelope", "the claimed shape", "the claimed error shape", "fits")),
    row("no claimed list", errors.envelope, error(held_to=CLAIMED_LIST, body={}),
        broken("errors.envelope", "the body: {} is not of type 'array'", "the claimed error shape", "the body: {} is not of type 'array'")),
    row("none claimed", errors.envelope, error(body={"a": 1})),
    row("of a success", errors.envelope, error(held_to=CLAIMED, status=200, body={})),
    row("of a served case", errors.envelope, error(held_to=CLAIMED, expect="serve", body={})),
]  # fmt: skip


def typed(name, media_type, *said, **more):
    headers = {} if media_type is None else {"content-type": media_type}
    return row(name, errors.content_type, error(headers=headers, **more), *said)


def readable(actual, expected="application/json"):
    return held("errors.content_type", "a readable media type", expected, actual)


def unreadable(actual, expected="application/json"):
    return broken("errors.content_type", "another media type", expected, actual)


CONTENT_TYPE = [
    typed("JSON", "application/json; charset=utf-8", readable("application/json")),
    typed("a kind of JSON", "application/problem+json", readable("application/problem+json")),
    typed("text", "text/plain", unreadable("text/plain")),
    typed("none", None, unreadable("none")),
    typed("documented text", "text/plain", readable("text/plain", "text/plain or application/problem+json"), held_to=PLAIN),
    typed("a kind of JSON where JSON is none of them", "application/hal+json", unreadable("application/hal+json", "text/plain or application/problem+json"),
          held_to=PLAIN),
    typed("JSON where it is none of them", "application/json", unreadable("application/json", "text/plain or application/problem+json"), held_to=PLAIN),
    typed("of a success", "text/html", status=200),
    typed("of a served case", "text/html", expect="serve"),
]  # fmt: skip

READ, UNREAD = "Retry-After can be read", "Retry-After is neither seconds nor a date"


def retry(name, value, *said, wanted="optional", **more):
    headers = {"content-type": "application/json"} | ({} if value is None else {"retry-after": value})
    return row(name, errors.retry_after, error(headers=headers, error=entry(retry_after=wanted), **more), *said)


RETRY_AFTER = [
    retry("seconds", "30", held("errors.retry_after", READ, "seconds or a date", "30")),
    retry("seconds between blanks", " 30 ", held("errors.retry_after", READ, "seconds or a date", " 30 ")),
    retry("a date", "Fri, 31 Dec 2027 23:59:59 GMT", held("errors.retry_after", READ, "seconds or a date", "Fri, 31 Dec 2027 23:59:59 GMT")),
    retry("words", "soon", broken("errors.retry_after", UNREAD, "seconds or a date", "soon")),
    retry("a year beyond all calendars", "Fri, 31 Dec 99999999999999999999 23:59:59 GMT",
          broken("errors.retry_after", UNREAD, "seconds or a date", "Fri, 31 Dec 99999999999999999999 23:59:59 GMT")),
    retry("digits that are none", "\u00b2", broken("errors.retry_after", UNREAD, "seconds or a date", "\u00b2")),
    retry("less than nothing", "-5", broken("errors.retry_after", UNREAD, "seconds or a date", "-5")),
    retry("many words", "soon" * 30, broken("errors.retry_after", UNREAD, "seconds or a date", "soon" * 15)),
    retry("required", "1", held("errors.retry_after", READ, "seconds or a date", "1"), wanted="required"),
    retry("required and missing", None, broken("errors.retry_after", "Retry-After is missing", "Retry-After", "none"), wanted="required"),
    retry("optional and missing", None),
    retry("not spoken of", "soon", wanted=None),
    retry("of a success", "soon", status=200),
    retry("of another kind", "soon", kind="invalid"),
    row("no entry", errors.retry_after, subject(kind="error", expect="refuse", main=exchange(429, {}, {"retry-after": "soon"}))),
]  # fmt: skip

WAITED = [
    row("seconds", errors.retry_after, subject(others={"limited:1": exchange(429, headers={"retry-after": "3"})}), held("errors.retry_after", READ, "seconds or a date", "3")),
    row("words", errors.retry_after, subject(others={"limited:1": exchange(429, headers={"retry-after": "soon"})}),
        broken("errors.retry_after", UNREAD, "seconds or a date", "soon")),
    row("another exchange", errors.retry_after, subject(others={"poll:(none)": exchange(429, headers={"retry-after": "soon"})})),
]  # fmt: skip

HINTED = entry(hint="(?i)use /images")
HINT = [
    row("there", errors.hint, error(error=HINTED, body=b"Use /Images instead"),
        held("errors.hint", "the promised hint", "(?i)use /images", "Use /Images instead")),
    row("not there", errors.hint, error(error=HINTED, body=b"n" * 200), broken("errors.hint", "the promised hint is not there", "(?i)use /images", "n" * 160)),
    row("none promised", errors.hint, error(body=b"")),
    row("no entry", errors.hint, subject(expect="refuse", main=exchange(400, b"no"))),
    row("of a success", errors.hint, error(error=HINTED, status=200)),
    row("of a served case", errors.hint, error(error=HINTED, expect="serve")),
]  # fmt: skip

TABLES = [*STATUS, *CODE, *MESSAGE, *ENVELOPE, *CONTENT_TYPE, *RETRY_AFTER, *WAITED, *HINT]


@pytest.mark.parametrize(("check", "of", "said"), TABLES)
def test_a_check_of_the_errors_says(check, of, said):
    assert list(check(of)) == said
