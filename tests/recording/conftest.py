"""One recording of the invented provider, made once for all tests of this folder that only read it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from proofsheet.results.model import Results
from recording.runs import Bench, bench, perform


@pytest.fixture
def candidate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A gateway that runs, and nothing recorded of it."""
    with bench(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture(scope="session")
def recorded_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Results]:
    """A set of cassettes, and what the run said that made it."""
    folder = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as patch, bench(folder, patch) as made:
        code, (results,) = perform(made.options(mode="record"))
    assert code == 0
    return made.set, results


@pytest.fixture
def recorded(recorded_once: tuple[Path, Results], tmp_path: Path) -> Path:
    """A copy of that set to do anything with, in ``tmp_path/cassettes/candidate``."""
    place = tmp_path / "cassettes" / "candidate"
    shutil.copytree(recorded_once[0], place)
    return place
