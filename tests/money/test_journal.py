import json
from dataclasses import replace

import pytest

from proofsheet.exchange.client import Reply
from proofsheet.exchange.model import Exchange, Incident, Picture, Sent
from proofsheet.money.journal import BODIES, JOURNAL_FILE, NOTHING_KEPT, Journal, Leaf, read_journal
from proofsheet.money.lines import LedgerUnreadable

SENT = Sent("POST", "http://127.0.0.1/\ud800", {"Authorization": "Bearer $KEY"}, b"\x00asked", "application/json")
ODD = Exchange("x00007", SENT, 200, {"base64": "no body"}, bytes(range(256)), "timeout", "a \ud83d half", 0.1, 1e-7)
LARGE = replace(ODD, id="x00008", body=b"\xff" * 100_000, problem=None)


def leaf(place, exchange=ODD, **more):
    return Leaf(place, 0.1 + place, Reply(exchange, (Incident("redirect_elsewhere", "there"),)), **more)


def kept(folder, *leaves, key=("p", 1)):
    journal = Journal(folder)
    for one in leaves:
        journal.write(key, one)
    journal.flush()
    journal.close()
    return read_journal(folder)


def test_answers_come_back_exactly(tmp_path):
    pictures = (Picture("url", url="http://a/b", kind="png", width=1, height=2, complete=True, digest="d", bytes=3, exchange="a00012"), Picture("body", problem="undecodable"))
    leaves = [leaf(0), leaf(1, LARGE, order=True, number=4), Leaf(2, 3.25, pictures=pictures)]
    read = kept(tmp_path, *leaves)
    assert [read.leaf(("p", 1), place) for place in range(read.length(("p", 1)))] == leaves
    assert read.answered == {4}
    assert read.last == 3.25
    assert sorted(read.names) == ["a00012", "x00007", "x00008"]


def test_large_bodies_lie_beside_it_once(tmp_path):
    kept(tmp_path, *(leaf(place, LARGE, order=True) for place in range(5)))
    assert len(list((tmp_path / BODIES).iterdir())) == 1
    assert (tmp_path / JOURNAL_FILE).stat().st_size < 10_000


def test_a_performance_whose_order_was_not_answered_begins_again(tmp_path):
    assert kept(tmp_path, leaf(0), leaf(1)).length(("p", 1)) == 0
    again = kept(tmp_path, leaf(0, LARGE), leaf(1, order=True))
    assert again.length(("p", 1)) == 2
    assert again.leaf(("p", 1), 0).reply.exchange == LARGE


def test_performances_of_the_same_probe_are_told_apart(tmp_path):
    kept(tmp_path, leaf(0, order=True), key=("p", 1))
    read = kept(tmp_path, leaf(0, LARGE, order=True), key=("p", 2))
    assert read.leaf(("p", 1), 0).reply.exchange == ODD
    assert read.leaf(("p", 2), 0).reply.exchange == LARGE


def test_a_torn_line_is_no_answer(tmp_path):
    kept(tmp_path, leaf(0, order=True))
    path = tmp_path / JOURNAL_FILE
    path.write_bytes(path.read_bytes()[:-5])
    assert read_journal(tmp_path).length(("p", 1)) == 0


def test_a_body_that_is_gone_is_noticed_before_anything_is_sent(tmp_path):
    kept(tmp_path, leaf(0, LARGE, order=True))
    next((tmp_path / BODIES).iterdir()).unlink()
    with pytest.raises(FileNotFoundError):
        read_journal(tmp_path)


def test_a_damaged_journal_is_noticed(tmp_path):
    (tmp_path / JOURNAL_FILE).write_text("nonsense\n" + json.dumps({}) + "\n", encoding="utf-8")
    with pytest.raises(LedgerUnreadable):
        read_journal(tmp_path)


def test_where_there_is_none_nothing_was_seen(tmp_path):
    for nothing in (read_journal(tmp_path), NOTHING_KEPT):
        assert (nothing.length(("p", 1)), nothing.last, list(nothing.names)) == (0, 0.0, [])
