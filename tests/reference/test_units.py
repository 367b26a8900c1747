"""The parts of the reference gateway that need no server."""

from __future__ import annotations

import asyncio
import base64
import io
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from proofsheet.contract.errors import ContractError
from proofsheet.contract.loading import load_contract
from proofsheet.contract.pictures import sample_picture
from proofsheet.reference.accounts import amount_text
from proofsheet.reference.incoming import coerced, form_instance
from proofsheet.reference.orders import place_order
from proofsheet.reference.pictures import Look, Studio, encode
from proofsheet.reference.references import decoded, fitted, kind_of
from proofsheet.reference.tasks import current_step
from proofsheet.reference.templates import TemplateError, render, used_names
from proofsheet.reference.wording import read_wording

INVENTED = Path(__file__).parent / "specs"


class Part:
    def step(self, name: str) -> str:
        return name.upper()


NAMES = {"n": 3, "text": "a", "none": None, "late": lambda: 7, "deep": {"a": {"b": [1]}}, "images": [Part(), Part()], "list": ["TEXT"]}


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("${n}", 3),
        ("${n} of ${text}", "3 of a"),
        ("${late}", 7),
        ("${deep.a.b}", [1]),
        ("${deep.x.b}", None),
        ("${none.more}", None),
        ("plain", "plain"),
        ({"a": ["${n}", 1, True]}, {"a": [3, 1, True]}),
        ({"$each": "images", "as": {"u": "${image.url}"}}, [{"u": "URL"}, {"u": "URL"}]),
        (["x", {"$each": "images", "as": "${image.url}"}], ["x", "URL", "URL"]),
        ({"k": {"$when": "list", "has": "TEXT", "as": 1}}, {"k": 1}),
        ({"k": {"$when": "list", "has": "OTHER", "as": 1}}, {}),
        ([{"$when": "none", "as": 1}, {"$when": "text", "as": "${text}"}, {"$when": "n", "has": 3, "as": "three"}], ["a", "three"]),
    ],
)
def test_templates(template: object, rendered: object) -> None:
    assert render(template, NAMES) == rendered


def test_an_unknown_placeholder_is_named() -> None:
    with pytest.raises(TemplateError, match="nothing"):
        render("${nothing.here}", NAMES)
    assert used_names({"a": ["${x.y} ${z}"], "b": {"$when": "w.v", "as": "${x}"}}) == {"x", "z", "w"}


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (192, 1536), (12288, 1536)])
def test_pictures_have_their_pixels(width: int, height: int, format: str) -> None:
    image = Image.open(io.BytesIO(encode(Look(width, height, format))))
    image.load()
    assert (image.size, str(image.format).lower()) == ((width, height), format)


def test_pictures_are_made_once_and_differ_by_number() -> None:
    async def both() -> tuple[list[bytes], bytes]:
        studio = Studio()
        same = await asyncio.gather(*(studio.picture(Look(64, 64, "png")) for _ in range(5)))
        return list(same), await studio.picture(Look(64, 64, "png", 1))

    same, other = asyncio.run(both())
    assert len({id(content) for content in same}) == 1
    assert other != same[0]


@pytest.mark.parametrize(("amount", "text"), [("4/3", "4/3"), ("10", "10"), ("0.045", "0.045"), ("0", "0"), ("-1/2", "-0.5"), ("1000000000", "1" + 9 * "0")])
def test_amounts(amount: str, text: str) -> None:
    assert amount_text(Fraction(amount)) == text


@pytest.mark.parametrize(
    ("value", "schema", "result"),
    [
        ("1", {"type": "integer"}, 1),
        ("1.5", {"type": "number"}, 1.5),
        ("one", {"type": "integer"}, "one"),
        ("NaN", {"type": "number"}, "NaN"),
        ("true", {"type": "boolean"}, True),
        ("yes", {"type": "boolean"}, "yes"),
        ("1", {"type": "string"}, "1"),
        ("1", {"type": ["string", "integer"]}, "1"),
        ("1", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1),
        (["1", "2"], {"type": "array", "items": {"type": "integer"}}, [1, 2]),
        ("true", {"const": True}, True),
    ],
)
def test_texts_take_the_type_of_their_schema(value: object, schema: dict[str, object], result: object) -> None:
    assert coerced(value, schema) == result
    assert type(coerced(value, schema)) is type(result)


def test_a_form_as_an_object() -> None:
    from proofsheet.contract.requests import Request, Upload

    picture = Upload("a.png", "image/png", b"x")
    request = Request("POST", "/", form={"n": "2"}, files=(("image", picture), ("image", picture), ("mask", picture)))
    schema = {"properties": {"n": {"type": "integer"}}}
    assert form_instance(request, schema) == {"n": 2, "image": ["a.png", "a.png"], "mask": "a.png"}


@pytest.mark.parametrize(
    ("form", "value", "match"),
    [
        ("${url}", "https://a.example/x.png", {"url": "https://a.example/x.png"}),
        ("${url}", "data:image/png;base64,AA", None),
        ("${data_uri}", "data:image/png;base64,AA", {"data_uri": "data:image/png;base64,AA"}),
        ({"image": {"data": "${base64}", "type": "${media_type}"}}, {"image": {"data": "AA", "type": "a/b", "more": 1}}, {"base64": "AA", "media_type": "a/b"}),
        ({"image": "${url}"}, {"text": "no image"}, None),
        ({"image": "${url}"}, "https://a.example/x.png", None),
        ({"kind": "picture", "href": "${url}"}, {"kind": "sound", "href": "http://a.example/"}, None),
    ],
)
def test_forms_of_references(form: object, value: object, match: object) -> None:
    assert fitted(form, value) == match


def test_base64_in_both_alphabets() -> None:
    content = sample_picture("png").content
    for text in (base64.b64encode(content), base64.urlsafe_b64encode(content), base64.b64encode(content).rstrip(b"="), base64.encodebytes(content)):
        assert decoded(text.decode()) == content
    assert kind_of(content) == "png"
    with pytest.raises(ValueError, match="no picture"):
        kind_of(content[:40])


def test_steps_by_looks_and_seconds() -> None:
    contract = load_contract("atelier", INVENTED, matrix=False)
    wording = read_wording(contract).lifecycles["job"]
    seen = [step.progress if (step := current_step(wording, look, 0.0)) else None for look in range(1, 6)]
    assert seen == [0, 60, 60, None, None]


def test_a_wrong_count_still_gives_an_order() -> None:
    contract = load_contract("threedaistudio", matrix=False)
    operation = contract.operation("generate")
    for count, made in ((10**9, 16), ("many", 1), (-3, 1), (float("inf"), 1)):
        assert place_order(contract, operation, operation.base.put(operation.roles["count"].at, count), {}).count == made


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("${origin}/jobs", "${orgin}/jobs", "orgin"),
        ("  job:", "  jobs:", "job"),
        ("  - on: [instant]\n", "  - on: [other]\n", "instant"),
        ("errors:", "mistakes:", "mistakes|errors"),
    ],
)
def test_a_wrong_reference_file_is_said(tmp_path: Path, old: str, new: str, says: str) -> None:
    import shutil

    shutil.copytree(INVENTED / "atelier", tmp_path / "atelier")
    file = tmp_path / "atelier" / "reference.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError, match=says):
        read_wording(load_contract("atelier", tmp_path, matrix=False))
