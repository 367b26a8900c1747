"""The section on the documents' own examples: on the terminal, in Markdown, and joined from parts and regions."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from proofsheet.contract.files import specs_root
from proofsheet.report.markdown import markdown
from proofsheet.report.terminal import print_summary
from proofsheet.results.documents import from_document, to_document
from proofsheet.results.examples import NOT_CHOSEN, OUTCOMES, TITLE, joined_examples, tally
from proofsheet.results.joining import renamed
from proofsheet.results.merge_regions import join_regions
from proofsheet.results.model import Results
from results.samples import HOSTILE, results


def entry(name: str = "draw/quick", outcome: str = "works", sentence: str = "works as it is printed", **more: Any) -> dict[str, Any]:
    return {
        "id": name, "source": "doc:4-9", "kind": "curl", "text": "curl https://acme.example/draw", "outcome": outcome, "sentence": sentence,
        "case": "acme/draw/clients/example/quick", "declared": False, "requests": [{"exchange": "x1", "request": "POST /draw", "answer": "HTTP 200"}], **more,
    }  # fmt: skip


def shown(what: Results) -> str:
    stream = io.StringIO()
    print_summary(what, "", Console(file=stream))
    return stream.getvalue()


def with_examples(*entries: dict[str, Any]) -> Results:
    return results(examples=entries)


def test_each_example_is_told_with_its_outcome_and_where_it_stands() -> None:
    broken = entry("draw/script", "cannot work", "the document's example cannot work: it names what is not there", kind="python", requests=[])
    text = shown(with_examples(entry(), broken))
    assert f"{TITLE} (1 works, 1 cannot work)" in text
    assert "  works         doc:4-9    curl    draw/quick: works as it is printed\n" in text
    assert "  cannot work   doc:4-9    python  draw/script: the document's example cannot work: it names what is not there\n" in text
    assert text.count("begins   curl https://acme.example/draw") == 1, "what works needs no more words"
    page = markdown(with_examples(entry(), broken))
    assert f"### {TITLE}" in page
    assert "| draw/quick (curl) | doc\\:4\\-9 | works | works as it is printed \\(POST /draw\\: HTTP 200\\) |" in page
    assert "| draw/script (python) | doc\\:4\\-9 | cannot work | the document's example cannot work\\: it names what is not there |" in page


def test_where_no_run_used_clients_there_is_no_section() -> None:
    assert TITLE not in shown(results()) and TITLE not in markdown(results())
    assert "examples" not in to_document(results())


@pytest.mark.parametrize("said", [HOSTILE])
def test_what_a_target_said_is_text(said: str) -> None:
    hostile = with_examples(entry(outcome="refused", sentence=said, text=said, region=said, requests=[{"exchange": "x1", "request": said, "answer": said}]))
    assert "\x1b" not in shown(hostile) and "\x07" not in shown(hostile)
    row = next(line for line in markdown(hostile).splitlines() if line.startswith("| draw/quick"))
    assert row.replace("\\|", "").count("|") == 5
    assert "<" not in row and "\x1b" not in row


def test_results_with_examples_are_read_as_they_were_written() -> None:
    document = json.loads(json.dumps(to_document(with_examples(entry()))))
    schema = json.loads((specs_root() / "schemas" / "results.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    assert from_document(document).examples == (entry(),)
    document["examples"][0]["outcome"] = "unclear"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_every_outcome_is_one_that_the_schema_knows() -> None:
    schema = json.loads((specs_root() / "schemas" / "results.schema.json").read_text(encoding="utf-8"))
    assert schema["$defs"]["example"]["properties"]["outcome"]["enum"] == list(OUTCOMES)


def test_parts_of_a_plan_tell_of_each_example_once() -> None:
    unchosen, unsent = entry(outcome="not run", sentence=NOT_CHOSEN), entry(outcome="not run", sentence="the budget is spent")
    other = entry("draw/other", "refused")
    assert joined_examples([[unchosen, other], [entry(), {**other, "outcome": "not run", "sentence": NOT_CHOSEN}]]) == (entry(), other)
    assert joined_examples([[unchosen], [unsent]]) == (unsent,)
    assert joined_examples([[unsent], [unchosen]]) == (unsent,)
    assert joined_examples([[], []]) == ()


def test_joined_results_name_their_own_exchanges_and_regions() -> None:
    part = renamed(with_examples(entry()), "s2-", region="eu")
    assert part.examples[0]["requests"][0]["exchange"] == "s2-x1" and part.examples[0]["region"] == "eu"
    assert renamed(with_examples(entry()), "s2-").examples[0].get("region") is None
    runs = {name: with_examples(one) for name, one in (("eu", entry()), ("us", entry(outcome="refused")))}
    joined = join_regions({name: replace(one, run={**one.run, "areas": {"chosen": [], "own": []}}) for name, one in runs.items()}, "both")
    assert [(one["region"], one["outcome"]) for one in joined.examples] == [("eu", "works"), ("us", "refused")]
    assert "draw/quick from eu: works" in shown(joined)


@pytest.mark.parametrize(("outcomes", "said"), [(["works"], "1 works"), (["works", "works", "fails"], "2 work, 1 fails"), (["not run", "cannot work"], "1 cannot work, 1 not run")])
def test_the_tally_counts(outcomes: list[str], said: str) -> None:
    assert tally([entry(outcome=outcome) for outcome in outcomes]) == said
