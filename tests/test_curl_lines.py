"""The curl lines that reports print do what the harness did, through a real shell and a real curl."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from proofsheet.exchange.model import Sent
from proofsheet.reference import start_reference
from proofsheet.report.curl import curl_line
from session.command import targets_file, verify

pytestmark = pytest.mark.curl

#: Cases whose answers depend on nothing but the request.
CHOSEN = ["*/generate/parameters/**", "*/generate/errors/*", "*/edit/parameters/prompt/**"]


def through_the_shell(line: str, folder: Path, environ: dict[str, str]) -> int:
    """The status of the answer that a line gets when it is pasted into bash."""
    run = subprocess.run(["bash", "-c", line], cwd=folder, env={**os.environ, **environ}, capture_output=True, timeout=120, check=False)
    assert run.returncode == 0, f"{line}\n{run.stderr.decode()}"
    found = re.findall(rb"^HTTP/[0-9.]+ ([0-9]{3})", run.stdout, re.MULTILINE)
    assert found, f"{line}\n{run.stdout[:300]!r}"
    return int(found[-1])


def test_every_line_of_a_report_gets_the_status_that_the_report_says(tmp_path):
    """The gateway accepts what it should refuse and words errors wrongly, so that many lines are printed."""
    with start_reference(["threedaistudio"], None, ["accept-invalid:generate:aspect_ratio", "accept-invalid:generate:prompt"]) as faulty:
        environ = targets_file(tmp_path, faulty, "threedaistudio")
        words = [word for pattern in CHOSEN for word in ("--only", pattern)]
        outcome = verify(tmp_path, "candidate", *words, "--report-dir", "report", environ=environ)
        assert outcome.code == 1, outcome.said
        lines = {}
        for finding in outcome.results()["findings"]:
            status = re.match(r"HTTP ([0-9]{3})", finding["actual"])
            if finding["curl"] and status and finding["check"] in ("parameters.refused", "errors.status"):
                lines[finding["curl"]] = int(status[1])
        assert len(lines) >= 10
        for line, status in lines.items():
            assert "$CANDIDATE_DEFAULT" in line
            assert not any(key in line for key in environ.values())
            assert through_the_shell(line, tmp_path, environ) == status, line


@pytest.mark.parametrize("text", ["plain", "it's", 'a "b"', "$HOME `id` $(id)", "back\\slash", "line\nbreak\ttab", "ü 🦊", "!event", "@file", "percent %s", "\x01"])
def test_a_body_arrives_as_it_was(tmp_path, text):
    """Whatever stands in a value, the shell leaves it alone."""
    with start_reference(["threedaistudio"]) as gateway:
        target = gateway.providers["threedaistudio"].target
        headers = {"Content-Type": "application/json", "Authorization": "Bearer $KEY"}
        body = json.dumps({"prompt": text, "aspect_ratio": "1:1", "nonsense": True}, ensure_ascii=False)
        made = Sent("POST", f"{target['base_url']}/v1/images/gemini/3.1/flash/generate/", headers, body.encode(), "application/json")
        status = through_the_shell(curl_line(made), tmp_path, {"KEY": target["credentials"]["default"]})
        assert status in (200, 201, 202)
        refused = Sent("POST", made.url, headers, body.replace("1:1", "1:7").encode(), "application/json")
        assert through_the_shell(curl_line(refused), tmp_path, {"KEY": target["credentials"]["default"]}) == 400
        assert through_the_shell(curl_line(made), tmp_path, {"KEY": "nobodys"}) == 401
