"""One set of cassettes on the disk: opened and checked as a whole, or not at all.

- ``set.json``: what it is (specs/schemas/cassettes.schema.json)
- ``SHA256SUMS``: the digest of every other file, as sha256sum writes it
- ``facts.json``: what each picture was, by its digest
- ``<case>.yaml``: cassettes
- ``blobs/``: the bytes of pictures
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jsonschema

from proofsheet.contract.files import shipped_validator
from proofsheet.exchange.inspection import Facts
from proofsheet.recording.about import About
from proofsheet.recording.blobs import FOLDER, BlobStore
from proofsheet.recording.cassette import Cassette, from_text
from proofsheet.recording.errors import RecordingError

SET_FILE, SUMS_FILE, FACTS_FILE = "set.json", "SHA256SUMS", "facts.json"
_AGAIN = "restore the folder from where it was recorded, or record again with 'proofsheet verify --mode record'"


class CassetteSet:
    """A set that has been opened: all its files are there and are those that were recorded."""

    def __init__(self, folder: Path, about: About, sums: Mapping[str, str]) -> None:
        self.folder, self.about, self._sums = folder, about, sums
        self.store = BlobStore(folder / FOLDER, about.heads_only)

    @classmethod
    def open(cls, folder: Path) -> CassetteSet:
        """Raises RecordingError where there is none, or where anything of it is missing or altered."""
        if not (folder / SET_FILE).is_file():
            raise RecordingError(f"{folder}: there is no recording here ({SET_FILE} is missing): record one with 'proofsheet verify --mode record', or name another folder")
        about = _about(folder / SET_FILE)
        sums = _read(folder / SUMS_FILE)
        if about.sealed(sums).digest != about.digest:
            raise RecordingError(f"{folder}: {SET_FILE} or {SUMS_FILE} was edited by hand: their digest is not the one that was recorded; {_AGAIN}")
        found = cls(folder, about, dict(_entries(sums)))
        found._check()
        return found

    @property
    def paths(self) -> list[str]:
        """The files of all cassettes, relative to the folder."""
        return [path for path in self._sums if path.endswith(".yaml")]

    def has(self, path: str) -> bool:
        """Whether there is such a cassette."""
        return path in self._sums

    def cassette(self, path: str) -> Cassette:
        """Read one. Raises RecordingError."""
        return from_text(_read(self.folder / path), str(self.folder / path))

    def cassettes(self) -> Iterator[Cassette]:
        """All of them. Raises RecordingError."""
        return (self.cassette(path) for path in self.paths)

    def facts(self) -> dict[str, Facts]:
        """What each picture was when it was recorded, by its digest. Raises RecordingError."""
        try:
            return {digest: Facts(digest, **raw) for digest, raw in json.loads(_read(self.folder / FACTS_FILE)).items()}
        except (ValueError, TypeError, AttributeError):
            raise RecordingError(f"{self.folder / FACTS_FILE}: is not what a recording holds; {_AGAIN}") from None

    def _check(self) -> None:
        for path, digest in self._sums.items():
            try:
                raw = (self.folder / path).read_bytes()
            except FileNotFoundError:
                raise RecordingError(f"{self.folder / path}: this file is missing; {_AGAIN}") from None
            except OSError as error:
                raise RecordingError(f"{self.folder / path}: cannot be read ({error.strerror}); {_AGAIN}") from None
            if hashlib.sha256(raw).hexdigest() != digest:
                raise RecordingError(f"{self.folder / path}: was altered since it was recorded (cut short, or edited by hand); {_AGAIN}")
        strangers = [path for path in files_of(self.folder) if path not in self._sums and path not in (SET_FILE, SUMS_FILE)]
        if strangers:
            raise RecordingError(f"{self.folder / strangers[0]}: was added by hand: it is no part of this recording; take it away, or record again")


def files_of(folder: Path) -> list[str]:
    """The files of a set, relative to it, in order."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def seal(folder: Path, about: About, facts: Mapping[str, Facts]) -> About:
    """Write what makes a folder of cassettes a set. Raises OSError."""
    plain = {digest: {name: value for name, value in asdict(found).items() if name != "digest"} for digest, found in sorted(facts.items())}
    lines = (f"{json.dumps(digest)}: {json.dumps(entry)}" for digest, entry in plain.items())
    (folder / FACTS_FILE).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")
    sums = "".join(f"{hashlib.sha256((folder / path).read_bytes()).hexdigest()}  {path}\n" for path in files_of(folder))
    (folder / SUMS_FILE).write_text(sums, encoding="utf-8")
    sealed = about.sealed(sums)
    (folder / SET_FILE).write_text(json.dumps(asdict(sealed), indent=1) + "\n", encoding="utf-8")
    return sealed


def find_sets(root: Path, prefix: str = "") -> list[Path]:
    """The folders of sets below a folder, in order."""
    found = sorted(path.parent for path in root.glob(f"{prefix}*/{SET_FILE}")) if root.is_dir() else []
    return [folder for folder in found if not folder.name.startswith(".") and not folder.name.endswith(".incomplete")]


def _about(path: Path) -> About:
    try:
        raw: dict[str, Any] = json.loads(_read(path))
    except ValueError:
        raise RecordingError(f"{path}: is not valid JSON: it was cut short or edited; {_AGAIN}") from None
    error = jsonschema.exceptions.best_match(shipped_validator("cassettes.schema.json").iter_errors(raw))
    if error is not None:
        place = "/".join(str(step) for step in error.absolute_path) or "the top"
        raise RecordingError(f"{path}: does not fit cassettes.schema.json: at {place}: {error.message[:160]}; {_AGAIN}")
    return About(**raw)


def _entries(sums: str) -> Iterator[tuple[str, str]]:
    for line in sums.splitlines():
        digest, _, path = line.partition("  ")
        yield path, digest


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RecordingError(f"{path}: this file is missing; {_AGAIN}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: cannot be read ({type(error).__name__}); {_AGAIN}") from None
