"""Cases of a gateway seen from both sides: what is carried to the model behind it, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from proofsheet.cases import relay_faults, relay_refused
from proofsheet.cases.model import Case
from proofsheet.cases.pixels import axis_values, cell_request, chosen_cells
from proofsheet.cases.relay_requests import Maker, token_of
from proofsheet.cases.requests import base_request, with_references, with_role
from proofsheet.cases.validity import is_valid
from proofsheet.contract.model import Role
from proofsheet.contract.patterns import matches_any
from proofsheet.contract.pictures import sample_picture
from proofsheet.contract.relay import marker
from proofsheet.contract.requests import ABSENT, Request

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground

NO_URL = "no picture that the target can fetch (reference_image_url)"
#: So many requests at once: enough that a gateway which mixes them up is seen to.
AT_ONCE = 6
LONG = 40_000
#: Prompts that a careless gateway changes on the way.
PROMPTS = {
    "unicode": "日本語のポスター ${marker} cafe\u0301 café 👩\u200d👩\u200d👧\u200d👦 עברית العربية ＡＢＣ 𝔘𝔫𝔦 ﬁ\u200b\ufeff½",
    "blanks": "  two blanks first\n\n\ttabs and lines\r\n${marker}  and blanks at the end \n ",
    "markup": "<b>bold</b> &amp; \"quoted\" 'single' \\ back\\nslash ${name} {{name}} %20 %s {0} <|end|> # -- ; ${marker} `code` *stars*",
    "json": '{"prompt": "another one", "n": 3, "size": "9:16", "resolution": "4K"} ${marker}',
    "flags": "a red boat ${marker} --ar 16:9 --size 4K --n 3 --seed 7",
}


def cases(ground: Ground) -> Iterator[Case]:
    """All relay cases of an operation: none where nobody plays the model behind the gateway, or the prompt has no place to be known again by."""
    if not ground.contract.relay.faults or not ground.contract.relay.speaks_of(ground.operation) or "prompt" not in ground.operation.roles:
        return
    maker = Maker.of(ground)
    yield maker.case("base", "base", "serve", maker.base)
    yield from _cells(maker)
    yield from _values(maker)
    yield from _prompts(maker)
    yield from _references(maker)
    yield from _carried(maker)
    yield _at_once(maker)
    yield from relay_refused.cases(maker)
    yield from relay_faults.cases(maker)


def _cells(maker: Maker) -> Iterator[Case]:
    operation = maker.ground.operation
    if operation.pixels is None:
        return
    for cell in chosen_cells(replace(operation, cells="edges")):
        request = cell_request(operation, base_request(operation), cell)
        if any(one.expect == "refuse" and all(request.get(place, ABSENT) == value for place, value in one.set) for one in operation.probes):
            continue
        made = maker.probe(f"cell/{cell.name}", request)
        yield maker.case(f"cell/{cell.name}", "cell", "serve", made, twin=f"pixels/{cell.name}", asked=axis_values(operation, cell))


def _values(maker: Maker) -> Iterator[Case]:
    """Several images, each format, a search."""
    operation = maker.ground.operation
    count, formats, search = (operation.roles.get(name) for name in ("count", "format", "search"))
    for number in sorted({min(2, count.max), count.max}) if count is not None and count.max is not None and count.max > 1 else ():
        assert count is not None
        yield _value(maker, count, "count", number, f"pixels/count-{number}")
    for name in formats.values if formats is not None else ():
        assert formats is not None
        yield _value(maker, formats, "format", name, f"pixels/format-{name}")
    if search is not None and not search.ignored:
        yield _value(maker, search, "search", True, f"parameters/{search.at.name}/valid/true")


def _value(maker: Maker, role: Role, kind: str, value: Any, twin: str) -> Case:
    name = f"{kind}/{str(value).lower()}"
    made = maker.probe(name, with_role(base_request(maker.ground.operation), role, value))
    return maker.case(name, kind, "serve", made, twin=twin)


def _prompts(maker: Maker) -> Iterator[Case]:
    operation = maker.ground.operation
    for name, text in PROMPTS.items():
        if operation.roles["prompt"].at.kind == "path" and "/" in text:
            continue  # frameworks differ about a slash in a path's parameter: the request may never arrive as one of this operation
        made = maker.probe(f"prompt/{name}", base_request(operation), text=text)
        if _is_valid(maker, made.request):
            yield maker.case(f"prompt/{name}", "prompt", "serve", made)
    words = "${marker} " + "".join(f"word {number:05d} " for number in range(LONG // 11 + 1))
    room = LONG - len(marker(token_of(maker.ground, "prompt/long"))) + len("${marker}")
    yield maker.case("prompt/long", "long", "see", maker.probe("prompt/long", base_request(operation), text=words[:room]))


def _is_valid(maker: Maker, request: Request) -> bool:
    operation = maker.ground.operation
    return operation.schema is None or request.json is ABSENT or is_valid(operation.schema, request.json)


def _references(maker: Maker) -> Iterator[Case]:
    role = maker.ground.operation.roles.get("references")
    if role is None:
        return
    for form in role.forms:
        yield _reference(maker, role, form, "png", 1)
    own = next((form for form in role.forms if form != "url"), None)
    if own is None:
        return
    for kind in role.formats:
        if kind != "png":
            yield _reference(maker, role, own, kind, 1)
    for count in sorted({min(3, role.max or 3), role.max or 3} - {1}):
        yield _reference(maker, role, own, "png", count)


def _reference(maker: Maker, role: Role, form: str, kind: str, count: int) -> Case:
    ground, name = maker.ground, f"references/{form}-{kind}-{count}"
    urls = [ground.surroundings.pictures.url(kind, number) for number in range(count)] if form == "url" else []
    if None in urls:
        return maker.case(name, "reference", "serve", None, missing=NO_URL)
    base = base_request(ground.operation) if role.append and ground.operation.purpose != "edit" else ground.operation.base
    pictures = [sample_picture(kind, number) for number in range(count)]
    bare = base if role.append else base.put(role.at, ABSENT)
    # The marker goes into the prompt first: references may stand in a list beside it.
    plain = maker.probe(name, bare)
    request = with_references(plain.request, role, form, pictures, [url for url in urls if url is not None])
    made = maker.probe(name, request)
    return maker.case(name, "reference", "serve", made, twin=f"parameters/{name}", asked={"references": tuple(pictures)})


def _carried(maker: Maker) -> Iterator[Case]:
    """What the contract says that clients send beside the roles: carried or refused, never dropped."""
    operation = maker.ground.operation
    for entry in maker.ground.contract.relay.carry:
        if not (matches_any(entry.on, operation.name) or matches_any(entry.on, operation.key)):
            continue
        request = base_request(operation)
        for place, value in entry.set:
            request = request.put(place, value)
        made = maker.probe(f"carry/{entry.id}", request)
        yield maker.case(f"carry/{entry.id}", "carry", "see", made, asked={entry.role: entry.value})


def _at_once(maker: Maker) -> Case:
    operation = maker.ground.operation
    others = tuple(maker.probe(f"at-once/{number}", base_request(operation)) for number in range(1, AT_ONCE))
    first = maker.probe("at-once", base_request(operation))
    assert first.relay is not None
    return maker.case("at-once", "at-once", "serve", replace(first, relay=replace(first.relay, beside=others)))
