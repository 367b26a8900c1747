"""Every line of every document is accounted for, and the committed proof of it agrees with the specs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml

from proofsheet.contract import trace as tracing
from proofsheet.contract.files import specs_root

TEXT = b"Title\nDraws pictures.\nA sentence nobody understands\nThe end"


def _specs(root: Path, requirement: str = "1-2", dispute: str = "2-3", silent: str = "4", **document: object) -> Path:
    """A folder of specs with one provider, whose document has four lines."""
    folder = root / "specs" / "lumen"
    folder.mkdir(parents=True)
    contract = {
        "provider": "lumen",
        "title": "Lumen",
        "base_url": "https://lumen.example",
        "documents": [{"id": "d", "title": "Guide", "sha256": hashlib.sha256(TEXT).hexdigest(), "lines": 4, **document}],
        "answers": {},
        "operations": {"draw": {"operation": "draw", "purpose": "generate"}},
    }
    matrix = {
        "provider": "lumen",
        "requirements": [
            {
                "id": "lumen.draws",
                "level": "must",
                "statement": "It draws.",
                "source": {"document": "d", "lines": requirement},
                "excluded": "a sample",
            },
        ],
        "disputes": [{"id": "lumen.odd", "statement": "Odd.", "readings": ["a", "b"], "judged": "not", "sources": [{"document": "d", "lines": dispute}]}],
        "silent": [{"document": "d", "lines": [silent], "why": "a farewell"}],
    }
    (folder / "contract.yaml").write_text(yaml.safe_dump(contract))
    (folder / "requirements.yaml").write_text(yaml.safe_dump(matrix))
    return root / "specs"


def _documents(root: Path, content: bytes = TEXT) -> Path:
    folder = root / "documents"
    folder.mkdir(exist_ok=True)
    (folder / "any-name.txt").write_bytes(content)
    return folder


def _run(specs: Path, *arguments: object) -> int:
    return tracing.main([*(str(argument) for argument in arguments), "--specs", str(specs)])


def test_the_committed_proof_agrees_with_the_specs(capsys: pytest.CaptureFixture[str]) -> None:
    assert tracing.main([]) == 0, capsys.readouterr().err


def test_the_committed_proof_speaks_of_every_provider_and_leaves_no_line() -> None:
    root = specs_root()
    found = {name: tracing.trace(name, root) for name in ("maxapi", "apimaster", "xairouter", "threedaistudio")}
    lengths = {coverage.document: coverage.lines for entry in found.values() for coverage in entry.documents}
    assert lengths == {"000": 48, "001": 99, "002": 48, "003": 76, "004": 80}
    assert all(sum(map(len, c.by_class.values())) == c.lines for entry in found.values() for c in entry.documents)
    assert (root / tracing.FILE_NAME).read_text() == tracing.written(tracing.trace(name, root) for name in sorted(found))


def test_a_line_counts_for_the_strongest_class(tmp_path: Path) -> None:
    (coverage,) = tracing.trace("lumen", _specs(tmp_path)).documents
    assert coverage.by_class == {"requirement": (1, 2), "dispute": (3,), "silent": (4,)}
    assert coverage.problems == ()


def test_a_proof_is_kept_and_agrees_until_the_matrix_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    specs = _specs(tmp_path)
    assert _run(specs, _documents(tmp_path), "--write") == 0
    assert "lumen" in capsys.readouterr().out
    assert _run(specs) == 0
    matrix = specs / "lumen" / "requirements.yaml"
    matrix.write_text(matrix.read_text().replace("level: must", "level: info"))
    assert _run(specs) == 1
    assert "prove the documents again" in capsys.readouterr().err


def test_a_contract_that_names_another_document_does_not_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    specs = _specs(tmp_path)
    assert _run(specs, _documents(tmp_path), "--write") == 0
    contract = specs / "lumen" / "contract.yaml"
    contract.write_text(contract.read_text().replace(hashlib.sha256(TEXT).hexdigest(), "a" * 64))
    capsys.readouterr()
    assert _run(specs) == 1
    assert _run(specs, _documents(tmp_path)) == 1
    assert "no file in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dispute": "2"}, "nothing accounts for the lines 3"),
        ({"silent": "1", "dispute": "1"}, "nothing accounts for the lines 3-4"),
        ({"requirement": "1-2, 5, 7-8"}, "there is no line 5, 7-8; the document ends at 4"),
        ({"silent": "0, 4"}, "there is no line 0"),
        ({"lines": 5, "silent": "4-5"}, "contract.yaml says 5 lines, the document has 4"),
        ({"id": "other"}, "cites the document d, which contract.yaml does not list"),
    ],
)
def test_what_is_not_accounted_for_is_said_and_nothing_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object], said: str) -> None:
    specs = _specs(tmp_path, **change)  # type: ignore[arg-type]
    assert _run(specs, _documents(tmp_path), "--write") == 1
    assert said in capsys.readouterr().err
    assert not (specs / tracing.FILE_NAME).exists()


def test_a_changed_document_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(_specs(tmp_path), _documents(tmp_path, TEXT + b"!")) == 1
    assert "no file in" in capsys.readouterr().err


def test_a_document_without_digest_or_length_proves_nothing(tmp_path: Path) -> None:
    specs = _specs(tmp_path)
    contract = specs / "lumen" / "contract.yaml"
    contract.write_text("\n".join(line for line in contract.read_text().splitlines() if "sha256" not in line))
    assert tracing.trace("lumen", specs).all_problems == ("lumen, document d: contract.yaml must give its sha256 and its number of lines",)


def test_no_proof_is_kept_without_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _run(_specs(tmp_path), "--write")
    assert "a proof needs the documents" in capsys.readouterr().err


def test_a_folder_that_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _run(_specs(tmp_path), tmp_path / "nowhere")
    assert "is no folder" in capsys.readouterr().err


def test_specs_that_do_not_validate_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    specs = _specs(tmp_path)
    (specs / "lumen" / "requirements.yaml").unlink()
    assert _run(specs) == 4
    assert "this file is missing" in capsys.readouterr().err


@pytest.mark.parametrize(("numbers", "text"), [([], ""), ([3], "3"), ([1, 2, 3, 7, 9, 10], "1-3, 7, 9-10"), ([2, 1], "1-2")])
def test_ranges(numbers: list[int], text: str) -> None:
    assert tracing.ranges(numbers) == text


@pytest.mark.parametrize(("content", "lines"), [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\n\n", 2)])
def test_line_count(content: bytes, lines: int) -> None:
    assert tracing.line_count(content) == lines
