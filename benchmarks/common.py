"""What the benchmarks share: gateways and commands in processes of their own, timed and weighed from outside."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from proofsheet.reference.process import start_reference

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Ran:
    """A command that has ended: its wall time and processor time in seconds, its peak resident memory in bytes, its exit code and words."""

    seconds: float
    worked: float
    peak: int
    code: int
    said: str


def ran(command: Sequence[str], env: Mapping[str, str] | None = None, codes: Sequence[int] = (0,)) -> Ran:
    """Run a command to its end. Raises RuntimeError with its words where it ends otherwise than with one of ``codes``."""
    with tempfile.TemporaryFile() as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = code = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read().decode("utf-8", "replace")
    if code not in codes:
        raise RuntimeError(f"{' '.join(command)} ended with {code}: {said[-2000:]}")
    return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, code, said)


@dataclass(frozen=True)
class Place:
    """A target in a file, ready for ``proofsheet verify NAME --targets FILE``, and the environment that holds its keys."""

    provider: str
    base_url: str
    file: Path
    env: Mapping[str, str]

    def verify(self, report: Path, *more: str) -> list[str]:
        """The command that verifies it."""
        return [str(BIN / "proofsheet"), "verify", "measured", "--targets", str(self.file), "--report-dir", str(report), *more]


def written(target: Mapping[str, Any], folder: Path) -> Place:
    """Write a target, given as the reference gateway describes itself, into a file."""
    env = {f"BENCH_{name.upper()}": key for name, key in target["credentials"].items()}
    document = {**target, "credentials": {name: f"BENCH_{name.upper()}" for name in target["credentials"]}}
    document.pop("reference_image_url", None)  # so that the harness serves its own pictures
    file = folder / f"{target['provider']}.toml"
    file.write_text("[targets.measured]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in document.items()))
    return Place(target["provider"], target["base_url"], file, env)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value)


@contextmanager
def reference(provider: str, folder: Path, specs: Path | None = None, **pace: float) -> Iterator[Place]:
    """The reference gateway of one provider in a process of its own."""
    with start_reference([provider], specs) as process:
        target = process.providers[provider].target
        yield written({**target, "pace": {**target["pace"], **pace}}, folder)


@dataclass(frozen=True)
class Verified:
    """A ``proofsheet verify`` that has ended: the command, and the seconds from its first request to its last report."""

    ran: Ran
    sending: float


def verified(place: Place, report: Path, *more: str, codes: Sequence[int] = (0,)) -> Verified:
    """Verify a target in a fresh process. Raises RuntimeError where it ends otherwise than with one of ``codes``."""
    began = time.time()
    done = ran(place.verify(report, *more), place.env, codes)
    return Verified(done, began + done.seconds - first_request(report))


def first_request(report: Path) -> float:
    """When the first request of a run left, in seconds of the clock on the wall."""
    document = run_of(report)
    exchanges = document["exchanges"] or json.loads((report / "exchanges.json").read_text())
    return datetime.fromisoformat(document["run"]["started_at"]).timestamp() + min(exchange["times"]["started"] for exchange in exchanges)


def run_of(report: Path) -> dict[str, Any]:
    """The results of a run."""
    document: dict[str, Any] = json.loads((report / "results.json").read_text())
    return document


def median(values: Sequence[float]) -> float:
    """The middle of some rounds."""
    return statistics.median(values)


def machine() -> str:
    """What a reader must know of the machine."""
    return f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}"
