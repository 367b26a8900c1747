"""Start the Portkey gateway with the harness as the model behind it, and verify what it carries there and back.

Needs Node 20, npm and this project installed; npm makes the gateway's own folder on the first run. It is held against
the contract of ``maxapi``, its model names as they are, tasks declared unsupported. The exit code is verify's. With
--as-resolved the HTTP server under it is the version that npm resolves, and not the pinned one: uploads of files then fail.
With --clients the SDKs that are installed are its clients. With --serve it only starts the gateway and the upstream, and waits.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from proofsheet.upstream import RunningUpstream, upstream_key

HERE = Path(__file__).resolve().parent
GATEWAY, PINNED = "1.15.2", "1.14.1"
START_TIMEOUT = 60
#: The routes that the gateway serves for OpenAI's images, one as JSON and one as a form.
ROUTES = ("maxapi/generations/3.1-beta", "maxapi/edits-multipart/3.1-beta")
TARGETS = """[targets.portkey]
provider = "maxapi"
base_url = "http://127.0.0.1:{port}"
unsupported = ["async"]
headers = {{ "x-portkey-config" = '{config}' }}
[targets.portkey.credentials]
default = "PORTKEY_CLIENT_KEY"
"""


class NotReady(Exception):
    """Something that the run stands on could not be set up; the message says what."""


def main() -> int:
    """Set up, verify, tear down."""
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    upstream, port = free_port(), free_port()
    variables = {**os.environ, "PORTKEY_CLIENT_KEY": f"sk-{secrets.token_hex(16)}"}
    config = json.dumps({"provider": "openai", "api_key": upstream_key(upstream), "custom_host": f"http://127.0.0.1:{upstream}/v1"})
    try:
        with gateway(installed(options.folder, as_resolved=options.as_resolved), port):
            if options.serve:
                return wait(upstream, port, config)
            return verify(options.report_dir, "clients" if options.clients else "relay", TARGETS.format(port=port, config=config), upstream, variables)
    except NotReady as error:
        print(f"portkey example: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 2


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Verify what the Portkey gateway carries to the model behind it, and back.")
    parser.add_argument("--folder", type=Path, default=HERE / ".npm", help="where npm installs the gateway (default: .npm beside this file)")
    parser.add_argument("--report-dir", type=Path, default=Path("reports/portkey"), help="where the reports go (default: %(default)s)")
    parser.add_argument("--as-resolved", action="store_true", help=f"the HTTP server that npm resolves, and not {PINNED}")
    parser.add_argument("--clients", action="store_true", help="through the SDKs that are installed, in place of both sides")
    parser.add_argument("--serve", action="store_true", help="start the gateway and the upstream, print how to ask, and wait for Ctrl-C")
    return parser.parse_args()


def installed(folder: Path, *, as_resolved: bool) -> Path:
    """The gateway's program, installed where it is not there yet. Raises NotReady."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotReady("node and npm are needed, and are not on the path")
    wanted = {"private": True, "dependencies": {"@portkey-ai/gateway": GATEWAY}}
    place = folder / ("resolved" if as_resolved else "pinned")
    text = json.dumps(wanted if as_resolved else {**wanted, "overrides": {"@hono/node-server": PINNED}})
    program, package = place / "node_modules/@portkey-ai/gateway/build/start-server.js", place / "package.json"
    if not program.is_file() or not package.is_file() or package.read_text(encoding="utf-8") != text:
        print(f"installing the gateway into {place} (once)", flush=True)
        place.mkdir(parents=True, exist_ok=True)
        package.write_text(text, encoding="utf-8")
        if subprocess.run([npm, "install", "--no-fund", "--no-audit", "--silent"], cwd=place, check=False).returncode:
            raise NotReady("npm could not install the gateway; see above")
    return program


@contextmanager
def gateway(program: Path, port: int) -> Iterator[None]:
    """A running gateway; stopped in any case. Raises NotReady."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(["node", str(program), f"--port={port}", "--headless"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            end = time.monotonic() + START_TIMEOUT
            while not answers(port):
                if process.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    raise NotReady("the gateway did not start; its last words:\n" + log.read().decode("utf-8", "replace")[-2000:])
                time.sleep(0.2)
            yield
        finally:
            process.terminate()
            process.wait(timeout=10)


def answers(port: int) -> bool:
    """Whether something listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def verify(report_dir: Path, area: str, targets: str, upstream: int, variables: Mapping[str, str]) -> int:
    """``proofsheet verify`` on the gateway; its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "targets.toml"
        path.write_text(targets, encoding="utf-8")
        command = [sys.executable, "-m", "proofsheet", "verify", "portkey", "--targets", str(path), "--upstream", str(upstream), "--report-dir", str(report_dir)]
        for route in ROUTES:
            command += ["--only", f"{route}/{area}/**"]
        return subprocess.run(command, env=dict(variables), check=False).returncode


def wait(upstream: int, port: int, config: str) -> int:
    """Leave the gateway and the upstream running until interrupted."""
    running = RunningUpstream(upstream)
    print(f"the gateway listens on http://127.0.0.1:{port}; Ctrl-C ends it\nexport PORTKEY=http://127.0.0.1:{port} CONFIG='x-portkey-config: {config}'", flush=True)
    try:
        signal.pause()
    finally:
        running.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
