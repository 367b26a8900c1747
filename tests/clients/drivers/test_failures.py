"""How each SDK tells its users of failures, and how often it asks: as specs/clients/sdks.yaml says."""

from __future__ import annotations

import socket

import pytest
from tests.clients.drivers.driving import CONTENT, IMAGES, Drive, job
from tests.clients.drivers.server import Server

from proofsheet.contract.clients import read_sdks

ALL = [*IMAGES, *CONTENT]
KNOWN = {sdk.id: sdk for sdk in read_sdks()}
STATUSES = (400, 401, 402, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504)
#: When a body that is declared as JSON is none, and when nothing listens or answers.
BROKEN = {
    "openai-python": ("JSONDecodeError", "APIConnectionError", "APITimeoutError"),
    "openai-node": ("SyntaxError", "APIConnectionError", "APIConnectionTimeoutError"),
    "ai-node": ("APICallError", "APICallError", "TimeoutError"),
    "google-genai-python": ("JSONDecodeError", "ConnectError", "ReadTimeout"),
    "google-genai-node": ("SyntaxError", "TypeError", "AbortError"),
}


def rest(sdk: str) -> str:
    return "" if sdk.startswith("google") else "/v1"


@pytest.mark.parametrize("sdk", ALL)
def test_each_status_has_the_class_that_is_promised_and_no_second_attempt(sdk: str, server: Server, drive: Drive) -> None:
    replies = drive(*(job(sdk, server.base(f"status-{status}", rest(sdk)), str(status)) for status in STATUSES))
    for status in STATUSES:
        raised = replies[str(status)]["raised"]
        assert raised["class"] in KNOWN[sdk].promised(status), (status, raised)
        assert raised["class"] == raised["classes"][0] == KNOWN[sdk].promised(status)[0]
        assert (raised["status"], "as told" in raised["message"]) == (status, True)
        assert raised["code"] == {"google-genai-python": "TOLD", "google-genai-node": None}.get(sdk, "told")
        assert len(server.to(f"status-{status}")) == 1, status


@pytest.mark.parametrize("sdk", ALL)
def test_by_default_it_asks_as_often_as_is_known(sdk: str, server: Server, drive: Drive) -> None:
    tried = (429, 503)
    replies = drive(*(job(sdk, server.base(f"status-{status}", rest(sdk)), str(status), retries=None, timeout=60) for status in tried))
    for status in tried:
        assert len(server.to(f"status-{status}")) == 1 + KNOWN[sdk].retries
        raised = replies[str(status)]["raised"]
        assert (raised["class"] in KNOWN[sdk].promised(status), raised["status"]) == (True, status)
    if sdk == "ai-node":
        assert raised["classes"] == ["RetryError", "AISDKError", "Error", "APICallError", "AISDKError", "Error"]


@pytest.mark.parametrize("sdk", ALL)
def test_further_attempts_that_are_asked_for(sdk: str, server: Server, drive: Drive) -> None:
    drive.one(job(sdk, server.base("status-429", rest(sdk)), retries=1, timeout=60))
    assert len(server.sent) == 2


@pytest.mark.parametrize("sdk", ALL)
def test_no_json_nothing_there_and_no_answer(sdk: str, server: Server, drive: Drive) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}{rest(sdk)}"
        replies = drive(job(sdk, server.base("broken", rest(sdk)), "broken"), job(sdk, closed, "closed"), job(sdk, server.base("hung", rest(sdk)), "hung", timeout=3))
    raised = [replies[id]["raised"] for id in ("broken", "closed", "hung")]
    assert tuple(each["class"] for each in raised) == BROKEN[sdk]
    assert "refused" in raised[1]["message"] or "ECONNREFUSED" in raised[1]["message"]
    assert [each["status"] for each in raised] == [200 if sdk == "ai-node" else None, None, None]
    assert len(server.to("hung")) == 1


@pytest.mark.parametrize("sdk", ALL)
def test_a_page_of_html_with_502(sdk: str, server: Server, drive: Drive) -> None:
    raised = drive.one(job(sdk, server.base("html-error", rest(sdk))))["raised"]
    assert (raised["class"], raised["status"]) == (KNOWN[sdk].promised(502)[0], 502)
