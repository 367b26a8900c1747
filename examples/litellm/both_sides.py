"""Start the LiteLLM proxy with the harness as the model behind it, and verify what it carries there and back.

Both its routes, the native Gemini one and OpenAI's images; needs what run.py needs. The exit code is the worse of the
two runs'. With --expect-findings it is 0 exactly where each run was complete and found the kinds of findings that
expected-both-sides.txt lists, no more and no fewer; 1 where they differ. With --clients the SDKs that are installed
are its clients, in place of the cases of both sides.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import run

from proofsheet.upstream import upstream_key

#: Which cases of each target of targets.toml are performed.
ROUTES = {
    "litellm": ("**/relay/**",),
    "litellm-openai": ("maxapi/generations/3.1-beta/relay/**", "maxapi/generations/3.1-beta/errors/*", "maxapi/generations/3.1-beta/parameters/base"),
}
CLIENTS = {"litellm": ("**/clients/**",), "litellm-openai": ("maxapi/generations/3.1-beta/clients/**", "maxapi/edits-multipart/3.1-beta/clients/**")}


def main() -> int:
    """Set up, verify each route, tear down."""
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    port = free_port()
    try:
        python = run.environment(options.venv)
        variables = run.proxy_variables(f"http://127.0.0.1:{port}/v1beta", upstream_key(port))
        with run.proxy(python, variables):
            codes = [verify(name, only, port, options.report_dir, variables) for name, only in (CLIENTS if options.clients else ROUTES).items()]
    except run.NotReady as error:
        print(f"litellm example: {error}", file=sys.stderr)
        return run.HARNESS
    except subprocess.CalledProcessError as error:
        print(f"litellm example: installing LiteLLM failed with exit code {error.returncode}; see above", file=sys.stderr)
        return run.HARNESS
    except KeyboardInterrupt:
        return run.INCOMPLETE
    return compared(options.report_dir, max(codes)) if options.expect_findings and not options.clients else max(codes)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Verify what the LiteLLM proxy carries to the model behind it, and back.")
    parser.add_argument("--venv", type=Path, default=run.HERE / ".venv", help="LiteLLM's own environment; made if missing (default: .venv beside this file)")
    parser.add_argument("--report-dir", type=Path, default=Path("reports/litellm-both-sides"), help="where the reports go (default: %(default)s)")
    parser.add_argument("--expect-findings", action="store_true", help="exit 0 exactly where the kinds of findings in expected-both-sides.txt are found")
    parser.add_argument("--clients", action="store_true", help="through the SDKs that are installed, in place of both sides")
    return parser.parse_args()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def verify(target: str, only: Sequence[str], port: int, report_dir: Path, variables: Mapping[str, str]) -> int:
    """``proofsheet verify`` on one route; its exit code."""
    command = [sys.executable, "-m", "proofsheet", "verify", target, "--targets", str(run.TARGETS), "--upstream", str(port)]
    command += [word for pattern in only for word in ("--only", pattern)]
    folder = {name: os.environ[name] for name in ("PROOFSHEET_NODE",) if name in os.environ}
    return subprocess.run([*command, "--report-dir", str(report_dir / target)], env={**variables, **folder}, check=False).returncode


def compared(report_dir: Path, code: int) -> int:
    """0 where each run found exactly what the file lists; otherwise the differences are printed."""
    if code not in (0, 1):
        return code
    lines = (line.partition("#")[0].split() for line in (run.HERE / "expected-both-sides.txt").read_text(encoding="utf-8").splitlines())
    expected, found = {" ".join(line) for line in lines if line}, set()
    for name in ROUTES:
        results = json.loads((report_dir / name / "results.json").read_text(encoding="utf-8"))
        if not results["run"]["complete"]:
            print(f"litellm example: the run on {name} is incomplete", file=sys.stderr)
            return run.INCOMPLETE
        broken = [entry for entry in results["findings"] if entry["verdict"] in run.BROKEN]
        found |= {f"{name} {entry['verdict']} {entry['check']} {part(entry['case'])}" for entry in broken}
    for kind in sorted(expected - found):
        print(f"expected and not found: {kind}")
    for kind in sorted(found - expected):
        print(f"found and not expected: {kind}")
    print(f"{len(expected & found)} of {len(expected)} expected kinds of findings were found, and {len(found - expected)} others")
    return run.OK if expected == found else run.DIFFERENT


def part(case: str) -> str:
    """What a case is about: the first word behind ``relay``, or area and name."""
    return case.partition("/relay/")[2].partition("/")[0] or "/".join(case.split("/")[-2:])


if __name__ == "__main__":
    raise SystemExit(main())
