"""What the SDKs of OpenAI's shape send, and what their users find in what comes back."""

from __future__ import annotations

import pytest
from tests.clients.drivers.driving import BODY, FILES, IMAGES, Drive, job
from tests.clients.drivers.server import PICTURE, PLAIN, Server

OPENAI = IMAGES[:2]


@pytest.mark.parametrize("sdk", OPENAI)
def test_generate_sends_what_the_document_prints(sdk: str, server: Server, drive: Drive) -> None:
    reply = drive.one(job(sdk, server.base("base64"), headers={"x-more": "1"}))
    assert (reply["returned"], reply["nothing"], reply["raised"], reply["problem"]) == (True, None, None, None)
    assert reply["images"] == [{"base64": PLAIN, "media_type": None}]
    assert reply["version"][0].isdigit()
    (sent,) = server.sent
    assert sent.path == "/base64/v1/images/generations"
    assert sent.json == {**BODY, "model": "some/model"}
    assert (sent.headers["authorization"], sent.headers["x-more"]) == ("Bearer stand-in", "1")


@pytest.mark.node
def test_ai_sends_what_it_has_a_name_for(server: Server, drive: Drive) -> None:
    asked = {"aspect_ratio": "1:1", "size": "1:1", "n": 2, "seed": 3}
    reply = drive.one(job("ai-node", server.base("base64"), headers={"x-more": "1"}, body={**BODY, **asked}))
    assert reply["images"] == [{"base64": PLAIN, "media_type": "image/png"}] * 2
    assert [sent.json for sent in server.sent] == [{"model": "some/model", "prompt": "a cube", "n": 1, "size": "1:1", "output_format": "png", "response_format": "b64_json"}] * 2
    assert {sent.headers["x-more"] for sent in server.sent} == {"1"}


@pytest.mark.node
def test_ai_has_lists_of_its_own_and_leaves_one_model_its_format(server: Server, drive: Drive) -> None:
    refused = job("ai-node", server.base("base64"), "refused", body={**BODY, "output_format": "bmp"})
    known = job("ai-node", server.base("base64"), "known", model="gpt-image-1", body={**BODY, "n": 2})
    replies = drive(refused, known)
    assert (replies["refused"]["raised"]["class"], replies["refused"]["raised"]["status"]) == ("InvalidArgumentError", None)
    assert [(sent.json["n"], "response_format" in sent.json) for sent in server.sent] == [(2, False)]
    assert replies["known"]["returned"]


@pytest.mark.parametrize("sdk", IMAGES)
def test_edit_uploads_one_file_or_several(sdk: str, server: Server, drive: Drive) -> None:
    one = job(sdk, server.base("base64"), "one", call="images.edit", files=FILES[:1])
    three = job(sdk, server.base("base64"), "three", call="images.edit", files=[{**each, "field": "image[]"} for each in FILES])
    masked = job(sdk, server.base("base64"), "masked", call="images.edit", files=[FILES[0], {**FILES[1], "field": "mask"}])
    replies = drive(one, three, masked)
    assert [replies[id]["images"][0]["base64"] for id in ("one", "three", "masked")] == [PLAIN] * 3
    names = ("blob", "blob", "blob") if sdk == "ai-node" else ("a.png", "b.png", "c.png")
    uploads = {tuple(part for part in sent.form if part[1] is not None) for sent in server.sent}
    assert uploads == {
        (("image", names[0], "image/png", PICTURE),),
        tuple(("image[]", name, "image/png", PICTURE) for name in names),
        (("image", names[0], "image/png", PICTURE), ("mask", names[1], "image/png", PICTURE)),
    }
    fields = {name: content.decode() for name, file, _, content in server.sent[0].form if file is None}
    unknown = {} if sdk == "ai-node" else {"resolution": "2K"}  # its schema drops what it does not name
    assert fields == {"prompt": "a cube", "size": "16:9", "n": "1", "output_format": "png", "model": "some/model", **unknown}
    assert {sent.path for sent in server.sent} == {"/base64/v1/images/edits"}


@pytest.mark.parametrize("sdk", IMAGES)
def test_an_edit_without_files_is_no_job_for_it(sdk: str, server: Server, drive: Drive) -> None:
    reply = drive.one(job(sdk, server.base("base64"), call="images.edit", body={**BODY, "image": "https://pictures.test/1.png"}))
    assert "uploads files and the job has none" in reply["problem"]
    assert (server.sent, reply["raised"], reply["returned"]) == ([], None, False)


@pytest.mark.parametrize("sdk", OPENAI)
def test_what_is_handed_over(sdk: str, server: Server, drive: Drive) -> None:
    replies = drive(*(job(sdk, server.base(name), name) for name in ("url", "half", "task", "no-data", "empty", "operation", "html")))
    assert all(reply["returned"] and reply["raised"] is None for reply in replies.values())
    absent, missing, text = ("None", "are None", "a str") if sdk == "openai-python" else ("undefined", "are missing", "a string")
    assert {name: (len(reply["images"]), reply["nothing"]) for name, reply in replies.items()} == {
        "url": (1, None),
        "half": (1, f"b64_json and url {missing} in data[1]"),
        "task": (0, f"b64_json and url {missing} in data[0]"),
        "no-data": (0, f"data is {absent}"),
        "operation": (0, f"data is {absent}"),
        "empty": (0, "data is empty"),
        "html": (0, f"the call handed over {text} and no answer with data"),
    }
    assert replies["url"]["images"] == [{"url": "https://pictures.test/1.png"}]
    assert replies["html"]["text"] == "<html>hello</html>"


@pytest.mark.node
def test_ai_raises_where_pictures_are_not_inline(server: Server, drive: Drive) -> None:
    replies = drive(*(job("ai-node", server.base(name), name) for name in ("url", "half", "task", "no-data", "html", "broken", "empty")))
    raised = {name: (reply["raised"]["class"], reply["raised"]["status"]) for name, reply in replies.items()}
    assert raised == {**dict.fromkeys(("url", "half", "task", "no-data", "html", "broken"), ("APICallError", 200)), "empty": ("NoImageGeneratedError", None)}
    assert not any(reply["returned"] for reply in replies.values())
