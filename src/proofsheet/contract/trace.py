"""``python -m proofsheet.contract.trace [DOCUMENTS]``: whether every line of every provider document is accounted for.

With the documents: their digests and lengths must be those that the contracts name, every line must be cited by a
requirement or a dispute or be listed as claiming nothing, no citation may lie past the end, and each example must stand
word for word on the lines that it names. ``--write`` then keeps the proof in ``specs/traceability.json``. Without the
documents: the kept proof must agree with the specs as they are.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofsheet.contract.errors import ContractError
from proofsheet.contract.examples import FILE_NAME as EXAMPLES
from proofsheet.contract.examples import Example, print_problem, read_examples, unlisted
from proofsheet.contract.files import read_document, specs_root, validated
from proofsheet.contract.loading import provider_names
from proofsheet.contract.model import Matrix
from proofsheet.contract.requirements import line_numbers, read_matrix

#: What accounts for a line, strongest first: a line counts for the first class that names it.
CLASSES = ("requirement", "dispute", "silent")
FILE_NAME = "traceability.json"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What accounts for the lines of one document. ``problems`` are sentences for people; none means that all is proved."""

    document: str
    sha256: str | None
    lines: int
    by_class: Mapping[str, tuple[int, ...]]
    problems: tuple[str, ...]

    def kept(self) -> dict[str, Any]:
        """The form in which it stands in the committed file."""
        return {"sha256": self.sha256, "lines": self.lines, **{name: ranges(self.by_class[name]) for name in CLASSES}}


@dataclass(frozen=True, slots=True)
class Trace:
    """The coverage of one provider's documents by one state of its matrix."""

    provider: str
    requirements_sha256: str
    documents: tuple[Coverage, ...]
    problems: tuple[str, ...]
    examples: tuple[Example, ...] = ()
    examples_sha256: str | None = None

    @property
    def all_problems(self) -> tuple[str, ...]:
        """Every problem, each with the provider and the document it is about."""
        own = [f"{self.provider}: {problem}" for problem in self.problems]
        return tuple(own + [f"{self.provider}, document {c.document}: {problem}" for c in self.documents for problem in c.problems])

    def kept(self) -> dict[str, Any]:
        """The form in which it stands in the committed file."""
        examples = {} if self.examples_sha256 is None else {"examples_sha256": self.examples_sha256}
        return {"requirements_sha256": self.requirements_sha256, **examples, "documents": {c.document: c.kept() for c in self.documents}}


def trace(provider: str, root: Path) -> Trace:
    """What one provider's specs claim about its documents. Raises ContractError."""
    folder = root / provider
    contract = validated(folder / "contract.yaml", "contract.schema.json")
    matrix = read_matrix(folder / "requirements.yaml")
    documents = {str(entry["id"]): entry for entry in contract.get("documents", [])}
    strangers = sorted({document for _, document, _ in _citations(matrix)} - documents.keys())
    problems = [f"the matrix cites the document {name}, which contract.yaml does not list" for name in strangers]
    coverages = tuple(_coverage(name, entry.get("sha256"), entry.get("lines"), matrix) for name, entry in documents.items())
    examples = read_examples(folder)
    unknown = sorted({example.source.document for example in examples} - documents.keys())
    problems += [f"an example cites the document {name}, which contract.yaml does not list" for name in unknown]
    kept = _sha256((folder / EXAMPLES).read_bytes()) if examples else None
    return Trace(provider, _sha256((folder / "requirements.yaml").read_bytes()), coverages, tuple(problems), examples, kept)


def _citations(matrix: Matrix) -> Iterator[tuple[str, str, str]]:
    """Class, document and lines of everything that names lines."""
    for requirement in matrix.requirements:
        yield from (("requirement", source.document, source.lines) for source in requirement.sources)
    for dispute in matrix.disputes:
        yield from (("dispute", source.document, source.lines) for source in dispute.sources)
    for silent in matrix.silent:
        yield from (("silent", silent.document, lines) for lines in silent.lines)


def _coverage(document: str, sha256: str | None, length: int | None, matrix: Matrix) -> Coverage:
    if sha256 is None or length is None:
        return Coverage(document, sha256, 0, dict.fromkeys(CLASSES, ()), ("contract.yaml must give its sha256 and its number of lines",))
    named: dict[str, set[int]] = {name: set() for name in CLASSES}
    for kind, cited, lines in _citations(matrix):
        if cited == document:
            named[kind].update(line_numbers(lines))
    every = set(range(1, length + 1))
    outside = set().union(*named.values()) - every
    by_class: dict[str, tuple[int, ...]] = {}
    rest = set(every)
    for name in CLASSES:
        by_class[name] = tuple(sorted(rest & named[name]))
        rest -= named[name]
    problems = [f"nothing accounts for the lines {ranges(rest)}"] if rest else []
    problems += [f"there is no line {ranges(outside)}; the document ends at {length}"] if outside else []
    return Coverage(document, sha256, length, by_class, tuple(problems))


def ranges(numbers: Iterable[int]) -> str:
    """Line numbers as a person writes them: ``1-3, 7``."""
    pieces: list[list[int]] = []
    for number in sorted(numbers):
        if pieces and number == pieces[-1][-1] + 1:
            pieces[-1] = [pieces[-1][0], number]
        else:
            pieces.append([number])
    return ", ".join("-".join(str(number) for number in piece) for piece in pieces)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def line_count(content: bytes) -> int:
    """The number of lines; a last line without a line break is one too."""
    return content.count(b"\n") + (0 if content.endswith(b"\n") or not content else 1)


def against_documents(found: Trace, folder: Path) -> list[str]:
    """Problems of a trace with the documents themselves, which are known by their bytes and not by their names."""
    contents = {_sha256(content): content for content in (path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())}
    problems = []
    for coverage in found.documents:
        where = f"{found.provider}, document {coverage.document}"
        content = contents.get(coverage.sha256 or "")
        if content is None:
            problems.append(f"{where}: no file in {folder} has the digest that contract.yaml names")
        elif line_count(content) != coverage.lines:
            problems.append(f"{where}: contract.yaml says {coverage.lines} lines, the document has {line_count(content)}")
        if content is not None:
            cited = [example for example in found.examples if example.source.document == coverage.document]
            told = ((example, print_problem(example, content)) for example in cited)
            problems += [f"{where}: the example {example.name} is not as printed: {problem}" for example, problem in told if problem]
            problems += [f"{where}: line {number} begins an example, and none of examples.yaml has it" for number in unlisted(content, cited)]
    return problems


def against_kept(found: Iterable[Trace], path: Path) -> list[str]:
    """Problems of the traces with the committed proof."""
    kept = read_document(path).get("providers", {})
    now = {entry.provider: entry.kept() for entry in found}
    return [
        f"{name}: {path.name} and the specs say different things; prove the documents again and write it anew"
        for name in sorted(kept.keys() | now.keys())
        if kept.get(name) != now.get(name)
    ]


def written(found: Iterable[Trace]) -> str:
    """The text of the committed file."""
    about = "Which lines of which document are accounted for by what; written by python -m proofsheet.contract.trace DOCUMENTS --write"
    return json.dumps({"about": about, "providers": {entry.provider: entry.kept() for entry in found}}, indent=1) + "\n"


def _table(found: Iterable[Trace]) -> Iterator[str]:
    yield f"{'provider':<18}{'document':<10}{'lines':>6}" + "".join(f"{name:>13}" for name in CLASSES) + f"{'left':>7}"
    for entry in found:
        for coverage in entry.documents:
            counts = [len(coverage.by_class[name]) for name in CLASSES]
            yield (f"{entry.provider:<18}{coverage.document:<10}{coverage.lines:>6}" + "".join(f"{count:>13}" for count in counts)
                   + f"{coverage.lines - sum(counts):>7}")  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Prove, print, perhaps write. Exit 1 where something is not accounted for, 4 where the specs do not validate."""
    parser = argparse.ArgumentParser(
        prog="python -m proofsheet.contract.trace", description="Prove that every line of the documents is accounted for, and that examples are word for word."
    )
    parser.add_argument("documents", nargs="?", type=Path, help="folder of the provider documents; without it the committed proof is checked")
    parser.add_argument("--write", action="store_true", help=f"keep the proof in {FILE_NAME}")
    parser.add_argument("--specs", type=Path, default=None, help="folder of the specs (default: the shipped ones)")
    options = parser.parse_args(arguments)
    if options.write and options.documents is None:
        parser.error("--write keeps a proof, and a proof needs the documents")
    if options.documents is not None and not options.documents.is_dir():
        parser.error(f"{options.documents} is no folder")
    root = options.specs or specs_root()
    try:
        found = [trace(provider, root) for provider in provider_names(root)]
        problems = [problem for entry in found for problem in entry.all_problems]
        if options.documents is not None:
            problems += [problem for entry in found for problem in against_documents(entry, options.documents)]
        else:
            problems += against_kept(found, root / FILE_NAME)
    except ContractError as error:
        print(error, file=sys.stderr)
        return 4
    print("\n".join(_table(found)))
    for problem in problems:
        print(problem, file=sys.stderr)
    if options.write and not problems:
        (root / FILE_NAME).write_text(written(found), encoding="utf-8")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
