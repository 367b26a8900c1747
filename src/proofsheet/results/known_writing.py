"""Adding entries to a file of known failures: its lines and comments stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from proofsheet.contract.errors import ContractError
from proofsheet.contract.files import checked
from proofsheet.results.errors import ReportError
from proofsheet.results.known import Entry, read_known
from proofsheet.results.writing import write_atomically

_HEAD = "# Failures that are known. They still run; an entry that passes, matches nothing or has expired fails the run.\n"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an entry is to speak of."""

    id: str
    requirement: str | None = None


def add_entries(path: Path, wanted: Sequence[Wanted], *, reason: str, link: str, expires: date) -> tuple[list[str], list[str]]:
    """Add one line for each that is not listed yet. Returns the lines written, and where the others stand already.

    Raises ContractError where the file, or what is to be written, does not fit; ReportError where it cannot be written.
    """
    common = {"reason": reason.strip(), "link": link.strip(), "expires": str(expires)}
    entries = [{"id": one.id, **({"requirement": one.requirement} if one.requirement else {}), **common} for one in wanted]
    checked({"known": entries}, "known.schema.json", "the entry to add")
    before = read_known(path).entries if path.exists() else ()
    listed = [(one, next((entry for entry in before if _same(entry, one)), None)) for one in wanted]
    lines = [_line(entry) for entry, (_, there) in zip(entries, listed, strict=True) if there is None]
    if lines:
        text = path.read_text(encoding="utf-8") if path.exists() else _HEAD + "known:\n"
        _write(path, _with(text, lines, path), before, len(lines))
    return lines, [f"{path}:{there.line}: {there.text}" for _, there in listed if there is not None]


def _same(entry: Entry, one: Wanted) -> bool:
    return entry.id == one.id and entry.requirement in (None, one.requirement) and not entry.flaky


def _line(entry: dict[str, str]) -> str:
    """One line an entry, so that one line is all there is to delete."""
    return "- {" + ", ".join(f"{name}: {value if _PLAIN.fullmatch(value) or name == 'expires' else json.dumps(value)}" for name, value in entry.items()) + "}"


def _with(text: str, lines: Sequence[str], path: Path) -> str:
    """The text with these lines after the last entry of its list."""
    here = text.splitlines(keepends=True)
    if here and not here[-1].endswith("\n"):
        here[-1] += "\n"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pair = next(((key, value) for key, value in root.value if key.value == "known"), None) if isinstance(root, yaml.MappingNode) else None
    if pair is None:
        return "".join([*here, "known:\n", *(f"  {line}\n" for line in lines)])
    key, node = pair
    if isinstance(node, yaml.SequenceNode) and node.value:
        if not node.flow_style:
            return "".join(_after(here, node, lines))
        raise ContractError(f"{path}:{node.start_mark.line + 1}", "entries can be added to a list with one '- ' a line, not to one in brackets: write it so")
    head = here[key.start_mark.line]
    here[key.start_mark.line] = head if node.start_mark.index == node.end_mark.index else re.sub(r":\s*(\[\s*\]|~|null)", ":", head, count=1)
    at = key.start_mark.line + 1
    return "".join([*here[:at], *(f"  {line}\n" for line in lines), *here[at:]])


def _after(here: list[str], node: yaml.SequenceNode, lines: Sequence[str]) -> list[str]:
    """Blank lines and comments after the last entry belong to what follows."""
    end = node.end_mark.line if node.end_mark.line > node.value[-1].start_mark.line else node.value[-1].start_mark.line + 1
    while end > node.value[-1].start_mark.line + 1 and (not here[end - 1].strip() or here[end - 1].lstrip().startswith("#")):
        end -= 1
    indent = " " * here[node.value[0].start_mark.line].index("-")
    return [*here[:end], *(f"{indent}{line}\n" for line in lines), *here[end:]]


def _write(path: Path, text: str, before: Sequence[Entry], added: int) -> None:
    """Put the file in place if it still says what it said, and what was added."""
    said = checked(_parsed(text, path), "known.schema.json", str(path)).get("known") or ()
    if [entry["id"] for entry in said[: len(said) - added]] != [entry.id for entry in before if not entry.flaky]:
        raise ContractError(str(path), "this list is written in a way that entries cannot be added to: add them by hand")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError.of(path.parent, error) from error
    write_atomically(path, text)


def _parsed(text: str, path: Path) -> object:
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 -- it makes texts and lists and nothing else
    except yaml.YAMLError as error:
        raise ContractError(str(path), f"entries cannot be added to it: {' '.join(str(error).split())[:200]}") from None
