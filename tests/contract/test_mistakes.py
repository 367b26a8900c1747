"""What a newcomer gets wrong in a folder of specs is told in one line: the file, the place and the mend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from proofsheet.contract.__main__ import main

INKWELL = Path(__file__).parent.parent / "invented" / "specs" / "inkwell"

# File, what stands there (None: all of it), what is written instead (None: the file is taken away), what is said.
MISTAKES = [
    pytest.param("contract.yaml", "progress: header", "progres: header", "'progres' is no key here; did you mean 'progress'?", id="typo-in-a-key"),
    pytest.param("contract.yaml", "lifecycles:", "lifecycle:", "did you mean 'lifecycles'?", id="typo-top-key"),
    pytest.param("contract.yaml", "default: 640x480}\n      count", "defualt: 640x480}\n      count", "operations/drawings/roles/dimensions: 'defualt'", id="typo-in-role-key"),
    pytest.param(
        "contract.yaml",
        "operation: draw\n",
        "operation: drawing\n",
        "operations/drawings names the operation 'drawing', which openapi.yaml lacks; did you mean 'draw'?",
        id="wrong-operationId",
    ),
    pytest.param("contract.yaml", 'path: {id: "${id}"}', "path: {}", "lifecycles/drawing/poll/path lacks 'id'", id="missing-path-param"),
    pytest.param("contract.yaml", 'path: {id: "${id}"}', 'path: {job: "${id}"}', "lifecycles/drawing/poll/path lacks 'id'", id="wrong-path-param"),
    pytest.param("contract.yaml", '$.sheets[*]", url', '$.sheets[*", url', "answers/sheets/images/0: '$.sheets[*' is no JSONPath", id="bad-JSONPath"),
    pytest.param("contract.yaml", "json:$.sheets[*].canvas", "json:$.sheets[*.canvas", "'$.sheets[*.canvas' is no JSONPath", id="bad-JSONPath-in-locator"),
    pytest.param(
        "contract.yaml", "table: canvases", "table: canvasses", "canvasses.yaml: there is no preset table of this name; did you mean 'canvases'?", id="unknown-preset-table"
    ),
    pytest.param(
        "requirements.yaml", "pixels.exact:", "pixels.exat:", "(inkwell.canvas.pixels)/checks: 'pixels.exat' is no key here; did you mean 'pixels.exact'?", id="unknown-check"
    ),
    pytest.param("contract.yaml", "at: json:/sheets", "at: json:/sheet", "operations/drawings/roles/count: the request schema has no 'sheet'", id="role-at-place-schema-lacks"),
    pytest.param("contract.yaml", "at: json:/sheets", "at: query:sheets", "openapi.yaml has no query parameter 'sheets' for draw", id="role-at-undocumented-query"),
    pytest.param("contract.yaml", "at: json:/sheets", "at: sheets", "'sheets' does not fit; here belongs a place in a request", id="place-without-kind"),
    pytest.param("contract.yaml", "at: json:/sheets", "at: json:sheets", "json:/pointer", id="place-without-slash"),
    pytest.param(
        "contract.yaml",
        "progress: header:X-Progress",
        "progress: headers:X-Progress",
        "'headers:X-Progress' does not fit; here belongs a place in an answer",
        id="locator-of-unknown-kind",
    ),
    pytest.param("contract.yaml", "/v2/operations/([^/?]+)", "/v2/operations/([^/?+", "is no regular expression", id="broken-regex"),
    pytest.param("requirements.yaml", "id: inkwell.key.needed", "id: inkwell.key.place", "inkwell.key.place stands twice", id="duplicate-requirement"),
    pytest.param("contract.yaml", "id: unknown-key", "id: no-key", "the id 'no-key' stands twice", id="duplicate-catalogue-id"),
    pytest.param(
        "contract.yaml", "    purpose: generate", "    purpose: generate\n    purpose: edit", "line 32, column 5: the key 'purpose' stands twice", id="duplicate-YAML-key"
    ),
    pytest.param("openapi.yaml", "operationId: proof", "operationId: draw", "the operationId 'draw' stands twice (PUT /v2/proofs)", id="duplicate-operationId"),
    pytest.param("openapi.yaml", "#/components/responses/Fault", "#/components/responses/Fautl", "the reference '#/components/responses/Fautl' names nothing", id="broken-ref"),
    pytest.param("openapi.yaml", "schemas/drawing.json", "schemas/drawings.json", "which is missing", id="missing-schema-file"),
    pytest.param("schemas/drawing.json", '"minimum": 1', '"minimum": "1"', "is no JSON Schema: at properties/sheets/minimum", id="schema-that-is-none"),
    pytest.param("schemas/drawing.json", '"type": "integer"', '"type": "int"', "is no JSON Schema: at properties/sheets/type", id="schema-with-unknown-type"),
    pytest.param("schemas/drawing.json", '"maxLength": 400}', '"maxLength": 400,}', "is not valid JSON", id="broken-JSON"),
    pytest.param("contract.yaml", "    purpose: generate", "\tpurpose: generate", "never with tabs", id="YAML-tabs"),
    pytest.param("contract.yaml", "    purpose: generate", "   purpose: generate", "line 31, column 4", id="YAML-bad-indent"),
    pytest.param(
        "requirements.yaml", "statement: An error is plain text with", "statement: An error: plain text with", "put text that holds a colon in quotes", id="unquoted-colon"
    ),
    pytest.param("contract.yaml", '{id: "${id}"}', "{id: ${id}}", "put text that holds braces", id="unquoted-template"),
    pytest.param("contract.yaml", "lifecycle: drawing", "lifecycle: drawings", "the lifecycle 'drawings', which is not there; did you mean 'drawing'?", id="unknown-lifecycle"),
    pytest.param("contract.yaml", "answer: sheets", "answer: sheet", "did you mean 'sheets'?", id="unknown-answer"),
    pytest.param("contract.yaml", "extends: drawings", "extends: drawing", "operations/proofs extends 'drawing'", id="extends-unknown"),
    pytest.param("contract.yaml", "extends: drawings", "extends: proofs", "operations/proofs extends itself", id="extends-itself"),
    pytest.param("contract.yaml", "provider: inkwell", "provider: inkwel", "but the folder is 'inkwell'", id="provider-is-not-the-folder"),
    pytest.param("requirements.yaml", "provider: inkwell", "provider: inkwel", "but the folder is 'inkwell'", id="requirements-of-another"),
    pytest.param("reference.yaml", "provider: inkwell", "provider: inkwel", "but the folder is 'inkwell'", id="reference-of-another"),
    pytest.param("requirements.yaml", "level: must", "level: shall", "'shall' is not allowed here (known: must, should, info)", id="unknown-level"),
    pytest.param("requirements.yaml", "    excluded:", "    checks: {}\n    excluded:", "either checks or the reason why it is excluded", id="checks-and-excluded"),
    pytest.param("requirements.yaml", "document: manual", "document: handbook", "cites the document 'handbook'", id="unknown-document"),
    pytest.param("contract.yaml", "provoke: no_key", "provoke: nokey", "here belongs one of the words no_key", id="unknown-provocation"),
    pytest.param("contract.yaml", "parameter: dimensions", "parameter: canvas", "names the role 'canvas', which no operation has", id="parameter-of-no-role"),
    pytest.param(
        "contract.yaml", "text: a heron in the reeds", "txt: a heron in the reeds", "operations/drawings/request/json must be valid by the request schema", id="base-is-invalid"
    ),
    pytest.param(
        "contract.yaml",
        "pixels: {table: canvases, default: {dimensions: 640x480}",
        "pixels: {table: canvases, default: {dimensions: 640x400}",
        "did you mean '640x480'?",
        id="default-is-no-cell",
    ),
    pytest.param(
        "openapi.yaml", "security: [{key: []}]", "security: [{keys: []}]", "the security scheme 'keys', which is not there; did you mean 'key'?", id="unknown-security-scheme"
    ),
    pytest.param("openapi.yaml", "security: [{key: []}]", "security: [{key: [], other: []}]", "key and other at once", id="two-keys-at-once"),
    pytest.param("openapi.yaml", "{type: apiKey, in: query, name: key}", "{type: oauth2, flows: {}}", "must be http bearer, http basic or apiKey", id="oauth"),
    pytest.param("openapi.yaml", None, "", "this is no OpenAPI document", id="empty-openapi"),
    pytest.param("openapi.yaml", None, "[]", "this is no OpenAPI document", id="list-for-openapi"),
    pytest.param("contract.yaml", None, "", "at the top: null must be a mapping", id="empty-contract"),
    pytest.param("openapi.yaml", None, None, "this file is missing", id="no-openapi"),
    pytest.param("requirements.yaml", None, None, "this file is missing", id="no-requirements"),
    pytest.param("reference.yaml", "${image.url}", "${picture.url}", "'${picture}' is no placeholder", id="unknown-placeholder"),
    pytest.param("reference.yaml", "  proof:\n", "  prof:\n", "lifecycles lacks 'proof'", id="lifecycle-not-worded"),
    pytest.param("contract.yaml", 'amount: "2"', "amount: 2", 'write it in quotes: "2"', id="amount-as-a-number"),
    pytest.param("contract.yaml", 'amount: "2"', 'amount: "2/0"', "here belongs an amount in quotes", id="amount-over-nothing"),
    pytest.param("contract.yaml", "when: {dimensions:", "when: {size:", "names the role 'size', which no operation has", id="when-of-no-role"),
    pytest.param("presets/canvases.yaml", "axes: [dimensions]", "axes: [dimensions, size]", "needs one value for each of the axes", id="cell-with-too-few-values"),
    pytest.param("presets/canvases.yaml", "axes: [dimensions]", "axes: [dimension]", "did you mean 'dimensions'?", id="axis-of-no-role"),
    pytest.param("presets/canvases.yaml", "cells:", "cell:", "'cells' is missing", id="table-without-cells"),
    pytest.param("contract.yaml", "    lifecycle: drawing\n", "", "needs an answer", id="operation-without-answer"),
    pytest.param("contract.yaml", '"$.sheets[*]", url: "$.href"}', '"$.sheets[*]"}', "write url, base64, at or body: true", id="image-rule-that-finds-nothing"),
    pytest.param("contract.yaml", "      count: {at", "      references: {at: json:/paper}\n      count: {at", "needs forms", id="references-without-forms"),
    pytest.param(
        "contract.yaml",
        "      count: {at",
        '      references: {at: json:/paper, forms: {url: "${uri}"}}\n      count: {at',
        "'${uri}' is no placeholder; did you mean 'url'?",
        id="forms-with-unknown-placeholder",
    ),
    pytest.param(
        "openapi.yaml",
        "requestBody: {required: true, content: {application/json: {schema: {$ref: schemas/proof.json}}}}",
        "summary: none",
        "openapi.yaml documents none for proof",
        id="path-without-body",
    ),
    pytest.param("contract.yaml", 'running: ["202"], succeeded: ["303"]', 'runing: ["202"], succeeded: ["303"]', "did you mean 'running'?", id="status-not-listed"),
    pytest.param("contract.yaml", "status: [403], codes", 'status: ["403"], codes', "a status such as 403, or 4xx, or 5xx", id="number-status"),
    pytest.param(
        "contract.yaml",
        "provoke: {state: upstream_error}",
        "provoke: {state: upstream_error}, on: [drawing]",
        "'drawing' fits no operation; did you mean 'drawings'?",
        id="on-of-no-operation",
    ),
    pytest.param(
        "contract.yaml",
        "    lifecycle: drawing\n",
        '    lifecycle: drawing\n    probes: [{id: odd, set: {"json:/sheets": 2}, expect: refuse}]\n',
        "operations/drawings/probes/odd is refused, but the request schema allows it",
        id="probe-the-schema-allows",
    ),
    pytest.param("contract.yaml", "    lifecycle: drawing\n", "    lifecycle: drawing\n    models: {big: {}}\n", "the model 'big', which is not there", id="unknown-model"),
    pytest.param("requirements.yaml", '    source: {document: manual, lines: "3"}\n', "", "'source' is missing", id="missing-source"),
    pytest.param("requirements.yaml", 'lines: "3"}', "lines: 3}", 'write it in quotes: "3"', id="lines-as-a-number"),
]


def spoilt(folder: Path, file: str, old: str | None, new: str | None) -> Path:
    """A copy of the invented provider with one mistake."""
    copy = folder / "inkwell"
    shutil.copytree(INKWELL, copy)
    path = copy / file
    if new is None:
        path.unlink()
    elif old is None:
        path.write_text(new, encoding="utf-8")
    else:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


@pytest.mark.parametrize(("file", "old", "new", "said"), MISTAKES)
def test_a_mistake_is_told_in_one_line(file: str, old: str | None, new: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = spoilt(tmp_path, file, old, new)
    assert main([str(folder)]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith(str(folder))
    assert said in line
    assert "Traceback" not in line


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "requirements.yaml", 'errors.status: ["inkwell/*/errors/haste"]', 'errors.status: ["inkwell/drawings/errors/hast"]',
            "requirements.yaml: inkwell.faults.haste: errors.status: no case fits 'inkwell/drawings/errors/hast'; did you mean 'inkwell/drawings/errors/haste'?",
        ),
        ("contract.yaml", "prices:", "features: {x: {title: X, cases: [inkwell/nothing/**]}}\nprices:", "contract.yaml: features/x: no case fits 'inkwell/nothing/**'"),
        ("reference.yaml", None, None, "the reference gateway cannot serve it"),
    ],
    ids=["requirement", "feature", "no-reference"],
)  # fmt: skip
def test_what_would_never_be_noticed_is_warned_of(file: str, old: str | None, new: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(spoilt(tmp_path, file, old, new))]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    (warning,) = [line for line in captured.out.splitlines() if line.startswith("warning: ")]
    assert said in warning


def test_a_folder_without_mistakes_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(INKWELL)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "inkwell: 47 requirements (1 excluded), 0 disputes",
        "  drawings: PUT /v2/drawings, roles prompt, dimensions, count, format",
        "  proofs: PUT /v2/proofs, roles prompt, dimensions",
    ]


def test_no_folder_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 4
    assert "name one or more folders" in capsys.readouterr().err
