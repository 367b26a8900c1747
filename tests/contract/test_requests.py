"""A request as a value: every place of it can be read, set and taken out, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proofsheet.contract.locations import Location
from proofsheet.contract.requests import ABSENT, Request, Upload

PICTURE = Upload("a.png", "image/png", b"a")
FULL = Request(
    "POST", "/draw/{who}/{what}", path_params={"who": "me", "what": "a/b"}, headers={"X-A": "1"}, query={"q": "2"}, json={"a": {"b": 3}}, form={"f": 4}, files=(("p", PICTURE),)
)


@pytest.mark.parametrize(
    ("at", "value", "field", "expected"),
    [
        ("header:X-A", 7, "headers", {"X-A": "7"}),
        ("header:X-B", "t", "headers", {"X-A": "1", "X-B": "t"}),
        ("header:X-A", ABSENT, "headers", {}),
        ("header:X-B", ABSENT, "headers", {"X-A": "1"}),
        ("query:q", True, "query", {"q": "true"}),
        ("query:q", False, "query", {"q": "false"}),
        ("query:q", None, "query", {"q": "null"}),
        ("query:q", 1.5, "query", {"q": "1.5"}),
        ("query:q", [1], "query", {"q": "[1]"}),
        ("query:r", "s", "query", {"q": "2", "r": "s"}),
        ("query:q", ABSENT, "query", {}),
        ("path:who", 1, "path_params", {"who": "1", "what": "a/b"}),
        ("path:what", ABSENT, "path_params", {"who": "me"}),
        ("form:f", 9, "form", {"f": 9}),
        ("form:g", True, "form", {"f": 4, "g": True}),
        ("form:f", ABSENT, "form", {}),
        ("json:/a/b", "x", "json", {"a": {"b": "x"}}),
        ("json:/a/b", None, "json", {"a": {"b": None}}),
        ("json:/a/b", ABSENT, "json", {"a": {}}),
        ("json:/c", 1, "json", {"a": {"b": 3}, "c": 1}),
        ("file:p", ABSENT, "files", ()),
    ],
)
def test_one_place_is_set_and_nothing_else(at: str, value: Any, field: str, expected: Any) -> None:
    changed = FULL.put(Location.parse(at), value)
    assert getattr(changed, field) == expected
    assert changed == replace(FULL, **{field: expected})


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("header:X-A", "1"),
        ("query:q", "2"),
        ("path:who", "me"),
        ("form:f", 4),
        ("json:/a/b", 3),
        ("file:p", [PICTURE]),
        ("header:X-B", "no"),
        ("query:x", "no"),
        ("path:x", "no"),
        ("form:x", "no"),
        ("json:/a/c", "no"),
        ("file:x", "no"),
    ],
)
def test_what_stands_at_a_place(at: str, value: Any) -> None:
    assert FULL.get(Location.parse(at), "no") == value


def test_a_request_without_a_body_has_nothing_there_until_it_is_set() -> None:
    bare = Request("GET", "/")
    assert bare.get(Location.parse("json:/a")) is None
    assert bare.get(Location.parse("json:/a"), "no") == "no"
    assert bare.put(Location.parse("json:/a/b"), 1).json == {"a": {"b": 1}}
    assert Request("GET", "/", json=None).get(Location.parse("json:/a"), "no") == "no"


def test_absent_is_told_from_everything_else() -> None:
    assert repr(ABSENT) == "ABSENT"
    assert not ABSENT
    assert bool(ABSENT) is False


def test_a_file_is_shown_without_its_bytes() -> None:
    assert repr(PICTURE) == "Upload(name='a.png', media_type='image/png')"


def test_the_path_is_filled_in() -> None:
    assert FULL.target_path == "/draw/me/a/b"
    assert replace(FULL, path_params={"who": "me"}).target_path == "/draw/me/{what}"


SENT_OTHERWISE = [
    {"method": "PUT"},
    {"path_params": {"who": "me", "what": "c"}},
    {"headers": {"X-A": "2"}},
    {"headers": {}},
    {"query": {"q": "3"}},
    {"json": {"a": {"b": "3"}}},
    {"json": None},
    {"json": ABSENT},
    {"json": "ABSENT"},
    {"form": {"f": 5}},
    {"files": ()},
    {"files": (("q", PICTURE),)},
    {"files": (("p", replace(PICTURE, name="b.png")),)},
    {"files": (("p", replace(PICTURE, media_type="image/webp")),)},
    {"files": (("p", replace(PICTURE, content=b"b")),)},
    {"raw": b""},
    {"raw": b"x"},
    {"raw": b"y"},
    {"media_type": "text/plain"},
]


def test_only_what_is_sent_alike_has_the_same_signature() -> None:
    signatures = [FULL.signature(), *(replace(FULL, **change).signature() for change in SENT_OTHERWISE)]
    assert len(set(signatures)) == len(signatures)


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/draw/me/a/b", "path_params": {}},
        {"path_params": {"what": "a/b", "who": "me"}},
        {"json": {"a": {"b": 3}}},
    ],
)
def test_what_is_sent_alike_has_the_same_signature(change: dict[str, Any]) -> None:
    assert replace(FULL, **change).signature() == FULL.signature()


def test_the_order_of_names_is_no_difference() -> None:
    one, other = (
        Request("POST", "/", headers=dict(pairs), query=dict(pairs), json=dict(pairs), form=dict(pairs)) for pairs in ((("a", "1"), ("b", "2")), (("b", "2"), ("a", "1")))
    )
    assert one.signature() == other.signature()
