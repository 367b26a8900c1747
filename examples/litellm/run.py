"""Start the LiteLLM proxy in front of the reference gateway, verify its native Gemini route, stop both.

Needs Python 3.11 with this project installed, and a package index for the first run, which makes LiteLLM's own
environment. The exit code is verify's. With --expect-findings it is 0 exactly where the run was complete and found
the kinds of findings that expected.txt lists, no more and no fewer; 1 where they differ. With --serve it only starts
both and waits, so that findings can be confirmed by hand.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

try:
    from proofsheet.reference import NotStartedError, start_reference
except ImportError:
    sys.exit("litellm example: install the project into this Python first, from the top of the checkout: pip install -e .")

HERE = Path(__file__).resolve().parent
TARGETS = HERE / "targets.toml"
TARGET = "litellm"
#: Seconds: the proxy imports for 10 to 30 of them, longer where the machine is busy.
START_TIMEOUT = 180
STOP_TIMEOUT = 10
#: Verdicts that expected.txt speaks of; an unproven requirement is listed as well, so that nothing drops out unseen.
BROKEN = ("fail", "warn", "error")
OK, DIFFERENT, INCOMPLETE, HARNESS = 0, 1, 2, 3


class NotReady(Exception):
    """Something that the run stands on could not be set up; the message says what."""


def main() -> int:
    """Set up, verify, tear down."""
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        python = environment(options.venv)
        with start_reference([provider()]) as reference:
            served = next(iter(reference.providers.values()))
            variables = proxy_variables(f"http://127.0.0.1:{served.port}/v1beta", served.target["credentials"]["default"])
            with proxy(python, variables):
                if options.serve:
                    return wait(variables)
                code = verify(options.report_dir, variables)
    except (NotReady, NotStartedError) as error:
        print(f"litellm example: {error}", file=sys.stderr)
        return HARNESS
    except subprocess.CalledProcessError as error:
        print(f"litellm example: installing LiteLLM failed with exit code {error.returncode}; see above", file=sys.stderr)
        return HARNESS
    except KeyboardInterrupt:
        return INCOMPLETE
    return compared(options.report_dir, code) if options.expect_findings else code


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Verify the LiteLLM proxy's native Gemini route, with the reference gateway as its upstream.")
    parser.add_argument("--venv", type=Path, default=HERE / ".venv", help="LiteLLM's own environment; made if missing (default: .venv beside this file)")
    parser.add_argument("--report-dir", type=Path, default=Path("reports/litellm"), help="where the reports go (default: %(default)s)")
    parser.add_argument("--serve", action="store_true", help="start both, print the proxy's key, and wait for Ctrl-C")
    parser.add_argument("--expect-findings", action="store_true", help="exit 0 exactly where the kinds of findings in expected.txt are found")
    return parser.parse_args()


def target() -> Mapping[str, Any]:
    """The target as the file has it."""
    found: Mapping[str, Any] = tomllib.loads(TARGETS.read_text(encoding="utf-8"))["targets"][TARGET]
    return found


def provider() -> str:
    """Whose contract the proxy is held against, and whose reference gateway is its upstream."""
    return str(target()["provider"])


def address() -> tuple[str, int]:
    """Host and port of the proxy."""
    parts = urlsplit(target()["base_url"])
    if parts.hostname is None or parts.port is None:
        raise NotReady(f"base_url in {TARGETS.name} must have a host and a port")
    return parts.hostname, parts.port


def environment(folder: Path) -> Path:
    """LiteLLM's own environment, made or brought up to requirements.txt where it is not there yet; its Python."""
    wanted, stamp, python = (HERE / "requirements.txt").read_text(encoding="utf-8"), folder / "installed.txt", folder / "bin" / "python"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"installing LiteLLM into {folder} (once; about a minute)", flush=True)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / "requirements.txt"], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python.absolute()


def proxy_variables(api_base: str, api_key: str) -> dict[str, str]:
    """The environment of proxy and harness: loopback only, no database, and keys that are good for this run alone.

    A LITELLM_MASTER_KEY that is already set is kept.
    """
    dropped = {"DATABASE_URL", "DIRECT_URL", "REDIS_URL", "REDIS_HOST"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped and not name.lower().endswith("_proxy")}
    return kept | {
        "UPSTREAM_API_BASE": api_base,
        "UPSTREAM_API_KEY": api_key,
        "LITELLM_MASTER_KEY": os.environ.get("LITELLM_MASTER_KEY") or f"sk-{secrets.token_hex(16)}",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it fetches its price list at every start
        "LITELLM_MODE": "PRODUCTION",  # else it reads any .env file it finds
    }


@contextmanager
def proxy(python: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """A running proxy that answers; stopped in any case."""
    host, port = address()
    with socket.socket() as probe:
        if probe.connect_ex((host, port)) == 0:
            raise NotReady(f"something already listens on {host}:{port}; stop it, or change base_url in {TARGETS.name}")
    command = [str(python.with_name("litellm")), "--config", str(HERE / "config.yaml"), "--host", host, "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=dict(variables), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_until_ready(process, host, port)
            yield
        except NotReady as error:
            log.seek(0)
            said = log.read().decode("utf-8", "replace").splitlines()[-15:]
            raise NotReady("\n".join([str(error), *said])) from None
        finally:
            stop(process)


def wait_until_ready(process: subprocess.Popen[bytes], host: str, port: int) -> None:
    """Until the proxy says that it is ready. Raises NotReady."""
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end:
        if process.poll() is not None:
            raise NotReady(f"the proxy ended with exit code {process.returncode} before it was ready; its last words:")
        connection = http.client.HTTPConnection(host, port, timeout=5)
        try:
            connection.request("GET", "/health/readiness")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.3)
    raise NotReady(f"the proxy was not ready after {START_TIMEOUT} s; its last words:")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the proxy and whatever it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=STOP_TIMEOUT)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def verify(report_dir: Path, variables: Mapping[str, str]) -> int:
    """``proofsheet verify`` on the target; its exit code."""
    command = [sys.executable, "-c", "from proofsheet.cli import main; main(prog_name='proofsheet')", "verify", TARGET]
    process = subprocess.Popen([*command, "--targets", str(TARGETS), "--report-dir", str(report_dir)], env=dict(variables))
    try:
        return process.wait()
    except KeyboardInterrupt:
        return process.wait()  # it was interrupted as well, and writes what it has seen
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def wait(variables: Mapping[str, str]) -> int:
    """Leave the proxy running until it is interrupted."""
    print(f"the proxy listens on {target()['base_url']}; Ctrl-C ends it\nexport LITELLM_MASTER_KEY={variables['LITELLM_MASTER_KEY']}", flush=True)
    signal.pause()
    return OK


def compared(report_dir: Path, code: int) -> int:
    """0 where the run found exactly what expected.txt lists; otherwise the differences are printed."""
    if code not in (0, 1):
        return code
    results = json.loads((report_dir / "results.json").read_text(encoding="utf-8"))
    if not results["run"]["complete"]:
        print("litellm example: the run is incomplete", file=sys.stderr)
        return INCOMPLETE
    lines = (line.partition("#")[0].split() for line in (HERE / "expected.txt").read_text(encoding="utf-8").splitlines())
    expected, found = {" ".join(line) for line in lines if line}, kinds(results)
    for kind in sorted(expected - found):
        print(f"expected and not found: {kind}")
    for kind in sorted(found - expected):
        print(f"found and not expected: {kind}")
    print(f"{len(expected & found)} of {len(expected)} expected kinds of findings were found, and {len(found - expected)} others")
    return OK if expected == found else DIFFERENT


def kinds(results: Mapping[str, Any]) -> set[str]:
    """Each kind as expected.txt writes it: verdict, requirement, check; for what stayed unproven, verdict and requirement."""
    broken = {f"{entry['verdict']} {entry['requirement']} {entry['check']}" for entry in results["findings"] if entry["verdict"] in BROKEN}
    return broken | {f"unproven {entry['id']}" for entry in results["requirements"] if entry["verdict"] == "unproven"}


if __name__ == "__main__":
    raise SystemExit(main())
