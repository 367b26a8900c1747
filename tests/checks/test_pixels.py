"""Checks of the pixels: for each guard a subject that passes and one that it catches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.subjects import (
    ANSWER,
    LIFECYCLE,
    SQUARE,
    TABLE,
    at,
    broken,
    exchange,
    held,
    operation,
    picture,
    role,
    roles,
    row,
    subject,
)
from proofsheet.checks import pixels
from proofsheet.contract.model import Cell, Observed, Pixels

SQ = {"ratio": "1:1", "size": "1K"}
ODD = Cell(("21:9", "1K"), 1600, 600, also=((1500, 640),), dispute="two tables")
SEEN = Observed(("1:1", "1K"), 1000, 800, "2026-05-01", "the source")
LABEL = " (the source's own service was seen to answer so on 2026-05-01)"
FREE = operation(roles=roles(role("ratio", free=("auto",))))
DISPUTED = operation(pixels=Pixels(replace(TABLE, cells=(*TABLE.cells, ODD))))
OBSERVED = operation(pixels=Pixels(replace(TABLE, observed=(SEEN,))))
BARE = operation(pixels=None, roles={})


def asked(*pictures, asks=SQ, **more):
    return subject(asks=asks, pictures=pictures, **more)


def held_ratio(expected, actual, note=""):
    return held("pixels.ratio", f"the ratio is within 6 %{note}", expected, actual)


def broken_ratio(expected, actual, note=""):
    return broken("pixels.ratio", f"another ratio than asked for{note}", expected, actual)


RATIO = [
    row("as asked", pixels.ratio, asked(picture()), held_ratio("1000x1000", "1000x1000")),
    row("6 % wider", pixels.ratio, asked(picture(1060)), held_ratio("1000x1000", "1060x1000")),
    row("more than 6 % wider", pixels.ratio, asked(picture(1061)), broken_ratio("1000x1000", "1061x1000")),
    row("more than 6 % narrower", pixels.ratio, asked(picture(939)), broken_ratio("1000x1000", "939x1000")),
    row("of any size when only the ratio is asked for", pixels.ratio, asked(picture(4000, 4000), asks={"ratio": "1:1"}),
        held_ratio("1000x1000 or 2000x2000", "4000x4000")),
    row("each picture", pixels.ratio, asked(picture(), picture(500)), held_ratio("1000x1000", "1000x1000"), broken_ratio("1000x1000", "500x1000")),
    row("no ratio asked for", pixels.ratio, asked(picture(500), asks={"size": "1K"})),
    row("no table", pixels.ratio, asked(picture(500), asks={}, op=BARE)),
    row("a free value", pixels.ratio, asked(picture(500), asks={"ratio": "auto", "size": "1K"}, op=FREE)),
    row("a value beside a free one", pixels.ratio, asked(picture(500), asks={"ratio": "1:1", "size": "1K"}, op=FREE), broken_ratio("1000x1000", "500x1000")),
    row("not served", pixels.ratio, asked(picture(500), outcome="failed")),
    row("no size to be read", pixels.ratio, asked(picture(None, None), picture(500, 0))),
    row("a thumbnail", pixels.ratio, asked(picture(500, name="thumbnail"))),
    row("observed at the source", pixels.ratio, asked(picture(1000, 800), op=OBSERVED), broken_ratio("1000x1000", "1000x800", LABEL)),
    row("other pixels than observed", pixels.ratio, asked(picture(1000, 801), op=OBSERVED), broken_ratio("1000x1000", "1000x801")),
    row("observed for another cell", pixels.ratio, asked(picture(1000, 800), asks={"ratio": "1:1", "size": "2K"}, op=OBSERVED),
        broken_ratio("2000x2000", "1000x800")),
    row("disputed, the table's value", pixels.ratio, asked(picture(1600, 600), asks={"ratio": "21:9", "size": "1K"}, op=DISPUTED),
        held_ratio("1600x600 or 1500x640", "1600x600")),
    row("disputed, the other value", pixels.ratio, asked(picture(1500, 640), asks={"ratio": "21:9", "size": "1K"}, op=DISPUTED),
        held_ratio("1600x600 or 1500x640", "1500x640")),
    row("disputed, neither", pixels.ratio, asked(picture(), asks={"ratio": "21:9", "size": "1K"}, op=DISPUTED), broken_ratio("1600x600 or 1500x640", "1000x1000")),
]  # fmt: skip


def held_size(expected, actual, note=""):
    return held("pixels.size", f"the area is within 10 %{note}", expected, actual)


def broken_size(expected, actual, note=""):
    return broken("pixels.size", f"another size than asked for{note}", expected, actual)


SIZE = [
    row("as asked", pixels.size, asked(picture()), held_size("1000x1000", "1000x1000")),
    row("10 % more", pixels.size, asked(picture(1100)), held_size("1000x1000", "1100x1000")),
    row("over 10 % more", pixels.size, asked(picture(1101)), broken_size("1000x1000", "1101x1000")),
    row("10 % less", pixels.size, asked(picture(900)), held_size("1000x1000", "900x1000")),
    row("over 10 % less", pixels.size, asked(picture(899)), broken_size("1000x1000", "899x1000")),
    row("of any ratio when only the size is asked for", pixels.size, asked(picture(1250, 800), asks={"size": "1K"}),
        held_size("1000x1000 or 1280x720", "1250x800")),
    row("the next size", pixels.size, asked(picture(2000, 2000), asks={"size": "1K"}), broken_size("1000x1000 or 1280x720", "2000x2000")),
    row("no size asked for", pixels.size, asked(picture(9, 9), asks={"ratio": "1:1"})),
    row("no table", pixels.size, asked(picture(9, 9), asks={}, op=BARE)),
    row("not served", pixels.size, asked(picture(9, 9), outcome="refused")),
    row("observed at the source", pixels.size, asked(picture(1000, 800), op=OBSERVED), broken_size("1000x1000", "1000x800", LABEL)),
    row("each picture", pixels.size, asked(picture(), picture(9, 9)), held_size("1000x1000", "1000x1000"), broken_size("1000x1000", "9x9")),
]  # fmt: skip

NEAR = Observed(("1:1", "1K"), 1010, 1000, "2026-05-01", "the source")
NEARLY = operation(pixels=Pixels(replace(TABLE, observed=(NEAR,))))
DISPUTE = " (disputed cell: two tables)"
EXACT = [
    row("as asked", pixels.exact, asked(picture()), held("pixels.exact", "the pixels of the table", "1000x1000", "1000x1000")),
    row("one pixel more", pixels.exact, asked(picture(1001)), broken("pixels.exact", "other pixels than the table's", "1000x1000", "1001x1000")),
    row("sides swapped", pixels.exact, asked(picture(720, 1280), asks={"ratio": "16:9", "size": "1K"}),
        broken("pixels.exact", "other pixels than the table's", "1280x720", "720x1280")),
    row("no single cell", pixels.exact, asked(picture(9, 9), asks={"ratio": "1:1"})),
    row("no cell", pixels.exact, asked(picture(9, 9), asks={"ratio": "3:1", "size": "1K"})),
    row("not served", pixels.exact, asked(picture(9, 9), outcome="failed")),
    row("observed at the source", pixels.exact, asked(picture(1010), op=NEARLY), broken("pixels.exact", f"other pixels than the table's{LABEL}", "1000x1000", "1010x1000")),
    row("disputed, the table's value", pixels.exact, asked(picture(1600, 600), asks={"ratio": "21:9", "size": "1K"}, op=DISPUTED),
        held("pixels.exact", f"the pixels of the table{DISPUTE}", "1600x600 or 1500x640", "1600x600")),
    row("disputed, the other value", pixels.exact, asked(picture(1500, 640), asks={"ratio": "21:9", "size": "1K"}, op=DISPUTED),
        held("pixels.exact", f"the pixels of the table{DISPUTE}", "1600x600 or 1500x640", "1500x640")),
    row("disputed, neither", pixels.exact, asked(picture(1500, 641), asks={"ratio": "21:9", "size": "1K"}, op=DISPUTED),
        broken("pixels.exact", f"other pixels than the table's{DISPUTE}", "1600x600 or 1500x640", "1500x641")),
]  # fmt: skip
NEAR_LABELS = [
    row("within and observed", pixels.ratio, asked(picture(1010), op=NEARLY), held_ratio("1000x1000", "1010x1000", LABEL)),
    row("within and observed", pixels.size, asked(picture(1010), op=NEARLY), held_size("1000x1000", "1010x1000", LABEL)),
]

FORMAT_ROLE = roles(role("format", default="jpeg", values={"png": "PNG", "jpeg": "JPEG"}))
WITH_FORMAT = operation(roles=FORMAT_ROLE)
NO_DEFAULT = operation(roles=roles(role("format", values={"png": "PNG"})), pixels=Pixels(TABLE, formats=("png", "webp")))
ONLY_PNG = operation(pixels=Pixels(TABLE, formats=("png",)))


def right_format(expected, actual):
    return held("pixels.format", "the format is right", expected, actual)


def wrong_format(expected, actual):
    return broken("pixels.format", "another format by its magic bytes", expected, actual)


FORMAT = [
    row("as asked", pixels.format_, asked(picture(), asks={"format": "PNG"}, op=WITH_FORMAT), right_format("png", "png")),
    row("another than asked", pixels.format_, asked(picture(kind="jpeg"), asks={"format": "PNG"}, op=WITH_FORMAT), wrong_format("png", "jpeg")),
    row("the default", pixels.format_, asked(picture(kind="jpeg"), asks={}, op=WITH_FORMAT), right_format("jpeg", "jpeg")),
    row("not the default", pixels.format_, asked(picture(), asks={}, op=WITH_FORMAT), wrong_format("jpeg", "png")),
    row("an open default", pixels.format_, asked(picture(kind="webp"), asks={}, op=NO_DEFAULT), right_format("png or webp", "webp")),
    row("outside an open default", pixels.format_, asked(picture(kind="jpeg"), asks={}, op=NO_DEFAULT), wrong_format("png or webp", "jpeg")),
    row("no such parameter", pixels.format_, asked(picture(kind="webp"), op=ONLY_PNG), wrong_format("png", "webp")),
    row("no table", pixels.format_, asked(picture(kind="gif"), asks={}, op=BARE), wrong_format("png or jpeg or webp", "gif")),
    row("no picture at all", pixels.format_, asked(picture(None, None, kind=None, problem="undecodable")), wrong_format("png or jpeg or webp", "no picture")),
    row("broken but of the right kind", pixels.format_, asked(picture(None, None, problem="undecodable")), right_format("png or jpeg or webp", "png")),
    row("not fetched", pixels.format_, asked(picture(None, None, kind=None, problem="status"))),
    row("not served", pixels.format_, asked(picture(kind="gif"), outcome="failed")),
]  # fmt: skip


def type_row(name, declared, *said, **more):
    return row(name, pixels.media_type, asked(picture(declared=declared, **more)), *said)


def right_type(actual, stated):
    return held("pixels.media_type", "the stated media type is that of the bytes", actual, stated)


MEDIA_TYPE = [
    type_row("agrees", "image/png", right_type("image/png", "image/png")),
    type_row("disagrees", "image/jpeg", broken("pixels.media_type", "the stated media type is not that of the bytes", "image/png", "image/jpeg")),
    type_row("letter case, blanks and parameters", " Image/PNG ; q=1", right_type("image/png", "image/png")),
    type_row("jpg for jpeg", "image/jpg", right_type("image/jpeg", "image/jpg"), kind="jpeg"),
    type_row("pjpeg for jpeg", "image/pjpeg", right_type("image/jpeg", "image/pjpeg"), kind="jpeg"),
    type_row("x-png for png", "image/x-png", right_type("image/png", "image/x-png")),
    type_row("an alias of another", "image/jpg", broken("pixels.media_type", "the stated media type is not that of the bytes", "image/png", "image/jpg")),
    type_row("none", None, broken("pixels.media_type", "no media type is stated for the image", "image/png", "none", "info")),
    type_row("octets", "application/octet-stream", broken("pixels.media_type", "no media type is stated for the image", "image/png", "application/octet-stream", "info")),
    type_row("binary octets", "binary/octet-stream", broken("pixels.media_type", "no media type is stated for the image", "image/png", "binary/octet-stream", "info")),
    type_row("no picture", "image/png", kind=None),
    type_row("not decoded", "image/jpeg", problem="undecodable"),
    row("not served", pixels.media_type, asked(picture(declared="text/html"), outcome="failed")),
]  # fmt: skip

CUT = "the image cannot be decoded to its end"
COMPLETE = [
    row("complete", pixels.complete, asked(picture()), held("pixels.complete", "the image is complete", "complete", "complete")),
    row("cut", pixels.complete, asked(picture(complete=False)), broken("pixels.complete", CUT, "complete", "truncated or broken")),
    row("cut, in its own words", pixels.complete, asked(picture(complete=False, detail="12 bytes lack " * 20)),
        broken("pixels.complete", CUT, "complete", ("12 bytes lack " * 20)[:120])),
    row("undecodable", pixels.complete, asked(picture(problem="undecodable")), broken("pixels.complete", CUT, "complete", "truncated or broken")),
    row("not fetched", pixels.complete, asked(picture(problem="unreachable", complete=False))),
    row("not served", pixels.complete, asked(picture(complete=False), outcome="refused")),
]  # fmt: skip

FORM_COUNT = operation(roles=roles(role("count", at="query:n")))
DEFAULT_COUNT = operation(roles=roles(role("count", default=2)))
NO_COUNT = operation(roles={"ratio": role("ratio"), "size": role("size")})


def counted(name, number, op, asks, *said, digests=("d1", "d2", "d3"), **more):
    pictures = [picture(digest=digest) for digest in digests[:number]]
    return row(name, pixels.count, subject(asks=asks, op=op, pictures=pictures, **more), *said)


def right_count(wanted, found):
    return held("pixels.count", "as many images as asked for", wanted, found)


def wrong_count(wanted, found):
    return broken("pixels.count", "another number of images", wanted, found)


COUNT = [
    counted("as many as asked", 2, None, {"count": 2}, right_count("2", "2")),
    counted("fewer", 1, None, {"count": 2}, wrong_count("2", "1")),
    counted("more", 3, None, {"count": 2}, wrong_count("2", "3")),
    counted("one where nothing is said", 1, None, {}, right_count("1", "1")),
    counted("two where nothing is said", 2, None, {}, wrong_count("1", "2")),
    counted("the default", 2, DEFAULT_COUNT, {}, right_count("2", "2")),
    counted("not the default", 1, DEFAULT_COUNT, {}, wrong_count("2", "1")),
    counted("another than the default", 3, DEFAULT_COUNT, {"count": 3}, right_count("3", "3")),
    counted("a text in JSON says nothing", 2, None, {"count": "1"}, held("pixels.count", "an image came", "at least 1", "2")),
    counted("a truth value says nothing", 0, None, {"count": True}, broken("pixels.count", "no image came", "at least 1", "0")),
    counted("no such parameter, one", 1, NO_COUNT, {}, held("pixels.count", "an image came", "at least 1", "1")),
    counted("no such parameter, none", 0, NO_COUNT, {}, broken("pixels.count", "no image came", "at least 1", "0")),
    counted("the same bytes twice", 2, None, {"count": 2}, right_count("2", "2"),
            broken("pixels.count", "all images have the same bytes", "2 images", "one image", "info"), digests=("d1", "d1")),
    counted("two alike of three", 3, None, {"count": 3}, right_count("3", "3"), digests=("d1", "d1", "d2")),
    counted("nothing known of the bytes", 2, None, {"count": 2}, right_count("2", "2"), digests=(None, None)),
    counted("a poll alone", 1, None, {"count": 2}, poll_only="t1"),
    counted("not served", 1, None, {"count": 2}, outcome="failed"),
    row("thumbnails do not count", pixels.count, subject(pictures=[picture(), picture(name="thumbnail")]), right_count("1", "1")),
]  # fmt: skip

THOUSAND = (picture(1000, 800),)
STATED = replace(ANSWER, declared={"width": (at("json:$.images[*].w"),), "height": (at("json:$.images[*].h"),), "size": (at("json:$.images[*].size"),)})
STATING = operation(answer=STATED)
LATER = operation(answer=None, lifecycle=replace(LIFECYCLE, answer=STATED))


def stated(name, op, images, *said, pictures=THOUSAND, **more):
    return row(name, pixels.declared, subject(op=op, main=exchange(body={"images": images}), pictures=pictures, **more), *said)


def says(name, value, actual, right=True):
    return (held if right else broken)("pixels.declared", f"the stated {name} agrees with the pixels", value, actual)


DECLARED = [
    stated("all agree", STATING, [{"w": 1000, "h": "800", "size": "1000x800"}],
           says("width", "1000", "1000"), says("height", "800", "800"), says("size", "1000x800", "1000x800")),
    stated("none agrees", STATING, [{"w": 800, "h": 1000, "size": "800x1000"}],
           says("width", "800", "1000", False), says("height", "1000", "800", False), says("size", "800x1000", "1000x800", False)),
    stated("of a lifecycle", LATER, [{"w": 1}], says("width", "1", "1000", False)),
    stated("for each image in turn", STATING, [{"w": 1000}, {"w": 7}], says("width", "1000", "1000"), says("width", "7", "9", False),
           pictures=(picture(1000, 800), picture(9, 9))),
    stated("nothing", STATING, [{}]),
    stated("more than came", STATING, [{"w": 1000}, {"w": 7}], says("width", "1000", "1000")),
    stated("a long text", STATING, [{"size": "9" * 90}], says("size", "9" * 60, "1000x800", False)),
    stated("nothing declares", operation(), [{"w": 1}]),
    stated("no answer is known", operation(answer=None), [{"w": 1}]),
    stated("no final answer", STATING, [{"w": 1}], final=None),
    stated("not served", STATING, [{"w": 1}], outcome="failed", final=exchange(body={"images": [{"w": 1}]})),
]  # fmt: skip

TABLES = [*RATIO, *SIZE, *EXACT, *NEAR_LABELS, *FORMAT, *MEDIA_TYPE, *COMPLETE, *COUNT, *DECLARED]


@pytest.mark.parametrize(("check", "of", "said"), TABLES)
def test_a_check_of_the_pixels_says(check, of, said):
    assert list(check(of)) == said


@pytest.mark.parametrize(("wanted", "found"), [("2", 2), ("02", 2), ("²", 1), ("two", 1)])
def test_a_query_knows_only_text(wanted, found):
    query = subject(op=FORM_COUNT, pictures=[picture(digest=str(i)) for i in range(found)])
    sent = replace(query.performance.probe, request=replace(query.performance.probe.request, query={"n": wanted}))
    told = list(pixels.count(replace(query, performance=replace(query.performance, probe=sent))))
    assert [one.held for one in told] == [True]
    assert told[0].expected == ("2" if found == 2 else "at least 1")


def test_a_role_that_stands_elsewhere_counts_too():
    other = operation(roles=roles(role("size", at="json:/size", also=(role("x", at="json:/quality").at,))))
    assert list(pixels.exact(subject(op=other, asks={"ratio": "1:1", "quality": "1K"}, pictures=[picture()]))) == [
        held("pixels.exact", "the pixels of the table", "1000x1000", "1000x1000")
    ]


def test_a_default_names_the_cell_of_what_is_not_sent():
    with_default = operation(pixels=Pixels(TABLE, {"ratio": "1:1", "size": "1K"}))
    assert subject(op=with_default).wanted_cells == (SQUARE,)
    assert subject(op=operation(pixels=Pixels(TABLE, {"ratio": "1:1", "size": "1K"}), roles={})).wanted_cells == (SQUARE,)
    assert subject(op=operation(pixels=Pixels(TABLE, {"ratio": None, "size": "1K"}))).wanted_cells == TABLE.cells[:2]
    assert list(pixels.exact(subject(op=with_default, pictures=[picture(2000, 2000)]))) == [
        broken("pixels.exact", "other pixels than the table's", "1000x1000", "2000x2000")
    ]
