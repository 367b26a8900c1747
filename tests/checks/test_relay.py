"""The checks of both sides of a gateway, line by line."""

from __future__ import annotations

import pytest

from checks.relays import BASE, IMAGE, PROMPT, SQUARE, call, performed, relayed
from checks.subjects import broken, exchange, held, picture, row, unshown
from proofsheet.checks import relay, relay_pictures
from proofsheet.contract.marks import digests
from proofsheet.contract.pictures import sample_picture
from proofsheet.exchange.model import Drawn

ELSEWHERE = relayed(area="pixels")
REFUSED_BASE = performed("refused", main=exchange(401))
UNASKED_BASE = performed(pictures=[IMAGE])
#: As UNASKED_BASE, while other requests did reach the model.
REMEMBERED_BASE = performed(pictures=[IMAGE], reached=True)
NOT_SERVED = "the base request was not served, so nothing is known of both sides"
NOT_ASKED = "the base request was served, but never reached the upstream: is the gateway configured with the upstream's base URL and key?"
ONE, TWO = sample_picture("png", 0), sample_picture("png", 1)
KNOWN = (digests(ONE.content), digests(TWO.content))
WIDE = Drawn(8, 1280, 720)
OTHER = performed(calls=[call([Drawn(9, 1000, 1000)])], pictures=[picture(mark=9)])


def good(**more):
    return relayed(**{"calls": [call()], "pictures": [IMAGE], **more})


SERVED = [
    row("another area", relay.served, ELSEWHERE),
    row("expected to be refused", relay.served, good(expect="refuse")),
    row("with an image", relay.served, good(), held("relay.served", "served", "served with an image", "HTTP 200, 1 image(s)")),
    row("without one", relay.served, good(pictures=[]), broken("relay.served", "a good request was not served", "served with an image", "HTTP 200, 0 image(s)")),
    row("refused", relay.served, relayed(outcome="refused", main=exchange(503)), broken("relay.served", "a good request was not served", "served with an image", "HTTP 503")),
    row("as the base is", relay.served, relayed(outcome="refused", main=exchange(401), base=REFUSED_BASE), unshown("relay.served", NOT_SERVED)),
    row("the base itself", relay.served, relayed("relay-base", outcome="refused", main=exchange(401), base=REFUSED_BASE),
        broken("relay.served", "a good request was not served", "served with an image", "HTTP 401")),
    row("nothing upstream", relay.served, good(base=UNASKED_BASE), unshown("relay.served", NOT_ASKED)),
    row("nothing upstream, but of others", relay.served, good(base=REMEMBERED_BASE), held("relay.served", "served", "served with an image", "HTTP 200, 1 image(s)")),
    row("answered from what was made for others", relay.prompt, good(base=REMEMBERED_BASE, calls=[]),
        broken("relay.prompt", "a picture came, and the model was never asked with this prompt", "'a fox [ps-0123456789ab]'", "no call")),
    row("beside others", relay.served, good(kind="relay-at-once", seen={"beside": (OTHER, OTHER)}), held("relay.served", "served", "3 served with an image", "3 served")),
    row("one of three not", relay.served, good(kind="relay-at-once", seen={"beside": (OTHER, REFUSED_BASE)}),
        broken("relay.served", "a good request was not served", "3 served with an image", "2 served")),
]  # fmt: skip
LONG = "a fox " * 100
SHOWN = ascii(PROMPT)
CHANGED = "the prompt was changed on the way, at character"
PROMPTS = [
    row("another area", relay.prompt, ELSEWHERE),
    row("a refused one", relay.prompt, relayed("relay-invalid")),
    row("the same", relay.prompt, good(), held("relay.prompt", "the prompt reached the model as it was sent", "23 characters", "23 characters")),
    row("cut", relay.prompt, good(prompt=LONG, calls=[call(prompt="a fox ")]), broken("relay.prompt", "the prompt was cut off on the way", "600 characters", "6 characters")),
    row("changed", relay.prompt, good(calls=[call(prompt="A" + PROMPT[1:])]), broken("relay.prompt", f"{CHANGED} 1", SHOWN, ascii("A" + PROMPT[1:]))),
    row("longer", relay.prompt, good(calls=[call(prompt=PROMPT + "!")]), broken("relay.prompt", f"{CHANGED} 24", ascii(PROMPT[18:]), ascii(PROMPT[18:] + "!"))),
    row("in the second call", relay.prompt, good(calls=[call(), call(prompt="")]), broken("relay.prompt", "the prompt was cut off on the way", "23 characters", "0 characters")),
    row("never asked", relay.prompt, good(calls=[]), broken("relay.prompt", "a picture came, and the model was never asked with this prompt", SHOWN, "no call")),
    row("refused and never asked", relay.prompt, relayed(outcome="refused", main=exchange(400)),
        unshown("relay.prompt", "the request was not served, and the model was not asked", SHOWN, "HTTP 400")),
    row("a long one refused", relay.prompt, relayed("relay-long", expect="see", outcome="refused", main=exchange(400)),
        broken("relay.prompt", "a prompt of 23 characters was refused", "served or refused", "HTTP 400", "info")),
    row("no base", relay.prompt, good(base=REFUSED_BASE), unshown("relay.prompt", NOT_SERVED)),
]  # fmt: skip


def asking(wanted, drawn=SQUARE, upstream=None, **more):
    return good(asked=wanted, asks=wanted, calls=[call([drawn], upstream)], **more)


CARRIED = [
    row("another area", relay.carried, ELSEWHERE),
    row("nothing asked", relay.carried, good()),
    row("in our own terms", relay.carried, asking({"ratio": "16:9"}, upstream={"ratio": "16:9"}), held("relay.carried", "ratio: asked for upstream", "ratio 16:9", "ratio 16:9")),
    row("another term", relay.carried, asking({"ratio": "16:9"}, upstream={"ratio": "9:16"}), broken("relay.carried", "ratio: changed on the way", "ratio 16:9", "ratio 9:16")),
    row("as pixels", relay.carried, asking({"ratio": "16:9", "size": "1K"}, WIDE, {"dimensions": "1280x720"}),
        held("relay.carried", "ratio: asked for upstream", "ratio 16:9", "ratio 16:9"), held("relay.carried", "size: asked for upstream", "size 1K", "size 1K")),
    row("dropped", relay.carried, asking({"ratio": "16:9"}), broken("relay.carried", "ratio: dropped on the way", "ratio 16:9", "1000x1000 upstream")),
    row("dropped, and nothing was drawn", relay.carried, good(asked={"size": "2K"}, asks={"size": "2K"}, calls=[call([])]),
        broken("relay.carried", "size: dropped on the way", "size 2K", "not there")),
    row("what the model does anyway", relay.carried, asking({"size": "1K"}), held("relay.carried", "size: asked for upstream", "size 1K", "size 1K")),
    row("several by several calls", relay.carried, good(asked={"count": 2}, calls=[call(), call()]), held("relay.carried", "count: asked for upstream", "count 2", "2")),
    row("several in one call", relay.carried, good(asked={"count": 2}, calls=[call(asked={"count": 2})]), held("relay.carried", "count: asked for upstream", "count 2", "2")),
    row("one of two", relay.carried, good(asked={"count": 2}), broken("relay.carried", "count: another number was asked for upstream", "count 2", "1")),
    row("a search", relay.carried, good(asked={"search": True}), broken("relay.carried", "search: dropped on the way", "search True", "None")),
    row("another seed", relay.carried, good(asked={"seed": 4}, calls=[call(asked={"seed": 5})]), broken("relay.carried", "seed: changed on the way", "seed 4", "5")),
    row("pixels by name", relay.carried, good(asked={"dimensions": "1000x1000"}),
        held("relay.carried", "dimensions: asked for upstream", "dimensions 1000x1000", "dimensions 1000x1000")),
    row("other pixels", relay.carried, good(asked={"dimensions": "1000x500"}),
        broken("relay.carried", "dimensions: changed on the way", "dimensions 1000x500", "1000x1000 upstream")),
    row("no pixels at all", relay.carried, good(asked={"dimensions": "large"}),
        broken("relay.carried", "dimensions: changed on the way", "dimensions large", "1000x1000 upstream")),
    row("refused instead", relay.carried, relayed("relay-carry", expect="see", outcome="refused", main=exchange(400), asked={"seed": 4}),
        held("relay.carried", "seed: refused, and so not dropped", "seed 4", "HTTP 400")),
    row("refused though documented", relay.carried, relayed(outcome="refused", main=exchange(400), asked={"ratio": "16:9"}),
        unshown("relay.carried", "ratio: refused, and so not dropped", "ratio 16:9", "HTTP 400")),
    row("no base", relay.carried, good(asked={"seed": 4}, base=REFUSED_BASE), unshown("relay.carried", NOT_SERVED)),
]  # fmt: skip
NOTHING_MORE = "nothing more than was asked for"
ADDED = "asked of the model, and not by the client"
INVENTED = [
    row("another area", relay.invented, ELSEWHERE),
    row("not served", relay.invented, relayed(outcome="refused", calls=[call()])),
    row("nothing", relay.invented, good(), held("relay.invented", "nothing was added", NOTHING_MORE, "nothing more")),
    row("what was asked", relay.invented, asking({"ratio": "16:9"}, WIDE, {"ratio": "16:9"}), held("relay.invented", "nothing was added", NOTHING_MORE, "nothing more")),
    row("a size that nobody documents", relay.invented, good(calls=[call(asked={"size": "4K"})]), broken("relay.invented", f"size: {ADDED}", NOTHING_MORE, "size 4K", "info")),
    row("a search", relay.invented, good(calls=[call(asked={"search": True})]), broken("relay.invented", f"search: {ADDED}", NOTHING_MORE, "search True")),
    row("a seed", relay.invented, good(calls=[call(asked={"seed": 1})]), broken("relay.invented", f"seed: {ADDED}", NOTHING_MORE, "seed 1", "info")),
    row("references", relay.invented, good(calls=[call(references=KNOWN)]), broken("relay.invented", f"references: {ADDED}", NOTHING_MORE, "references 2")),
    row("pixels said as a ratio", relay.invented, good(asked={"dimensions": "1000x1000"}, calls=[call(asked={"ratio": "1:1"})]),
        held("relay.invented", "nothing was added", NOTHING_MORE, "nothing more")),
]  # fmt: skip


def referring(*got, sent=(ONE, TWO)):
    return good(kind="relay-reference", asked={"references": sent}, calls=[call(references=got)])


REFERENCES = [
    row("another kind", relay_pictures.references, good()),
    row("both", relay_pictures.references, referring(*KNOWN), held("relay.references", "the reference images reached the model", "2 image(s)", "2 image(s)")),
    row("without loss", relay_pictures.references, referring(("x", KNOWN[0][1]), KNOWN[1]),
        held("relay.references", "the reference images reached the model", "2 image(s)", "2 image(s)")),
    row("one", relay_pictures.references, referring(KNOWN[0]), broken("relay.references", "another number of reference images reached the model", "2 image(s)", "1 image(s)")),
    row("turned", relay_pictures.references, referring(*KNOWN[::-1]),
        broken("relay.references", "the reference images reached the model in another order", "2 image(s)", "in another order")),
    row("changed", relay_pictures.references, referring(KNOWN[0], ("x", "x")),
        broken("relay.references", "a reference image was changed on the way", "2 image(s)", "other pixels")),
    row("not served", relay_pictures.references, relayed("relay-reference", outcome="refused", main=exchange(400), asked={"references": (ONE,)}),
        unshown("relay.references", "the request was not served", "1 image(s)", "HTTP 400")),
]  # fmt: skip
GOT, NOT_GOT = "the client got what the model made", "the model made another number of images than the client got"
AGAIN, ONCE = "the model was asked again though the client had hung up", "nothing was made twice for a client that hung up"
AT_MOST = "at most 1 image(s), asked for once"
TIMED_OUT = exchange(None, problem="timeout")
IMAGES = [
    row("another area", relay_pictures.images_, ELSEWHERE),
    row("one", relay_pictures.images_, good(), held("relay.images", GOT, "1 image(s)", "1 image(s)")),
    row("one too many", relay_pictures.images_, good(calls=[call(), call()]), broken("relay.images", NOT_GOT, "2 image(s)", "1 image(s)")),
    row("beside others", relay_pictures.images_, good(kind="relay-at-once", seen={"beside": (OTHER, REFUSED_BASE)}),
        held("relay.images", GOT, "1 image(s)", "1 image(s)"), held("relay.images", GOT, "1 image(s)", "1 image(s)")),
    row("a fault that was served", relay_pictures.images_, good(kind="relay-fault", expect="refuse", seen={"then": OTHER}), held("relay.images", GOT, "1 image(s)", "1 image(s)")),
    row("hung up", relay_pictures.images_, relayed("relay-hangs-up", outcome="broken", main=TIMED_OUT, calls=[call()]),
        held("relay.images", ONCE, AT_MOST, "1 image(s), 1 call(s)")),
    row("hung up, asked again", relay_pictures.images_, relayed("relay-hangs-up", outcome="broken", main=TIMED_OUT, calls=[call([]), call()]),
        broken("relay.images", AGAIN, AT_MOST, "1 image(s), 2 call(s)")),
    row("not hung up", relay_pictures.images_, good(kind="relay-hangs-up"), unshown("relay.images", "the answer came before the client hung up", AT_MOST, "HTTP 200, 1 image(s)")),
]  # fmt: skip
RIGHT = "the picture is the one that the model made"
PICTURES = [
    row("another area", relay_pictures.picture, ELSEWHERE),
    row("nothing drawn", relay_pictures.picture, good(calls=[call([])])),
    row("a broken one", relay_pictures.picture, good(pictures=[picture(mark=None, problem="undecodable")])),
    row("the one", relay_pictures.picture, good(), held("relay.picture", RIGHT, "1000x1000", "1000x1000")),
    row("without a mark", relay_pictures.picture, good(pictures=[picture()]), broken("relay.picture", "the picture is not the one that the model made", "1000x1000", "1000x1000")),
    row("another's", relay_pictures.picture, good(kind="relay-at-once", pictures=[picture(mark=9)], seen={"beside": (OTHER,)}),
        broken("relay.picture", "the picture is that of another request", "1000x1000", "1000x1000"), held("relay.picture", RIGHT, "1000x1000", "1000x1000")),
    row("resized", relay_pictures.picture, good(pictures=[picture(500, 500, mark=7)]), broken("relay.picture", "the picture was resized on the way", "1000x1000", "500x500")),
    row("twice", relay_pictures.picture, good(pictures=[IMAGE, IMAGE]),
        *[broken("relay.picture", "one picture was delivered twice", "2 pictures", "the same picture")] * 2),
]  # fmt: skip
TABLES = [*SERVED, *PROMPTS, *CARRIED, *INVENTED, *REFERENCES, *IMAGES, *PICTURES]


@pytest.mark.parametrize(("check", "of", "said"), TABLES)
def test_a_check_says(check, of, said):
    assert list(check(of)) == said


def test_the_base_of_these_subjects_shows_both_sides():
    assert BASE.relayed is not None
    assert BASE.relayed.drawn == (SQUARE,)
