"""Checks of result URLs: where they live and whether anyone can fetch them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Subject
from proofsheet.exchange.model import Picture

_DEAD = {"status": "the URL answers with an error", "unreachable": "nothing answers at the URL", "unsafe": "this is no URL that anyone should fetch",
         "too_large": "the file is larger than any picture"}  # fmt: skip


def _urls(subject: Subject, *, copies: bool) -> Iterator[Picture]:
    if subject.served:
        for picture in subject.performance.pictures:
            if picture.url is not None and bool(picture.name) is copies:
                yield picture


def reachable(subject: Subject) -> Iterator[Judgement]:
    """Every result URL is one, and can be fetched without a key."""
    for picture in subject.images if subject.served else ():
        if picture.url is None and picture.problem != "unsafe":
            continue  # It came as bytes. What is no URL at all is "unsafe" and has none.
        if picture.problem == "unlisted":
            yield Judgement("assets.reachable", None, "not fetched: the host is not among the target's asset hosts", "fetched without a key", _host(picture))
        else:
            problem = _DEAD.get(picture.problem or "")
            yield Judgement("assets.reachable", problem is None, problem or "fetched without a key", "fetched without a key", picture.detail[:120] or "fetched")


def host(subject: Subject) -> Iterator[Judgement]:
    """Every result URL is on a documented host, or on the mirror where that was asked for."""
    mirror = subject.contract.assets.mirror
    mirrored = mirror is not None and subject.asked.get(mirror[0]) == mirror[1]
    hosts = subject.bounds.mirror_hosts if mirrored else subject.bounds.asset_hosts
    for picture in _urls(subject, copies=False):
        if not hosts:
            if mirrored:
                yield Judgement("assets.host", None, "the mirror's host is not known (mirror_hosts)", "the mirror's host", _host(picture))
            continue
        held = _host(picture) in hosts
        where = "the mirror's host" if mirrored else "a documented host"
        yield Judgement("assets.host", held, f"the URL is on {where}" if held else f"the URL is not on {where}", " or ".join(hosts), _host(picture))


def copies(subject: Subject) -> Iterator[Judgement]:
    """Further URLs of the same image (copies, thumbnails) can be fetched and are images."""
    for picture in _urls(subject, copies=True):
        if picture.problem == "unlisted":
            held = False
            message = f"the {picture.name} is on an undocumented host"
        else:
            held = picture.problem is None and picture.kind is not None
            message = f"the {picture.name} is an image" if held else f"the {picture.name} is not an image that can be fetched"
        yield Judgement("assets.copies", held, message, "an image", picture.detail[:120] or picture.kind or picture.problem or "nothing")


def _host(picture: Picture) -> str:
    try:
        return (urlsplit(picture.url or "").hostname or "none").lower()
    except ValueError:
        return "none"


CHECKS = (reachable, host, copies)
