"""Where a fault can be seen: predicates over cases, in a few words each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from proofsheet.cases.model import Case
from proofsheet.cases.requests import asked
from proofsheet.contract.locations import Location
from proofsheet.contract.model import Cell, ImageRule, Operation, Role
from proofsheet.contract.patterns import matches_any
from proofsheet.contract.requests import ABSENT

Sees = Callable[[Case], bool]


@dataclass(frozen=True, slots=True)
class Aim:
    """These checks ought to notice the fault on the cases that ``sees`` is true of.

    No check: the cases are only needed to bring the fault about. ``most`` is how many cases are performed for each
    requirement: one is enough where the fault shows each time. ``whichever``: the fault breaks one of these cases and
    nobody can say which.
    """

    checks: tuple[str, ...]
    sees: Sees
    most: int = 1
    whichever: bool = False


def aim(checks: str, *sees: Sees, most: int = 1, whichever: bool = False) -> Aim:
    """These checks, separated by blanks, on cases that all of ``sees`` are true of."""
    return Aim(tuple(checks.split()), lambda case: all(one(case) for one in sees), most, whichever)


def of(operation: str | None) -> Sees:
    """Cases of the operations that a fault concerns."""
    if operation is None:
        return lambda case: True
    return lambda case: matches_any([operation], case.operation.key) or matches_any([operation], case.operation.name)


def kind(*kinds: str) -> Sees:
    """Cases of these kinds."""
    return lambda case: case.kind in kinds


def provoked(*words: str) -> Sees:
    """Cases that bring one of these errors about."""
    return lambda case: case.kind == "error" and case.error is not None and case.error.provoke in words


def ends(*names: str) -> Sees:
    """Cases whose id ends like this."""
    return lambda case: case.id.endswith(names)


def serves(case: Case) -> bool:
    """A valid request of which an image is expected."""
    return case.expect == "serve" and case.area in ("parameters", "pixels")


def traced(case: Case) -> bool:
    """A request whose task is watched."""
    return case.expect == "serve" and case.operation.lifecycle is not None


def refuses(case: Case) -> bool:
    """An invalid request."""
    return case.area == "parameters" and case.expect == "refuse"


def looks_again(case: Case) -> bool:
    """A task that is looked at once more when it has ended."""
    return case.probe is not None and case.probe.look_again


def only_words(case: Case) -> bool:
    """A task's state is told by its word and by nothing else."""
    return case.operation.lifecycle is not None and not case.operation.lifecycle.status.rules


def by_url(case: Case) -> bool:
    """Images come behind URLs."""
    return any(rule.url for rule in _images(case.operation))


def typed(case: Case) -> bool:
    """A media type is stated for the images."""
    return any(rule.url or rule.media_type or rule.body for rule in _images(case.operation))


def with_copies(case: Case) -> bool:
    """Images have copies."""
    return any(rule.more_urls for rule in _images(case.operation))


def promised_format(case: Case) -> bool:
    """Not just any format may come."""
    pixels = case.operation.pixels
    role = case.operation.roles.get("format")
    return "format" in case.asked or (role is not None and role.default is not None) or (pixels is not None and len(pixels.formats) < len(("png", "jpeg", "webp")))


def promised_cells(case: Case) -> tuple[Cell, ...]:
    """The cells that may come for a request; an axis that nobody settles leaves all of its own."""
    pixels = case.operation.pixels
    if pixels is None or case.probe is None:
        return ()
    sent = asked(case.operation, case.probe.request)
    values: dict[str, str | None] = {}
    for axis in pixels.table.axes:
        role, value = case.operation.roles.get(axis), sent.get(axis, pixels.default.get(axis))
        values[axis] = None if value is None or (role is not None and value in role.free) else str(value)
    return pixels.table.find(**values)


def several_asked(case: Case) -> bool:
    """More than one image is asked for."""
    return isinstance(case.asked.get("count"), int) and case.asked["count"] > 1


def _images(operation: Operation) -> Iterable[ImageRule]:
    answer = operation.lifecycle.answer if operation.lifecycle else operation.answer
    return answer.images if answer else ()


def sets(parameter: str) -> Sees:
    """Requests that send a parameter."""
    places = [Location("json", "/" + parameter.replace(".", "/")), *(Location(kind, parameter) for kind in ("form", "query", "header", "file"))]

    def sees(case: Case) -> bool:
        return case.probe is not None and any(case.probe.request.get(at, ABSENT) is not ABSENT for at in places)

    return sees


#: The scenarios of invalid cases that a keyword of a schema is there for.
SCENARIOS = {
    "required": "missing", "type": "type-.*", "enum": "enum", "minimum": "below-minimum", "maximum": "above-maximum", "minLength": "too-short",
    "maxLength": "too-long", "minItems": "too-few", "maxItems": "too-many", "pattern": "pattern", "format": "format",
}  # fmt: skip


def invalid_in(parameter: str, keyword: str = "") -> Sees:
    """Requests that are invalid in one parameter, or in one keyword of its schema."""
    scenario = SCENARIOS[keyword] if keyword else ".*"
    wanted = re.compile(rf".*/parameters/{re.escape(parameter)}/(invalid/{scenario}{'' if keyword else '|quirk/.*'})")
    numeric = re.compile(rf".*/parameters/{re.escape(parameter)}/quirk/numeric-string")

    def sees(case: Case) -> bool:
        if case.expect != "refuse":
            return False
        return wanted.fullmatch(case.id) is not None or (keyword == "type" and numeric.fullmatch(case.id) is not None) or _bad_reference(case, parameter, keyword)

    return sees


def _bad_reference(case: Case, parameter: str, keyword: str) -> bool:
    role = case.operation.roles.get("references")
    if role is None or case.kind != "bad-reference" or parameter not in (dotted(role), role.at.name):
        return False
    return not keyword or (keyword == "maxItems" and case.id.endswith("/too-many"))


def dotted(role: Role) -> str:
    """A role's place as the name of a parameter."""
    return role.at.place.lstrip("/").replace("/", ".") if role.at.kind == "json" else role.at.place
