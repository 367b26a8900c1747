"""A replay opens no socket and starts no process, and a fresh clone can do it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from recording.runs import SPECS

#: asyncio wakes its own loop through a pair of connected local sockets; anything that has an address is forbidden. The
#: modules are imported before: a library looks at import whether this machine has IPv6, by binding a socket once.
GUARD = """
import socket, sys
def guard(event, given):
    opened = event == "socket.__new__" and given[1] != socket.AF_UNIX and given[1] != -1
    if event == "subprocess.Popen" and given[0] == "uname":
        return  # pytest-metadata writes the platform into its page
    if opened or event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.posix_spawn", "os.fork"):
        sys.stderr.write(f"FORBIDDEN {event} {given[1:]}\\n"); sys.stderr.flush()
        import os; os._exit(99)
import schemathesis, urllib3, proofsheet.plugin, proofsheet.session.verify
from proofsheet.cli import main
sys.addaudithook(guard)
main(sys.argv[1:])
"""


FEW = "inkwell/*/errors/**"


def guarded(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", GUARD, *arguments], capture_output=True, text=True, timeout=300, check=False)


def test_the_guard_sees_a_live_run(recorded: Path, tmp_path: Path) -> None:
    done = guarded("verify", "--provider", "inkwell", "--specs", str(SPECS), "--report-dir", str(tmp_path / "report"))
    assert done.returncode == 99
    assert "FORBIDDEN" in done.stderr


def test_a_replay_opens_no_socket(recorded: Path, tmp_path: Path) -> None:
    done = guarded("verify", recorded.name, "--mode", "replay", "--cassettes", str(recorded.parent), "--specs", str(SPECS), "--report-dir", str(tmp_path / "report"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing was sent" in " ".join(done.stdout.split())


def test_judging_again_opens_no_socket(recorded: Path, tmp_path: Path) -> None:
    done = guarded("judge", str(recorded), "--specs", str(SPECS), "--only", FEW, "--report-dir", str(tmp_path / "first"))
    assert (done.returncode, done.stderr) == (0, "")
    again = guarded("judge", str(tmp_path / "first"), "--specs", str(SPECS), "--only", FEW, "--report-dir", str(tmp_path / "second"))
    assert (again.returncode, again.stderr) == (0, "")


def test_pinning_opens_no_socket(recorded: Path) -> None:
    done = guarded("cassettes", "pin", str(recorded))
    assert (done.returncode, done.stderr) == (0, "")
    assert "(100.00 %)" in done.stdout


def test_an_empty_folder_is_exit_code_2(tmp_path: Path) -> None:
    done = guarded("verify", "--mode", "replay", "--cassettes", str(tmp_path), "--report-dir", str(tmp_path / "report"))
    assert done.returncode == 2
    assert "there is no recording" in done.stderr
    assert guarded("cassettes", "pin", str(tmp_path)).returncode == 2


def test_a_live_run_cannot_be_judged_again(tmp_path: Path) -> None:
    done = guarded("judge", str(tmp_path))
    assert done.returncode == 2
    assert "neither a set of cassettes" in done.stderr


def test_options_of_another_mode_are_wrong_usage(tmp_path: Path) -> None:
    assert guarded("verify", "--keep-heads").returncode == 4
    assert guarded("verify", "--max-age", "3").returncode == 4
    assert guarded("verify", "--mode", "replay", "--base-url", "http://127.0.0.1:1", "--provider", "inkwell").returncode == 4


def test_plain_pytest_replays_too(recorded: Path, tmp_path: Path) -> None:
    suites = Path(__file__).parents[2] / "suites"
    command = [sys.executable, "-m", "pytest", str(suites), "-q", "-p", "no:cacheprovider", "--target", recorded.name, "--mode", "replay", "--cassettes", str(recorded.parent)]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    few = ["--specs", str(SPECS), "--only", FEW, "--report-dir", str(tmp_path / "report")]
    done = subprocess.run([*command, *few], env=alone, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    empty = subprocess.run([*command[:-1], str(tmp_path / "nothing")], env=alone, capture_output=True, text=True, timeout=300, check=False)
    assert empty.returncode == 2
    assert "there is no recording" in empty.stdout + empty.stderr
