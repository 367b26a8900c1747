"""All six benchmarks, one after another, for a machine that has nothing else to do.

python benchmarks/all.py [NAME ...]
"""

from __future__ import annotations

import subprocess
import sys
import time

from common import BIN, HERE

NAMES = ("overhead", "peer", "waiting", "start", "memory", "growth")


def main() -> int:
    """Run those that are named, or all. The first exit code that is not 0."""
    codes = []
    for name in sys.argv[1:] or NAMES:
        print(f"== {name}", flush=True)
        started = time.perf_counter()
        codes.append(subprocess.run([str(BIN / "python"), str(HERE / f"{name}.py")], check=False).returncode)
        print(f"   {time.perf_counter() - started:.0f} s", flush=True)
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())
