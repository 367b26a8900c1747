"""The reference gateway as a process of its own, started and stopped from here."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self


class NotStartedError(RuntimeError):
    """The reference gateway did not start; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Served:
    """One provider on the gateway. ``target`` has the shape of a target, with the keys themselves as credentials."""

    provider: str
    port: int
    target: Mapping[str, Any]


@dataclass(slots=True)
class ReferenceProcess:
    """A running gateway. It also ends when this process does."""

    process: subprocess.Popen[bytes]
    providers: Mapping[str, Served]
    _errors: IO[bytes] = field(repr=False)

    def stop(self) -> None:
        """End it and wait for that."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_reference(
    providers: Sequence[str], specs: Path | None = None, faults: Sequence[str] = (), port: int = 0, variants: Sequence[str] = (), upstream: int | None = None
) -> ReferenceProcess:
    """Start one process that serves each provider on a loopback port of its own; ``upstream`` is the port of the model behind it. Raises NotStartedError."""
    command = [sys.executable, "-m", "proofsheet.reference", "--with-parent", "--port", str(port)]
    for provider in providers:
        command += ["--provider", provider]
    for fault in faults:
        command += ["--fault", fault]
    for variant in variants:
        command += ["--variant", variant]
    if upstream is not None:
        command += ["--upstream", str(upstream)]
    if specs is not None:
        command += ["--specs", str(specs)]
    errors = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by stop()
    # In a session of its own: Ctrl-C is for this process, and a gateway that dies first would look like one that refuses.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, start_new_session=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    if line:
        started = json.loads(line)["providers"]
        return ReferenceProcess(process, {name: Served(name, entry["port"], entry["target"]) for name, entry in started.items()}, errors)
    process.wait()
    errors.seek(0)
    said = errors.read().decode("utf-8", "replace").strip()
    ReferenceProcess(process, {}, errors).stop()
    raise NotStartedError(said or "the reference gateway ended without a word")
