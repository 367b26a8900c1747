"""The model behind a gateway: it answers in each format, fails as it is told, and remembers what it saw."""

from __future__ import annotations

import base64
import http.client
import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from proofsheet.contract.files import specs_root
from proofsheet.contract.pictures import sample_picture
from proofsheet.exchange.inspection import inspect
from proofsheet.upstream import RunningUpstream, UpstreamNotStarted
from proofsheet.upstream.shapes import read_shapes

TOKEN = "0123456789ab"
SHAPES = read_shapes(specs_root())
WORDED = [(shape.name, fault) for shape in SHAPES for fault in shape.faults]


@pytest.fixture(scope="module")
def upstream():
    running = RunningUpstream(0)
    running.watch_for({"CLIENT": "a client's own key"}, passthrough=False)
    yield running
    running.stop()


def ask(upstream, path, body, headers=None, kind="application/json"):
    connection = http.client.HTTPConnection("127.0.0.1", upstream.port, timeout=10)
    try:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("POST", path, content, {"Content-Type": kind, "Authorization": f"Bearer {upstream.key}", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def native(upstream, prompt, headers=None, parts=(), **config):
    body = {"contents": [{"parts": [{"text": prompt}, *parts]}], "generationConfig": config}
    return ask(upstream, "/v1beta/models/some-model:generateContent", body, headers)


def images(upstream, prompt, headers=None, **fields):
    return ask(upstream, "/v1/images/generations", {"prompt": prompt, **fields}, headers)


def pictures(answer):
    said = json.loads(answer)
    found = [one["b64_json"] for one in said.get("data", [])] + [
        part["inlineData"]["data"] for one in said.get("candidates", []) for part in one["content"]["parts"] if "inlineData" in part
    ]
    return [inspect(base64.b64decode(one)) for one in found]


def test_a_native_request_is_answered_and_kept(upstream):
    inline = {"inlineData": {"mimeType": "image/png", "data": sample_picture("png").base64}}
    status, headers, answer = native(upstream, "[ps-aaaaaaaaaaaa]", parts=[inline], imageConfig={"aspectRatio": "16:9", "imageSize": "2K"}, seed=4)
    [drawn] = pictures(answer)
    [call] = upstream.calls("aaaaaaaaaaaa", 0, 0.0)
    assert (status, drawn.width, drawn.height, drawn.complete, drawn.simulated) == (200, 2752, 1536, True, True)
    assert call.asked == {"ratio": "16:9", "size": "2K", "seed": 4}
    assert (call.prompt, call.key, call.outcome, call.leaked, len(call.references)) == ("[ps-aaaaaaaaaaaa]", "upstream", "served", (), 1)
    assert [(one.mark, one.width, one.height) for one in call.drawn] == [(drawn.mark, 2752, 1536)]
    while call.ended is None:  # the answer is out a moment before its end is kept
        [call] = upstream.calls("aaaaaaaaaaaa", 0, 0.0)
    assert call.ended >= call.began
    assert headers["Server"] == "proofsheet-reference-upstream"


def test_images_come_several_at_once(upstream):
    status, _, answer = images(upstream, "[ps-bbbbbbbbbbbb]", n=3, size="640x320", output_format="webp")
    found = pictures(answer)
    [call] = upstream.calls("bbbbbbbbbbbb", 0, 0.0)
    assert status == 200
    assert {(one.width, one.height, one.kind) for one in found} == {(640, 320, "webp")}
    assert len({one.mark for one in found}) == 3
    assert [one.mark for one in call.drawn] == [one.mark for one in found]
    assert call.asked == {"dimensions": "640x320", "count": 3, "format": "webp"}


def test_a_form_brings_files(upstream):
    line, content = "a-line-between-parts", sample_picture("jpeg", 3).content
    head = f'--{line}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n[ps-cccccccccccc]\r\n'
    head += f'--{line}\r\nContent-Disposition: form-data; name="image[]"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    status, _, answer = ask(upstream, "/v1/images/edits", head.encode() + content + f"\r\n--{line}--\r\n".encode(), kind=f"multipart/form-data; boundary={line}")
    [call] = upstream.calls("cccccccccccc", 0, 0.0)
    assert status == 200
    assert len(pictures(answer)) == 1
    assert len(call.references) == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"size": "large"}, 400), ({"size": "9000x9000"}, 400), ({"n": 0}, 400), ({"n": "two"}, 400), ({"n": 11}, 400), ({"size": "auto"}, 200),
        ({"output_format": "tiff"}, 400), ({"aspect_ratio": "7:3"}, 400), ({"size": 5}, 400), ({"image": ["bm90IGEgcGljdHVyZQ=="]}, 400),
    ],
)  # fmt: skip
def test_what_no_model_does_is_refused(upstream, sent, status):
    assert images(upstream, "a boat", **sent)[0] == status


def test_who_asks_without_the_key_is_refused(upstream):
    assert native(upstream, "[ps-dddddddddddd]", {"Authorization": "Bearer a client's own key"})[0] == 401
    assert native(upstream, "[ps-dddddddddddd]", {"Authorization": ""})[0] == 401
    assert native(upstream, "[ps-dddddddddddd]", {"X-Note": "for a client's own key"})[0] == 200
    first, second, third = upstream.calls("dddddddddddd", 0, 0.0)
    assert (first.key, first.leaked, first.outcome, first.drawn) == ("client", ("CLIENT",), "refused", ())
    assert (second.key, second.leaked) == ("none", ())
    assert (third.key, third.leaked) == ("upstream", ("CLIENT",))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"prompt": 5}', b"null"])
def test_what_cannot_be_read_is_refused(upstream, body):
    assert ask(upstream, "/v1/images/generations", body)[0] == 400


def test_what_nobody_serves_is_not_there(upstream):
    assert ask(upstream, "/v1/chat/completions", {})[0] == 404


@pytest.mark.parametrize(("shape", "fault"), WORDED, ids=[f"{shape}-{fault}" for shape, fault in WORDED])
def test_each_fault_is_as_its_data_says(upstream, shape, fault):
    [behaviour] = [one.faults[fault] for one in SHAPES if one.name == shape]
    token = f"{WORDED.index((shape, fault)):012x}"
    send = native if shape == "native" else images
    if behaviour.drop or behaviour.cut is not None:
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            send(upstream, f"[ps-{token}.{fault}]")
    else:
        status, headers, answer = send(upstream, f"[ps-{token}.{fault}]")
        assert status == behaviour.status
        assert headers["Content-Type"] == (behaviour.media_type or "application/json")
        assert b"${" not in answer
        if behaviour.delivers:
            assert pictures(answer)[-1].complete
    [call] = upstream.calls(token, 0, 0.0)
    assert call.outcome == fault
    assert bool(call.drawn) == behaviour.delivers


def test_a_fault_can_pass(upstream):
    assert [native(upstream, "[ps-eeeeeeeeeeee.first-fails]")[0] for _ in range(2)] == [503, 200]
    assert [(call.outcome, len(call.drawn)) for call in upstream.calls("eeeeeeeeeeee", 0, 0.0)] == [("first-fails", 0), ("served", 1)]


def test_requests_at_the_same_time_are_told_apart(upstream):
    since = upstream.position()
    tokens = [f"ff{number:010x}" for number in range(24)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda token: native(upstream, f"a boat [ps-{token}]", imageConfig={"imageSize": "512"}), tokens))
    for token, (_, _, answer) in zip(tokens, answers, strict=True):
        [call] = upstream.calls(token, since, 0.0)
        assert [one.mark for one in call.drawn] == [one.mark for one in pictures(answer)]


def test_a_mark_survives_another_encoding(upstream):
    _, _, answer = native(upstream, "a boat", imageConfig={"aspectRatio": "1:8", "imageSize": "512"})
    content = base64.b64decode(json.loads(answer)["candidates"][0]["content"]["parts"][0]["inlineData"]["data"])
    mark = inspect(content).mark
    for kind, quality in (("JPEG", 30), ("WEBP", 10), ("GIF", None)):
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(content)) as image:
            image.convert("L").save(buffer, kind, **({"quality": quality} if quality else {}))
        assert inspect(buffer.getvalue()).mark == mark, kind
    for other in (sample_picture("png"), sample_picture("jpeg"), sample_picture("webp")):
        assert inspect(other.content).mark is None


def test_a_port_that_is_taken_is_told(upstream):
    with pytest.raises(UpstreamNotStarted, match=f"cannot listen on 127.0.0.1:{upstream.port}.*another port"):
        RunningUpstream(upstream.port)


def test_it_says_what_to_configure(upstream):
    for text in (f"http://127.0.0.1:{upstream.port}/v1beta", f"http://127.0.0.1:{upstream.port}/v1", upstream.key):
        assert text in upstream.told
