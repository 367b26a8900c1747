"""A gateway that does right passes every relay check, in three formats, and nothing secret stays in a report."""

from __future__ import annotations

import pytest
from tests.relay.client_side import Native
from tests.relay.gateway import Relay
from tests.relay.running import KEY, verify

from proofsheet.upstream import upstream_key

#: What each of them can show; the rest of the requirements is about what its clients cannot ask for.
UNPROVEN = {
    "native": set(),
    "images": set(),
    "tasks": {"relay.references", "relay.retry_after"},
}


@pytest.mark.parametrize("kind", UNPROVEN)
def test_a_correct_gateway_passes(kind, tmp_path):
    outcome = verify(kind, tmp_path)
    assert outcome.broken() == set()
    assert outcome.code == 0
    ours = {one.id: one.verdict for one in outcome.results.requirements if one.id.startswith("relay.")}
    assert {name for name, verdict in ours.items() if verdict == "unproven"} == UNPROVEN[kind]
    assert set(ours.values()) <= {"passed", "unproven", "observed"}
    assert {one.message for one in outcome.findings if one.check == "relay.attempts" and one.verdict == "info"} == {"the model was asked 1 time(s)"}
    assert outcome.results.run["provenance"] == "simulated"


def test_neither_key_stands_in_a_report(tmp_path):
    class Talks(Relay):
        def say(self, status, document, headers):
            return super().say(status, document, {**headers, "X-Key": self.key, "X-Client": self.keys[0]})

    outcome = verify("native", tmp_path, Talks, only=["**/relay/base"])
    assert ("relay.secret", "base") in outcome.broken()
    files = [path for path in outcome.directory.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert KEY.encode() not in content, path
        assert b"ps-upstream-" not in content, path


def test_a_gateway_that_never_asks_the_upstream_proves_nothing(tmp_path):
    class Elsewhere(Relay):
        def one(self, order):
            import io

            from PIL import Image

            buffer = io.BytesIO()
            Image.new("L", (64, 64)).save(buffer, "PNG")
            return [("image/png", buffer.getvalue())]

    outcome = verify("native", tmp_path, Elsewhere, only=["**/relay/base", "**/relay/faults/internal"])
    assert outcome.broken() == set()
    assert outcome.checks("pass") == set()
    assert any("is the gateway configured" in one.message for one in outcome.findings if one.verdict == "not_testable")


def test_a_wrong_upstream_key_is_a_good_request_that_is_not_served(tmp_path):
    outcome = verify("native", tmp_path, only=["**/relay/base", "**/relay/prompt/unicode"], upstream_key="some other key")
    assert outcome.broken() == {("relay.served", "base")}
    assert outcome.code == 1


def test_a_key_that_is_meant_to_travel_may(tmp_path):
    class PassesThrough(Relay):
        def credentials(self, order):
            return {"x-goog-api-key": KEY}

    only = ["**/relay/base", "**/relay/refused/no-key"]
    assert verify("native", tmp_path, PassesThrough, only=only, key_mode="passthrough").broken() == set()
    assert ("relay.served", "base") in verify("native", tmp_path, PassesThrough, only=only).broken()


def test_each_gateway_gets_a_key_of_its_own_port():
    assert upstream_key(9400) == upstream_key(9400) != upstream_key(9401)
    assert Native.path.startswith("/v1beta")
