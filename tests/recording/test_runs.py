"""Record, replay, judge again: whole runs."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proofsheet.recording import recorder as recorder_module
from proofsheet.recording.errors import RecordingError
from proofsheet.recording.folders import Workplace
from proofsheet.recording.sets import CassetteSet, files_of
from proofsheet.results.model import Results
from proofsheet.session.cassettes import set_of
from proofsheet.session.options import Options, UsageError
from recording.runs import SPECS, Bench, bench, perform, prepared, verdicts


def replaying(recorded: Path, **more: Any) -> Options:
    base = Options(mode="replay", target=recorded.name, cassettes=recorded.parent, specs=SPECS, report_dir=recorded.parent.parent / "report")
    return replace(base, **more)


@pytest.mark.parametrize("provider", ["inkwell", "tessera"])
@pytest.mark.parametrize("concurrency", [1, 32])
def test_live_recorded_and_replayed_runs_say_the_same_of_every_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: str, concurrency: int) -> None:
    with bench(tmp_path, monkeypatch, provider) as candidate:
        candidate.write_target(pace={**candidate.target["pace"], "max_concurrency": concurrency})
        live_code, (live,) = perform(candidate.options())
        record_code, (recorded,) = perform(candidate.options(mode="record"))
    replay_code, (replayed,) = perform(candidate.options(mode="replay"))
    assert live_code == record_code == replay_code
    assert len(live.findings) > 300
    assert verdicts(live) == verdicts(recorded) == verdicts(replayed)
    assert [result.run["mode"] for result in (live, recorded, replayed)] == ["live", "record", "replay"]
    assert [replace(cell, seconds=None) for cell in replayed.cells] == [replace(cell, seconds=None) for cell in recorded.cells]
    # What a recording keeps of a time is that of the exchange, without what the harness did beside it.
    assert [cell.seconds for cell in replayed.cells] == pytest.approx([cell.seconds for cell in recorded.cells], abs=0.05)


def test_a_replay_of_the_reference_gateway_is_simulated(recorded: Path) -> None:
    _, (results,) = perform(replaying(recorded))
    assert results.run["provenance"] == "simulated"
    assert results.run["recording"]["provenance"] == "reference"
    assert results.run["recording"]["digest"] == CassetteSet.open(recorded).about.digest


def test_a_replay_tells_the_times_of_the_recording(recorded: Path, recorded_once: tuple[Path, Results]) -> None:
    _, (results,) = perform(replaying(recorded))
    traces = {entry["case"]: [(look["status"], look["state"]) for look in entry["trace"]] for entry in recorded_once[1].lifecycles}
    assert {entry["case"]: [(look["status"], look["state"]) for look in entry["trace"]] for entry in results.lifecycles} == traces
    assert any(len(trace) > 2 for trace in traces.values())
    shown, made = ({(e["case"], e["request"]["url"]): e["times"]["started"] for e in r.exchanges} for r in (results, recorded_once[1]))
    assert shown.keys() == made.keys()
    assert all(abs(shown[key] - made[key]) < 0.2 for key in shown if "poll" not in key[1])


def test_a_lifecycle_that_never_ends_replays_as_one_that_never_ends(candidate: Bench) -> None:
    # Shorter than any poll: whether a task ends in time hangs on no clock, which a recording keeps to a tenth of a millisecond.
    candidate.write_target(pace={**candidate.target["pace"], "lifecycle_timeout": 0.000001, "poll_every": 0.001, "first_poll_after": 0.0})
    _, (live,) = perform(candidate.options(mode="record"))
    _, (replayed,) = perform(candidate.options(mode="replay"))
    assert any(f.check == "lifecycles.terminates" and f.verdict == "fail" for f in live.findings)
    assert [row[:5] for row in verdicts(live)] == [row[:5] for row in verdicts(replayed)]


def test_an_exchange_that_is_not_there_is_not_testable_and_the_run_incomplete(recorded: Path) -> None:
    name = next(path for path in CassetteSet.open(recorded).paths if path.endswith("parameters/base.yaml"))
    edited = (recorded / name).read_text().replace("method: POST", "method: PATCH").replace("method: PUT", "method: PATCH")
    reseal(recorded, {name: edited})
    code, (results,) = perform(replaying(recorded))
    assert code == 2
    broken = [finding for finding in results.findings if finding.verdict == "not_testable"]
    assert any("it differs from the nearest recorded request in method" in finding.message for finding in broken)
    assert results.summary["conforms"] is None
    assert any("not in the recording" in why for why in results.summary["why"])


def test_a_cassette_that_is_not_there_is_said_so(recorded: Path) -> None:
    name = next(path for path in CassetteSet.open(recorded).paths if "/valid/" in path)
    (recorded / name).unlink()
    reseal(recorded, {})
    code, (results,) = perform(replaying(recorded))
    assert code == 2
    assert any("has no cassette for it" in finding.message for finding in results.findings if finding.verdict == "not_testable")


def test_exchanges_nobody_asks_for_are_reported(recorded: Path) -> None:
    name = next(path for path in CassetteSet.open(recorded).paths if path.endswith("parameters/base.yaml"))
    text = (recorded / name).read_text()
    head, _, rest = text.partition("- request:")
    body, _, tail = rest.partition("metadata:")
    reseal(recorded, {name: f"{head}- request:{body}- request:{body}metadata:{tail}"})
    code, (results,) = perform(replaying(recorded))
    assert code == 0
    assert any("were not asked for" in note for note in results.summary["notes"])


def reseal(recorded: Path, edits: dict[str, str]) -> None:
    """Edit a set and seal it anew, as nobody but a test does."""
    from proofsheet.recording.sets import FACTS_FILE, SET_FILE, SUMS_FILE, seal

    opened = CassetteSet.open(recorded) if edits else None
    about = opened.about if opened else _about(recorded)
    facts = opened.facts() if opened else {}
    for name, text in edits.items():
        (recorded / name).write_text(text, encoding="utf-8")
    if opened is None:
        from proofsheet.exchange.inspection import Facts

        facts = {digest: Facts(digest, **raw) for digest, raw in json.loads((recorded / FACTS_FILE).read_text()).items()}
    for name in (SET_FILE, SUMS_FILE, FACTS_FILE):
        (recorded / name).unlink()
    seal(recorded, about, facts)


def _about(recorded: Path) -> Any:
    from proofsheet.recording.about import About

    return About(**json.loads((recorded / "set.json").read_text()))


@pytest.mark.parametrize("target", ["candidate", None])
def test_an_empty_folder_is_no_recording(tmp_path: Path, target: str | None) -> None:
    with pytest.raises(RecordingError, match="there is no recording"):
        perform(Options(mode="replay", target=target, cassettes=tmp_path, specs=SPECS, report_dir=tmp_path / "report"))


def test_a_cassette_cut_short_is_refused(recorded: Path) -> None:
    path = recorded / CassetteSet.open(recorded).paths[0]
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(RecordingError, match=r"was altered since it was recorded \(cut short, or edited by hand\)"):
        perform(replaying(recorded))


def test_edited_metadata_is_refused(recorded: Path) -> None:
    path = recorded / "set.json"
    path.write_text(path.read_text().replace('"provenance": "reference"', '"provenance": "vendor"'))
    with pytest.raises(RecordingError, match="edited by hand"):
        perform(replaying(recorded))


@pytest.mark.parametrize(("change", "said"), [("missing", "this file is missing"), ("altered", "was altered"), ("added", "was added by hand")])
def test_the_store_of_pictures_is_checked(recorded: Path, change: str, said: str) -> None:
    blob = next((recorded / "blobs").rglob("*.gz"))
    if change == "missing":
        blob.unlink()
    elif change == "altered":
        blob.write_bytes(blob.read_bytes()[:-1] + b"\xff")
    else:
        blob.with_name("0" * 64 + ".bin").write_bytes(b"a stranger")
    with pytest.raises(RecordingError, match=said):
        perform(replaying(recorded))


def other_specs(tmp_path: Path, edit: tuple[str, str] = ("", "")) -> Path:
    import shutil

    place = tmp_path / "specs"
    shutil.copytree(SPECS, place)
    path = place / "inkwell" / "requirements.yaml"
    text = path.read_text()
    assert edit[0] in text
    path.write_text(text.replace(*edit) + "\n# another version\n")
    return place


def test_a_recording_of_other_specs_is_refused_and_can_be_judged_again(recorded: Path, tmp_path: Path) -> None:
    specs = other_specs(tmp_path)
    with pytest.raises(RecordingError, match=r"other specs of inkwell .* 'proofsheet judge "):
        perform(replaying(recorded, specs=specs))
    code, (results,) = perform(replaying(recorded, specs=specs, recording=recorded, other_specs=True))
    assert code == 0
    assert "judged by other specs than the recording was made with" in results.summary["notes"]


def test_what_newer_specs_ask_and_the_recording_lacks_is_not_testable(recorded: Path, tmp_path: Path) -> None:
    specs = other_specs(tmp_path)
    schema = specs / "inkwell" / "schemas" / "drawing.json"
    document = json.loads(schema.read_text())
    name, rule = next((name, rule) for name, rule in document["properties"].items() if "enum" in rule and isinstance(rule["enum"][0], str))
    document["properties"][name] = {**rule, "enum": [*rule["enum"], "brand-new"]}
    schema.write_text(json.dumps(document))
    code, (results,) = perform(replaying(recorded, specs=specs, recording=recorded, other_specs=True))
    lacking = {finding.case for finding in results.findings if finding.verdict == "not_testable" and "recording" in finding.message}
    assert code == 2
    assert any("brand-new" in case for case in lacking)
    assert len(lacking) < len({finding.case for finding in results.findings}) / 4


def test_age_is_told_by_the_time_of_recording(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    about = _about(recorded)
    reseal_about(recorded, replace(about, recorded_at="2020-01-01T00:00:00+00:00"))
    days = (about.time - _about(recorded).time).days
    code, (fresh,) = perform(replaying(recorded, max_age=days + 10))
    assert (code, [note for note in fresh.summary["notes"] if "days old" in note]) == (0, [])
    code, (old,) = perform(replaying(recorded, max_age=days / 1.5))
    assert code == 0
    assert any("days old" in note for note in old.summary["notes"])
    code, (too_old,) = perform(replaying(recorded, max_age=days / 3))
    assert code == 2
    assert any("more than twice" in why for why in too_old.summary["why"])
    assert verdicts(too_old) == verdicts(fresh)


def reseal_about(recorded: Path, about: Any, **facts_changed: Any) -> None:
    facts = {digest: replace(found, **facts_changed) for digest, found in CassetteSet.open(recorded).facts().items()}
    for name in ("set.json", "SHA256SUMS", "facts.json"):
        (recorded / name).unlink()
    from proofsheet.recording.sets import seal

    seal(recorded, about, facts)


def test_a_full_disk_is_said_and_the_old_recording_stays(candidate: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert perform(candidate.options(mode="record"))[0] == 0
    before = {name: (candidate.set / name).read_bytes() for name in files_of(candidate.set)}

    def full(*given: Any, **named: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recorder_module, "to_text", full)
    code, (results,) = perform(candidate.options(mode="record"))
    assert code == 2
    assert any("the recording was not kept" in why and "No space left on device" in why for why in results.summary["why"])
    assert {name: (candidate.set / name).read_bytes() for name in files_of(candidate.set)} == before
    assert not (candidate.set.parent / ".candidate.recording").exists()


def test_a_disk_that_is_full_at_the_end_leaves_the_old_recording(candidate: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert perform(candidate.options(mode="record"))[0] == 0
    digest = CassetteSet.open(candidate.set).about.digest

    def full(*given: Any, **named: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recorder_module, "seal", full)
    code, _ = perform(candidate.options(mode="record"))
    assert code == 2
    assert CassetteSet.open(candidate.set).about.digest == digest


def test_two_recorders_do_not_meet_in_one_folder(candidate: Bench) -> None:
    place = Workplace(candidate.set.parent, "candidate")
    with pytest.raises(RecordingError, match="another run is recording there"):
        perform(candidate.options(mode="record"))
    place.give_up()
    assert perform(candidate.options(mode="record"))[0] == 0


def test_an_interrupted_run_replaces_nothing_and_keeps_what_it_has(candidate: Bench) -> None:
    assert perform(candidate.options(mode="record"))[0] == 0
    digest = CassetteSet.open(candidate.set).about.digest
    with prepared(candidate.options(mode="record")) as runs:
        (run,) = runs.runs
        run.verify(run.selected[0])
        code = runs.conclude(complete=False, reason="the run was interrupted")
    assert code == 2
    assert CassetteSet.open(candidate.set).about.digest == digest
    aside = CassetteSet.open(candidate.set.with_name("candidate.incomplete"))
    assert not aside.about.complete
    code, (results,) = perform(replaying(aside.folder))
    assert code == 2
    assert any("unfinished" in why for why in results.summary["why"])


def test_a_recorder_killed_between_two_renames_loses_nothing(recorded: Path) -> None:
    recorded.rename(recorded.with_name(".candidate.before"))
    Workplace(recorded.parent, "candidate").give_up()
    assert perform(replaying(recorded))[0] == 0


def test_some_cases_do_not_replace_a_whole_recording(candidate: Bench) -> None:
    assert perform(candidate.options(mode="record", only=("**/parameters/base",)))[0] in (0, 2)
    with pytest.raises(UsageError, match="would replace all of it"):
        perform(candidate.options(mode="record", only=("**/parameters/base",)))


def test_only_the_heads_of_pictures_can_be_kept(candidate: Bench) -> None:
    _, (recorded,) = perform(candidate.options(mode="record", keep_heads=True))
    assert list((candidate.set / "blobs").rglob("*.head"))
    code, (replayed,) = perform(candidate.options(mode="replay"))
    assert code == 0
    assert verdicts(recorded) == verdicts(replayed)
    assert any("only the heads of pictures were recorded" in note for note in replayed.summary["notes"])
    assert "only the heads" in (candidate.folder / "report2" / "summary.md").read_text()


def test_a_paid_target_is_not_recorded(candidate: Bench) -> None:
    candidate.write_target(paid=True)
    with pytest.raises(UsageError, match="is paid"):
        perform(candidate.options(mode="record"))
    assert not candidate.set.exists()


def test_a_recording_of_a_paid_target_replays(recorded: Path) -> None:
    about = _about(recorded)
    reseal_about(recorded, replace(about, target={**about.target, "paid": True}))
    assert perform(replaying(recorded))[0] == 0


def test_drift_of_shape_is_reported_beside_the_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with bench(tmp_path, monkeypatch, "tessera") as candidate:
        recorded_code, _ = perform(candidate.options(mode="record"))
        code, (same,) = perform(candidate.options(against=candidate.set.parent))
        edited = {name: (candidate.set / name).read_text().replace("string: '{\"", "string: '{\"since_gone\":1,\"") for name in CassetteSet.open(candidate.set).paths}
        reseal(candidate.set, edited)
        changed_code, (changed,) = perform(candidate.options(against=candidate.set))
    assert recorded_code == code == changed_code
    assert any(note.startswith("no answer changed its shape") for note in same.summary["notes"])
    assert verdicts(changed) == verdicts(same)
    assert any("$.since_gone is gone (number)" in note for note in changed.summary["notes"])
    written = json.loads((candidate.folder / "report3" / "drift.json").read_text())
    assert {change["place"] for one in written["drift"] for change in one["changes"]} == {"$.since_gone"}


def test_a_replay_of_another_target_is_recorded_and_not_simulated(recorded: Path) -> None:
    edits = {name: (recorded / name).read_text().replace("proofsheet-reference", "nginx") for name in CassetteSet.open(recorded).paths}
    reseal(recorded, edits)
    reseal_about(recorded, replace(_about(recorded), provenance="gateway"), simulated=False)
    _, (results,) = perform(replaying(recorded))
    assert results.run["provenance"] == "recorded"


def test_a_report_leads_to_its_recording(recorded: Path) -> None:
    options = replaying(recorded)
    assert options.report_dir is not None
    perform(options)
    assert set_of(options.report_dir) == recorded.resolve() or set_of(options.report_dir) == recorded
    reseal_about(recorded, replace(_about(recorded), recorded_at="2020-01-01T00:00:00+00:00"))
    with pytest.raises(RecordingError, match="was replaced by another one"):
        set_of(options.report_dir)
    (recorded / "set.json").unlink()
    with pytest.raises(RecordingError, match="is not there any more"):
        set_of(options.report_dir)


def test_a_run_that_was_not_recorded_cannot_be_judged_again(candidate: Bench) -> None:
    options = candidate.options(only=("**/parameters/base",))
    perform(options)
    assert options.report_dir is not None
    with pytest.raises(RecordingError, match="was not recorded"):
        set_of(options.report_dir)
