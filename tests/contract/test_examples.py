"""The documents' examples as data: what is read, what is refused, and that each is held against the document word for word."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from tests.contract.folders import JOB, PROVIDER, written

from proofsheet.contract import ContractError, load_contract
from proofsheet.contract import trace as tracing
from proofsheet.contract.__main__ import main as validate
from proofsheet.contract.examples import Example, examples_of, print_problem, read_examples
from proofsheet.contract.loading import merged

PAGE = """Plain
Draw a boat:
curl https://plain.example/draw \\
-H "Authorization: Bearer YOUR_KEY" \\
-d '{
  "prompt": "a boat"
}'{
"id": "job-1"
}Then look:
curl https://plain.example/jobs/JOB_ID -H "Authorization: Bearer $PLAIN_KEY"
For example, wide returns 16x8 pixels, and more.
from plain import draw
draw(key="YOUR_KEY", url="https://plain.example")
"""
WORDS = PAGE.split("\n")
SUBMIT: dict[str, Any] = {
    "id": "submit",
    "source": {"document": "page", "lines": "3-7"},
    "around": {"after": "{"},
    "kind": "curl",
    "operation": "draw-later",
    "gives": "task",
    "replace": {"base_url": "https://plain.example", "key": "YOUR_KEY"},
    "text": "\n".join(WORDS[2:7])[:-1],
}
ANSWER: dict[str, Any] = {
    "id": "submitted",
    "source": {"document": "page", "lines": "7-9"},
    "around": {"before": "}'", "after": "Then look:"},
    "kind": "answer",
    "operation": "draw-later",
    "gives": "task",
    "text": '{\n"id": "job-1"\n}',
}
LOOK: dict[str, Any] = {
    "id": "look",
    "source": {"document": "page", "lines": "10"},
    "kind": "curl",
    "operation": "draw-later",
    "gives": "status",
    "after": "submit",
    "replace": {"base_url": "https://plain.example", "key_variable": "PLAIN_KEY", "task": "JOB_ID"},
    "text": WORDS[9],
}
WIDE: dict[str, Any] = {
    "id": "wide",
    "source": {"document": "page", "lines": "11"},
    "kind": "prose",
    "operation": "draw",
    "gives": "images",
    "shown_by": ["plain/draw/pixels/wide"],
    "text": "wide returns 16x8 pixels",
}
SCRIPT: dict[str, Any] = {
    "id": "script",
    "source": {"document": "page", "lines": "12-13"},
    "kind": "python",
    "operation": "draw",
    "gives": "images",
    "replace": {"base_url": "https://plain.example", "key": "YOUR_KEY"},
    "packages": ["plain"],
    "broken": {"why": "draw takes no url", "fails": {"as": "exit", "says": "TypeError: .*url"}},
    "text": "\n".join(WORDS[11:13]),
}
ALL = [SUBMIT, ANSWER, LOOK, WIDE, SCRIPT]


def specs(root: Path, examples: list[dict[str, Any]] | None, provider: str = PROVIDER) -> Path:
    """A folder whose document is the page, with these examples; None writes no file of them."""
    document = {"id": "page", "title": "Page", "sha256": hashlib.sha256(PAGE.encode()).hexdigest(), "lines": PAGE.count("\n")}
    later = {"draw-later": {"extends": "draw", "answer": None, "lifecycle": "job"}}
    requirement = {"id": "plain.it", "level": "must", "statement": "It draws boats.", "excluded": "a sample", "source": {"document": "page", "lines": "1-13"}}
    files = {} if examples is None else {"examples.yaml": {"provider": provider, "examples": examples}}
    return written(root, {"documents": [document], "lifecycles": {"job": JOB}, "operations": later}, matrix={"requirements": [requirement]}, files=files)


def changed(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    entry: dict[str, Any] = merged(base, changes)
    return entry


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    specs(tmp_path, ALL)
    submit, answer, look, wide, script = examples_of(load_contract(PROVIDER, tmp_path))
    assert (submit.name, submit.cited, submit.kind, submit.gives, submit.before, submit.behind) == ("draw-later/submit", "page:3-7", "curl", "task", "", "{")
    assert submit.text.startswith("curl https") and submit.text.endswith("}'")
    assert (submit.replace.base_url, submit.replace.key, submit.replace.key_variable, submit.replace.task) == ("https://plain.example", "YOUR_KEY", None, None)
    assert (answer.before, answer.behind, answer.text) == ("}'", "Then look:", '{\n"id": "job-1"\n}')
    assert (look.after, look.replace.task, look.replace.key_variable) == ("submit", "JOB_ID", "PLAIN_KEY")
    assert wide.shown_by == ("plain/draw/pixels/wide",) and wide.broken is None
    assert script.packages == ("plain",) and script.broken is not None
    assert (script.broken.why, script.broken.shows, script.broken.says) == ("draw takes no url", "exit", "TypeError: .*url")


def test_no_file_is_no_example(tmp_path: Path) -> None:
    specs(tmp_path, None)
    assert examples_of(load_contract(PROVIDER, tmp_path)) == ()


def test_what_is_read_follows_the_file(tmp_path: Path) -> None:
    specs(tmp_path, [SUBMIT])
    before = load_contract(PROVIDER, tmp_path)
    assert len(examples_of(before)) == 1
    specs(tmp_path, [SUBMIT, LOOK])
    after = load_contract(PROVIDER, tmp_path)
    assert len(examples_of(after)) == 2
    assert before.sha256 != after.sha256, "the examples are part of what the specs say"


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        ([SUBMIT, SUBMIT], "draw-later/submit stands twice"),
        ([changed(SUBMIT, replace={"key": "MY_KEY"})], "holds no 'MY_KEY'"),
        ([changed(SUBMIT, replace={"key": None})], "replace lacks the key"),
        ([changed(SUBMIT, replace={"key": None, "key_variable": "PLAIN_KEY"})], "holds no '$PLAIN_KEY'"),
        ([LOOK], "after names 'submit', which is no earlier example"),
        ([changed(SUBMIT, gives="images"), LOOK], "no earlier example of this operation that gives a task"),
        ([SUBMIT, changed(LOOK, after=None)], "'after' and replace/task need each other"),
        ([changed(SUBMIT, operation="draw-latter")], "did you mean 'draw-later'"),
        ([changed(SUBMIT, operation="draw")], "gives a task, but draw has no lifecycle"),
        ([changed(SUBMIT, source={"document": "pages"})], "did you mean 'page'"),
        ([changed(SUBMIT, source={"lines": "3-70"})], "the document ends at 13"),
        ([changed(SCRIPT, broken={"fails": {"says": "("}})], "no regular expression"),
        ([changed(SCRIPT, broken={"fails": None})], "'fails' is missing"),
        ([changed(SUBMIT, kind="shell")], "is not allowed here"),
        ([changed(SUBMIT, replace=None)], "'replace' is missing"),
        ([changed(ANSWER, replace=SUBMIT["replace"])], "'replace' is no key here"),
        ([changed(WIDE, around={"before": "x"})], "'around' is no key here"),
        ([changed(SUBMIT, text=None)], "'text' is missing"),
        ([changed(SUBMIT, extra=1)], "'extra' is no key here"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_line(examples: list[dict[str, Any]], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = specs(tmp_path, examples)
    assert validate([str(folder)]) == 4
    told = capsys.readouterr().err
    assert said in told and "examples.yaml" in told and told.count("\n") == 1


def test_a_file_of_another_provider_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="provider is 'fancy', but the folder is 'plain'"):
        read_examples(specs(tmp_path, ALL, "fancy"))


def test_good_examples_validate(tmp_path: Path) -> None:
    assert validate([str(specs(tmp_path, ALL))]) == 0


def documents(root: Path, page: str = PAGE) -> Path:
    folder = root / "documents"
    folder.mkdir(exist_ok=True)
    (folder / "page.txt").write_text(page, encoding="utf-8")
    return folder


def proved(root: Path, *more: object) -> int:
    return tracing.main([str(argument) for argument in (*more, "--specs", root)])


def test_examples_that_stand_there_word_for_word_are_proved_and_kept(tmp_path: Path) -> None:
    specs(tmp_path, ALL)
    assert proved(tmp_path, documents(tmp_path), "--write") == 0
    assert proved(tmp_path) == 0
    specs(tmp_path, [*ALL[:3], changed(WIDE, text="wide returns"), SCRIPT])
    assert proved(tmp_path) == 1, "the kept proof was of other examples"


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        ([changed(SUBMIT, text=str(SUBMIT["text"]).replace('  "prompt"', '"prompt"')), *ALL[1:]],
         "the example draw-later/submit is not as printed: line 6 is '  \"prompt\": \"a boat\"', and the example has '\"prompt\": \"a boat\"'"),
        ([changed(SUBMIT, around={"after": ""}), *ALL[1:]], "line 7 is \"}'{\", and the example has \"}'\""),
        ([changed(SUBMIT, source={"lines": "3-8"}), *ALL[1:]], "the document has 6 lines there, and the example 5"),
        ([*ALL[:3], changed(WIDE, text="wide returns 16x9 pixels"), SCRIPT], "'wide returns 16x9 pixels' does not stand there"),
        (ALL[1:2] + ALL[3:], "line 3 begins an example, and none of examples.yaml has it"),
        (ALL[:1] + ALL[3:], "line 10 begins an example, and none of examples.yaml has it"),
        (ALL[:4], "line 12 begins an example, and none of examples.yaml has it"),
    ],
)  # fmt: skip
def test_what_differs_from_the_document_fails(examples: list[dict[str, Any]], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    specs(tmp_path, examples)
    assert proved(tmp_path, documents(tmp_path), "--write") == 1
    told = capsys.readouterr().err
    assert said in told
    assert not (tmp_path / "traceability.json").exists()


def test_an_unknown_document_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    specs(tmp_path, [*ALL, changed(WIDE, id="other", source={"document": "pages"})])
    assert proved(tmp_path, documents(tmp_path)) == 1
    assert "plain: an example cites the document pages, which contract.yaml does not list" in capsys.readouterr().err


def test_a_line_that_is_not_there_is_told() -> None:
    example = Example(id="x", source=tracing_source("90"), kind="curl", operation="draw", gives="images", text="curl")
    assert print_problem(example, PAGE.encode()) == "there is no line 90"


def tracing_source(lines: str) -> Any:
    from proofsheet.contract.matrix import Source

    return Source("page", lines)
