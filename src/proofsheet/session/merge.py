"""``proofsheet merge``: one result out of the shards, or the regions, of one run."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from proofsheet.contract import ContractError, provider_names
from proofsheet.exchange.redact import Redactor
from proofsheet.exchange.thumbnails import FOLDER as THUMBNAILS
from proofsheet.report.directory import write_reports
from proofsheet.report.index import Entry, write_index
from proofsheet.report.terminal import print_summary
from proofsheet.results.errors import ReportError, ResultsError
from proofsheet.results.known import KnownList, Scope, read_known
from proofsheet.results.merge import MergeError, Piece, Stale, join_shards
from proofsheet.results.merge_regions import join_regions
from proofsheet.results.model import Finding, Results
from proofsheet.results.reading import read_json, read_results, validate
from proofsheet.results.summary import exit_code
from proofsheet.results.writing import prepare_directory, write_results
from proofsheet.session.folders import results_folders
from proofsheet.session.history import remember
from proofsheet.session.options import Options
from proofsheet.session.runs import new_run_id, together
from proofsheet.session.shards import SHARD_FILE

USAGE = 4
_NO_SECRETS = Redactor({})
_REGION = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,39})=(.+)", re.DOTALL)
_THUMBNAIL = re.compile(r"[0-9a-f]{16,128}\.(png|jpe?g|webp)")

#: One joined result, and the folders that it was made of.
Joined = tuple[Results, list[Path]]


def merge(paths: Sequence[Path], regions: Sequence[str], out: Path, known: Path | None = None, *, require_proof: bool = False) -> int:
    """Join results, write a report directory for each target, print them. The exit code is that of the whole."""
    joining = _Joining(new_run_id(), known, require_proof)
    try:
        joined = joining.regions(regions) if regions else joining.shards(paths)
        entries = _write(joined, out.resolve())
    except (MergeError, ResultsError, ReportError, ContractError) as error:
        click.echo(f"proofsheet: {error}", err=True)
        return USAGE
    remember(Options(report_dir=out), out.resolve(), [entry.results for entry in entries])
    for entry in entries:
        print_summary(entry.results, str(out / entry.directory) if len(entries) > 1 else str(out))
    return together([exit_code(entry.results.summary) for entry in entries])


class _Joining:
    """What all joins of one command share. ``known`` is the list of known failures to weigh by; None: the one that the parts name."""

    def __init__(self, run_id: str, known: Path | None, require_proof: bool) -> None:
        self._run_id, self._known, self._require_proof = run_id, known, require_proof

    def shards(self, paths: Sequence[Path]) -> list[Joined]:
        """One result for each target that the paths hold parts of."""
        by_target: dict[tuple[str, str], list[tuple[Path, Results]]] = {}
        for folder in _distinct(results_folders(paths)):
            results = read_results(folder)
            by_target.setdefault((results.run["target"]["provider"], results.run["target"]["name"]), []).append((folder, results))
        return [self._joined(found) for found in by_target.values()]

    def regions(self, named: Sequence[str]) -> list[Joined]:
        """One result out of ``NAME=RESULTS``, each a whole result or, with a name several times, the shards of one."""
        folders: dict[str, list[Path]] = {}
        for text in named:
            match = _REGION.fullmatch(text)
            if match is None:
                raise MergeError(f"--region {text[:60]!r}: write NAME=RESULTS, with a name of letters, digits, '.', '_' and '-'")
            folders.setdefault(match[1], []).extend(results_folders([Path(match[2])]))
        if len(folders) < 2:
            raise MergeError("one region alone is nothing to join: give --region twice at least, with different names")
        joined = {name: self._region(name, _distinct(found)) for name, found in folders.items()}
        return [(join_regions({name: results for name, (results, _) in joined.items()}, self._run_id), [folder for _, found in joined.values() for folder in found])]

    def _region(self, name: str, folders: Sequence[Path]) -> Joined:
        found = [(folder, read_results(folder)) for folder in folders]
        if len(found) == 1 and "shard" not in found[0][1].run:
            return found[0][1], list(folders)
        if len({results.run["target"]["name"] for _, results in found}) > 1:
            raise MergeError(f"region {name} holds several targets: join one target at a time")
        return self._joined(found)

    def _joined(self, found: Sequence[tuple[Path, Results]]) -> Joined:
        pieces = [_piece(folder, results) for folder, results in found]
        return join_shards(pieces, self._run_id, stale=self._stale(pieces), require_proof=self._require_proof), [folder for folder, _ in found]

    def _stale(self, pieces: Sequence[Piece]) -> Stale | None:
        """The list of known failures is weighed against the whole: an entry may fit cases of several parts."""
        named = next((piece.results.summary["known"]["file"] for piece in pieces if piece.results.summary.get("known")), None)
        file = self._known or (Path(named) if named is not None else None)
        if file is None:
            return None
        if not file.is_file():
            raise MergeError(f"the parts were run with the known failures of {file}, which is not here: name that file with --known")
        listed: KnownList = read_known(file)
        target, first = pieces[0].results.run["target"], pieces[0].results
        whole = first.run["tier"] == "full" and not any(value for name, value in first.run["selection"].items() if name != "shard")

        def stale(findings: Sequence[Finding], cases: Sequence[str]) -> list[str]:
            providers = {target["provider"], *provider_names(None)}
            requirements = [entry.id for entry in first.requirements]
            return listed.problems(findings, Scope(target["name"], target["provider"], cases, set(cases), requirements, providers, whole=whole))

        return stale


def _distinct(folders: Iterable[Path]) -> list[Path]:
    """The folders; one that is named twice is not read twice without a word."""
    found: dict[Path, Path] = {}
    for folder in folders:
        if folder.resolve() in found:
            raise MergeError(f"{folder}: is named twice: name each part once")
        found[folder.resolve()] = folder
    return list(found.values())


def _piece(folder: Path, results: Results) -> Piece:
    if "shard" not in results.run:
        raise MergeError(f"{folder}: is no part of a plan: its run was made without --shard. Regions are joined with --region NAME=RESULTS")
    place = folder if folder.is_dir() else folder.parent
    part = read_json(place / SHARD_FILE)
    validate(place / SHARD_FILE, part, "shard.schema.json")
    if {name: part[name] for name in ("index", "of", "plan")} != dict(results.run["shard"]):
        raise MergeError(f"{place / SHARD_FILE}: is of another part than the results beside it: take both from the same run")
    return Piece(str(folder), results, part)


def _write(joined: Sequence[Joined], root: Path) -> list[Entry]:
    """Write one report directory for each target, beside an index where there are several. Raises ReportError."""
    entries = []
    for results, folders in joined:
        name = re.sub(r"[^A-Za-z0-9._-]+", "_", str(results.run["target"]["name"])).lstrip(".") or "target"
        directory = root / name if len(joined) > 1 else root
        prepare_directory(directory)
        copied = _copy_thumbnails(folders, directory)
        written = write_results(directory, replace(results, files={THUMBNAILS: THUMBNAILS} if copied else {}), _NO_SECRETS)
        write_reports(directory, written)
        entries.append(Entry(directory.name, written))
    if len(entries) > 1:
        write_index(root, entries)
    return entries


def _copy_thumbnails(folders: Iterable[Path], directory: Path) -> bool:
    """Bring the small pictures together. They are named by digest, so that equal ones are one file."""
    found = [path for folder in folders for path in sorted((folder / THUMBNAILS).glob("*")) if _THUMBNAIL.fullmatch(path.name) and path.is_file() and not path.is_symlink()]
    try:
        for path in found:
            (directory / THUMBNAILS).mkdir(exist_ok=True)
            if path.resolve() != (directory / THUMBNAILS / path.name).resolve():
                shutil.copyfile(path, directory / THUMBNAILS / path.name)
    except OSError as error:
        raise ReportError.of(directory / THUMBNAILS, error) from error
    return bool(found)
