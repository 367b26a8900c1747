"""Checks of result URLs: for each guard a subject that passes and one that it catches."""

from __future__ import annotations

import pytest

from checks.subjects import broken, contract, held, operation, picture, role, roles, row, subject, unshown
from proofsheet.checks import Bounds, assets
from proofsheet.contract.model import Assets

FREE = "fetched without a key"


def with_url(title, *said, **more):
    return row(title, assets.reachable, subject(pictures=[picture(**more)]), *said)


def dead(why, actual):
    return broken("assets.reachable", why, FREE, actual)


REACHABLE = [
    with_url("fetched", held("assets.reachable", FREE, FREE, "fetched")),
    with_url("with a note", held("assets.reachable", FREE, FREE, "in 2 s"), detail="in 2 s"),
    with_url("an error", dead("the URL answers with an error", "HTTP 404"), problem="status", detail="HTTP 404"),
    with_url("nothing there", dead("nothing answers at the URL", "x" * 120), problem="unreachable", detail="x" * 200),
    with_url("unsafe", dead("this is no URL that anyone should fetch", "file:"), problem="unsafe", detail="file:"),
    with_url("too large", dead("the file is larger than any picture", "fetched"), problem="too_large"),
    with_url("no picture is still there", held("assets.reachable", FREE, FREE, "fetched"), problem="undecodable"),
    with_url("not among the hosts", unshown("assets.reachable", "not fetched: the host is not among the target's asset hosts", FREE, "img.acme.example"),
             problem="unlisted"),
    with_url("no URL", url=None),
    with_url("a copy", name="thumbnail"),
    row("not served", assets.reachable, subject(pictures=[picture()], outcome="failed")),
    row("each", assets.reachable, subject(pictures=[picture(), picture(problem="too_large"), picture(name="t", problem="status")]),
        held("assets.reachable", FREE, FREE, "fetched"), dead("the file is larger than any picture", "fetched")),
]  # fmt: skip

MIRRORED = contract(assets=Assets(hosts=("img.acme.example",), mirror=("delivery", "mirror")))
DELIVERING = operation(roles=roles(role("delivery")))
KNOWN = Bounds(asset_hosts=("img.acme.example", "cdn.acme.example"), mirror_hosts=("mirror.acme.example",))


def living(name, url, *said, bounds=KNOWN, **more):
    return row(name, assets.host, subject(pictures=[picture(url=url)], bounds=bounds, **more), *said)


def documented(actual):
    return held("assets.host", "the URL is on a documented host", "img.acme.example or cdn.acme.example", actual)


def elsewhere(actual):
    return broken("assets.host", "the URL is not on a documented host", "img.acme.example or cdn.acme.example", actual)


ASKED = {"asks": {"delivery": "mirror"}, "op": DELIVERING, "held_to": MIRRORED}
HOST = [
    living("documented", "https://img.acme.example/a", documented("img.acme.example")),
    living("another documented one", "https://CDN.acme.example:8443/a", documented("cdn.acme.example")),
    living("undocumented", "https://img.acme.example.evil.example/a", elsewhere("img.acme.example.evil.example")),
    living("none", "data:image/png;base64,xx", elsewhere("none")),
    living("no URL at all", "http://[::1/a", elsewhere("none")),
    living("nothing known", "https://x.example/a", bounds=Bounds()),
    living("the mirror", "https://mirror.acme.example/a", held("assets.host", "the URL is on the mirror's host", "mirror.acme.example", "mirror.acme.example"), **ASKED),
    living("not the mirror", "https://img.acme.example/a",
           broken("assets.host", "the URL is not on the mirror's host", "mirror.acme.example", "img.acme.example"), **ASKED),
    living("an unknown mirror", "https://img.acme.example/a",
           unshown("assets.host", "the mirror's host is not known (mirror_hosts)", "the mirror's host", "img.acme.example"),
           bounds=Bounds(asset_hosts=("img.acme.example",)), **ASKED),
    living("no mirror asked for", "https://img.acme.example/a", documented("img.acme.example"), **{**ASKED, "asks": {"delivery": "direct"}}),
    living("no mirror documented", "https://img.acme.example/a", documented("img.acme.example"), **{**ASKED, "held_to": contract()}),
    living("not served", "https://x.example/a", outcome="refused"),
    row("a copy", assets.host, subject(pictures=[picture(name="t", url="https://x.example/a")], bounds=KNOWN)),
    row("no URL", assets.host, subject(pictures=[picture(url=None)], bounds=KNOWN)),
]  # fmt: skip


def copy(title, *said, **more):
    return row(title, assets.copies, subject(pictures=[picture(**{"name": "thumbnail", **more})]), *said)


COPIES = [
    copy("an image", held("assets.copies", "the thumbnail is an image", "an image", "png")),
    copy("an image with a note", held("assets.copies", "the thumbnail is an image", "an image", "ok"), detail="ok"),
    copy("gone", broken("assets.copies", "the thumbnail is not an image that can be fetched", "an image", "n" * 120), problem="status", detail="n" * 200),
    copy("gone without a word", broken("assets.copies", "the thumbnail is not an image that can be fetched", "an image", "status"), problem="status", kind=None),
    copy("no image", broken("assets.copies", "the thumbnail is not an image that can be fetched", "an image", "nothing"), kind=None),
    copy("elsewhere", broken("assets.copies", "the thumbnail is on an undocumented host", "an image", "unlisted"), problem="unlisted", kind=None),
    copy("the image itself", name=""),
    copy("no URL", url=None),
    row("not served", assets.copies, subject(pictures=[picture(name="t", kind=None)], outcome="failed")),
]  # fmt: skip

TABLES = [*REACHABLE, *HOST, *COPIES]


@pytest.mark.parametrize(("check", "of", "said"), TABLES)
def test_a_check_of_the_assets_says(check, of, said):
    assert list(check(of)) == said
