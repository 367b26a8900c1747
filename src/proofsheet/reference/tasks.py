"""Tasks: who submitted them, and what each look at them shows."""

from __future__ import annotations

import asyncio
import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from proofsheet.contract.model import Lifecycle, Operation
from proofsheet.reference.accounts import Account
from proofsheet.reference.orders import Order
from proofsheet.reference.replies import Reply
from proofsheet.reference.templates import render
from proofsheet.reference.wording import LifecycleWording, Step


@dataclass(slots=True)
class Task:
    """One submission. ``looks`` counts the looks so far; ``final`` is the answer once it has ended.

    ``work`` is what is still being done for it elsewhere: the images that come of it, or the reason why there are none.
    """

    id: str
    account: Account
    operation: Operation
    lifecycle: Lifecycle
    names: Mapping[str, Any]
    created: float
    images: list[Any]
    order: Order
    reason: str | None = None
    looks: int = 0
    final: Reply | None = None
    work: asyncio.Future[tuple[list[Any], str | None]] | None = None

    def settled(self) -> bool:
        """Whether nothing is being done for it any more; what came of it is then its own."""
        if self.work is not None and self.work.done():
            images, reason = self.work.result()
            self.images, self.reason, self.work = images, self.reason or reason, None
        return self.work is None

    @property
    def failing(self) -> bool:
        """Whether it ends failed."""
        return self.reason is not None


class Tasks:
    """All tasks of one gateway by id."""

    def __init__(self) -> None:
        self._by_id: dict[str, Task] = {}

    def add(self, task: Task) -> None:
        """Keep a new task."""
        self._by_id[task.id] = task

    def find(self, id: str) -> Task | None:
        """The task of this id."""
        return self._by_id.get(id)


def new_id(wording: LifecycleWording) -> Any:
    """A fresh task id in the provider's spelling and type."""
    return render(wording.id, {"uuid": str(uuid.uuid4()), "random": secrets.token_hex(13).upper(), "number": secrets.randbelow(10**9) + 1})


def asked_id(lifecycle: Lifecycle, path: Mapping[str, str], query: Mapping[str, str], body: Any = None) -> str | None:
    """The id that a look names, by the lifecycle's templates of path, query and body."""
    if lifecycle.poll_json is not None:
        return _named_in(lifecycle.poll_json, body)
    for templates, values in ((lifecycle.poll_path, path), (lifecycle.poll_query, query)):
        for name, template in templates.items():
            if "${id}" in template and name in values:
                before, _, after = template.partition("${id}")
                found = re.fullmatch(re.escape(before) + "(.+)" + re.escape(after), values[name])
                return found.group(1) if found else None
    return None


def _named_in(template: Any, body: Any) -> str | None:
    """What stands in a body where its template has the id."""
    if template == "${id}":
        return str(body) if isinstance(body, (str, int)) and not isinstance(body, bool) else None
    if not (isinstance(template, Mapping) and isinstance(body, Mapping)):
        return None
    found = (_named_in(part, body.get(key)) for key, part in template.items())
    return next((id for id in found if id is not None), None)


def poll_path(lifecycle: Lifecycle, id: str, model: str) -> str:
    """Where to look at a task, as a path with its query."""

    def filled(template: str) -> str:
        return template.replace("${id}", id).replace("${model}", model)

    path = lifecycle.poll.path
    for name, template in lifecycle.poll_path.items():
        path = path.replace("{" + name + "}", filled(template))
    query = "&".join(f"{name}={filled(template)}" for name, template in lifecycle.poll_query.items())
    return f"{path}?{query}" if query else path


def current_step(wording: LifecycleWording, looks: int, age: float, *, settled: bool = True) -> Step | None:
    """The step that this look (from 1) sees; None once the task has ended, which one that is not ``settled`` has not."""
    passed_looks, passed_seconds = 0, 0.0
    for step in wording.steps:
        passed_looks += step.looks
        passed_seconds += step.seconds
        if looks <= passed_looks or age < passed_seconds:
            return step
    if settled:
        return None
    return wording.steps[-1] if wording.steps else Step(wording.running.word, wording.running.progress, 1, 0.0)
