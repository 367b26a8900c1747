"""Cases of requests that a gateway must refuse by itself: the model behind it is not to hear of them."""

from __future__ import annotations

from collections.abc import Iterator

from proofsheet.cases.catalogue import entry_for, invalid_entry
from proofsheet.cases.errors import UNKNOWN_MODEL
from proofsheet.cases.model import MALFORMED_KEY, NO_KEY, UNKNOWN_KEY, Case
from proofsheet.cases.relay_requests import Maker
from proofsheet.cases.requests import NOT_A_PICTURE, base_request, with_references
from proofsheet.cases.validity import is_valid
from proofsheet.contract.pictures import sample_picture
from proofsheet.contract.requests import ABSENT, Request

_KEYS = {"no-key": ("no_key", NO_KEY), "malformed-key": ("malformed_key", MALFORMED_KEY), "unknown-key": ("unknown_key", UNKNOWN_KEY)}
#: Values that no document of an image API offers; each is used only where the request's schema forbids it.
_INVALID = {"ratio": ("7:3", 169), "size": ("3K", 2000), "count": (0, "two"), "format": ("gif", 1)}


def cases(maker: Maker) -> Iterator[Case]:
    """Wrong keys, an unknown model, invalid values, impossible references."""
    yield from _keys(maker)
    yield from _model(maker)
    yield from _values(maker)
    yield from _references(maker)


def _keys(maker: Maker) -> Iterator[Case]:
    if not maker.ground.operation.endpoint.security:
        return
    for name, (provoke, credential) in _KEYS.items():
        made = maker.probe(f"refused/{name}", base_request(maker.ground.operation), credential=credential)
        yield maker.case(f"refused/{name}", "bad-key", "refuse", made, error=entry_for(maker.ground, provoke))


def _model(maker: Maker) -> Iterator[Case]:
    role = maker.ground.operation.roles.get("model")
    if role is not None:
        made = maker.probe("refused/unknown-model", base_request(maker.ground.operation).put(role.at, UNKNOWN_MODEL))
        yield maker.case("refused/unknown-model", "unknown-model", "refuse", made, error=entry_for(maker.ground, "unknown_model"))


def _values(maker: Maker) -> Iterator[Case]:
    operation = maker.ground.operation
    for name, values in _INVALID.items():
        role = operation.roles.get(name)
        if role is None or role.ignored:
            continue
        for value in values:
            request = base_request(operation).put(role.at, value)
            if not _forbidden(maker, request):
                continue
            case = f"refused/{name}-{value}"
            yield maker.case(case, "invalid", "refuse", maker.probe(case, request), error=invalid_entry(maker.ground, name))


def _forbidden(maker: Maker, request: Request) -> bool:
    schema = maker.ground.operation.schema
    return schema is not None and request.json is not ABSENT and not is_valid(schema, request.json)


def _references(maker: Maker) -> Iterator[Case]:
    operation = maker.ground.operation
    role = operation.roles.get("references")
    form = next((form for form in role.forms if form != "url"), None) if role is not None else None
    if role is None or form is None:
        return
    lists = {"not-an-image": [NOT_A_PICTURE], **({"too-many": [sample_picture("png", n) for n in range(role.max + 1)]} if role.max else {})}
    for name, pictures in lists.items():
        bare = operation.base if role.append else operation.base.put(role.at, ABSENT)
        plain = maker.probe(f"refused/{name}", bare)
        made = maker.probe(f"refused/{name}", with_references(plain.request, role, form, pictures))
        twin = f"parameters/references/{name}"
        yield maker.case(f"refused/{name}", "invalid", "refuse", made, twin=twin, error=invalid_entry(maker.ground, "references"))
