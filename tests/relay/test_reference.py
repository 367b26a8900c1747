"""The reference gateway with the model behind it: a correct relay for every provider, and its declared faults are caught all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.relay.running import Outcome, free_port

from proofsheet.reference import start_reference
from proofsheet.session.options import Options
from proofsheet.session.runs import Runs

RETRY_AFTER = "relay.retry_after"
#: What each run chooses, and what it cannot show: a task that fails has no header to wait by.
RUNS = {
    "xairouter": (("**/relay/**",), set()),
    "apimaster": (("**/relay/**",), set()),
    "threedaistudio": (("**/relay/**",), {RETRY_AFTER}),
    "maxapi": (
        (
            *(f"maxapi/{name}/3.1-beta/relay/**" for name in ("generations", "edits-multipart", "native", "native-async")),
            *(f"maxapi/*/2.5/relay/{name}" for name in ("base", "cell/*")),
        ),
        set(),
    ),
}


def outcome(folder, **options):
    runs = Runs(Options(report_dir=folder / "report", **options))
    try:
        runs.prepare()
        runs.start()
        [run] = runs.runs
        for case in run.selected:
            run.verify(case)
        return Outcome(runs.conclude(complete=True), runs.results[0], folder / "report")
    finally:
        runs.stop()


@pytest.mark.parametrize("provider", RUNS)
def test_it_is_a_correct_relay(provider, tmp_path):
    only, unproven = RUNS[provider]
    found = outcome(tmp_path, provider=provider, upstream=free_port(), only=only)
    assert found.broken() == set()
    assert found.code == 0
    assert found.checks("not_testable") == set()
    ours = {one.id: one.verdict for one in found.results.requirements if one.id.startswith("relay.")}
    assert {name for name, verdict in ours.items() if verdict == "unproven"} == unproven
    assert set(ours.values()) <= {"passed", "unproven", "observed"}
    assert {one.message for one in found.findings if one.verdict == "info" and one.check.startswith("relay.")} == {"the model was asked 1 time(s)"}


INVENTED = {"gull": "invented", "inkwell": "invented", "tessera": "invented", "atelier": "reference"}


@pytest.mark.parametrize("provider", INVENTED)
def test_it_is_one_for_providers_that_ask_in_other_terms(provider, tmp_path):
    """Shapes by name, pixels by number, prompts in paths, errors in plain text: the model is asked in pixels where its own terms mean other ones."""
    specs = Path(__file__).parent.parent / INVENTED[provider] / "specs"
    found = outcome(tmp_path, provider=provider, specs=specs, upstream=free_port(), only=("**/relay/**", "**/pixels/**", "**/parameters/base"))
    assert found.broken() == set()
    assert found.code == 0
    judged = {one.id for one in found.results.requirements if one.id.startswith("relay.") and one.verdict in ("passed", "observed")}
    assert {"relay.served", "relay.prompt", "relay.images", "relay.picture", "relay.refused", "relay.error", "relay.wording", "relay.next"} <= judged


FAULTS = [
    ("xairouter", ("swap-dimensions:native", "html-errors:malformed-json"), ("pixels/16:9@1K", "errors/malformed-json", "relay/cell/16:9@512"),
     {("pixels.ratio", "pixels/16:9@1K"), ("errors.content_type", "errors/malformed-json"), ("relay.picture", "relay/cell/16:9@512")}),
    ("threedaistudio", ("truncate:generate", "charge-refused"), ("pixels/1:1@1K", "billing/refused"),
     {("pixels.complete", "pixels/1:1@1K"), ("billing.free", "billing/refused")}),
    ("threedaistudio", ("wrong-format:generate", "fewer-images:generate"), ("pixels/format-png", "relay/count/2"),
     {("pixels.format", "pixels/format-png"), ("relay.carried", "relay/count/2")}),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "faults", "cases", "wanted"), FAULTS, ids=["+".join(faults) for _, faults, _, _ in FAULTS])
def test_declared_faults_are_caught_with_the_model_behind_too(provider, faults, cases, wanted, tmp_path, monkeypatch):
    port = free_port()
    with start_reference([provider], None, faults, upstream=port) as process:
        served = process.providers[provider]
        for name, key in served.target["credentials"].items():
            monkeypatch.setenv(f"KEY_{name.upper()}", key)
        (tmp_path / "targets.toml").write_text(TARGET.format(provider=provider, port=served.port, unit=served.target["balance"]["unit"]), encoding="utf-8")
        only = [f"{provider}/{operation}/{case}" for case in ("parameters/base", "relay/base", *cases) for operation in ("native", "generate")]
        found = outcome(tmp_path, target="faulty", targets_file=tmp_path / "targets.toml", upstream=port, only=tuple(only))
    assert wanted <= {(one.check, one.case.partition("/")[2].partition("/")[2]) for one in found.findings if one.verdict in ("fail", "warn")}
    assert "error" not in {one.verdict for one in found.findings}


TARGET = """[targets.faulty]
provider = "{provider}"
base_url = "http://127.0.0.1:{port}"
asset_hosts = ["127.0.0.1"]
paid = false
[targets.faulty.credentials]
default = "KEY_DEFAULT"
second_account = "KEY_SECOND_ACCOUNT"
[targets.faulty.balance]
url = "/_reference/balance"
pointer = "/balance"
unit = "{unit}"
[targets.faulty.pace]
max_concurrency = 24
first_poll_after = 0.02
poll_every = 0.02
requests_per_minute = 1000000
lifecycle_timeout = 10
"""
