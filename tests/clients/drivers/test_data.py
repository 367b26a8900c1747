"""specs/clients/sdks.yaml: what is written there is whole, and the drivers know all of it."""

from __future__ import annotations

import copy
import json
import re

import pytest
from tests.clients.drivers.driving import FOLDER, PYTHON, driven

from proofsheet.contract.clients import read_sdks
from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import checked, read_document, specs_root

DOCUMENT = read_document(specs_root() / "clients" / "sdks.yaml")


def test_every_sdk_has_all_of_it():
    assert [sdk.id for sdk in read_sdks()] == ["openai-python", "openai-node", "ai-node", "google-genai-python", "google-genai-node"]
    for entry in DOCUMENT["sdks"]:
        assert set(entry["seen"]) == set(entry["packages"])
        assert all(fact.endswith(".") for fact in entry["facts"])


@pytest.mark.parametrize(
    ("key", "value"),
    [("family", "other"), ("retries", -1), ("errors", {"400": ["X"]}), ("calls", []), ("packages", []), ("seen", {"openai": "newest"}), ("surprise", 1)],
)
def test_what_is_wrong_is_refused(key, value):
    document = copy.deepcopy(DOCUMENT)
    document["sdks"][0][key] = value
    with pytest.raises(ContractError, match=key):
        checked(document, "clients-sdks.schema.json", "sdks.yaml")


def test_the_driver_of_python_knows_its_sdks_and_their_calls():
    import runpy

    known = runpy.run_path(PYTHON[1])["SDKS"]
    said = {sdk.id: (sdk.packages[0], sdk.calls) for sdk in read_sdks() if sdk.runtime == "python"}
    assert {name: (package, tuple(calls)) for name, (package, calls) in known.items()} == said


def test_the_driver_of_node_knows_its_sdks_and_their_calls():
    text = (FOLDER / "node_sdks.mjs").read_text(encoding="utf-8")
    found = re.findall(r"'([a-z-]+)': \{ packages: (\[[^]]*\]), calls: \{ ([^}]*) \}", text)
    known = {name: (tuple(json.loads(packages.replace("'", '"'))), tuple(re.findall(r"'?([a-z_.]+)'?: ", calls))) for name, packages, calls in found}
    assert known == {sdk.id: (sdk.packages, sdk.calls) for sdk in read_sdks() if sdk.runtime == "node"}


def test_no_job_is_an_end():
    assert driven(PYTHON, []) == {}
