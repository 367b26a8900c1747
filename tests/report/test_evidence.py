"""A folder for each finding that stands: of use alone, capped, and with no name or markup of the target's making."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from proofsheet.report import evidence
from proofsheet.report.evidence import write_evidence
from results.samples import HOSTILE, finding, results

DIGEST = "ab" * 32
EXCHANGE = {
    "id": "e1", "case": "acme/draw/pixels/16:9", "status": 200, "headers": {"content-type": "application/json", "x-id": "7"}, "digest": "cd" * 32, "bytes": 20,
    "request": {"method": "POST", "url": "http://127.0.0.1:9301/draw", "headers": {"Authorization": "Bearer $CANDIDATE_KEY"}, "bytes": 2, "body": "{}"},
    "body": '{"url": "http://x/1"}', "times": {"started": 0, "seconds": 0.25}, "problem": None, "detail": "",
}  # fmt: skip
IMAGE = {
    "case": "acme/draw/pixels/16:9",
    "exchange": "e1",
    "source": "url",
    "url": "http://x/1",
    "digest": DIGEST,
    "format": "png",
    "width": 16,
    "height": 9,
    "bytes": 99,
    "problem": None,
}
BROKEN = {"check": "pixels.exact", "requirement": "acme.exact", "case": "acme/draw/pixels/16:9", "verdict": "fail", "message": "other pixels", "expected": "16x9", "actual": "9x16"}


def broken(number: int = 0, **more):
    return finding(**{**BROKEN, "curl": "curl -sS http://127.0.0.1:9301/draw", "exchanges": ("e1",), "case": f"acme/draw/pixels/16:{number}", **more})


def folders(root: Path) -> list[Path]:
    return sorted(path for path in (root / "evidence").iterdir() if path.is_dir())


def text(folder: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.suffix in (".md", ".txt", ".sh"))


def test_a_folder_holds_what_a_maker_needs(tmp_path):
    (tmp_path / "thumbnails").mkdir()
    (tmp_path / "thumbnails" / f"{DIGEST}.webp").write_bytes(b"small")
    write_evidence(tmp_path, results((broken(9),), exchanges=(EXCHANGE,), images=(IMAGE,)))
    (folder,) = folders(tmp_path)
    assert {path.name for path in folder.iterdir()} == {"finding.md", "curl.sh", "request-1.txt", "response-1.txt", f"image-{DIGEST[:16]}.webp"}
    said = text(folder)
    for wanted in ("what acme.exact states", "doc:3-4", "9x16", "POST http://127.0.0.1:9301/draw", "HTTP 200", "x-id: 7", DIGEST, "16x9 png", "Bearer $CANDIDATE_KEY"):
        assert wanted in said.replace("\\", "").replace("@\u2060", "@"), wanted
    index = (tmp_path / "evidence" / "index.md").read_text(encoding="utf-8")
    assert f"[{folder.name}]({folder.name}/finding.md)" in index


def test_what_passes_has_none(tmp_path):
    assert write_evidence(tmp_path, results((finding(), finding(verdict="info"), finding(verdict="not_testable")))) is None
    assert not (tmp_path / "evidence").exists()


def test_fail_comes_before_error_and_warn(tmp_path):
    found = tuple(broken(number, verdict=verdict, message=verdict, expected="", actual="") for number, verdict in enumerate(("warn", "error", "fail")))
    write_evidence(tmp_path, results(found, exchanges=(EXCHANGE,)))
    assert [f"**{verdict}**" in text(folder) for folder, verdict in zip(folders(tmp_path), ("fail", "error", "warn"), strict=True)] == [True] * 3


def test_a_cause_has_a_few_folders_and_a_run_not_too_many(tmp_path, monkeypatch):
    write_evidence(tmp_path, results(tuple(broken(number) for number in range(40)), exchanges=(EXCHANGE,)))
    assert len(folders(tmp_path)) == evidence.PER_CAUSE
    assert "40 findings stand; 3 have a folder" in (tmp_path / "evidence" / "index.md").read_text(encoding="utf-8")
    assert "same cause in this run: 40" in text(folders(tmp_path)[0])
    monkeypatch.setattr(evidence, "IN_ALL", 5)
    causes = tuple(broken(number, requirement=f"acme.r{number}") for number in range(20))
    write_evidence(tmp_path, results(causes, exchanges=(EXCHANGE,)))
    assert len(folders(tmp_path)) == 5


def test_an_endless_trace_and_an_endless_body_are_cut(tmp_path):
    many = tuple({**EXCHANGE, "id": f"e{number}", "body": "x" * 500_000} for number in range(30))
    write_evidence(tmp_path, results((broken(exchanges=tuple(one["id"] for one in many)),), exchanges=many))
    (folder,) = folders(tmp_path)
    assert len(list(folder.glob("response-*.txt"))) == evidence.EXCHANGES
    assert max(path.stat().st_size for path in folder.iterdir()) < 2 * evidence.LONGEST


@pytest.mark.parametrize("case", ["acme/../../../../tmp/x", "acme/" + "a" * 400, "acme/\x00\n", "/", "acme/" + HOSTILE, "acme/CON", "..", ""])
def test_no_id_makes_a_name(tmp_path, case):
    root = tmp_path / "report"
    root.mkdir()
    write_evidence(root, results((broken(case=case, check="pixels.exact/../.."),), exchanges=(EXCHANGE,)))
    (folder,) = folders(root)
    assert evidence._OURS.fullmatch(folder.name)
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_hostile_target_writes_no_markup_and_no_control(tmp_path):
    hostile = {**EXCHANGE, "headers": {"x": HOSTILE}, "body": HOSTILE, "detail": HOSTILE, "problem": "broken"}
    write_evidence(tmp_path, results((broken(message=HOSTILE, actual=HOSTILE, expected=HOSTILE, curl=HOSTILE),), exchanges=(hostile,), images=({**IMAGE, "digest": "../../x"},)))
    (folder,) = folders(tmp_path)
    assert not any(character in text(folder) for character in "\x1b\x07\x00\u202e")
    markdown = "\n".join(line for line in (folder / "finding.md").read_text(encoding="utf-8").splitlines() if not line.startswith(HOSTILE[:7]))
    assert "<script>" not in (tmp_path / "evidence" / "index.md").read_text(encoding="utf-8")
    assert "<script>" not in markdown.partition("```")[0]


def test_what_is_left_of_an_earlier_run_goes_and_nothing_else(tmp_path):
    write_evidence(tmp_path, results((broken(1), broken(2, requirement="acme.served")), exchanges=(EXCHANGE,)))
    (tmp_path / "evidence" / "my-notes").mkdir()
    (tmp_path / "evidence" / "my-notes" / "kept.txt").write_text("kept", encoding="utf-8")
    write_evidence(tmp_path, results((broken(1, check="pixels.ratio"),), exchanges=(EXCHANGE,)))
    assert sorted(path.name[:12] for path in (tmp_path / "evidence").iterdir()) == ["001-pixels-r", "index.md", "my-notes"]
    write_evidence(tmp_path, results((finding(),)))
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == ["my-notes"]


def test_a_thumbnail_that_is_a_link_or_too_large_is_not_copied(tmp_path):
    (tmp_path / "thumbnails").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "thumbnails" / f"{DIGEST}.png").symlink_to(tmp_path / "secret")
    (tmp_path / "thumbnails" / f"{DIGEST}.webp").write_bytes(b"0" * (evidence.LARGEST + 1))
    write_evidence(tmp_path, results((broken(9),), exchanges=(EXCHANGE,), images=(IMAGE,)))
    assert not list(folders(tmp_path)[0].glob("image-*"))


def test_a_simulated_result_says_so_in_each_file(tmp_path):
    given = results((broken(),), exchanges=(EXCHANGE,))
    write_evidence(tmp_path, replace(given, run={**given.run, "provenance": "simulated"}))
    assert "SIMULATED" in (folders(tmp_path)[0] / "finding.md").read_text(encoding="utf-8")
    assert "SIMULATED" in (tmp_path / "evidence" / "index.md").read_text(encoding="utf-8")
