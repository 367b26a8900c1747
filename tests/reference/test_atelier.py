"""The invented provider: everything about it is different in kind, and no line of Python knows it."""

from __future__ import annotations

import httpx2
import pytest

from reference.caller import Caller

ROOM = "/renders/north/attic"


def put(atelier: Caller, body: object = None, *, key: str | None = None, **headers: str) -> httpx2.Response:
    query = {"token": key or atelier.key()}
    own = {name.replace("_", "-"): value for name, value in headers.items()}
    return atelier.client.put(ROOM, json={"brief": "a boat"} if body is None else body, params=query, headers=own)


def test_202_then_303_to_raw_bytes(atelier: Caller) -> None:
    accepted = put(atelier, {"brief": "a boat", "canvas": "1200x100"})
    assert (accepted.status_code, accepted.content) == (202, b"")
    place, key = accepted.headers["operation-location"], {"token": atelier.key()}
    looks = [atelier.client.get(place, params=key) for _ in range(5)]
    assert [look.status_code for look in looks] == [202, 202, 202, 303, 303]
    assert [look.headers["x-percent"] for look in looks] == ["0", "60", "60", "100", "100"]
    result = atelier.client.get(looks[-1].headers["location"], params=key)
    assert result.headers["content-type"] == "image/jpeg"
    assert result.content.startswith(b"\xff\xd8\xff")
    assert atelier.client.get(looks[-1].headers["location"]).status_code == 403
    assert atelier.client.get(looks[-1].headers["location"], params={"token": atelier.key("second_account")}).status_code == 410


def test_a_result_is_not_there_before_the_end(atelier: Caller) -> None:
    place = put(atelier).headers["operation-location"]
    early = atelier.client.get(place.replace("/jobs/", "/gallery/"), params={"token": atelier.key()})
    assert (early.status_code, early.headers["x-error"]) == (404, "E_PATH")


@pytest.mark.parametrize(
    ("body", "status", "code", "says"),
    [
        ({"brief": "x", "canvas": "1x1"}, 422, "E_CANVAS", "canvas"),
        ({"brief": 1}, 400, "E_BRIEF", "brief"),
        ({}, 400, "E_BRIEF", "brief"),
        ({"brief": "x", "more": 1}, 400, "E_BRIEF", "more"),
        ([], 400, "E_BRIEF", "body"),
        ({"brief": "x", "sources": [{"href": "ftp://127.0.0.1/x.png"}]}, 400, "E_BRIEF", "sources"),
        ({"brief": "x", "sources": [{"bytes": "bm8gcGljdHVyZQ"}]}, 400, "E_BRIEF", "sources"),
        ({"brief": "x", "sources": [{"bytes": "%%%"}]}, 400, "E_BRIEF", "sources"),
    ],
)
def test_refusals_in_plain_text(atelier: Caller, body: object, status: int, code: str, says: str) -> None:
    answer = put(atelier, body)
    assert (answer.status_code, answer.headers["x-error"]) == (status, code)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith(f"{says}:")


def test_parameters_in_header_and_query(atelier: Caller) -> None:
    assert put(atelier, Prefer="sometimes").text.startswith("Prefer:")
    for seed, status in (("0", 400), ("x", 400), ("7", 202)):
        answer = atelier.client.put(ROOM, json={"brief": "x"}, params={"token": atelier.key(), "seed": seed})
        assert answer.status_code == status


def test_a_header_and_a_flag_choose_the_operation(atelier: Caller) -> None:
    assert put(atelier).status_code == 202
    assert put(atelier, Prefer="respond-async").status_code == 202
    assert put(atelier, Prefer="wait").headers["content-type"] == "image/jpeg"
    linked = put(atelier, {"brief": "x", "link": True, "canvas": "320x200", "kind": "webp"}, Prefer="wait").json()
    assert (linked["cost"], linked["pictures"][0]["canvas"]) == (64, "320x200")


def test_ranges_heads_and_the_clock(invented_alone: Caller) -> None:
    caller = invented_alone
    urls = put(caller, {"brief": "x", "link": True}, Prefer="wait").json()["pictures"][0]
    whole = caller.client.get(urls["href"])
    part = caller.client.get(urls["href"], headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, whole.content[5:10], f"bytes 5-9/{len(whole.content)}")
    assert caller.client.get(urls["href"], headers={"Range": "bytes=-4"}).content == whole.content[-4:]
    assert caller.client.get(urls["href"], headers={"Range": f"bytes={len(whole.content)}-"}).status_code == 416
    head = caller.client.head(urls["href"])
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(whole.content)))
    assert len(caller.client.get(urls["small"]).content) < len(whole.content)
    assert caller.client.get("/files/never.png").status_code == 404
    assert caller.client.post("/_reference/clock", json={"advance": 59}).status_code == 200
    assert caller.client.get(urls["href"]).status_code == 200
    caller.client.post("/_reference/clock", json={"advance": 2})
    assert [caller.client.get(url).status_code for url in urls.values() if url.startswith("http")] == [410, 410]
    assert caller.client.post("/_reference/clock", json={"advance": "soon"}).status_code == 400


def test_paths_and_methods(atelier: Caller) -> None:
    lost, wrong = atelier.client.get("/nowhere"), atelier.client.post(ROOM)
    assert (lost.status_code, lost.headers["x-error"]) == (404, "E_PATH")
    assert (wrong.status_code, wrong.headers["x-error"], wrong.headers["allow"]) == (405, "E_METHOD", "PUT")


def test_fractions_are_charged_and_nothing_below_zero(atelier: Caller) -> None:
    before = atelier.balance(atelier.key("insufficient_balance"))
    answer = put(atelier, key=atelier.key("insufficient_balance"))
    assert (answer.status_code, answer.headers["x-error"]) == (402, "E_POOR")
    assert atelier.balance(atelier.key("insufficient_balance")) == before == "0"
    slow = put(atelier, key=atelier.key("rate_limited"))
    assert (slow.status_code, slow.headers["retry-after"]) == (429, "3")
    assert atelier.client.get("/_reference/balance").status_code == 401


def test_stats_count_requests_and_images(atelier: Caller) -> None:
    before = atelier.client.get("/_reference/stats").json()
    put(atelier)
    put(atelier, {})
    after = atelier.client.get("/_reference/stats").json()
    assert (after["requests"] - before["requests"], after["images"] - before["images"]) == (2, 1)
