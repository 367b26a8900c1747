"""What makes two requests the same, and what a person is told where they differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proofsheet.recording.cassette import Asked, Cassette, Interaction
from proofsheet.recording.matching import chosen_headers, difference, fingerprint
from proofsheet.recording.pin import corruptions, pin

JSON = Asked("POST", "http://h/v1/x?a=1", {"content-type": "application/json", "authorization": "Bearer $K"}, '{"a":1,"b":[{"c":"d"},null,true]}')
PARTS = '--{0}\r\nContent-Disposition: form-data; name="p"\r\n\r\nheron\r\n--{0}\r\nContent-Disposition: form-data; name="q"\r\n\r\n1\r\n--{0}--\r\n'
FORM = Asked("POST", "http://h/v1/x", {"content-type": "multipart/form-data; boundary=one"}, PARTS.format("one"))


def test_json_is_compared_by_value() -> None:
    assert fingerprint(replace(JSON, body=' { "b" : [ {"c":"\\u0064"}, null, true ], "a" : 1 } ')) == fingerprint(JSON)


@pytest.mark.parametrize(
    "body",
    ['{"a":1.0,"b":[{"c":"d"},null,true]}', '{"a":true,"b":[{"c":"d"},null,true]}', '{"a":1,"b":[null,{"c":"d"},true]}', '{"a":1,"a":1,"b":[{"c":"d"},null,true]}'],
)
def test_other_json_is_another_request(body: str) -> None:
    assert fingerprint(replace(JSON, body=body)) != fingerprint(JSON)


def test_a_boundary_means_nothing() -> None:
    other = replace(FORM, headers={"Content-Type": "multipart/form-data; boundary=two"}, body=PARTS.format("two"))
    assert fingerprint(other) == fingerprint(FORM)
    assert fingerprint(replace(other, body=other.body.replace("heron", "egret"))) != fingerprint(FORM)


def test_names_of_headers_have_no_case_and_library_headers_no_meaning() -> None:
    assert fingerprint(replace(JSON, headers={"Authorization": "Bearer $K", "Content-Type": "application/json"})) == fingerprint(JSON)
    given = {"Host": "h", "User-Agent": "proofsheet/0.1.0", "Accept": "*/*", "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive", "Content-Length": "3", "X-Own": "1"}
    assert chosen_headers(given) == {"x-own": "1"}
    assert chosen_headers({"Accept": "image/png", "User-Agent": "another"}) == {"accept": "image/png", "user-agent": "another"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (replace(JSON, method="GET"), ["method"]),
        (replace(JSON, uri="http://h/v1/x?a=2"), ["uri"]),
        (replace(JSON, headers={"content-type": "application/json"}), ["headers/authorization (gone)"]),
        (replace(JSON, body='{"a":2,"b":[{"c":"e"},null,true],"z":1}'), ["body/json/a", "body/json/b/0/c", "body/json/z (new)"]),
        (replace(JSON, body="{broken"), ["body/text (new)", "body/json (gone)"]),
    ],
)
def test_what_differs_is_named_without_values(changed: Asked, said: list[str]) -> None:
    assert difference(changed, JSON) == said


@pytest.mark.parametrize("asked", [JSON, FORM, replace(JSON, body="plain text", headers={}), replace(JSON, method="GET", body=""), replace(JSON, body="3")])
def test_every_corruption_is_noticed(asked: Asked) -> None:
    pinned = pin(Cassette("c", (Interaction(asked), Interaction(asked), Interaction(replace(asked, method="DELETE")))))
    assert pinned.unnoticed == ()
    assert pinned.rate == 1.0
    assert pinned.corruptions > 3 * 5


def test_corruptions_reach_every_field() -> None:
    places = [place for place, _ in corruptions(JSON)]
    wanted = {"method", "path", "host", "query a", "query a gone", "header authorization", "header content-type gone", "header new"}
    wanted |= {"body /a", "body /a gone", "body /b/0/c", "body /b/2", "body /b/ longer", "body / new"}
    assert wanted <= set(places)
    assert len(places) == len(set(places))


def test_an_empty_recording_pins_nothing() -> None:
    assert pin(Cassette("c", ())).rate == 0.0


def test_a_replay_that_ignores_something_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from proofsheet.recording import pin as module

    monkeypatch.setattr(module, "fingerprint", lambda asked: fingerprint(replace(asked, headers={})))
    pinned = pin(Cassette("a/case", (Interaction(JSON),)))
    assert 0 < pinned.rate < 1
    assert "a/case: POST /v1/x: header authorization" in pinned.unnoticed
    assert all("header" in place for place in pinned.unnoticed)
