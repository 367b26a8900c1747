"""Gateways that keep their own account of what they have served. Nothing here reads a ledger, a budget or a spec."""

from __future__ import annotations

import hashlib
import json
import select
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.miniatures.correct import Correct
from tests.miniatures.correct_tasks import CorrectTasks
from tests.miniatures.servers import Miniature, Server


@dataclass(eq=False)
class Order:
    """One request that was served: what it was, how many images, and whether its answer was read to the end."""

    digest: str
    images: int
    size: str
    answered: bool = False


class Account:
    """What one server has served. ``seconds`` is how long an image takes."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.orders: list[Order] = []
        self.busy = 0
        #: How many orders are answered; those that come after them wait until they are released.
        self.most = sys.maxsize
        self.released = threading.Event()
        self.lock = threading.Lock()

    @property
    def images(self) -> int:
        """Images that were made, whether somebody got them or not."""
        return sum(order.images for order in self.orders)

    def served(self, *, answered: bool) -> Counter[str]:
        """How often each request was served, with the answer read or lost."""
        return Counter(order.digest for order in self.orders if order.answered is answered)

    def settled(self, seconds: float = 60.0) -> None:
        """Wait until nothing is being served."""
        ends = time.monotonic() + seconds
        while self.busy and time.monotonic() < ends:
            time.sleep(0.01)


class Counting(Server):
    """A server with an account."""

    account: Account

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed are what these servers are for."""


def _gone(connection: socket.socket) -> bool:
    """Whether the other side has closed."""
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


class Counted(Miniature):
    """Serves as the class beside it does, takes its time for images, and counts them."""

    server: Counting
    last: Order | None = None
    digest = ""
    sent_body = b""

    def handle(self) -> None:
        """A connection to its end. One that is reset was closed by somebody who had not read everything."""
        try:
            super().handle()
        except OSError:
            if self.last is not None:
                self.last.answered = False

    def answer(self, body: bytes) -> None:
        self.last = None  # whoever asks again on this connection has read the answer before
        self.sent_body = body
        self.digest = hashlib.sha256(b"\n".join([self.path.encode(), repr(self.key()).encode(), repr(self.headers.get("x-goog-api-key")).encode(), body])).hexdigest()
        super().answer(body)

    def say_bytes(self, status: int, media_type: str, body: bytes) -> None:
        if self.command != "POST" or status != 200:
            super().say_bytes(status, media_type, body)
            return
        account, order = self.server.account, Order(self.digest, *self.asked_for())
        with account.lock:
            account.orders.append(order)
            account.busy += 1
            held = len(account.orders) > account.most
        try:
            if held:
                account.released.wait(120)
            else:
                time.sleep(account.seconds)
            if not _gone(self.connection):
                self.last, order.answered = order, True
                super().say_bytes(status, media_type, body)
                self.wfile.flush()
        except OSError:
            order.answered = False
            raise
        finally:
            with account.lock:
                account.busy -= 1

    def asked_for(self) -> tuple[int, str]:
        """How many images the request asks for, and of which size."""
        sent = json.loads(self.sent_body)
        return sent.get("num_images", 1), sent.get("resolution", "1K")


class CountedSync(Counted, Correct):
    """Answers with the image."""


class CountedTasks(Counted, CorrectTasks):
    """Answers with a task. Images are made when it is submitted."""


@contextmanager
def counting(kind: type[Counted], seconds: float) -> Iterator[tuple[str, Account]]:
    """Run one on a free port; its URL and its account."""
    server = Counting(("127.0.0.1", 0), kind)
    server.account = Account(seconds)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", server.account
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
