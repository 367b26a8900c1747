"""The flags of a run, once: ``proofsheet verify`` and ``pytest suites`` have the same ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofsheet.session.options import Options


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. ``kind`` is text, folder, file, path, count, number or switch; ``field`` is the name it has in Options."""

    name: str
    help: str
    kind: str = "text"
    metavar: str | None = None
    field: str = ""
    default: Any = None
    choices: tuple[str, ...] = ()
    many: bool = False
    least: int = 1
    exists: bool = False

    @property
    def key(self) -> str:
        """The name without dashes, as an identifier."""
        return self.name.lstrip("-").replace("-", "_")


FLAGS = (
    Flag("--targets", "The file of targets.", "file", "FILE", "targets_file", "targets.toml"),
    Flag("--provider", "Whose contract, with --base-url; alone: the one provider to verify on the reference gateway.", metavar="P"),
    Flag("--base-url", "Verify this address instead of a target of the file.", metavar="URL"),
    Flag("--credential", "With --base-url: the variable that holds a key (repeatable).", metavar="NAME=ENVVAR", field="credentials", many=True),
    Flag("--specs", "Another folder of specs.", "folder", "DIR", exists=True),
    Flag("--only", "Perform only cases whose id fits (* and **; repeatable).", metavar="PATTERN", many=True),
    Flag("--skip", "Leave out cases whose id fits (repeatable).", metavar="PATTERN", many=True),
    Flag("--tier", "How much is sent (default: smoke on a paid target, full on any other).", choices=("smoke", "core", "full")),
    Flag("--max-spend", "Spend at most so much, such as '5 USD' or '300 credits'; a paid target needs it.", metavar="'AMOUNT UNIT'"),
    Flag("--max-time", "Stop after so many seconds.", "number", "SECONDS"),
    Flag("--report-dir", "Where the reports go (default: reports/<run id>).", "path", "DIR"),
    Flag("--history", "The file that keeps all runs (default: history.sqlite beside the report directory, with --report-dir only if it is there).", "file", "FILE"),
    Flag("--require-proof", "A must that could not be tested makes the run incomplete.", "switch"),
    Flag("--known", "The file of known failures.", "file", "FILE", exists=True),
    Flag("--repeat", "Send a case that failed again until it was tried N times, and tell what fails always from what fails sometimes.", "count", "N", default=1),
    Flag("--resume", "Go on with an interrupted run; what it has paid for and knows the answer of is not sent again.", "folder", "RUN", exists=True),
    Flag("--shard", "Perform part I of N; 'proofsheet merge' joins the parts.", metavar="I/N"),
    Flag("--mode", "Send; send and record; or replay a recording and send nothing.", default="live", choices=("live", "record", "replay")),
    Flag("--cassettes", "The folder of recordings, one a target.", "folder", "DIR", default="cassettes"),
    Flag("--keep-heads", "With --mode record: keep only the beginning of each picture.", "switch"),
    Flag("--max-age", "Replaying: warn about an older recording; past twice the age the run is incomplete.", "number", "DAYS"),
    Flag("--against", "Say what changed in shape since this recording.", "folder", "CASSETTES"),
    Flag("--seed", "Send and judge in an order that N decides (default: 0, the stable order).", "count", "N", default=0, least=0),
    Flag("--upstream", "The port on which the reference gateway also plays the model behind the target.", "count", "PORT"),
    Flag("--clients", "Also make requests through the SDKs that are installed, and run the documents' own examples.", "switch"),
)

#: The flags that decide what a run sends, and so what it costs.
PLANNING = frozenset({"--targets", "--provider", "--base-url", "--credential", "--specs", "--only", "--skip", "--tier", "--max-spend", "--shard", "--upstream", "--clients"})

_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


def options_of(given: Mapping[str, Any], target: str | None) -> Options:
    """Options from flags by their keys. Raises ValueError with a sentence where a value cannot be used."""
    values = {flag.field or flag.key: _value(flag, given.get(flag.key)) for flag in FLAGS}
    return Options(target=target, **{name: value for name, value in values.items() if value is not None})


def _value(flag: Flag, raw: Any) -> Any:
    if raw is None:
        return flag.default
    if flag.key == "shard":
        return _shard(str(raw))
    convert = _CONVERT.get(flag.kind)
    return tuple(raw) if flag.many else convert(raw) if convert is not None else raw


def _shard(text: str) -> tuple[int, int]:
    found = _SHARD.fullmatch(text.strip())
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f"--shard is I/N, the I-th of N parts, such as 2/5; not '{text[:40]}'")
    return int(found[1]), int(found[2])


_CONVERT: Mapping[str, Callable[[Any], Any]] = {"file": Path, "folder": Path, "path": Path}
