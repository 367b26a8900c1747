"""``proofsheet evaluate`` as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from proofsheet.cli import main

from .samples import results, written


def call(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["evaluate", *map(str, words)])
    return done.exit_code, done.output


@pytest.fixture
def reports(tmp_path) -> Path:
    written(tmp_path / "run" / "one", results("one"), prints=True)
    written(tmp_path / "run" / "two", results("two", provenance="simulated"))
    written(tmp_path / "three", results("three", provenance="recorded"))
    return tmp_path


def test_directories_files_and_runs_over_several_targets(reports):
    page, table = reports / "new" / "e.html", reports / "e.csv"
    code, said = call(reports / "run", reports / "three" / "results.json", reports / "three", "-o", page, "--csv", table)
    assert code == 0, said
    assert said.splitlines() == ["SIMULATED: two. This says nothing about any vendor.", f"3 targets: {page}, {table}"]
    text = page.read_text(encoding="utf-8")
    assert text.count('scope="col">one') >= 1 and text.count("data:image/webp") == 16
    assert table.read_bytes().startswith(b"target,provider,provenance,")
    assert call(reports / "run", "-o", page, "--no-thumbnails")[0] == 0
    assert "data:image" not in page.read_text(encoding="utf-8")


def test_the_same_reports_give_the_same_page(reports):
    pages = []
    for name in ("a.html", "b.html"):
        assert call(reports / "run", "-o", reports / name)[0] == 0
        text = (reports / name).read_text(encoding="utf-8")
        pages.append(text.replace(text.partition("Written ")[2][:20], "when"))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "holds no results.json"),
        ("{", "is not valid JSON"),
        ("[]", "does not fit"),
        ('{"schema_version": "9.0"}', "schema version 9.0"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_report_is_one_clear_line(tmp_path, content, words):
    folder = tmp_path / "report"
    folder.mkdir()
    if content is not None:
        (folder / "results.json").write_text(content)
    code, said = call(folder, "-o", tmp_path / "e.html")
    assert code == 4
    assert words in said and len(said.splitlines()) == 1
    assert not (tmp_path / "e.html").exists()


def test_a_missing_or_unwritable_place_is_one_clear_line(reports):
    assert call(reports / "nowhere", "-o", reports / "e.html")[0] == 4
    (reports / "taken").write_text("")
    code, said = call(reports / "three", "-o", reports / "taken" / "e.html")
    assert (code, len(said.splitlines())) == (4, 1)
    assert call()[0] == 4


def test_newer_fields_of_results_are_no_hindrance_and_older_results_lack_nothing_that_is_needed(reports):
    path = reports / "three" / "results.json"
    document = json.loads(path.read_text())
    for name in ("offer", "timings", "refusals", "images", "answers"):
        document.pop(name, None)
    document["run"]["later"] = document["later"] = {"x": 1}
    for cell in document["cells"]:
        del cell["operation"], cell["bytes"], cell["seconds"]
    path.write_text(json.dumps(document))
    code, said = call(reports / "three", "-o", reports / "e.html")
    assert code == 0, said


def test_the_templates_ship_in_the_wheel(tmp_path):
    """The page is made from the package alone, wherever it stands."""
    program = (
        "from importlib.resources import files; p = files('proofsheet.report.evaluation'); print(all((p / n).is_file() for n in ('style.css', 'script.js', 'templates/page.html')))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "True"
