"""Runs an example of a document as it is printed: curl lines by a real shell and curl, scripts by this Python."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import re
import shutil
import signal
import site
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from proofsheet.contract.examples import Example

#: How much of what an example prints is kept: the beginning of its output, the end of its complaints.
KEPT = 8000
#: What may stand in a text in place of something else: nothing that a shell, a URL's reader or a string of Python would take for a sign of its own.
_PLAIN = re.compile(r"[A-Za-z0-9._~:/%@+=-]{1,2000}")
#: The longest task id that is put into a line; ids are tens of characters long.
_LONGEST_ID = 300
#: Of the environment that is around: where programs, libraries and modules are. Everything else stays behind: proxies, keys, settings.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT")
_NO_MODULE = re.compile(r"^ModuleNotFoundError: No module named '([\w.]+)'$")


class Unfit(ValueError):
    """What would be put into an example cannot stand there; the message says what."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of an example. ``code`` is its exit code; None where it did not start, or did not end in time.

    ``stdout`` is the beginning of what it printed, ``stderr`` the end of what it complained of, ``files`` the names of what it
    wrote. ``missing`` says what this machine lacks for it.
    """

    code: int | None = None
    stdout: str = ""
    stderr: str = ""
    seconds: float = 0.0
    files: tuple[str, ...] = ()
    missing: str | None = None
    late: bool = False


def lacks(example: Example) -> str | None:
    """Why the example cannot be run on this machine; None where it can."""
    if example.kind == "curl":
        absent = next((program for program in ("sh", "curl") if shutil.which(program) is None), None)
        return f"{absent} is not installed here" if absent else None
    absent = next((name for name in example.packages if not _installed(name)), None)
    return f"the Python package {absent} is not installed here (pip install 'proofsheet[clients]')" if absent else None


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def worded(example: Example, base_url: str, key: str, task: str | None = None, model: tuple[str, str] | None = None) -> str:
    """The example's text with base URL, key, task and perhaps the model's name (documented, served) in place. Raises Unfit.

    A task's id comes from a target: what is not a letter, a digit or one of ``-._~`` is percent-encoded, as in any URL.
    """
    holds = example.replace
    found = {holds.base_url: _plain("the base URL", base_url.rstrip("/"))}
    if holds.key:
        found[holds.key] = _plain("the key", key)
    if model is not None and model[0] != model[1]:
        found[model[0]] = _plain("the model's name", model[1])
    if holds.task:
        found[holds.task] = encoded_task(task)
    longest_first = sorted(found, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda match: found[match.group()], example.text)


def _plain(what: str, value: str) -> str:
    if not _PLAIN.fullmatch(value):
        raise Unfit(f"{what} has characters that cannot be put into a documented example as they are")
    return value


def encoded_task(task: str | None) -> str:
    """A task's id as it may stand in a URL, in a shell and in a string. Raises Unfit."""
    if not task:
        raise Unfit("there is no task whose id could be put in")
    if len(task) > _LONGEST_ID or task in (".", ".."):
        raise Unfit("the task's id cannot stand in a URL's path")
    try:
        return quote(task, safe="")
    except UnicodeEncodeError:
        raise Unfit("the task's id is no text that a URL can carry") from None


async def run_example(example: Example, base_url: str, key: str, task: str | None, folder: Path, timeout: float, model: tuple[str, str] | None = None) -> Ran:
    """Run one in an empty folder below ``folder``, with an environment of its own. Nothing stays behind. Raises Unfit.

    It is ended, with whatever it has started, after ``timeout`` seconds and where this is cancelled.
    """
    missing = lacks(example)
    if missing is not None:
        return Ran(missing=missing)
    with _laid_out(example, worded(example, base_url, key, task, model), folder) as (script, work):
        program = shutil.which("sh") if example.kind == "curl" else sys.executable
        ran = await _run([program or "sh", str(script)], work, _environment(example, key, work), timeout)
    return _understood(ran) if example.kind == "python" else ran


@contextmanager
def _laid_out(example: Example, text: str, folder: Path) -> Iterator[tuple[Path, Path]]:
    """The text in a file, and an empty folder to run it in; both are removed with whatever was written."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="example-", ignore_cleanup_errors=True) as own:
        work, script = Path(own, "work"), Path(own, "example.sh" if example.kind == "curl" else "example.py")
        work.mkdir()
        script.write_text(text + "\n", encoding="utf-8")
        yield script, work


def _written(work: Path) -> tuple[str, ...]:
    """The names of the files in a folder, no more of them than a person reads."""
    return tuple(sorted(path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file()))[:20]


def _environment(example: Example, key: str, home: Path) -> dict[str, str]:
    """As little as works: no proxies, no settings of a user, no key but the one it is given."""
    environ = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environ |= {"HOME": str(home), "TMPDIR": str(home), "LC_ALL": "C.UTF-8"}
    if example.replace.key_variable:
        environ[example.replace.key_variable] = key
    if example.kind == "python":
        environ |= {"PYTHONUSERBASE": site.getuserbase(), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    return environ


def _understood(ran: Ran) -> Ran:
    """A script that ends for the lack of a module has shown nothing but that."""
    last = next(reversed(ran.stderr.strip().splitlines()), "")
    absent = _NO_MODULE.match(last)
    if ran.code == 0 or absent is None:
        return ran
    return Ran(missing=f"the Python module {absent.group(1)} is not installed here (pip install 'proofsheet[clients]')")


async def _run(command: list[str], work: Path, environ: dict[str, str], timeout: float) -> Ran:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command, cwd=work, env=environ, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None  # noqa: PT018
    said = (_Kept(process.stdout, from_end=False), _Kept(process.stderr, from_end=True))
    late = False
    try:
        async with asyncio.timeout(timeout):
            await asyncio.gather(*(kept.read() for kept in said), process.wait())
    except TimeoutError:
        late = True
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # the group is its own: whatever it has started is in it
        await process.wait()
    return Ran(None if late else process.returncode, said[0].text, said[1].text, time.monotonic() - began, _written(work), late=late)


class _Kept:
    """Reads a stream to its end and keeps a piece of it, so that nobody's output fills the memory."""

    def __init__(self, stream: asyncio.StreamReader, *, from_end: bool) -> None:
        self._stream, self._from_end, self._bytes = stream, from_end, b""

    async def read(self) -> None:
        while piece := await self._stream.read(65536):
            if self._from_end:
                self._bytes = (self._bytes + piece)[-KEPT:]
            elif len(self._bytes) < KEPT:
                self._bytes = (self._bytes + piece)[:KEPT]

    @property
    def text(self) -> str:
        return self._bytes.decode("utf-8", errors="replace")
