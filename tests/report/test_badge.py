"""The badge: what it may claim, and that nothing in it is markup."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from proofsheet.contract.files import shipped_validator
from proofsheet.report.badge import badge, svg, write_badge
from results.samples import HOSTILE, finding, results

WHOLE = (finding(), finding(check="parameters.refused", requirement="acme.ratio", case="acme/draw/parameters/ratio/invalid/enum"))


def seen(conforms=True, **run):
    made = results(WHOLE)
    return replace(made, run={**made.run, "selection": {"only": [], "skip": []}, **run}, summary={**made.summary, "conforms": conforms})


@pytest.mark.parametrize(("given", "message", "colour"), [
    (seen(), "conforms", "brightgreen"),
    (seen(False), "breaks 0 requirement(s)", "red"),
    (seen(None), "incomplete", "orange"),
    (seen(provenance="simulated"), "simulated: conforms", "lightgrey"),
    (seen(False, provenance="simulated"), "simulated: breaks 0 requirement(s)", "lightgrey"),
    (seen(selection={"only": ["a/**"], "skip": []}), "conforms (a selection)", "green"),
    (seen(tier="smoke"), "conforms (smoke)", "green"),
])  # fmt: skip
def test_only_a_whole_run_against_something_real_is_bright(given, message, colour):
    assert badge(given) == ("acme contract", message, colour)


def test_what_is_not_supported_stands_in_it():
    given = seen()
    features = [{"id": "async", "verdict": "not_supported"}, {"id": "edits", "verdict": "proven"}]
    assert badge(replace(given, summary={**given.summary, "features": features}))[1] == "conforms without async"


def test_both_files_are_what_their_readers_expect(tmp_path):
    write_badge(tmp_path, seen(False))
    endpoint = json.loads((tmp_path / "badge.json").read_text(encoding="utf-8"))
    shipped_validator("badge.schema.json").validate(endpoint)
    assert (endpoint["schemaVersion"], endpoint["color"], endpoint["isError"]) == (1, "red", True)
    root = ElementTree.parse(tmp_path / "badge.svg").getroot()
    assert root.get("aria-label") == "acme contract: breaks 0 requirement(s)"


def test_a_hostile_name_is_text(tmp_path):
    given = seen()
    write_badge(tmp_path, replace(given, run={**given.run, "target": {**given.run["target"], "provider": HOSTILE}}))
    drawn = (tmp_path / "badge.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(drawn)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "title", "rect", "path", "g", "text"}
    assert "\x1b" not in drawn
    shipped_validator("badge.schema.json").validate(json.loads((tmp_path / "badge.json").read_text(encoding="utf-8")))


def test_a_badge_is_as_wide_as_its_texts():
    root = ElementTree.fromstring(svg("a", "b" * 40, "#000000"))
    assert int(root.get("width", "0")) > 200
