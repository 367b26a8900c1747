"""Entries are added without touching what is there."""

from __future__ import annotations

from datetime import date

import pytest

from proofsheet.contract.errors import ContractError
from proofsheet.results.errors import ReportError
from proofsheet.results.known import read_known
from proofsheet.results.known_writing import Wanted, add_entries

DAY = date(2027, 1, 31)
OLD = "{id: a/b, reason: r, link: 'https://t.example', expires: 2026-12-31}"
NEW = '- {id: acme/draw/pixels/1, requirement: acme.r, reason: "so: it is", link: "https://t.example/1", expires: 2027-01-31}'


def added(path, *wanted, reason="so: it is", link="https://t.example/1"):
    return add_entries(path, list(wanted) or [Wanted("acme/draw/pixels/1", "acme.r")], reason=reason, link=link, expires=DAY)


def test_a_new_file_holds_the_list(tmp_path):
    lines, listed = added(tmp_path / "lists" / "known.yaml")
    assert (lines, listed) == ([NEW], [])
    assert (tmp_path / "lists" / "known.yaml").read_text(encoding="utf-8").splitlines()[1:] == ["known:", f"  {NEW}"]
    assert [(entry.id, entry.requirement, entry.reason, entry.expires) for entry in read_known(tmp_path / "lists" / "known.yaml").entries] == [
        ("acme/draw/pixels/1", "acme.r", "so: it is", DAY)
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"# ours\nknown:\n  - {OLD}  # why\n", f"# ours\nknown:\n  - {OLD}  # why\n  {NEW}\n"),
        (f"known:\n- {OLD}\n\n# of the others\nflaky:\n- {OLD}\n", f"known:\n- {OLD}\n{NEW}\n\n# of the others\nflaky:\n- {OLD}\n"),
        (f"flaky:\n  - {OLD}\n", f"flaky:\n  - {OLD}\nknown:\n  {NEW}\n"),
        (f"known:  # none\nflaky:\n  - {OLD}\n", f"known:  # none\n  {NEW}\nflaky:\n  - {OLD}\n"),
        ("known: []  # none\n", f"known:  # none\n  {NEW}\n"),
        ("known: ~\n", f"known:\n  {NEW}\n"),
        (f"known:\n    - {OLD}", f"known:\n    - {OLD}\n    {NEW}\n"),
        (
            "known:\n  - id: a/b\n    reason: >\n      long\n    link: https://t.example\n    expires: 2026-12-31\n  # end\n",
            f"known:\n  - id: a/b\n    reason: >\n      long\n    link: https://t.example\n    expires: 2026-12-31\n  {NEW}\n  # end\n",
        ),
    ],
)
def test_lines_and_comments_stay(tmp_path, before, after):
    path = tmp_path / "known.yaml"
    path.write_text(before, encoding="utf-8")
    added(path)
    assert path.read_text(encoding="utf-8") == after
    assert "acme/draw/pixels/1" in [entry.id for entry in read_known(path).entries]


def test_nothing_is_listed_twice(tmp_path):
    path = tmp_path / "known.yaml"
    added(path)
    before = path.read_text(encoding="utf-8")
    lines, listed = added(path)
    assert lines == []
    assert listed == [f"{path}:3: {NEW}"]
    assert path.read_text(encoding="utf-8") == before
    lines, listed = added(path, Wanted("acme/draw/pixels/1", "acme.r"), Wanted("acme/draw/pixels/2", "acme.r"))
    assert len(lines) == len(listed) == 1


def test_a_whole_case_that_is_listed_covers_its_requirements(tmp_path):
    path = tmp_path / "known.yaml"
    added(path, Wanted("acme/draw/pixels/1"))
    assert added(path)[0] == []


@pytest.mark.parametrize(("reason", "link"), [("", "https://t.example"), ("  ", "https://t.example"), ("r", "tracker"), ("r", "")])
def test_nothing_is_written_without_a_reason_and_a_link(tmp_path, reason, link):
    with pytest.raises(ContractError):
        added(tmp_path / "known.yaml", reason=reason, link=link)
    assert not (tmp_path / "known.yaml").exists()


def test_a_list_in_brackets_is_left_alone(tmp_path):
    path = tmp_path / "known.yaml"
    path.write_text(f"known: [{OLD}]\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"known\.yaml:1: entries can be added to a list with one '- ' a line"):
        added(path)
    assert path.read_text(encoding="utf-8") == f"known: [{OLD}]\n"


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ReportError):
        added(tmp_path / "file" / "known.yaml")


def test_hostile_ids_stay_one_line(tmp_path):
    path = tmp_path / "known.yaml"
    added(path, Wanted("acme/draw/pixels/{a: b},'\"#-\\u2028"), reason="line\nbreak \u2028 # no comment", link="https://t.example/#1")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3
    assert read_known(path).entries[0].id == "acme/draw/pixels/{a: b},'\"#-\\u2028"
