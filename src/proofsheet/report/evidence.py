"""evidence/: a folder for each finding that stands against the target, which its makers can use without this tool."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofsheet.report.groups import Group, grouped
from proofsheet.report.markdown import escaped, fenced
from proofsheet.report.text import block, command
from proofsheet.results.errors import ReportError
from proofsheet.results.model import Finding, RequirementResult, Results
from proofsheet.results.writing import write_atomically

EVIDENCE = "evidence"
THUMBNAILS = "thumbnails"
_VERDICTS = ("fail", "error", "warn")
#: Findings of one cause that get a folder, folders in all, exchanges in one, images in one.
PER_CAUSE, IN_ALL, EXCHANGES, IMAGES = 3, 150, 4, 4
#: Characters of one text file, and bytes of a thumbnail that is copied.
LONGEST, LARGEST = 20_000, 300_000
_OURS = re.compile(r"\d{3}-[a-z0-9-]{1,80}")
_DIGEST = re.compile(r"[0-9a-f]{16,128}")
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True)
class _Shown:
    """One finding with all that is known of it, and the name of its folder."""

    name: str
    finding: Finding
    alike: int
    requirement: RequirementResult | None
    exchanges: Sequence[Mapping[str, Any]]
    images: Sequence[Mapping[str, Any]]


def write_evidence(directory: Path, results: Results) -> Path | None:
    """Write the folders and their index.md; None where nothing stands against the target. Raises ReportError."""
    root = directory / EVIDENCE
    shown = list(_chosen(results))
    try:
        _clear(root)
        if not shown:
            return None
        for one in shown:
            (root / one.name).mkdir(parents=True, exist_ok=True)
            for name, text in _files(one, results).items():
                write_atomically(root / one.name / name, text)
            _copy_thumbnails(directory / THUMBNAILS, root / one.name, one)
        write_atomically(root / "index.md", "\n".join(_index(shown, results)) + "\n")
    except OSError as error:
        raise ReportError.of(root, error) from error
    return root


def _clear(root: Path) -> None:
    """Take away what an earlier run left here, and nothing that is not of this tool."""
    if root.is_symlink() or not root.is_dir():
        return
    for path in root.iterdir():
        if _OURS.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
    (root / "index.md").unlink(missing_ok=True)


def _chosen(results: Results) -> Iterator[_Shown]:
    requirements = {entry.id: entry for entry in results.requirements}
    exchanges = {str(entry["id"]): entry for entry in results.exchanges}
    images: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for image in results.images:
        images.setdefault((str(image.get("exchange")), str(image.get("region", ""))), []).append(image)
    number = 0
    for verdict in _VERDICTS:
        for group in grouped(results.findings, (verdict,)):
            for finding in _examples(group):
                number += 1
                if number > IN_ALL:
                    return
                mine = [exchanges[name] for name in finding.exchanges if name in exchanges]
                pictures = [image for name in finding.exchanges for image in images.get((name, finding.region), ())]
                yield _Shown(_folder(number, finding), finding, len(group.findings), requirements.get(finding.requirement), _few(mine), pictures[:IMAGES])


def _examples(group: Group) -> Sequence[Finding]:
    return group.findings[:PER_CAUSE]


def _few(exchanges: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The first ones and the last: a long trace of polls says little in between."""
    return exchanges if len(exchanges) <= EXCHANGES else [*exchanges[: EXCHANGES - 1], exchanges[-1]]


def _folder(number: int, finding: Finding) -> str:
    """A name out of letters, digits and hyphens alone, whatever an id holds."""
    slug = re.sub(r"[^a-z0-9]+", "-", f"{finding.check} {finding.case.partition('/')[2]}".lower()).strip("-")[:70].strip("-")
    return f"{number:03d}-{slug or 'finding'}"


def _files(one: _Shown, results: Results) -> dict[str, str]:
    files = {"finding.md": "\n".join(_finding(one, results)) + "\n"}
    if one.finding.curl:
        files["curl.sh"] = f"#!/bin/sh\n# Set the variables that stand for keys first.\n{command(one.finding.curl)}\n"
    for number, exchange in enumerate(one.exchanges, start=1):
        files[f"request-{number}.txt"] = block("\n".join(_request(exchange)), LONGEST) + "\n"
        files[f"response-{number}.txt"] = block("\n".join(_response(exchange)), LONGEST) + "\n"
    return files


def _finding(one: _Shown, results: Results) -> Iterator[str]:
    finding, requirement, run = one.finding, one.requirement, results.run
    yield f"# {escaped(finding.check)} on {escaped(finding.case, 300)}\n"
    if run["provenance"] == "simulated":
        yield "**SIMULATED**: the reference gateway answered. This says nothing about any vendor.\n"
    yield f"- verdict: **{escaped(finding.verdict)}** ({escaped(finding.level)}): {escaped(finding.message, 600)}"
    yield from (f"- {label}: {escaped(text, 600)}" for label, text in (("expected", finding.expected), ("actual", finding.actual), ("region", finding.region)) if text)
    yield f"- requirement: {escaped(finding.requirement)}"
    if requirement is not None:
        yield f"  - states: {escaped(requirement.statement, 1000)}"
        yield f"  - source (document:lines): {escaped(requirement.source, 400)}"
    yield f"- target: {escaped(run['target']['name'])}, {escaped(run['target']['base_url'], 300)}; run {escaped(run['id'])}, begun {escaped(run['started_at'])}"
    if one.alike > 1:
        yield f"- findings with the same cause in this run: {one.alike}"
    for image in one.images:
        size = f"{image['width']}x{image['height']} {image['format']}" if image.get("width") else str(image.get("problem") or "undecoded")
        yield f"- image: {escaped(size)}, {image.get('bytes', 0)} bytes, sha256 {escaped(str(image.get('digest')))}"
    if finding.curl:
        yield "\nOne line that sends it again (variables stand for keys):\n"
        yield fenced(finding.curl)


def _request(exchange: Mapping[str, Any]) -> Iterator[str]:
    sent = exchange.get("request", {})
    yield f"{sent.get('method', '')} {sent.get('url', '')}"
    yield from (f"{name}: {value}" for name, value in sent.get("headers", {}).items())
    yield f"\n{sent.get('body') or _unshown(sent.get('bytes', 0))}"


def _response(exchange: Mapping[str, Any]) -> Iterator[str]:
    if exchange.get("problem"):
        yield f"# {exchange['problem']}: {exchange.get('detail', '')}"
    yield f"HTTP {exchange['status']}" if exchange.get("status") is not None else "# no answer"
    yield from (f"{name}: {value}" for name, value in exchange.get("headers", {}).items())
    yield f"\n{exchange.get('body') or _unshown(exchange.get('bytes', 0))}"
    yield f"\n# {exchange.get('times', {}).get('seconds', 0)} s; sha256 of the whole body: {exchange.get('digest')}"


def _unshown(size: int) -> str:
    return f"# {size} bytes that are no text" if size else "# no body"


def _copy_thumbnails(source: Path, folder: Path, one: _Shown) -> None:
    """Copy the small picture of each image, where there is one. A digest comes from our own hashing; its form is checked all the same."""
    for image in one.images:
        digest = str(image.get("digest"))
        if not _DIGEST.fullmatch(digest):
            continue
        for suffix in _SUFFIXES:
            path = source / f"{digest}{suffix}"
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST:
                shutil.copyfile(path, folder / f"image-{digest[:16]}{suffix}")
                break


def _index(shown: Sequence[_Shown], results: Results) -> Iterator[str]:
    run = results.run
    standing = sum(finding.verdict in _VERDICTS for finding in results.findings)
    yield f"# What stands against {escaped(run['target']['name'])}\n"
    if run["provenance"] == "simulated":
        yield "**SIMULATED**: the reference gateway answered. This says nothing about any vendor.\n"
    yield f"The documented contract of {escaped(run['target']['provider'])}, run {escaped(run['id'])}, begun {escaped(run['started_at'])}."
    yield f"{standing} findings stand; {len(shown)} have a folder: at most {PER_CAUSE} of one cause and {IN_ALL} in all. The rest is in results.json.\n"
    yield "| folder | verdict | requirement | what was seen | alike |"
    yield "|---|---|---|---|---:|"
    for one in shown:
        finding = one.finding
        yield f"| [{one.name}]({one.name}/finding.md) | {finding.verdict} | {escaped(finding.requirement)} | {escaped(finding.message)} | {one.alike} |"
