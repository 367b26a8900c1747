"""A target that means harm: a run through SDKs ends, soon and whole, and nothing secret leaves it."""

from __future__ import annotations

import json
import time

import pytest
from tests.clients.faulty.gateway import OWN_KEY, POOR_KEY, RUSHED_KEY, Answered, Gateway, served, slowly
from tests.clients.faulty.running import cases, verify

from proofsheet.clients import agency
from proofsheet.results.events import EVENTS_FILE

pytestmark = pytest.mark.sdks
CALL = ("call",)
KINDS = pytest.mark.parametrize("kind", ["generations", "native"])


class ToSdks(Gateway):
    """Means harm to SDKs only."""

    def served(self, asked, document):
        answer = super().served(asked, document)
        return self.harm(asked, answer) if asked.sdk else answer


def blamed(kind, folder, made, *checks, timeout=20, within=60.0, names=CALL):
    began = time.monotonic()
    outcome = verify(kind, folder, made(), only=cases(kind, *names), timeout=timeout)
    assert time.monotonic() - began < within
    assert {check for check, _ in outcome.broken()} == set(checks)
    assert not outcome.broken("error")
    return outcome


@KINDS
def test_a_body_without_end(kind, tmp_path):
    class Endless(ToSdks):
        def harm(self, asked, answer):
            return Answered(200, b" " * (65 << 20))

    blamed(kind, tmp_path, Endless, "served", *(["once"] if kind == "generations" else []))


@KINDS
def test_a_large_body_of_nothing(kind, tmp_path):
    class Large(ToSdks):
        def harm(self, asked, answer):
            return Answered(200, json.dumps({"padding": "x" * (40 << 20)}).encode())

    blamed(kind, tmp_path, Large, "served")


@KINDS
def test_a_large_text_for_a_picture(kind, tmp_path):
    class Text(ToSdks):
        def base64(self, content):
            return "A" * (30 << 20)

        def harm(self, asked, answer):
            return answer

    blamed(kind, tmp_path, Text, "picture")


@KINDS
def test_a_redirect_that_never_ends(kind, tmp_path):
    class Circle(ToSdks):
        def answer(self, asked):
            return Answered(307, b"", (("Location", f"{self.base}{asked.path}"),)) if asked.sdk and asked.method == "POST" else super().answer(asked)

    blamed(kind, tmp_path, Circle, "served", "once")


@KINDS
def test_a_redirect_to_somebody_else(kind, tmp_path):
    other = Gateway()
    with served(other) as elsewhere:

        class Away(ToSdks):
            def harm(self, asked, answer):
                return Answered(307, b"", (("Location", f"{elsewhere}{asked.path}"),))

        blamed(kind, tmp_path, Away, "served")
    assert other.asked == []


@KINDS
def test_it_never_answers(kind, tmp_path):
    class Silent(ToSdks):
        def harm(self, asked, answer):
            slowly(30)
            return answer

    outcome = blamed(kind, tmp_path, Silent, "served", *(["once"] if kind == "generations" else []), timeout=2, within=25)
    assert all("timeout" in one.actual for one in outcome.of("once", "fail"))


@pytest.mark.parametrize("raw", [
    b"HTTP/1.1 200 OK\r\nX-A: a\rInjected: b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-A: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n{}   ",
    b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nContent-Type: application/json\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
    b"\x00\xff\x00\xff\r\n\r\n",
], ids=["injected", "nul", "two-lengths", "999", "204", "cut", "headers", "no-http"])  # fmt: skip
@KINDS
def test_answers_that_are_none(kind, raw, tmp_path):
    class Odd(ToSdks):
        def harm(self, asked, answer):
            return Answered(200, raw=raw)

    began = time.monotonic()
    outcome = verify(kind, tmp_path, Odd(), only=cases(kind, *CALL))
    assert time.monotonic() - began < 30
    assert ("served", "call") in outcome.broken()
    assert not outcome.broken("error")


@pytest.mark.parametrize("runtime", ["python", pytest.param("node", marks=pytest.mark.node)])
def test_it_tells_sdks_to_wait_for_a_day(runtime, tmp_path, monkeypatch, npm):
    class Later(Gateway):
        def refused(self, asked, status, why):
            return super().refused(asked, status, why).having(Retry_After="86400")

    monkeypatch.setattr(agency, "PATIENCE", 3.0)
    began = time.monotonic()
    outcome = verify("generations", tmp_path, Later(), only=cases("generations", "retries/rate-limited", runtime=runtime))
    assert time.monotonic() - began < 30
    assert outcome.broken() == set()
    [said] = outcome.of("attempts")
    assert said.actual.startswith("1 request(s)")
    assert ("it waits before it sends again" in said.actual) == (runtime == "node")


def test_no_key_is_in_what_is_kept_or_in_what_an_sdk_is_given(tmp_path):
    class Echoes(Gateway):
        def served(self, asked, document):
            return super().served(asked, {**document, "echo": asked.headers}).having(X_Echo=self.key(asked))

        def error(self, asked, status, why):
            return super().error(asked, status, f"{why}: {self.key(asked)}")

    outcome = verify("generations", tmp_path, Echoes())
    assert outcome.broken() == set()
    assert {one.headers["authorization"] for one in outcome.gateway.asked if one.sdk} >= {f"Bearer {key}" for key in (OWN_KEY, POOR_KEY, RUSHED_KEY)}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"results.json", EVENTS_FILE} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        assert not any(key.encode() in content for key in (OWN_KEY, POOR_KEY, RUSHED_KEY)), path
