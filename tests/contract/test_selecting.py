"""Paths that are followed without the library select what the library selects."""

import jsonpath
import pytest

from proofsheet.contract.locations import _plain_steps, select

DOCUMENT = {
    "data": [{"url": "a", "more": [{"url": "b"}]}, {"url": None}, {"b64": "c"}, ["d"], "text", 7],
    "images": ["e", "f"], "usage": {"tokens": 0, "nested": {"0": "g", "deep": []}}, "none": None, "0": "h", "x_y1": {"z": False},
}  # fmt: skip
PATHS = (
    "$", "$.data", "$.data[*]", "$.data[*].url", "$.data[0].url", "$.data[9]", "$.data[*].more[*].url", "$.images[*]", "$.images[1]", "$.usage.tokens", "$.usage[*]", "$.usage[0]",
    "$.none", "$.none.more", "$.images.more", "$.missing[*]", "$[*]", "$[0]", "$.x_y1.z", "$.data[3][0]", "$.data[4][0]", "$.usage.nested.deep[*]",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("document", [DOCUMENT, [DOCUMENT, ["i"]], {}, []])
def test_as_the_library_does(path, document):
    assert _plain_steps(path) is not None
    assert select(path, document) == list(jsonpath.compile(path).findall(document))


@pytest.mark.parametrize("path", ["$..url", "$.data[?@.url]", "$.data[-1]", "$['data']", "$.data[0:2]", "$.data[0,1]", "$.*", "$.é", "$.data[*].url | $.images"])
def test_what_is_more_is_left_to_it(path):
    assert _plain_steps(path) is None
    assert select(path, DOCUMENT) == list(jsonpath.compile(path).findall(DOCUMENT))
