"""The examples of a provider's documents as frozen values: word for word, and what must come of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofsheet.contract.complaints import suggestion
from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import validated
from proofsheet.contract.matrix import Source

if TYPE_CHECKING:
    from proofsheet.contract.model import Contract

FILE_NAME = "examples.yaml"
#: The kinds that are run; an ``answer`` is read and ``prose`` is shown by other cases.
RUNS = ("curl", "python")


@dataclass(frozen=True, slots=True)
class Placeholders:
    """What of a text stands for something else. ``key_variable`` is the environment variable that holds the key."""

    base_url: str = ""
    key: str | None = None
    key_variable: str | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """Why an example cannot work as it is printed. ``shows`` is exit or refused; ``says`` a pattern that its output fits."""

    why: str
    shows: str | None = None
    says: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One example. ``gives`` is what must come: images, task or status. ``before`` and ``behind`` share its lines.

    ``after`` is the example of the same operation that makes the task whose id it needs; ``shown_by`` are patterns of cases.
    """

    id: str
    source: Source
    kind: str
    operation: str
    gives: str
    text: str
    replace: Placeholders = Placeholders()
    after: str | None = None
    packages: tuple[str, ...] = ()
    broken: Broken | None = None
    shown_by: tuple[str, ...] = ()
    before: str = ""
    behind: str = ""

    @property
    def name(self) -> str:
        """The operation and the id, which together name one example of a provider."""
        return f"{self.operation}/{self.id}"

    @property
    def cited(self) -> str:
        """Its source as people write it."""
        return f"{self.source.document}:{self.source.lines}"


def read_examples(folder: Path) -> tuple[Example, ...]:
    """The examples of one provider's folder; none where the file is absent. Raises ContractError."""
    path = folder / FILE_NAME
    if not path.is_file():
        return ()
    raw = validated(path, "examples.schema.json")
    if raw["provider"] != folder.name:
        raise ContractError(str(path), f"provider is '{raw['provider']}', but the folder is '{folder.name}'")
    examples = tuple(_example(entry) for entry in raw["examples"])
    for problem in _own_problems(examples):
        raise ContractError(str(path), problem)
    return examples


def examples_of(contract: Contract) -> tuple[Example, ...]:
    """The examples of a contract, read at the first call and held against it. Raises ContractError."""
    examples = _read_once(contract.folder, contract.sha256)
    for problem in _problems(contract, examples):
        raise ContractError(str(Path(contract.folder) / FILE_NAME), problem)
    return examples


@lru_cache(maxsize=16)
def _read_once(folder: str, sha256: str) -> tuple[Example, ...]:
    """``sha256`` is the digest of the whole folder: a changed file is read again."""
    return read_examples(Path(folder))


def _example(raw: Mapping[str, Any]) -> Example:
    around, broken = raw.get("around", {}), raw.get("broken")
    fails = (broken or {}).get("fails", {})
    return Example(
        id=raw["id"],
        source=Source(raw["source"]["document"], raw["source"]["lines"]),
        kind=raw["kind"],
        operation=raw["operation"],
        gives=raw["gives"],
        text=raw["text"],
        replace=Placeholders(**raw.get("replace", {})),
        after=raw.get("after"),
        packages=tuple(raw.get("packages", ())),
        broken=Broken(broken["why"], fails.get("as"), fails.get("says")) if broken else None,
        shown_by=tuple(raw.get("shown_by", ())),
        before=around.get("before", ""),
        behind=around.get("after", ""),
    )


def _own_problems(examples: tuple[Example, ...]) -> Iterator[str]:
    """What is wrong within the file, beyond what its schema sees."""
    seen: dict[str, Example] = {}
    for example in examples:
        where = f"the example {example.name}"
        if example.name in seen:
            yield f"{where} stands twice"
        holds = example.replace
        for kept in (holds.base_url, holds.key, holds.task, f"${holds.key_variable}" if holds.key_variable else None):
            if kept and kept not in example.text:
                yield f"{where}: its text holds no '{kept}' that could be replaced"
        if example.kind in RUNS and not (holds.key or holds.key_variable):
            yield f"{where}: replace lacks the key (key, or key_variable)"
        if (holds.task is None) is not (example.after is None):
            yield f"{where}: 'after' and replace/task need each other: whose task stands for the placeholder?"
        if example.after is not None:
            maker = seen.get(f"{example.operation}/{example.after}")
            if maker is None or maker.kind not in RUNS or maker.gives != "task":
                yield f"{where}: after names '{example.after}', which is no earlier example of this operation that gives a task"
        yield from (f"{where}: {problem}" for problem in _bad_pattern(example))
        seen[example.name] = example


def _bad_pattern(example: Example) -> Iterator[str]:
    try:
        re.compile((example.broken and example.broken.says) or "")
    except re.error as error:
        yield f"broken/fails/says is no regular expression: {error}"


def _problems(contract: Contract, examples: tuple[Example, ...]) -> Iterator[str]:
    """What does not fit the contract."""
    operations = {operation.key: operation for operation in contract.operations}
    documents = {document.id: document for document in contract.documents}
    for example in examples:
        where = f"the example {example.name}"
        operation = operations.get(example.operation)
        if operation is None:
            yield f"{where} names the operation '{example.operation}', which contract.yaml lacks{suggestion(example.operation, sorted(operations))}"
        elif example.gives != "images" and operation.lifecycle is None:
            yield f"{where} gives a {example.gives}, but {example.operation} has no lifecycle"
        document = documents.get(example.source.document)
        if document is None:
            yield f"{where} cites the document '{example.source.document}', which contract.yaml does not list{suggestion(example.source.document, documents)}"
        elif document.lines is not None and _numbers(example.source.lines).stop - 1 > document.lines:
            yield f"{where} cites the lines {example.source.lines}; the document ends at {document.lines}"


def _numbers(lines: str) -> range:
    """The line numbers of ``3`` or ``3-7``."""
    first, _, last = lines.partition("-")
    return range(int(first), int(last or first) + 1)


def print_problem(example: Example, content: bytes) -> str | None:
    """What differs between an example and the document with these bytes; None where it is there word for word.

    Lines end at line feeds and nothing is normalised: a script's spaces count. A sentence may begin and end within its lines.
    """
    numbers = _numbers(example.source.lines)
    lines = content.decode("utf-8", errors="replace").split("\n")
    if not numbers or numbers[-1] > len(lines):
        return f"there is no line {numbers[-1] if numbers else example.source.lines}"
    there = "\n".join(lines[numbers[0] - 1 : numbers[-1]])
    if example.kind == "prose":
        return None if example.text in there else f"'{example.text[:60]}' does not stand there"
    wanted = example.before + example.text + example.behind
    if there == wanted:
        return None
    for number, printed, kept in zip(numbers, there.split("\n"), wanted.split("\n"), strict=False):
        if printed != kept:
            return f"line {number} is {printed[:80]!r}, and the example has {kept[:80]!r}"
    return f"the document has {len(numbers)} lines there, and the example {wanted.count(chr(10)) + 1}"


#: How an example begins that somebody can run or that shows an answer: a curl line, an import, a brace that ends a line.
_BEGINS = re.compile(r"\s*curl\s|(?:from|import)\s+[a-z_][\w.]*(?:\s+import\s.*)?$|.*\{$")


def unlisted(content: bytes, examples: Iterable[Example]) -> list[int]:
    """The lines of a document on which an example seems to begin that none of these holds."""
    held = {number for example in examples for number in _numbers(example.source.lines)}
    lines = content.decode("utf-8", errors="replace").split("\n")
    return [number for number, line in enumerate(lines, 1) if number not in held and _BEGINS.match(line)]
