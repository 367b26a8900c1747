"""Keys that must never be found again, looked for in every file that a run leaves behind, whatever the target does with them."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from exchange.hostile import Seen, answer, raw_server
from recording.runs import SPECS
from recording.test_bodies import PNG

CANARIES = {"default": "sk-canary/0-Qx7+Zt9wLmVb3rKp", "second_account": "sk-canary/1-Hn4+Yc2eGjUa8sDf", "insufficient_balance": "sk-canary/2-Bv6+Rm1kTzXo5iWq"}


def spellings(key: str) -> list[bytes]:
    """A key as it may stand in a file: plain, in a URL, in JSON, and in base64 wherever it begins."""
    aligned = [base64.b64encode(b"\0" * shift + key.encode())[8:-4] for shift in range(3)]
    return [key.encode(), quote(key, safe="").encode(), quote(key).encode(), json.dumps(key)[1:-1].replace("/", "\\/").encode(), *aligned]


async def parrot(seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Gives back what it was sent, each time in another way, and breaks off now and then."""
    basic = base64.b64encode(f"u:{seen.headers}".encode()).decode()
    said = json.dumps({"error": {"message": seen.line, "headers": seen.headers, "basic": basic}, "body": seen.body.decode("utf-8", "replace")})
    key = seen.headers.get("authorization", "") + seen.line
    turn = (len(seen.body) + len(seen.line)) % 6
    cookie = f"Set-Cookie: session={quote(key, safe='')}; Path=/"
    where = f"http://127.0.0.1/{quote(key, safe='')}?sig={quote(key, safe='')}"
    if turn == 0:
        writer.write(answer("200 OK", said.encode(), cookie, f"X-Echo: {quote(key)}"))
    elif turn == 1:
        writer.write(answer("200 OK", PNG, cookie, media_type="image/png"))
    elif turn == 2:
        writer.write(answer("500 Internal Server Error", said.encode()[: len(said) // 2], cookie))
    elif turn == 3:
        writer.write(answer("302 Found", b"", f"Location: {where}"))
    elif turn == 4:
        writer.write(answer("202 Accepted", json.dumps({"id": key, "url": where, "status_url": where}).encode(), f"Operation-Location: {where}"))
    else:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n" + said.encode())
        writer.close()


@contextmanager
def parrot_url() -> Iterator[str]:
    started, url = threading.Event(), []
    loop = asyncio.new_event_loop()

    async def main() -> None:
        async with raw_server(parrot) as server:
            url.append(server.url)
            started.set()
            await stop.wait()

    async def make() -> asyncio.Event:
        return asyncio.Event()

    stop = loop.run_until_complete(make())
    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    started.wait(10)
    try:
        yield url[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


@pytest.mark.parametrize("provider", ["inkwell", "tessera"])
def test_no_key_reaches_any_file_or_terminal(provider: str, tmp_path: Path) -> None:
    names = {name: f"CANARY_{name.upper()}" for name in CANARIES}
    with parrot_url() as url:
        credentials = "\n".join(f'{name} = "{variable}"' for name, variable in names.items())
        pace = "[targets.parrot.pace]\nmax_concurrency = 8\nfirst_poll_after = 0.0\npoll_every = 0.01\nlifecycle_timeout = 0.3\n"
        (tmp_path / "targets.toml").write_text(
            f'[targets.parrot]\nprovider = "{provider}"\nbase_url = "{url}"\nrequest_timeout = 5\nasset_hosts = ["127.0.0.1"]\n[targets.parrot.credentials]\n{credentials}\n{pace}'
        )
        said = [run(tmp_path, names, "--mode", "record")]
    said.append(run(tmp_path, {}, "--mode", "replay"))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"results.json", "events.ndjson", "junit.xml", "report.html", "summary.md", "set.json"} <= {path.name for path in files}
    assert len(files) > 50
    found = [(path, spelling) for path in files for content in [path.read_bytes()] for key in CANARIES.values() for spelling in spellings(key) if spelling in content]
    assert found == []
    assert not any(spelling in text for text in said for key in CANARIES.values() for spelling in spellings(key))
    assert any(b"$CANARY_DEFAULT" in path.read_bytes() for path in files if path.suffix == ".yaml")
    assert any(path.read_bytes() == PNG for path in files if path.suffix == ".bin")


def run(folder: Path, names: dict[str, str], *more: str) -> bytes:
    environment = {**os.environ, **{variable: CANARIES[name] for name, variable in names.items()}}
    command = [sys.executable, "-m", "proofsheet", "verify", "parrot", "--specs", str(SPECS), "--report-dir", str(folder / "reports" / more[1]), *more]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode in (1, 2), done.stderr.decode()
    return done.stdout + done.stderr
