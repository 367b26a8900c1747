"""Keeps the picture server running beside a run, on a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

from proofsheet.cases.surroundings import Pictures
from proofsheet.exchange.picture_server import PictureServer


class RunningPictures:
    """Starts the server at once; ``pictures`` are the URLs it serves. ``ports`` are those of an earlier run. Raises OSError where one is taken."""

    def __init__(self, ports: tuple[int, int] = (0, 0)) -> None:
        self._ports = ports
        self._started: Future[Pictures] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="proofsheet-pictures", daemon=True)
        self._thread.start()
        self.pictures = self._started.result(timeout=10)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with PictureServer(*self._ports) as server:
                base = server.url("html").rsplit("/", 1)[0]
                self._started.set_result(Pictures(base=base, unreachable=server.unreachable_url()))
                await self._stop.wait()
        except OSError as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    def stop(self) -> None:
        """Close the server."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=5)
