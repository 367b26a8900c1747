"""Property-based cases: whatever lacks what is required is refused, and whatever text a prompt holds is served.

What is sent is the same in every run and on every machine. ``--seed`` decides an order and never a content: else no two
runs could be compared, and no recording judged again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from proofsheet.cases.catalogue import entry_for, invalid_entry
from proofsheet.cases.generated import hopeless_bodies, reasons
from proofsheet.cases.model import Case
from proofsheet.cases.requests import asked, base_request, probe
from proofsheet.cases.validity import is_valid
from proofsheet.contract.locations import pointer_steps
from proofsheet.contract.model import Role
from proofsheet.contract.requests import ABSENT

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground

#: Code points of which every one is a printable character in all versions of Unicode since 5: a few letters of many scripts.
_SCRIPTS = (
    (0xE0, 0xF6), (0x3B1, 0x3C9), (0x430, 0x44F), (0x561, 0x586), (0x5D0, 0x5EA), (0x628, 0x63A), (0x905, 0x939), (0xE01, 0xE2E),
    (0x10D0, 0x10F0), (0x1200, 0x1206), (0x3041, 0x3096), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0x1D400, 0x1D433), (0x20000, 0x2A6D6),
)  # fmt: skip
#: Faces, hands, weather, animals; arrows, mathematics.
_SIGNS = ((0x1F600, 0x1F64F), (0x1F300, 0x1F320), (0x1F400, 0x1F43E), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x20A0, 0x20B5))
#: What careless code quotes, escapes, splits or fills in.
_MARKS = "\"'`\\/<>&%$#{}[]();|~^*_=+?!@:,.-\n\u201c\u201d\u2018\u2019\u201e\u00ab\u00bb\u2026\u2014"
_WORDS = 12


def cases(ground: Ground) -> Iterator[Case]:
    """Generated cases of an operation whose JSON body is walked."""
    if ground.operation.walk_body and ground.operation.schema is not None and base_request(ground.operation).json is not ABSENT:
        yield from _refused(ground)
        yield from _served(ground)


def _refused(ground: Ground) -> Iterator[Case]:
    """Bodies that no reading of the document can serve."""
    operation, base = ground.operation, base_request(ground.operation)
    assert operation.schema is not None
    given = _given(ground)
    for number, generated in enumerate(hopeless_bodies(operation.schema, sorted(given)), start=1):
        body = {**generated, **{name: value for name, value in given.items() if value is not ABSENT}}
        made = probe(operation, replace(base, json=body))
        why = f"generated; {reasons(operation.schema, body, sorted(given))}"
        yield ground.case("parameters", f"body/invalid/fuzz-{number}", "fuzz", "refuse", made, base=ground.base, error=invalid_entry(ground), why=why)


def _given(ground: Ground) -> dict[str, Any]:
    """What stands at the top of every body as the base request has it.

    That is what makes it a request of this operation, what is refused in a way of its own, and how many images are
    asked for: should such a body be served after all, it is no fortune.
    """
    held = base_request(ground.operation).json
    names = [pointer_steps(role.at.place)[0] for role in ground.operation.roles.values() if role.at.kind == "json" and _apart(ground, role)]
    return {name: held.get(name, ABSENT) for name in names} if isinstance(held, dict) else {}


def _apart(ground: Ground, role: Role) -> bool:
    special = invalid_entry(ground, role.name) is not invalid_entry(ground)
    return role.name in ("async", "count") or special or (role.name == "model" and entry_for(ground, "unknown_model") is not None)


def _served(ground: Ground) -> Iterator[Case]:
    """Prompts in other scripts, with signs and with marks, laid on the base request."""
    operation, base = ground.operation, base_request(ground.operation)
    role = operation.roles.get("prompt")
    own = base.get(role.at) if role is not None and role.at.kind == "json" else None
    if role is None or not isinstance(own, str):
        return
    name = role.at.place.lstrip("/").replace("/", ".")
    for number, text in enumerate(prompts(), start=1):
        longest = next((request for length in (None, 16, 4, 1) if is_valid(operation.schema or {}, (request := base.put(role.at, _cut(own, text, length))).json)), None)
        if longest is not None:
            yield ground.case("parameters", f"{name}/valid/fuzz-{number}", "fuzz", "serve", probe(operation, longest), asked=asked(operation, longest),
                              why="any text is a prompt")  # fmt: skip


def _cut(own: str, text: str, length: int | None) -> str:
    """The documented prompt with the text behind it, so that there is something to draw; where that is too long, a piece of the text."""
    return f"{own} {text}" if length is None else text[:length]


def prompts() -> tuple[str, str, str]:
    """Words of many scripts, words between marks, words and signs. The characters are decided by the number of the prompt alone."""
    draws = [random.Random(number) for number in (1, 2, 3)]  # noqa: S311 -- no secret, and to be the same each time
    marked = "".join(f"{_word(draws[1], _SCRIPTS)}{mark}" for mark in _MARKS)
    signed = " ".join(_word(draws[2], kind) for _ in range(_WORDS // 2) for kind in (_SIGNS, _SCRIPTS))
    return " ".join(_word(draws[0], (span,)) for span in _SCRIPTS), marked, signed


def _word(draw: random.Random, spans: tuple[tuple[int, int], ...]) -> str:
    """One to four characters of one of the spans."""
    first, last = spans[int(draw.random() * len(spans))]
    return "".join(chr(first + int(draw.random() * (last - first + 1))) for _ in range(1 + int(draw.random() * 4)))
