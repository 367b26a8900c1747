"""Cases of reference images: each form and format, one and the most, and what is no picture at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from proofsheet.cases.catalogue import invalid_entry
from proofsheet.cases.model import Case
from proofsheet.cases.requests import NOT_A_PICTURE, base_request, probe, with_references
from proofsheet.contract.model import Role
from proofsheet.contract.pictures import SamplePicture, sample_picture
from proofsheet.contract.requests import ABSENT, Request

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground

NO_URL = "no picture that the target can fetch (reference_image_url)"


def cases(ground: Ground) -> Iterator[Case]:
    """The reference cases of an operation that takes reference images."""
    role = ground.operation.roles.get("references")
    if role is None:
        return
    for form in role.forms:
        for kind in role.formats or ("png",):
            yield _served(ground, role, form, kind, 1)
    first = next(iter(role.forms))
    own = next((form for form in role.forms if form != "url"), first)
    if role.max is not None:
        yield _served(ground, role, own, "png", role.max)
        yield _refused(ground, role, own, "too-many", [sample_picture("png", n) for n in range(role.max + 1)])
    yield _refused(ground, role, own, "not-an-image", [NOT_A_PICTURE])
    if "url" in role.forms:
        yield from _bad_urls(ground, role)


def _request(ground: Ground, role: Role, form: str, pictures: list[SamplePicture], urls: list[str] | None = None) -> Request:
    base = base_request(ground.operation) if role.append and ground.operation.purpose != "edit" else _bare(ground, role)
    return with_references(base, role, form, pictures, urls)


def _bare(ground: Ground, role: Role) -> Request:
    base = ground.operation.base
    return base if role.append else base.put(role.at, ABSENT)


def _served(ground: Ground, role: Role, form: str, kind: str, count: int) -> Case:
    name = f"references/{form}-{kind}-{count}"
    pictures = [sample_picture(kind, number) for number in range(count)]
    urls = None
    if form == "url":
        found = [ground.surroundings.pictures.url(kind, number) for number in range(count)]
        if None in found:
            return ground.case("parameters", name, "reference", "serve", None, missing=NO_URL)
        urls = [url for url in found if url is not None]
    made = probe(ground.operation, _request(ground, role, form, pictures, urls))
    return ground.case("parameters", name, "reference", "serve", made, asked={"references": count})


def _refused(ground: Ground, role: Role, form: str, name: str, pictures: list[SamplePicture], urls: list[str] | None = None) -> Case:
    made = probe(ground.operation, _request(ground, role, form, pictures, urls))
    return ground.case("parameters", f"references/{name}", "bad-reference", "refuse", made, base=ground.base, error=invalid_entry(ground, "references"))


def _bad_urls(ground: Ground, role: Role) -> Iterator[Case]:
    pictures = ground.surroundings.pictures
    for name, url in (("html", pictures.other("html")), ("unreachable", pictures.unreachable)):
        if url is None:
            yield ground.case("parameters", f"references/{name}", "bad-reference", "refuse", None, missing=NO_URL)
        else:
            yield _refused(ground, role, "url", name, [sample_picture("png")], [url])
