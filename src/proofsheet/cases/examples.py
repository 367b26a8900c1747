"""Cases of the documents' own examples: each is run as it is printed."""

from __future__ import annotations

import itertools
import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from proofsheet.cases.model import Case, ClientCall, Probe
from proofsheet.cases.requests import asked, base_request, probe
from proofsheet.contract.examples import RUNS, Example
from proofsheet.contract.model import Operation
from proofsheet.contract.requests import Request

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground

#: What stands for the id of a task that another example makes.
A_TASK = "(example)"
_DATA = frozenset({"-d", "--data", "--data-raw", "--json"})


def cases(ground: Ground) -> Iterator[Case]:
    """One case for each example of the operation that can be run. What leans on another's task has that as its base."""
    made: dict[str, Probe] = {}
    for example in ground.contract.clients.examples:
        if example.operation != ground.operation.key or example.kind not in RUNS:
            continue
        first = made.get(example.after) if example.after is not None else None
        own = made[example.id] = _probe(ground.operation, example, first)
        expect = "serve" if example.broken is None else "see"
        yield ground.case("clients", f"example/{example.id}", "client-example", expect, own, asked=asked(ground.operation, own.request), base=first)


def _probe(operation: Operation, example: Example, first: Probe | None) -> Probe:
    client = ClientCall(sdk="example", call=example.kind, example=example, first=first)
    looks = {"poll_only": A_TASK} if first is not None else {}
    return probe(operation, request_of(operation, example), client=client, follow=False, **looks)


def request_of(operation: Operation, example: Example) -> Request:
    """The request that an example makes, as far as its price depends on it: its body, where its text shows one."""
    request = base_request(operation)
    if example.kind != "curl":
        return request
    try:
        words = shlex.split(example.text.replace("\\\n", " "))
        data = next((word for option, word in itertools.pairwise(words) if option in _DATA), None)
        return request if data is None else replace(request, json=json.loads(data))
    except ValueError:  # a line that no shell takes, or a body that is no JSON: it is run all the same
        return request
