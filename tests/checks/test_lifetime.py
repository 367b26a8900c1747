"""What a second fetch of a result URL says."""

from __future__ import annotations

import pytest

from checks.subjects import broken, held, unshown
from proofsheet.checks.lifetime import Revisit, _span, alive

DAY = 86400.0
WANTED = "the same bytes for 1 d"


def revisit(age=60.0, after="d1", problem=None, detail=""):
    return Revisit("https://img.acme.example/1.png", age, "d1", after, problem, detail)


@pytest.mark.parametrize(("of", "said", "weighs"), [
    (revisit(), held("assets.lifetime", "the same bytes after 1 min", WANTED, "sha256 d1"), True),
    (revisit(DAY), held("assets.lifetime", "the same bytes after 1 d", WANTED, "sha256 d1"), True),
    (revisit(DAY + 1), held("assets.lifetime", "the same bytes after 24 h", WANTED, "sha256 d1"), False),
    (revisit(after="d2"), broken("assets.lifetime", "other bytes stand behind the URL after 1 min", WANTED, "sha256 d2, and it was d1"), True),
    (revisit(problem="status", detail="404"), broken("assets.lifetime", "the URL is dead after 1 min", WANTED, "HTTP 404"), True),
    (revisit(problem="unreachable", detail="refused"), broken("assets.lifetime", "the URL is dead after 1 min", WANTED, "unreachable: refused"), True),
    (revisit(DAY + 1, problem="status", detail="403"), broken("assets.lifetime", "the URL is dead after 24 h, past its time", WANTED, "HTTP 403"), False),
    (revisit(problem="unlisted", detail="other.example"),
        unshown("assets.lifetime", "not fetched: its host is not among the target's", WANTED, "other.example"), True),
    (revisit(DAY + 1, problem="silent"),
        unshown("assets.lifetime", "nothing answered at any URL: the network or the whole service is away", WANTED, ""), False),
])  # fmt: skip
def test_a_url_lives_as_long_as_is_documented(of, said, weighs):
    assert alive(of, DAY) == (said, weighs)


def test_without_a_documented_time_nothing_weighs():
    assert alive(revisit(), None) == (held("assets.lifetime", "the same bytes after 1 min", "no lifetime is documented", "sha256 d1"), False)
    assert alive(revisit(problem="status", detail="404"), None)[0].message == "the URL is dead after 1 min, past its time"


@pytest.mark.parametrize(("seconds", "words"), [
    (0, "0 s"), (59, "59 s"), (60, "1 min"), (61, "61 s"), (119, "119 s"), (120, "2 min"), (150, "2.5 min"), (3599, "60 min"), (3600, "1 h"), (3660, "61 min"),
    (7199, "120 min"), (7200, "2 h"), (86399, "24 h"), (86400, "1 d"), (90000, "25 h"), (172800, "2 d"), (216000, "2.5 d"),
])  # fmt: skip
def test_a_span_in_words(seconds, words):
    assert _span(seconds) == words
