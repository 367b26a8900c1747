"""A plan in parts: nothing is sent twice, and the parts joined are the whole."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from proofsheet.cases.build import build_cases, probes_of
from proofsheet.cases.surroundings import Pictures, Surroundings
from proofsheet.contract import load_contract, provider_names
from proofsheet.contract.files import shipped_validator
from proofsheet.reference import start_reference
from proofsheet.report.groups import normalised
from proofsheet.session.merge import merge
from proofsheet.session.shards import split
from session.command import COMMAND, run, targets_file, verify

OF = 3
WORDS = ("candidate", "--provider", "threedaistudio", "--skip", "*/edit/**", "--skip", "*/*/pixels/*@2K", "--skip", "*/*/pixels/*@4K")
#: A gateway with something for every part to find.
FAULTS = ("swap-dimensions:generate", "wrong-status:no-key", "accept-invalid:generate:aspect_ratio")


@pytest.mark.parametrize("provider", provider_names())
@pytest.mark.parametrize("of", [1, 2, 5])
def test_every_case_falls_to_one_part_and_every_image_too(provider: str, of: int):
    surroundings = Surroundings(frozenset({"default", "second_account"}), {}, Pictures("http://127.0.0.1:1"), frozenset(), True)
    cases = build_cases(load_contract(provider, None), surroundings)
    parts = [split(cases, index, of) for index in range(1, of + 1)]
    assert Counter(case.id for chosen, _ in parts for case in chosen) == Counter(case.id for case in cases)
    sent = Counter(probe.id for chosen, _ in parts for probe in probes_of(chosen))
    assert set(sent.values()) == {1}
    assert set(sent) == {probe.id for probe in probes_of(cases)}
    positions = [position for _, part in parts for position in part.positions.values()]
    assert sorted(positions) == list(range(len(cases)))
    images = [sum(case.expect == "serve" for case in {case.probe.id: case for case in chosen if case.probe}.values()) for chosen, _ in parts]
    assert max(images) - min(images) <= max(3, sum(images) // 5), images


def test_the_split_is_the_same_each_time():
    cases = build_cases(load_contract("xairouter", None), Surroundings())
    assert split(cases, 2, 3) == split(cases, 2, 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The whole run and its parts, against a gateway that gets some things wrong."""
    folder = tmp_path_factory.mktemp("shards")
    with start_reference(["threedaistudio"], None, FAULTS) as gateway:
        environ = targets_file(folder, gateway, "threedaistudio")
        whole = verify(folder, *WORDS, "--report-dir", "whole", environ=environ)
        assert whole.code == 1, whole.said
        for index in range(1, OF + 1):
            part = verify(folder, *WORDS, "--shard", f"{index}/{OF}", "--report-dir", f"part-{index}", environ=environ)
            assert part.code in (0, 1), part.said
    return folder


def parts(folder: Path) -> list[Path]:
    return [folder / f"part-{index}" for index in range(1, OF + 1)]


def read(folder: Path) -> dict:
    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    shipped_validator("results.schema.json").validate(found)
    for part, name in found["files"].items():
        if part in ("exchanges", "lifecycles", "images", "spend"):
            found[part] = json.loads((folder / name).read_text(encoding="utf-8"))
    return found


def told(found: dict) -> dict:
    """A result without ids, times and addresses."""
    findings = [{name: normalised(value) if isinstance(value, str) else value for name, value in finding.items() if name != "exchanges"} for finding in found["findings"]]
    cells = [{name: value for name, value in cell.items() if name != "seconds"} for cell in found["cells"]]
    run_facts = {name: found["run"][name] for name in ("complete", "mode", "provenance", "tier", "specs_sha256", "selection", "areas")}
    images = [(image["case"], image["digest"], image["width"], image["height"]) for image in found["images"]]
    return {
        "summary": found["summary"], "findings": findings, "requirements": found["requirements"], "cells": cells, "run": run_facts, "images": images,
        "exchanges": Counter((exchange["case"], exchange["status"], exchange["request"]["method"]) for exchange in found["exchanges"]),
        "lifecycles": [(entry["case"], entry["outcome"]) for entry in found["lifecycles"]], "timings": [entry["case"] for entry in found["timings"]],
        "refusals": [entry["case"] for entry in found["refusals"]], "answers": found["answers"],
        "disputes": [{name: value for name, value in entry.items() if name != "seen"} for entry in found["disputes"]],
    }  # fmt: skip


def test_parts_joined_are_the_whole(folder, tmp_path):
    assert merge(parts(folder), (), tmp_path / "joined") == 1
    whole, joined = read(folder / "whole"), read(tmp_path / "joined")
    expected, actual = told(whole), told(joined)
    # A poll more or less is a matter of time.
    for one in (whole, joined):
        assert one["summary"].pop("requests") == len(one["exchanges"])
    for one in (expected, actual):
        one.pop("exchanges")
    assert set(expected) == set(actual)
    for name in expected:
        assert actual[name] == expected[name], name


def test_ids_of_exchanges_lead_somewhere(folder, tmp_path):
    merge(parts(folder), (), tmp_path / "joined")
    joined = read(tmp_path / "joined")
    ids = [exchange["id"] for exchange in joined["exchanges"]]
    assert len(ids) == len(set(ids))
    assert {name for finding in joined["findings"] for name in finding["exchanges"]} <= set(ids)
    assert {step["exchange"] for entry in joined["lifecycles"] for step in entry["trace"]} <= set(ids)


def test_a_part_says_that_it_is_one(folder):
    found = read(folder / "part-2")
    assert found["run"]["selection"]["shard"] == "2/3"
    assert {name: found["run"]["shard"][name] for name in ("index", "of")} == {"index": 2, "of": 3}
    part = json.loads((folder / "part-2" / "shard.json").read_text(encoding="utf-8"))
    shipped_validator("shard.schema.json").validate(part)
    assert {finding["case"] for finding in found["findings"]} <= {case["id"] for case in part["cases"]}


def copied(folder: Path, tmp_path: Path, change=None, part: int = 2) -> list[Path]:
    """The parts, one of them changed."""
    found = []
    for path in parts(folder):
        place = tmp_path / path.name
        shutil.copytree(path, place)
        found.append(place)
    if change is not None:
        file = found[part - 1] / "results.json"
        document = json.loads(file.read_text(encoding="utf-8"))
        change(document)
        file.write_text(json.dumps(document), encoding="utf-8")
    return found


@pytest.mark.parametrize(("change", "said"), [
    (lambda found: found["run"].update(specs_sha256="0" * 64), "its specs is not that of"),
    (lambda found: found["run"]["target"].update(base_url="http://127.0.0.2:1"), "its target is not that of"),
    (lambda found: found["run"].update(tier="smoke"), "its tier is not that of"),
    (lambda found: found["run"]["selection"].update(only=["*/generate/**"]), "its selection is not that of"),
    (lambda found: found["run"].update(tool_version="9.9"), "its version of this tool is not that of"),
    (lambda found: found["run"]["shard"].update(plan="0" * 64), "is of another part than the results beside it"),
    (lambda found: found["run"].pop("shard"), "is no part of a plan"),
    (lambda found: found["findings"][0].update(case="threedaistudio/other/case"), "does not name"),
    (lambda found: found.pop("summary"), "does not fit results.schema.json"),
])  # fmt: skip
def test_what_does_not_belong_together_is_refused_in_one_line(folder, tmp_path, capsys, change, said):
    assert merge(copied(folder, tmp_path, change), (), tmp_path / "joined") == 4
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1
    assert not (tmp_path / "joined").exists()


def test_missing_and_doubled_parts_are_refused(folder, tmp_path, capsys):
    first, second, third = parts(folder)
    shutil.copytree(second, tmp_path / "again")
    for given, said in (
        ((first, third), "part 2 of 3 is missing"),
        ((first, second, second, third), "is named twice"),
        ((first, second, tmp_path / "again", third), "part 2/3 is given twice"),
        ((folder / "whole",), "is no part of a plan"),
    ):
        assert merge(given, (), tmp_path / "joined") == 4
        assert said in capsys.readouterr().err


def test_cases_that_fell_out_are_noticed(folder, tmp_path, capsys):
    found = copied(folder, tmp_path)
    file = found[0] / "shard.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    results = json.loads((found[0] / "results.json").read_text(encoding="utf-8"))
    lost = document["cases"].pop()["id"]
    results["findings"] = [finding for finding in results["findings"] if finding["case"] != lost]
    file.write_text(json.dumps(document), encoding="utf-8")
    (found[0] / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert merge(found, (), tmp_path / "joined") == 4
    assert "cases are missing" in capsys.readouterr().err


def test_an_incomplete_part_leaves_the_whole_incomplete(folder, tmp_path):
    def change(found):
        found["run"]["complete"] = False
        found["summary"]["why"] = ["the run was interrupted"]

    assert merge(copied(folder, tmp_path, change), (), tmp_path / "joined") == 1
    joined = read(tmp_path / "joined")
    assert joined["run"]["complete"] is False
    assert "part 2/3 is incomplete: the run was interrupted" in joined["summary"]["why"]


def test_more_parts_than_work(tmp_path, gateway):
    environ = targets_file(tmp_path, gateway, "xairouter")
    words = ("candidate", "--only", "*/*/pixels/1:1@2K")
    codes = [verify(tmp_path, *words, "--shard", f"{index}/2", "--report-dir", f"part-{index}", environ=environ).code for index in (1, 2)]
    assert codes == [0, 0]
    assert read(tmp_path / "part-2")["summary"]["why"] == ["nothing falls to this part"]
    assert merge([tmp_path / "part-1", tmp_path / "part-2"], (), tmp_path / "joined") == 0
    assert read(tmp_path / "joined")["summary"]["cases"] == 1


def test_regions_become_a_dimension(folder, tmp_path, gateway):
    environ = targets_file(folder, gateway, "threedaistudio")
    good = verify(folder, *WORDS, "--report-dir", "good", environ=environ)
    assert good.code == 0, good.said
    words = ["--region", f"eu={folder / 'good'}", *(word for path in parts(folder) for word in ("--region", f"us={path}")), "-o", "joined"]
    outcome = run(tmp_path, [*COMMAND, "merge", *words])
    assert outcome.code == 1, outcome.said
    joined = read(tmp_path / "joined")
    assert [(region["name"], region["conforms"]) for region in joined["run"]["regions"]] == [("eu", True), ("us", False)]
    assert {finding["region"] for finding in joined["findings"] if finding["verdict"] == "fail"} == {"us"}
    assert Counter(finding["region"] for finding in joined["findings"])["eu"] == len(read(folder / "good")["findings"])
    broken = next(entry for entry in joined["requirements"] if entry["verdict"] == "failed")
    assert broken["regions"] == {"eu": "passed", "us": "failed"}
    assert joined["summary"]["paid_images"] == sum(read(folder / name)["summary"]["paid_images"] for name in ("good", "whole"))
    ids = [exchange["id"] for exchange in joined["exchanges"]]
    assert len(ids) == len(set(ids))


def test_regions_of_different_plans_are_refused(folder, tmp_path, capsys):
    (changed,) = copied(folder, tmp_path, lambda found: found["run"].update(tier="core"), part=1)[:1]
    shutil.copytree(folder / "whole", tmp_path / "whole")
    assert merge((), (f"eu={tmp_path / 'whole'}", f"us={changed}"), tmp_path / "joined") == 4
    assert "part 2, 3 of 3 is missing" in capsys.readouterr().err
    file = tmp_path / "whole" / "results.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"tier": "full"', '"tier": "core"'), encoding="utf-8")
    assert merge((), (f"eu={tmp_path / 'whole'}", f"us={folder / 'whole'}"), tmp_path / "joined") == 4
    assert "the tier of region us is not that of region eu" in capsys.readouterr().err
    assert merge((), (f"eu={tmp_path / 'whole'}",), tmp_path / "joined") == 4
    assert "one region alone" in capsys.readouterr().err
    assert merge((), ("no name",), tmp_path / "joined") == 4
    assert "write NAME=RESULTS" in capsys.readouterr().err
