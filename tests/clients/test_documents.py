"""Every example of the documents, run by the command as its users run it: on a gateway that keeps its word, and on ones that do not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.session.command import Outcome, targets_file, verify

from proofsheet.contract.files import specs_root
from proofsheet.reference import start_reference

ONLY = ("--only", "**/clients/example/*")
SCHEMA = json.loads((specs_root() / "schemas" / "results.schema.json").read_text(encoding="utf-8"))
HELD = {
    "apimaster": {"generate/quick-start": "works", "generate/success": "works", "generate-async/submit": "works", "generate-async/submit-response": "works",
                  "generate-async/poll": "works"},
    "maxapi": {"generations/3.1-beta/tall-picture": "not run", "generations/3.1-beta/quick-example": "works", "generations/2.5/tall-picture": "cannot work",
               "generations/2.5/quick-example": "works"},
    "threedaistudio": {"generate/generate": "works", "generate/generate-answer": "works", "edit/edit": "cannot work", "edit/edit-answer": "works",
                       "generate/status": "works", "generate/status-answer": "works"},
    "xairouter": {"native/python": "not run", "native/curl": "works"},
}  # fmt: skip


def examples(outcome: Outcome, folder: str = "report") -> dict[str, dict[str, Any]]:
    results = outcome.results(folder)
    jsonschema.validate(results, SCHEMA)
    return {entry["id"]: entry for entry in results["examples"]}


def on(folder: Path, provider: str, *faults: str, words: tuple[str, ...] = ONLY, environ: dict[str, str] | None = None, **target: Any) -> Outcome:
    with start_reference([provider], None, list(faults)) as gateway:
        keys = targets_file(folder, gateway, provider, **target)
        return verify(folder, "candidate", *words, "--report-dir", "report", environ={**keys, **(environ or {})})


@pytest.mark.curl
def test_on_a_gateway_that_keeps_its_word_every_example_works_but_those_that_cannot(tmp_path: Path) -> None:
    outcome = verify(tmp_path, *ONLY, "--skip", "*/native/clients/example/python", "--report-dir", "report")
    assert outcome.code == 0, outcome.said
    for provider, expected in HELD.items():
        found = examples(outcome, f"report/reference-{provider}")
        assert {name: entry["outcome"] for name, entry in found.items()} == expected
        for entry in found.values():
            assert entry["declared"] is (entry["outcome"] == "cannot work" or entry["kind"] == "python")
            assert len(entry["requests"]) == (entry["kind"] == "curl")
        verdicts = {finding["verdict"] for finding in outcome.results(f"report/reference-{provider}")["findings"]}
        assert verdicts <= {"pass", "info"}
    assert "The documents' own examples (1 works, 1 not run)" in outcome.out
    summary = (tmp_path / "report" / "reference-threedaistudio" / "summary.md").read_text(encoding="utf-8")
    assert "### The documents' own examples" in summary
    assert "| edit/edit (curl) | 004\\:29\\-37 | cannot work | the document's example cannot work" in summary


@pytest.mark.sdks
def test_the_script_that_the_sdk_cannot_run_is_a_finding_about_the_document(tmp_path: Path) -> None:
    outcome = on(tmp_path, "xairouter", words=("--only", "*/native/clients/example/python"))
    (finding,) = outcome.results()["findings"]
    entry = examples(outcome)["native/python"]
    assert (outcome.code, finding["verdict"], entry["outcome"], entry["requests"]) == (2, "info", "cannot work", [])
    assert "it raises TypeError before anything is sent" in entry["sentence"]
    assert "TypeError: Client.__init__() got an unexpected keyword argument 'client_options'" in finding["actual"]


@pytest.mark.curl
def test_what_other_cases_show_is_told_where_they_were_performed(tmp_path: Path) -> None:
    words = (*ONLY, "--only", "maxapi/generations/*/pixels/9:16@2K")
    shown = on(tmp_path, "maxapi", words=words)
    assert examples(shown)["generations/3.1-beta/tall-picture"]["outcome"] == "works"
    wrong = on(tmp_path, "maxapi", "other-cell:generations/3.1-beta:9:16@2K", words=words)
    assert wrong.code == 1
    assert examples(wrong)["generations/3.1-beta/tall-picture"]["outcome"] == "fails"


@pytest.mark.curl
def test_a_gateway_that_refuses_what_the_document_prints_breaks_a_must(tmp_path: Path) -> None:
    outcome = on(tmp_path, "apimaster", "refuse-cell:generate:16:9@2K", "no-id:generate-async")
    assert outcome.code == 1
    found = examples(outcome)
    assert (found["generate/quick-start"]["outcome"], found["generate/quick-start"]["sentence"]) == ("refused", "the documented example is refused")
    assert found["generate/quick-start"]["requests"][0]["answer"].startswith("HTTP 4")
    assert found["generate-async/submit"]["outcome"] == "fails"
    assert found["generate-async/submit"]["sentence"] == "the documented example gives nothing: it holds no task id where the document has it"
    assert found["generate-async/poll"]["outcome"] == "not testable"
    assert found["generate-async/poll"]["sentence"] == "it needs the task of the example 'submit', which gave none"
    verdicts = {finding["case"].rpartition("/")[2]: (finding["level"], finding["verdict"]) for finding in outcome.results()["findings"]}
    assert verdicts == {"quick-start": ("must", "fail"), "submit": ("must", "fail"), "poll": ("must", "not_testable")}
    assert "refused       001:16-25  curl    generate/quick-start: the documented example is refused" in outcome.out


@pytest.mark.curl
def test_a_gateway_that_says_nothing_known_of_a_task_is_caught(tmp_path: Path) -> None:
    outcome = on(tmp_path, "threedaistudio", "hang:generate", words=(*ONLY, "--skip", "*/edit/**"), request_timeout=2)
    found = examples(outcome)
    assert outcome.code == 1
    assert found["generate/generate"]["outcome"] == "fails"
    assert "timeout" in found["generate/generate"]["sentence"]
    assert found["edit/edit"] == {**found["edit/edit"], "outcome": "not run", "sentence": "not among the chosen cases"}


@pytest.mark.curl
def test_a_declared_example_is_never_held_against_the_target(tmp_path: Path) -> None:
    outcome = on(tmp_path, "threedaistudio", "accept-invalid:edit:images", words=("--only", "*/edit/clients/example/*"))
    (finding,) = outcome.results()["findings"]
    entry = examples(outcome)["edit/edit"]
    assert (finding["verdict"], finding["level"]) == ("info", "info")
    assert entry["outcome"] == "works"
    assert entry["sentence"].startswith("works, though declared not to: remove the declaration (its picture is cut short")


@pytest.mark.curl
def test_without_curl_nothing_is_held_against_anybody(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sh").symlink_to(shutil.which("sh") or "/bin/sh")
    outcome = on(tmp_path, "apimaster", environ={"PATH": str(folder)})
    found = examples(outcome)
    assert found["generate/quick-start"]["sentence"] == "curl is not installed here"
    assert {entry["outcome"] for entry in found.values() if entry["kind"] == "curl"} == {"not testable"}
    assert "fail" not in {finding["verdict"] for finding in outcome.results()["findings"]}


@pytest.mark.curl
def test_models_are_called_as_the_target_calls_them_and_keys_stay_here(tmp_path: Path) -> None:
    outcome = on(tmp_path, "apimaster", models={"gemini-3.1-flash-image-preview": "house/own-name"}, environ={"HTTP_PROXY": "http://127.0.0.1:9"})
    found = examples(outcome)
    # This gateway knows the documented name alone: that it refuses the other one shows that it was sent.
    assert found["generate/quick-start"]["outcome"] == "refused"
    sent = {exchange["id"]: exchange for exchange in outcome.results()["exchanges"]}
    request = sent[found["generate/quick-start"]["requests"][0]["exchange"]]["request"]
    assert "house/own-name" in json.dumps(request)
    assert "$CANDIDATE_DEFAULT" in json.dumps(request["headers"])
    assert "stand-in" not in json.dumps(outcome.results())


def test_a_run_without_clients_has_no_such_section(tmp_path: Path) -> None:
    outcome = on(tmp_path, "xairouter", words=("--only", "*/*/parameters/base"))
    assert "examples" not in outcome.results()
    assert "own examples" not in outcome.out


@pytest.mark.curl
def test_a_budget_binds_examples_too_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    with start_reference(["apimaster"]) as gateway:
        keys = targets_file(tmp_path, gateway, "apimaster", paid=True) | {"TMPDIR": str(tmp_path / "own")}
        first = verify(tmp_path, "candidate", *ONLY, "--max-spend", "1.2 base", "--report-dir", "report", environ=keys)
        found = examples(first)
        assert (first.code, found["generate/quick-start"]["outcome"], found["generate-async/poll"]["outcome"]) == (2, "not run", "works")
        assert found["generate/quick-start"]["sentence"].startswith("the budget of 1.20 base does not hold the 1.333333")
        second = verify(tmp_path, "candidate", *ONLY, "--max-spend", "9 base", "--resume", "report", environ=keys)
    assert second.code == 0, second.said
    assert {entry["outcome"] for entry in examples(second).values()} == {"works"}
    assert (tmp_path / "report" / "ledger.ndjson").read_text(encoding="utf-8").count('"reserved"') == 2
    assert list((tmp_path / "own").iterdir()) == []
