"""The small pictures that requests carry."""

from __future__ import annotations

import base64
import hashlib
import io

import pytest
from PIL import Image

from proofsheet.contract.pictures import sample_picture


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_sample_is_a_whole_picture_of_its_kind(kind: str) -> None:
    picture = sample_picture(kind)
    assert picture.media_type == f"image/{kind}"
    with Image.open(io.BytesIO(picture.content)) as image:
        image.load()
        assert (image.format, image.size, image.mode) == (kind.upper(), (64, 64), "RGB")
    assert base64.b64decode(picture.base64) == picture.content
    assert picture.data_uri == f"data:image/{kind};base64,{picture.base64}"


@pytest.mark.parametrize(
    ("number", "ground", "pixels"),
    [
        (0, (40, 90, 160), "10db5bd9a5b1878c84fc5d2120b90847acf0e5cb9588050e3d7c1bc515208e36"),
        (3, (79, 90, 160), "1d4c67b0349e53c36320dc9c671ab0a3182939834fb9ef8f365ea5ae4280dd45"),
        (17, (61, 90, 160), "0725d8052ee6dc8069b279172b1493f925ed8333c6a0600e5361dadabccd511a"),
    ],
)
def test_pixels_stay_as_they_are(number: int, ground: tuple[int, int, int], pixels: str) -> None:
    """Recordings hold requests with these pictures in them."""
    with Image.open(io.BytesIO(sample_picture("png", number).content)) as image:
        assert image.getpixel((0, 0)) == ground
        assert hashlib.sha256(image.convert("RGB").tobytes()).hexdigest() == pixels


def test_each_number_looks_different_and_the_same_again() -> None:
    contents = [sample_picture("png", number).content for number in range(20)]
    assert len(set(contents)) == 20
    sample_picture.cache_clear()
    assert [sample_picture("png", number).content for number in range(20)] == contents
    assert sample_picture("png").content == contents[0]
