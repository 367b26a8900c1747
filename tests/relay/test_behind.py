"""What the reference gateway asks of the model behind it, and what becomes of what the model says."""

from __future__ import annotations

import asyncio
import base64
import http.client
import io
import json
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import httpx2
import pytest
from PIL import Image

from proofsheet.contract import ContractError, load_contract
from proofsheet.contract.files import specs_root
from proofsheet.contract.pictures import sample_picture
from proofsheet.contract.relay import Relay, shape_names
from proofsheet.reference import start_reference
from proofsheet.reference.behind import Model
from proofsheet.reference.formats import read_formats
from proofsheet.reference.orders import place_order
from proofsheet.reference.refusals import UnmadeError
from proofsheet.reference.said import Said, asks_to_wait
from proofsheet.reference.wants import Wants, wants_of
from proofsheet.upstream import RunningUpstream

NATIVE, IMAGES = read_formats(Relay(), None)
PIXEL = sample_picture("png")


@pytest.fixture(scope="module")
def upstream():
    running = RunningUpstream(0)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def gateway(upstream):
    with start_reference(["maxapi", "threedaistudio", "xairouter"], upstream=upstream.port) as process:
        yield process


class Client:
    """One provider of the gateway, asked by hand."""

    def __init__(self, gateway, provider):
        served = gateway.providers[provider]
        self.url, self.key = f"http://127.0.0.1:{served.port}", served.target["credentials"]["default"]
        self.headers = {"Authorization": f"Bearer {self.key}"}

    def post(self, path, json):
        return httpx2.post(self.url + path, json=json, headers=self.headers, timeout=20)

    def get(self, path):
        return httpx2.get(self.url + path, headers=self.headers)

    def balance(self):
        return self.get("/_reference/balance").json()["balance"]

    def images(self, **fields):
        return {"model": "google/gemini-3.1-flash-image-preview-beta", "prompt": "a boat", **fields}


def parts(*more, **config):
    return {"contents": [{"parts": [*more]}], **({"generationConfig": config} if config else {})}


def native(gateway, body):
    return Client(gateway, "xairouter").post("/v1beta/models/gemini-3.1-flash-image-preview:generateContent", body)


def seen(upstream, token):
    return upstream.calls(token, 0, 0.0)


def test_each_picture_is_a_call_and_each_call_a_picture(gateway, upstream):
    client = Client(gateway, "maxapi")
    answer = client.post("/v1/images/generations", client.images(prompt="a boat [ps-100000000001]", n=2, aspect_ratio="16:9", resolution="2K"))
    calls = seen(upstream, "100000000001")
    assert answer.status_code == 200
    assert [call.asked for call in calls] == [{"ratio": "16:9", "size": "2K"}] * 2
    assert {call.key for call in calls} == {"upstream"}
    sizes = [Image.open(io.BytesIO(client.get(one["url"].removeprefix(client.url)).content)).size for one in answer.json()["data"]]
    assert sizes == [(2752, 1536)] * 2


def test_who_hangs_up_is_not_asked_for_again(gateway, upstream):
    client = Client(gateway, "maxapi")
    connection = http.client.HTTPConnection(client.url.removeprefix("http://"))
    body = json.dumps(client.images(prompt="a boat [ps-100000000002.slow]", n=2))
    connection.request("POST", "/v1/images/generations", body, {"Content-Type": "application/json", **client.headers})
    while not seen(upstream, "100000000002"):
        time.sleep(0.01)
    connection.close()
    while seen(upstream, "100000000002")[0].ended is None:
        time.sleep(0.01)
    time.sleep(0.5)
    assert len(seen(upstream, "100000000002")) == 1


def test_a_refused_request_never_reaches_the_model(gateway, upstream):
    client, before = Client(gateway, "maxapi"), upstream.position()
    assert client.post("/v1/images/generations", client.images(aspect_ratio="7:3")).status_code == 400
    assert client.post("/v1/images/generations", client.images(aspect_ratio="3:4", size="1024x1024")).status_code == 400
    assert native(gateway, parts({"text": "a boat"}, {"fileData": {"fileUri": "https://example.com/a.png"}}, imageConfig={"imageSize": "1K"})).status_code == 400
    client.headers = {"X-Simulate": "upstream_error", **client.headers}
    assert client.post("/v1/images/generations", client.images()).status_code >= 500
    assert upstream.position() == before


def test_what_the_first_format_has_no_place_for_is_asked_in_the_next(gateway, upstream):
    client = Client(gateway, "maxapi")
    assert client.post("/v1/images/generations", client.images(prompt="a boat [ps-100000000003]", size="640x480")).status_code == 200
    [call] = seen(upstream, "100000000003")
    assert (call.shape, call.asked) == ("openai-images", {"dimensions": "640x480", "count": 1})


def test_other_spellings_and_several_texts_are_carried(gateway, upstream):
    other = {"inline_data": {"mime_type": "image/png", "data": PIXEL.base64}}
    body = parts(other, {"text": "a boat"}, {"text": " [ps-100000000004]"}, other)
    body["generation_config"] = {"image_config": {"aspect_ratio": "4:5", "image_size": "512"}}
    body["tools"] = [{"google_search": {}}]
    assert native(gateway, body).status_code == 200
    [call] = seen(upstream, "100000000004")
    assert (call.prompt, len(call.references), call.asked) == ("a boat [ps-100000000004]", 2, {"ratio": "4:5", "size": "512", "search": True})


def test_a_model_has_its_own_table(gateway, upstream):
    client = Client(gateway, "maxapi")
    client.post("/v1/images/generations", client.images(model="google/gemini-2.5-flash-image", prompt="[ps-100000000005]", aspect_ratio="2:3", resolution="4K"))
    [call] = seen(upstream, "100000000005")
    assert [(one.width, one.height) for one in call.drawn] == [(832, 1248)]
    assert call.asked == {"ratio": "2:3"}


@pytest.mark.parametrize(("fault", "statuses"), [("rate-limited", {429}), ("overloaded", {500, 502, 503}), ("image-safety", {400}), ("talkative", {500, 502})])
def test_what_is_not_made_is_not_paid_for(gateway, upstream, fault, statuses):
    client = Client(gateway, "maxapi")
    before = client.balance()
    answer = client.post("/v1/images/generations", client.images(prompt=f"a boat [ps-10000000000a.{fault}]", route_mode="mix"))
    assert answer.status_code in statuses
    assert client.balance() == before
    assert answer.headers.get("Retry-After") == ("3" if fault == "rate-limited" else None)
    for secret in (upstream.key, str(upstream.port), "internal error has occurred", "filtered out"):
        assert secret not in answer.text + str(answer.headers)


def test_a_task_goes_on_until_the_model_is_done_and_fails_with_a_reason(gateway, upstream):
    client = Client(gateway, "threedaistudio")
    before, words, ends = client.balance(), {}, {}
    for fault in ("slow", "image-safety"):
        started = client.post("/v1/images/gemini/3.1/flash/generate/", {"prompt": f"a boat [ps-10000000000b.{fault}]"}).json()
        while (look := client.get(f"/v1/generation-request/{started['task_id']}/status/").json())["status"] not in ("FINISHED", "FAILED"):
            words.setdefault(fault, []).append(look["status"])
            time.sleep(0.1)
        ends[fault] = look
    assert words["slow"].count("IN_PROGRESS") > 3
    assert (ends["slow"]["status"], len(ends["slow"]["results"])) == ("FINISHED", 1)
    assert (ends["image-safety"]["status"], ends["image-safety"]["results"]) == ("FAILED", [])
    assert ends["image-safety"]["failure_reason"] == "the model refuses to make this picture"
    assert float(before) - float(client.balance()) == 15


def test_a_thumbnail_is_a_small_copy_of_the_models_picture(gateway):
    client = Client(gateway, "threedaistudio")
    started = client.post("/v1/images/gemini/3.1/flash/generate/", {"prompt": "a boat", "output_format": "webp"}).json()
    while not (look := client.get(f"/v1/generation-request/{started['task_id']}/status/").json())["results"]:
        time.sleep(0.05)
    whole, small = (Image.open(io.BytesIO(client.get(look["results"][0][name].removeprefix(client.url)).content)) for name in ("asset_url", "thumbnail"))
    assert (whole.format, whole.size, small.size) == ("WEBP", (1024, 1024), (128, 128))
    corner, middle = (0, 0, 16, 16), (24, 24, 104, 104)
    assert small.convert("L").crop(corner).getextrema()[1] < 64
    assert small.convert("L").crop(middle).getextrema()[1] > 192


# -- a model that says other things than ours does


def said_by(handler, formats=(NATIVE,), count=1, **given):
    """The pictures that come of one request to a model that answers so."""
    contract = load_contract("xairouter")
    [operation] = contract.operations
    order = replace(place_order(contract, operation, operation.base, {"format": "png"}), count=count)
    flow = SimpleNamespace(order=order, operation=operation, incoming=SimpleNamespace(gone=None))
    made = lambda order, look, content, foreign: (look.format, look.width, content)  # noqa: E731
    model = Model(formats, 1)

    async def run():
        model._client = httpx2.AsyncClient(transport=httpx2.MockTransport(handler), timeout=1)
        async with model._client:
            return await model._images(SimpleNamespace(stats={"images": 0}, made=made), flow, Wants({}, ("a boat",), **given))

    return asyncio.run(run())


def candidates(*texts):
    return httpx2.Response(200, json={"candidates": [{"content": {"parts": [{"inlineData": {"data": text}} for text in texts]}}]})


def test_base64_in_any_spelling_is_a_picture():
    assert said_by(lambda request: candidates(base64.urlsafe_b64encode(PIXEL.content).decode().rstrip("="))) == [("png", 64, PIXEL.content)]


@pytest.mark.parametrize(
    ("answer", "provoke"),
    [
        (candidates("no base64!"), "state:upstream_error"), (candidates(7), "state:upstream_error"), (candidates(), "state:upstream_error"),
        (httpx2.Response(200, json=[]), "state:upstream_error"), (httpx2.Response(302, headers={"Location": "/elsewhere"}), "state:upstream_error"),
        (httpx2.Response(404, json={}), "state:upstream_error"), (httpx2.Response(413), "invalid"), (httpx2.Response(408), "state:sync_timeout"),
        (httpx2.Response(200, content=b"[" * 100_000), "state:upstream_error"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_an_error(answer, provoke):
    asked = []
    with pytest.raises(UnmadeError) as error:
        said_by(lambda request: asked.append(request) or answer)
    assert error.value.refusal.provoke == provoke
    assert len(asked) == 1


def test_one_that_never_answers_is_a_timeout():
    def silent(request):
        raise httpx2.ReadTimeout("nothing came", request=request)

    with pytest.raises(UnmadeError) as error:
        said_by(silent)
    assert error.value.refusal.provoke == "state:sync_timeout"


def test_an_answer_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr("proofsheet.reference.behind._LONGEST_ANSWER", 1000)
    with pytest.raises(UnmadeError, match="too long"):
        said_by(lambda request: httpx2.Response(200, content=b" " * 2000))


def test_several_pictures_are_one_request_where_the_format_has_a_number():
    asked = []

    def answer(request):
        asked.append(json.loads(request.content)["n"])
        return httpx2.Response(200, json={"data": [{"b64_json": PIXEL.base64}] * asked[-1]})

    assert len(said_by(answer, (replace(IMAGES, most=3),), count=5)) == 5
    assert asked == [3, 2]


def test_reference_images_go_as_files_where_the_format_wants_them():
    asked = []
    contents = (PIXEL.content, sample_picture("webp", 1).content)
    said_by(lambda request: asked.append(request) or httpx2.Response(200, json={"data": [{"b64_json": PIXEL.base64}]}), (IMAGES,), references=contents)
    body = asked[0].read()
    assert asked[0].url.path == "/v1/images/edits"
    assert body.index(contents[0]) < body.index(contents[1])
    assert b'name="image[]"; filename="1.webp"' in body


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", "7"), ("2.5", "3"), ("Thu, 01 Jan 1970 00:00:00 GMT", "0"), ("soon", None), ("-3", None), ("9" * 40, None), (None, None)],
)
def test_the_time_to_wait_is_told_in_whole_seconds(header, wait):
    assert asks_to_wait(Said(429, {} if header is None else {"retry-after": header}, b""), NATIVE.wait) == wait


def test_a_format_that_says_too_little_carries_nothing_else():
    contract = load_contract("apimaster")
    operation = contract.operations[0]
    request = operation.base.put(operation.roles["search"].at, True)
    wants = wants_of(contract, operation, request, place_order(contract, operation, request, {}), ())
    assert wants.request((IMAGES, NATIVE))[0] is NATIVE
    with pytest.raises(UnmadeError, match="search: this cannot be asked of the model"):
        wants.request((IMAGES,))


# -- the data


def test_every_format_says_how_it_is_asked():
    assert [one.name for one in read_formats(Relay(), None)] == shape_names(specs_root()) == ["native", "openai-images"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("client:", "x-client:", "x-client"), ('"${ratio}"', '"${shape}"', "'shape' stands for nothing"), ("$.candidates[*].finish", "$.candidates[", "no JSONPath")],
)
def test_a_mistake_in_it_is_told_in_one_line(tmp_path, old, new, said):
    (tmp_path / "relay").mkdir()
    (tmp_path / "upstreams").mkdir()
    text = (specs_root() / "upstreams" / "native.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "upstreams" / "native.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError) as error:
        read_formats(Relay(), tmp_path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_without_a_model_nothing_of_it_is_loaded():
    code = "import sys\nfrom proofsheet.reference.server import load_gateway\nload_gateway('xairouter', None)\n"
    code += "print([name for name in sys.modules if name.endswith(('.behind', '.formats', '.wants', 'httpx2'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
