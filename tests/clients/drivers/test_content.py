"""What the SDKs of generateContent send, and what their users find in what comes back."""

from __future__ import annotations

import pytest
from tests.clients.drivers.driving import CONTENT, CONTENTS, Drive, job
from tests.clients.drivers.server import PLAIN, SAFE, Server

SAID = {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "1:1", "imageSize": "1K"}}


@pytest.mark.sdks
def test_python_sends_bytes_in_its_own_base64(server: Server, drive: Drive) -> None:
    body = {**CONTENTS, "odd": True, "generationConfig": {**SAID, "unheard": 1}}
    reply = drive.one(job("google-genai-python", server.base("content", ""), headers={"x-more": "1"}, body=body))
    assert (reply["images"], reply["text"], reply["nothing"]) == ([{"base64": PLAIN, "media_type": "image/png"}], "Here", None)
    (sent,) = server.sent
    assert sent.path == "/content/v1/models/some/model:generateContent"
    assert sent.json["contents"] == [{"role": "user", "parts": [{"text": "a cube"}, {"inlineData": {"mime_type": "image/png", "data": SAFE}}]}]
    assert (sent.json["generationConfig"], sent.json["odd"]) == ({**SAID, "unheard": 1}, True)
    assert (sent.headers["x-goog-api-key"], sent.headers["x-more"], sent.headers["x-server-timeout"]) == ("stand-in", "1", "30")
    assert "-" in SAFE or "_" in SAFE
    assert "authorization" not in sent.headers


@pytest.mark.node
def test_node_sends_the_body_as_its_user_writes_it(server: Server, drive: Drive) -> None:
    reply = drive.one(job("google-genai-node", server.base("content", ""), headers={"x-more": "1"}, body={**CONTENTS, "odd": True}))
    assert (reply["images"], reply["text"], reply["nothing"]) == ([{"base64": PLAIN, "media_type": "image/png"}], "Here", None)
    (sent,) = server.sent
    assert sent.path == "/content/v1beta/models/some/model:generateContent"
    assert sent.json == {**CONTENTS, "odd": True}
    assert (sent.headers["x-goog-api-key"], sent.headers["x-more"], sent.headers["x-server-timeout"]) == ("stand-in", "1", "30")
    assert "authorization" not in sent.headers


@pytest.mark.parametrize("sdk", CONTENT)
def test_the_version_that_is_named_is_asked_for(sdk: str, server: Server, drive: Drive) -> None:
    drive.one(job(sdk, server.base("content", ""), api_version="v1alpha", body={"contents": "a cube"}))
    (sent,) = server.sent
    assert (sent.path, sent.json["contents"][0]["parts"]) == ("/content/v1alpha/models/some/model:generateContent", [{"text": "a cube"}])


@pytest.mark.parametrize("sdk", CONTENT)
def test_what_is_handed_over(sdk: str, server: Server, drive: Drive) -> None:
    names = ("safe", "thoughts", "only-thoughts", "words", "no-parts", "no-content", "no-candidates", "blocked", "operation")
    replies = drive(*(job(sdk, server.base(name, ""), name) for name in names))
    assert all(reply["returned"] and reply["raised"] is None and reply["problem"] is None for reply in replies.values())
    python = sdk == "google-genai-python"
    absent, finish, block = ("None", "finish_reason", "block_reason") if python else ("undefined", "finishReason", "blockReason")
    assert {name: reply["nothing"] for name, reply in replies.items()} == {
        "safe": None,
        "thoughts": None,
        "only-thoughts": f"all parts are thoughts, {finish} is STOP",
        "words": f"{'inline_data is None in all parts' if python else 'no part carries data'}, {finish} is STOP",
        "no-parts": f"candidates[0].content.parts is {absent}, {finish} is SAFETY",
        "no-content": f"candidates[0].content is {absent}, {finish} is SAFETY",
        "no-candidates": "candidates is empty",
        "blocked": f"candidates is {absent}, {block} is SAFETY",
        "operation": f"candidates is {absent}",
    }
    picture = [{"base64": PLAIN, "media_type": "image/png"}]
    assert {name: reply["images"] for name, reply in replies.items() if reply["images"]} == {"safe": picture, "thoughts": picture}
    assert replies["words"]["text"] == "No picture"
    assert replies["thoughts"]["text"] == ""


@pytest.mark.parametrize("sdk", CONTENT)
def test_an_operation_with_202(sdk: str, server: Server, drive: Drive) -> None:
    reply = drive.one(job(sdk, server.base("accepted", "")))
    raised = reply["raised"] and (reply["raised"]["class"], reply["raised"]["status"])
    assert (reply["returned"], raised) == ((False, ("APIError", 202)) if sdk == "google-genai-python" else (True, None))
