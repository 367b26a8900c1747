"""Result URLs fetched again: inside the documented lifetime, past it, and on gateways that don't keep it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from proofsheet.contract.files import shipped_validator
from proofsheet.reference import ReferenceProcess, start_reference
from proofsheet.session.recheck import recheck
from session.command import COMMAND, run, targets_file, verify

DAY = 86400
PROVIDER = "threedaistudio"
WORDS = ("candidate", "--only", "*/generate/pixels/1:1@*", "--only", "*/generate/parameters/base", "--report-dir", "report")
REQUIREMENT = f"{PROVIDER}.results.lifetime"


@contextmanager
def gateway_with_a_run(folder: Path, *faults: str, provider: str = PROVIDER) -> Iterator[ReferenceProcess]:
    """A gateway of its own, whose clock may be moved, and a run against it."""
    with start_reference([provider], None, faults) as process:
        words = [word.replace("/generate/", "/*/**/") if provider != PROVIDER else word for word in WORDS]
        outcome = verify(folder, *words, environ=targets_file(folder, process, provider))
        assert outcome.code == 0, outcome.said
        yield process


def advance(process: ReferenceProcess, seconds: float, provider: str = PROVIDER) -> datetime:
    """Move the gateway's clock; what time it is there."""
    url = f"{process.providers[provider].target['base_url']}/_reference/clock"
    assert httpx2.post(url, json={"advance": seconds}, timeout=60).status_code == 200
    return datetime.now(UTC) + timedelta(seconds=seconds)


def document(folder: Path, name: str = "again") -> dict:
    found = json.loads((folder / name / "results.json").read_text(encoding="utf-8"))
    shipped_validator("results.schema.json").validate(found)
    return found


def verdicts(found: dict) -> set[str]:
    return {finding["verdict"] for finding in found["findings"]}


def test_inside_the_lifetime_the_same_bytes_conform(tmp_path, capsys):
    with gateway_with_a_run(tmp_path) as process:
        now = advance(process, DAY - 600)
        assert recheck(tmp_path / "report", tmp_path / "again", now=now) == 0
    found = document(tmp_path)
    assert verdicts(found) == {"pass"}
    assert {finding["requirement"] for finding in found["findings"]} == {REQUIREMENT}
    assert [entry["verdict"] for entry in found["requirements"]] == ["passed"]
    assert found["run"]["recheck"] == {**found["run"]["recheck"], "lifetime": DAY, "urls": len(found["exchanges"])}
    assert found["run"]["recheck"]["of"] == json.loads((tmp_path / "report" / "results.json").read_text())["run"]["id"]
    assert len(found["exchanges"]) == len({image["url"] for image in found["images"]}) >= 4
    assert found["run"]["provenance"] == "simulated"
    assert "CONFORMS in what was selected (simulated)" in capsys.readouterr().out


def test_past_the_lifetime_nothing_is_judged(tmp_path, capsys):
    with gateway_with_a_run(tmp_path) as process:
        now = advance(process, DAY + 60)
        assert recheck(tmp_path / "report", tmp_path / "again", now=now) == 2
    found = document(tmp_path)
    assert verdicts(found) == {"info"}
    assert "past its time" in found["findings"][0]["message"]
    assert "past its documented time" in capsys.readouterr().out


@pytest.mark.parametrize(("fault", "said"), [("expire-early", "the URL is dead"), ("other-file-later", "other bytes stand behind the URL")])
def test_a_gateway_that_does_not_keep_them_fails(tmp_path, fault, said):
    with gateway_with_a_run(tmp_path, fault) as process:
        now = advance(process, DAY * 0.75)
        assert recheck(tmp_path / "report", tmp_path / "again", now=now) == 1
    found = document(tmp_path)
    assert verdicts(found) == {"fail"}
    assert {finding["level"] for finding in found["findings"]} == {"must"}
    assert all(finding["message"].startswith(said) for finding in found["findings"])
    assert (tmp_path / "again" / "evidence" / "index.md").is_file()
    assert "curl -sS -i http://127.0.0.1" in found["findings"][0]["curl"]


def test_no_key_is_needed_and_none_is_sent(tmp_path):
    with gateway_with_a_run(tmp_path):
        outcome = run(tmp_path, [*COMMAND, "recheck", "report", "--report-dir", "again"])
    assert outcome.code == 0, outcome.said
    headers = [name.lower() for exchange in outcome.results("again")["exchanges"] for name in exchange["request"]["headers"]]
    assert not {"authorization", "x-api-key", "cookie"} & set(headers)


def test_without_a_documented_lifetime_it_is_information(tmp_path):
    with gateway_with_a_run(tmp_path, provider="apimaster") as process:
        now = advance(process, 30 * DAY, "apimaster")
        assert recheck(tmp_path / "report", tmp_path / "again", now=now) == 0
    found = document(tmp_path)
    assert verdicts(found) == {"info"}
    assert {finding["requirement"] for finding in found["findings"]} == {"apimaster.silent"}


def test_a_gateway_that_is_gone_proves_nothing(tmp_path, capsys):
    with gateway_with_a_run(tmp_path):
        pass
    assert recheck(tmp_path / "report", tmp_path / "again") == 2
    assert verdicts(document(tmp_path)) == {"not_testable"}
    assert "nothing answered at any of the URLs" in capsys.readouterr().out


def edited(folder: Path, change) -> None:
    path = folder / "report" / "results.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    change(found)
    path.write_text(json.dumps(found), encoding="utf-8")


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("ran")
    with gateway_with_a_run(folder):
        yield folder


@pytest.mark.parametrize("url", [
    "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "http://elsewhere.example/x.png", "http://user:pass@127.0.0.1:1/x", "javascript:alert(1)",
])  # fmt: skip
def test_a_hostile_url_is_not_fetched(ran, tmp_path, url):
    def change(found):
        found["run"]["target"]["asset_hosts"] = ["127.0.0.1", "169.254.169.254"]
        found["images"] = [{**found["images"][0], "url": url}]

    original = (ran / "report" / "results.json").read_text(encoding="utf-8")
    try:
        edited(ran, change)
        assert recheck(ran / "report", tmp_path / "again") in (1, 2)
    finally:
        (ran / "report" / "results.json").write_text(original, encoding="utf-8")
    assert [exchange["status"] for exchange in document(tmp_path)["exchanges"]] == [None]


@pytest.mark.parametrize(("change", "said"), [
    (lambda found: found["run"].update(mode="replay"), "was replayed from a recording"),
    (lambda found: found["run"].update(recheck={"of": "x", "at": "x", "lifetime": None, "urls": 0}), "is itself a recheck"),
    (lambda found: found["run"]["target"].update(provider="nobody"), "nobody"),
    (lambda found: found.pop("findings"), "does not fit results.schema.json"),
])  # fmt: skip
def test_what_cannot_be_rechecked_is_one_clear_line(ran, tmp_path, capsys, change, said):
    original = (ran / "report" / "results.json").read_text(encoding="utf-8")
    try:
        edited(ran, change)
        assert recheck(ran / "report", tmp_path / "again") == 4
    finally:
        (ran / "report" / "results.json").write_text(original, encoding="utf-8")
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1


def test_a_run_without_urls_is_incomplete(ran, tmp_path, capsys):
    original = (ran / "report" / "results.json").read_text(encoding="utf-8")
    try:
        edited(ran, lambda found: found.update(images=[]))
        assert recheck(ran / "report", tmp_path / "again") == 2
    finally:
        (ran / "report" / "results.json").write_text(original, encoding="utf-8")
    assert "no result URL" in capsys.readouterr().out
