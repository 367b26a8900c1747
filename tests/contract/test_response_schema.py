"""Which documented schema an answer is held against."""

from typing import Any

import pytest

from proofsheet.contract.model import Endpoint
from proofsheet.contract.openapi import response_schema

JSON, OWN, PICTURE = ({"content": {kind: {"schema": {"title": kind}}}} for kind in ("application/json", "application/vnd.own+json", "image/png"))


@pytest.mark.parametrize(
    ("responses", "status", "title"),
    [
        ({"200": JSON, "default": OWN}, 200, "application/json"),
        ({"200": JSON}, 202, "application/json"),  # any other 2xx is judged by the one that is documented
        ({"2XX": OWN}, 201, "application/vnd.own+json"),
        ({"200": JSON, "2XX": OWN}, 201, "application/vnd.own+json"),
        ({"default": JSON}, 200, "application/json"),
        ({"200": PICTURE, "default": JSON}, 200, None),  # what is documented as a picture is not judged as an error
        ({"202": {"description": "empty"}, "default": JSON}, 202, None),
        ({"200": {"content": {**OWN["content"], **JSON["content"]}}}, 200, "application/json"),
        ({"404": JSON}, 200, None),
        ({"4XX": JSON}, 404, "application/json"),
    ],
)
def test_the_schema_of_an_answer(responses: dict[str, Any], status: int, title: str | None) -> None:
    schema = response_schema(Endpoint("e", "GET", "/", (), {}, responses, ()), status)
    assert (schema["title"] if schema is not None else None) == title
