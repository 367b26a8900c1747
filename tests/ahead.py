"""Work of tests that mostly waits, done in processes of its own and a few tests ahead of the one that asks for it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

#: So much is done at once. Where tests are spread over processes, each does little that is another one's.
AT_ONCE = 3


class Ahead:
    """Does jobs in the order in which tests ask for them. A job is a function and its arguments."""

    def __init__(self, pool: ProcessPoolExecutor, jobs: Mapping[Hashable, tuple[Callable[..., Any], *tuple[Any, ...]]]) -> None:
        self._pool, self._jobs, self._names = pool, jobs, list(jobs)
        self._done: dict[Hashable, Future[Any]] = {}

    def result(self, name: Hashable) -> Any:
        """What came of a job."""
        place = self._names.index(name)
        for one in self._names[place : place + AT_ONCE]:
            if one not in self._done:
                function, *arguments = self._jobs[one]
                self._done[one] = self._pool.submit(function, *arguments)
        return self._done[name].result()


@contextmanager
def ahead(jobs: Mapping[Hashable, tuple[Callable[..., Any], *tuple[Any, ...]]]) -> Iterator[Ahead]:
    """The results of these jobs, for as long as they are asked for."""
    pool = ProcessPoolExecutor(AT_ONCE, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield Ahead(pool, jobs)
    finally:
        pool.shutdown(cancel_futures=True)


def parameters(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """The parameters of the tests of the same file that were chosen, in their order."""
    return [item.callspec.params for item in request.session.items if item.path == request.path and getattr(item, "callspec", None) is not None]
