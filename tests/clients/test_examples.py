"""Examples are run as they are printed, by the real curl and by this Python, against a server that notes what it gets."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from proofsheet.clients import examples as running
from proofsheet.clients.examples import Ran, Unfit, encoded_task, run_example, worded
from proofsheet.contract.examples import Example, Placeholders, read_examples
from proofsheet.contract.files import specs_root
from proofsheet.contract.matrix import Source

KEY = "stand-in-123"
BASE = "https://lumen.example"


class Noted(ThreadingHTTPServer):
    """Notes the requests, and answers what its path says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.reached = threading.Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Noted

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.server.reached.set()
        if "slow" in self.path:
            time.sleep(30)
        answer = b"x" * 3_000_000 if "big" in self.path else b'{"made": true}'
        self.send_response(400 if "bad" in self.path else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def server() -> Iterator[Noted]:
    noted = Noted()
    thread = threading.Thread(target=noted.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield noted
    noted.shutdown()
    thread.join()
    noted.server_close()


def curl(text: str, **replace: str) -> Example:
    held = Placeholders(**{"base_url": BASE, "key": "YOUR_KEY", **replace})
    return Example("it", Source("page", "1"), "curl", "draw", "images", text, held)


def script(text: str, **more: Any) -> Example:
    return Example("it", Source("page", "1"), "python", "draw", "images", text, Placeholders(base_url=BASE, key="YOUR_KEY"), **more)


def run(example: Example, folder: Path, base_url: str = "http://127.0.0.1:9", task: str | None = None, timeout: float = 20, model: Any = None) -> Ran:
    ran = asyncio.run(run_example(example, base_url, KEY, task, folder, timeout, model))
    assert list(folder.iterdir()) == [], "nothing stays behind"
    return ran


@pytest.mark.curl
@pytest.mark.parametrize("provider", ["apimaster", "maxapi", "threedaistudio", "xairouter"])
def test_every_documented_line_is_sent_as_it_is_printed(provider: str, server: Noted, tmp_path: Path) -> None:
    for example in (one for one in read_examples(specs_root() / provider) if one.kind == "curl"):
        server.seen.clear()
        ran = run(example, tmp_path, server.base_url, "task-1")
        assert (ran.code, ran.missing) == (0, None), ran
        assert '{"made": true}' in ran.stdout
        ((method, path, headers, body),) = server.seen
        assert KEY in (headers.get("authorization") or headers["x-goog-api-key"])
        assert method == ("POST" if "-d '" in example.text else "GET")
        assert body.decode() == "".join((example.text + "'").split("-d '")[1:]).partition("'")[0].replace("\n", "\n")
        assert path in example.text.replace(example.replace.task or "\0", "task-1")
        assert "127.0.0.1" in headers["host"] and not any("YOUR_" in value for value in headers.values())


@pytest.mark.curl
def test_what_is_around_stays_outside(server: Noted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".curlrc").write_text('header = "X-Rc: read"\n')
    for name, value in {"HOME": str(home), "CURL_HOME": str(home), "http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1", "SECRET": "s3"}.items():
        monkeypatch.setenv(name, value)
    work = tmp_path / "work"
    work.mkdir()
    line = f'curl -s {BASE}/a -H "X-Secret: [$SECRET]" -H "X-Key: $LUMEN_KEY" -H "X-There: $(ls -A | wc -l)" -o kept.json'
    ran = run(curl(line, key="", key_variable="LUMEN_KEY"), work, server.base_url)
    assert (ran.code, ran.files) == (0, ("kept.json",))
    ((_, _, headers, _),) = server.seen
    assert (headers["x-secret"], headers["x-key"], headers["x-there"].strip()) == ("[]", KEY, "0")
    assert "x-rc" not in headers


HOSTILE = ["$(touch ../../hit)", "`touch hit`", '";touch hit;"', "a b", "a/../b", "ü", "{a,b}", "[1-3]", "x?y=1#z", "-o/tmp/hit", "a\nb", "%2e%2e", "'", "\\", "\x1b[2J"]


@pytest.mark.curl
@pytest.mark.parametrize("task", HOSTILE)
def test_a_task_id_is_never_more_than_an_id(task: str, server: Noted, tmp_path: Path) -> None:
    line = f'curl -s {BASE}/tasks/JOB/status/ -H "A: JOB"; curl -s "{BASE}/tasks/JOB?a=1"'
    ran = run(curl(line, task="JOB"), tmp_path, server.base_url, task)
    assert (ran.code, ran.files) == (0, ())
    assert [path for _, path, _, _ in server.seen] == [f"/tasks/{encoded_task(task)}/status/", f"/tasks/{encoded_task(task)}?a=1"]
    assert not list(tmp_path.parent.rglob("hit"))


@pytest.mark.parametrize("task", [None, "", ".", "..", "x" * 301, "\ud800"])
def test_an_id_that_no_url_can_carry_is_not_put_in(task: str | None) -> None:
    with pytest.raises(Unfit):
        encoded_task(task)


@pytest.mark.parametrize(("base_url", "key", "model"), [("http://h/$(x)", "k", None), ("http://h", "k'k", None), ("http://h", "k", ("m", 'm";x'))])
def test_what_would_be_read_as_more_than_text_is_refused(base_url: str, key: str, model: Any) -> None:
    with pytest.raises(Unfit, match="cannot be put into a documented example"):
        worded(curl(f"curl {BASE}/m YOUR_KEY"), base_url, key, None, model)


def test_each_placeholder_is_replaced_once_and_nothing_within_what_was_put_in() -> None:
    example = curl(f'curl {BASE}/JOB/thing-one "YOUR_KEY"', task="JOB")
    assert worded(example, "http://h:1/YOUR_KEY/", "JOB", "YOUR_KEY") == 'curl http://h:1/YOUR_KEY/YOUR_KEY/thing-one "JOB"'
    assert worded(example, "http://h", "k", "7", ("thing-one", "org/thing")) == 'curl http://h/7/org/thing "k"'
    assert worded(example, "http://h", "k", "7", ("thing-one", "thing-one")) == 'curl http://h/7/thing-one "k"'


@pytest.mark.curl
def test_an_error_of_the_server_is_an_answer_and_one_of_the_line_an_exit_code(server: Noted, tmp_path: Path) -> None:
    assert run(curl(f"curl -s {BASE}/bad"), tmp_path, server.base_url).code == 0
    assert run(curl(f"curl -s {BASE}/bad"), tmp_path).code == 7
    wrong = run(curl(f"curl --no-such-option {BASE}/bad"), tmp_path, server.base_url)
    assert wrong.code == 2 and "no-such-option" in wrong.stderr


@pytest.mark.curl
def test_much_output_is_read_and_little_of_it_kept(server: Noted, tmp_path: Path) -> None:
    ran = run(curl(f"curl -s {BASE}/big"), tmp_path, server.base_url)
    assert ran.code == 0 and ran.stdout == "x" * running.KEPT


def still_there(marker: str) -> bool:
    """Whether a process runs whose arguments hold the marker."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if marker.encode() in (folder / "cmdline").read_bytes():
                return True
    return False


def gone(marker: str) -> bool:
    until = time.monotonic() + 60
    while still_there(marker) and time.monotonic() < until:
        time.sleep(0.02)
    return not still_there(marker)


@pytest.mark.curl
def test_what_takes_too_long_is_ended_with_its_children(server: Noted, tmp_path: Path) -> None:
    marker = f"/slow-{tmp_path.name}"
    ran = run(curl(f"(curl -s {BASE}{marker} & sleep 60)"), tmp_path, server.base_url, timeout=0.7)
    assert (ran.code, ran.late) == (None, True) and ran.seconds < 40
    assert gone(marker)


@pytest.mark.curl
def test_what_is_left_in_the_background_is_ended(server: Noted, tmp_path: Path) -> None:
    marker = f"/slow-{tmp_path.name}"
    ran = run(curl(f"curl -s {BASE}{marker} >/dev/null 2>&1 & curl -s {BASE}/a"), tmp_path, server.base_url)
    assert ran.code == 0
    assert gone(marker)


@pytest.mark.curl
def test_a_cancelled_run_ends_its_process(server: Noted, tmp_path: Path) -> None:
    marker = f"/slow-{tmp_path.name}"

    async def cancelled() -> None:
        task = asyncio.create_task(run_example(curl(f"curl -s {BASE}{marker}"), server.base_url, KEY, None, tmp_path, 60))
        assert await asyncio.to_thread(server.reached.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert gone(marker)
    assert list(tmp_path.iterdir()) == []


def test_a_script_runs_in_this_python_with_what_it_is_given(server: Noted, tmp_path: Path) -> None:
    text = (
        "import os, sys, urllib.request as u\n"
        f"u.urlopen(u.Request('{BASE}/made', headers={{'X-Key': 'YOUR_KEY'}}))\n"
        "open('kept.txt', 'w').write('1')\n"
        "print(sys.executable, sorted(name for name in os.environ if 'proxy' in name.lower() or 'KEY' in name))"
    )
    ran = run(script(text), tmp_path, server.base_url)
    assert (ran.code, ran.files, ran.missing) == (0, ("kept.txt",), None), ran
    assert ran.stdout.strip() == f"{sys.executable} []"
    assert server.seen[0][2]["x-key"] == KEY


def test_a_script_that_fails_says_how(tmp_path: Path) -> None:
    ran = run(script("print('begun')\nprint('long ' * 9000)\nimport sys; print('y' * 9000, file=sys.stderr)\nopen(client='YOUR_KEY')"), tmp_path)
    assert ran.code == 1 and ran.stdout.startswith("begun") and ran.stderr.strip().endswith("(pos 1)")
    assert len(ran.stdout) == len(ran.stderr) == running.KEPT


def test_what_the_machine_lacks_is_a_reason_and_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = run(script("import nothing_of_this_name"), tmp_path)
    assert absent.missing is not None and "nothing_of_this_name is not installed here" in absent.missing and absent.code is None
    named = run(script("print(1)", packages=("no-package-of-this-name",)), tmp_path)
    assert named.missing == "the Python package no-package-of-this-name is not installed here (pip install 'proofsheet[clients]')"
    assert run(script("print(1)", packages=("pytest",)), tmp_path).missing is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(curl(f"curl {BASE}"), tmp_path).missing == "sh is not installed here"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert running.lacks(curl(f"curl {BASE}")) == "curl is not installed here"


@pytest.mark.sdks
def test_the_documented_script_that_cannot_work_fails_as_declared(server: Noted, tmp_path: Path) -> None:
    import re

    (example,) = [one for one in read_examples(specs_root() / "xairouter") if one.kind == "python"]
    ran = run(example, tmp_path, server.base_url, timeout=60)
    assert example.broken is not None and example.broken.says is not None
    assert ran.code == 1 and re.search(example.broken.says, ran.stderr), ran
    assert server.seen == [], "it fails before anything is sent"
    assert os.environ.get("GOOGLE_API_KEY") is None or KEY not in os.environ["GOOGLE_API_KEY"]
