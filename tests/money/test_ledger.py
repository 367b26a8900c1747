import asyncio
import errno
import json
import os
from fractions import Fraction
from pathlib import Path

import pytest

from proofsheet.contract.files import shipped_validator
from proofsheet.money import lines
from proofsheet.money.ledger import Entry, Ledger, boot_id, read_ledger
from proofsheet.money.lines import Appending, Flusher, LedgerBroken, LedgerUnreadable, read_lines
from proofsheet.results.errors import ReportError

HEADER = {
    "run": {"id": "r", "started_at": "2026-01-01T00:00:00+00:00", "tool_version": "0"}, "selection": {}, "unit": "drops", "budget": "4/3", "specs_sha256": "s",
    "target": {"name": "t", "provider": "p", "base_url": "u", "definition": "d"},
}  # fmt: skip


def entry(amount="1", expected="1", **more):
    return Entry(0, "probe", 1, "digest", 1, Fraction(amount), Fraction(amount), Fraction(expected), **more)


def ledger(path: Path) -> Ledger:
    made = Ledger(path, lambda: 1.5)
    made.begin(HEADER)
    return made


def story(path: Path) -> Ledger:
    """A ledger in which everything happens."""
    made = ledger(path)
    for number, (amount, expected) in enumerate([("4/3", "4/3"), ("0.045", "0"), ("2", "2"), ("3", "3"), ("5", "0"), ("7", "7")], start=1):
        assert made.reserve(entry(amount, expected, case="a/case")).number == number
    for number in range(1, 6):
        made.leave(number)
    made.settle(1, "served", Fraction(4, 3), 200, "task-1")
    made.settle(1, "failed", Fraction(0), 200, "task-1")
    made.settle(2, "refused", Fraction(0), 400, None)
    made.settle(3, "unknown", Fraction(2), None, None)
    made.lose(4)
    made.lose(5)
    return made


def test_a_ledger_reads_as_it_was_written(tmp_path):
    made = story(tmp_path / "ledger.ndjson")
    read = read_ledger(tmp_path / "ledger.ndjson")
    assert read.entries == tuple(made.entries.values())
    assert [one.outcome for one in read.entries] == ["failed", "refused", "unknown", "lost", "unheard", None]
    assert [one.left for one in read.entries] == [True] * 5 + [False]
    assert made.spent == Fraction(0) + 0 + 2 + 3 + 5 + 7
    assert (read.finished, read.last, read.boot) == (False, 1.5, boot_id())


def test_every_line_fits_the_schema_and_amounts_are_exact(tmp_path):
    made = story(tmp_path / "ledger.ndjson")
    made.end(complete=True)
    found = [json.loads(line) for line in (tmp_path / "ledger.ndjson").read_text(encoding="ascii").splitlines()]
    for line in found:
        shipped_validator("ledger.schema.json").validate(line)
    assert {line["line"] for line in found} == {"header", "reserved", "left", "settled", "lost", "unheard", "ended"}
    assert [line["amount"] for line in found if line["line"] == "reserved"][:3] == ["4/3", "0.045", "2"]
    assert read_ledger(tmp_path / "ledger.ndjson").finished


def test_a_ledger_goes_on_after_any_cut(tmp_path):
    whole = tmp_path / "whole"
    story(whole).close()
    raw = whole.read_bytes()
    first = raw.index(b"\n") + 1
    for length in range(first, len(raw)):
        cut = tmp_path / "cut"
        cut.write_bytes(raw[:length])
        kept = raw[:length].count(b"\n")
        assert len(read_lines(cut)) == kept
        Appending(cut).close()
        assert cut.read_bytes() == raw[: raw[:length].rfind(b"\n") + 1]
        cut.unlink()


def test_a_run_that_goes_on_writes_behind_what_is_there(tmp_path):
    path = tmp_path / "ledger.ndjson"
    story(path).close()
    with path.open("ab") as file:
        file.write(b'{"line": "sett')
    again = Ledger(path, lambda: 9.0)
    again.resume(read_ledger(path), None)
    assert again.reserve(entry()).number == 7
    again.close()
    read = read_ledger(path)
    assert len(read.entries) == 7
    assert read.last == 9.0


@pytest.mark.parametrize(("text", "says"), [
    ("", "has no header"), ('{"line": "reserved"}\n', "has no header"), ('{"line": "header", "t": 0}\n', "does not fit ledger.schema.json"),
    ('nonsense\n{"line": "header"}\n', "line 1 is damaged"), ("[1]\n", "line 1 is damaged"),
])  # fmt: skip
def test_what_is_no_ledger_says_so(tmp_path, text, says):
    (tmp_path / "ledger.ndjson").write_text(text, encoding="utf-8")
    with pytest.raises(LedgerUnreadable, match=says):
        read_ledger(tmp_path / "ledger.ndjson")


def test_a_ledger_that_is_not_there_says_so(tmp_path):
    with pytest.raises(LedgerUnreadable, match="cannot be read"):
        read_ledger(tmp_path / "ledger.ndjson")


def test_a_full_disk_stops_all_writing(tmp_path, monkeypatch):
    made = ledger(tmp_path / "ledger.ndjson")

    def half(file, raw):
        if len(raw) > 10:
            return write(file, raw[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    write = os.write
    monkeypatch.setattr(lines.os, "write", half)
    with pytest.raises(LedgerBroken, match="the disk is full"):
        made.reserve(entry())
    monkeypatch.setattr(lines.os, "write", write)
    with pytest.raises(LedgerBroken, match=r"nothing more was sent, .* --resume"):
        made.reserve(entry())
    made.close()
    assert len(read_ledger(tmp_path / "ledger.ndjson").entries) == 0


def test_a_disk_that_fails_at_the_flush_is_told_to_everybody_who_waits(tmp_path, monkeypatch):
    made = ledger(tmp_path / "ledger.ndjson")

    def broken(file):
        raise OSError(errno.EIO, "Input/output error")

    async def wait():
        flusher = Flusher(made)
        return await asyncio.gather(*(flusher.flush() for _ in range(3)), return_exceptions=True)

    monkeypatch.setattr(lines.os, "fsync", broken)
    assert all(isinstance(error, LedgerBroken) for error in asyncio.run(wait()))
    with pytest.raises(LedgerBroken):
        made.reserve(entry())


def test_one_flush_serves_all_who_wait_and_none_who_comes_later(monkeypatch):
    flushed = []

    class Slow:
        def flush(self):
            flushed.append(list(written))

    written = []

    async def one(flusher, name):
        written.append(name)
        await flusher.flush()
        assert any(name in seen for seen in flushed)

    async def everybody():
        flusher = Flusher(Slow())
        await asyncio.gather(*(one(flusher, number) for number in range(40)))

    asyncio.run(everybody())
    assert len(flushed) <= 3


def test_two_runs_do_not_write_the_same_ledger(tmp_path):
    first = ledger(tmp_path / "ledger.ndjson")
    with pytest.raises(ReportError, match="another run writes here"):
        Ledger(tmp_path / "ledger.ndjson", lambda: 0.0)
    first.close()
    first.close()
    Ledger(tmp_path / "ledger.ndjson", lambda: 0.0).close()


def test_a_place_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(ReportError):
        Appending(tmp_path / "no" / "such" / "folder")
