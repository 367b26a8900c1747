"""``python -m proofsheet``: the command, where its script is not on the path."""

from __future__ import annotations

from proofsheet.cli import main

if __name__ == "__main__":
    main(prog_name="proofsheet")
