"""The process in which an SDK runs: jobs go in and replies come out, a line of JSON each."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from proofsheet.clients.availability import NODE_FOLDER, node_folder
from proofsheet.contract.clients import Sdk

_DRIVERS = Path(__file__).parent / "drivers"
_COMMANDS = {"python": (sys.executable, "-m", "proofsheet.clients.drivers.python_sdks"), "node": ("node", str(_DRIVERS / "driver.mjs"))}
#: Variables of the environment that a client gets: none that could hold a key, a proxy or another address.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
#: A reply holds pictures in base64.
_LONGEST_LINE = 256 << 20


class DriverFailed(Exception):
    """The process is gone or says nothing that can be read: our own fault, never the target's."""


class Driver:
    """One SDK's process, started at its first job."""

    def __init__(self, sdk: Sdk) -> None:
        self.sdk = sdk
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def ask(self, job: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """The reply to a job. Raises DriverFailed."""
        async with self._starting:
            if self._process is None:
                await self._start()
        assert self._process is not None
        assert self._process.stdin is not None
        number = str(next(self._numbers))
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._process.stdin.write(json.dumps({**job, "id": number, "sdk": self.sdk.id}).encode("ascii") + b"\n")
            async with asyncio.timeout(timeout):
                await self._process.stdin.drain()
                reply: dict[str, Any] = await future
        except (OSError, TimeoutError) as error:
            raise DriverFailed(f"{self.sdk.title} gave no answer within {timeout:g} s ({type(error).__name__})") from None
        finally:
            self._waiting.pop(number, None)
        if reply.get("problem"):
            raise DriverFailed(f"{self.sdk.title}: {reply['problem']}")
        return reply

    async def _start(self) -> None:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {NODE_FOLDER: str(node_folder()), "NO_PROXY": "*"}
        try:
            # A session of its own: Ctrl-C is ours to hear, and what it starts ends with it.
            self._process = await asyncio.create_subprocess_exec(
                *_COMMANDS[self.sdk.runtime], stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                env=environment, limit=_LONGEST_LINE, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise DriverFailed(f"{self.sdk.title} cannot be started: {error.strerror or error}") from None
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError, OSError, AttributeError, RecursionError):  # a line that is no reply, or longer than any
            while line := await self._process.stdout.readline():
                reply = json.loads(line)
                future = self._waiting.get(str(reply.get("id")))
                if future is not None and not future.done():
                    future.set_result(reply)
        # Whoever asks next gets another process: what one job has done to this one is not the next one's.
        process, self._process = self._process, None
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(DriverFailed(f"the process of {self.sdk.title} has ended, or said something that is no reply"))
        self._waiting = {}
        await _killed(process)

    async def stop(self) -> None:
        """End the process and all that it has started."""
        process, self._process = self._process, None
        await _killed(process)
        if self._reader is not None:
            if process is not None:  # else the reader is ending it just now
                self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)


async def _killed(process: asyncio.subprocess.Process | None) -> None:
    if process is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(OSError):  # what it had not read is lost
            await process.stdin.wait_closed()
